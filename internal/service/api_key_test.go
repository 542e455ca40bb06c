package service_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAPIKeys(t *testing.T) {
	tell(t, []story{
		{"a key acts for its account, with its permissions and no others", keyPermissions},
		{"a key for some apps sees no others and makes none", keyApps},
		{"a key ends at its expiry and at its revocation", keyEnds},
		{"a key cannot give what it lacks", keyGives},
		{"a token that is cut or changed is none", mangledKeys},
		{"an order out of bounds makes no key", badKeyOrders},
		{"keys are listed without their tokens, and revoked by their own account", ownKeys},
	})
}

func (s *scene) newKey(in service.NewAPIKey) (latchkey.APIKey, latchkey.Secret) {
	s.Helper()
	key, token, err := s.Service.CreateAPIKey(s.Ctx(), in)
	s.must(err)
	return key, token
}

func keyPermissions(s *scene) {
	key := s.machine(service.NewAPIKey{Name: "reads licenses", Permissions: []latchkey.Permission{latchkey.PermLicensesRead}})
	_, err := s.Service.ListLicenses(key, s.app.ID, service.LicenseFilter{})
	s.must(err)
	_, err = s.Service.CreateLicenses(key, s.app.ID, service.NewLicenses{Amount: 1, Charset: bothCases(), Level: 1, Duration: latchkey.Lifetime()})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.ListUsers(key, s.app.ID, service.UserFilter{})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.AppSecrets(key, s.app.ID)
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.ListAccounts(key, service.Page{}) // its account is an administrator's
	s.refused(err, latchkey.CodeForbidden)
}

func keyApps(s *scene) {
	apart := s.App("apart")
	key := s.machine(service.NewAPIKey{Name: "one app", Permissions: latchkey.Permissions(), AppIDs: []string{s.app.ID}})
	_, err := s.Service.App(key, s.app.ID)
	s.must(err)
	_, err = s.Service.App(key, apart.ID)
	s.refused(err, latchkey.CodeAppNotFound)
	list, err := s.Service.ListApps(key, "", service.Page{})
	s.must(err)
	if len(list.Items) != 1 || list.Items[0].ID != s.app.ID {
		s.Errorf("the key sees %d apps, want its own", len(list.Items))
	}
	list, err = s.Service.ListApps(key, apart.Name, service.Page{})
	s.must(err)
	if len(list.Items) != 0 {
		s.Error("the key finds another app by its name")
	}
	_, _, err = s.Service.CreateApp(key, "more")
	s.refused(err, latchkey.CodeForbidden)
	_, _, err = s.Service.CloneApp(key, s.app.ID, "more")
	s.refused(err, latchkey.CodeForbidden)
}

func keyEnds(s *scene) {
	key, token := s.newKey(service.NewAPIKey{Name: "for a day", Permissions: []latchkey.Permission{latchkey.PermAppsRead}, ExpiresAt: s.Clock.Now().Add(day)})
	ok := func() error { return drop(s.Service.AuthenticateAPIKey(outside(), token)) }
	s.Clock.Advance(day - time.Millisecond)
	s.must(ok())
	s.Clock.Advance(time.Millisecond)
	s.refused(ok(), latchkey.CodeAuthInvalid)
	s.must(s.Service.DeleteAPIKey(s.Ctx(), key.ID))

	key, token = s.newKey(service.NewAPIKey{Name: "for ever", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	s.Clock.Advance(1000 * day)
	s.must(ok())
	s.must(s.Service.DeleteAPIKey(s.Ctx(), key.ID))
	s.refused(ok(), latchkey.CodeAuthInvalid)
	s.refused(s.Service.DeleteAPIKey(s.Ctx(), key.ID), latchkey.CodeAPIKeyGone)
}

func keyGives(s *scene) {
	apart := s.App("far apart")
	few := []latchkey.Permission{latchkey.PermAccount, latchkey.PermAppsRead, latchkey.PermLicensesRead}
	key := s.machine(service.NewAPIKey{Name: "few", Permissions: few, AppIDs: []string{s.app.ID}})
	_, _, err := s.Service.CreateAPIKey(key, service.NewAPIKey{Name: "more", Permissions: append(few, latchkey.PermLicensesCreate)})
	s.refused(err, latchkey.CodeForbidden)
	_, _, err = s.Service.CreateAPIKey(key, service.NewAPIKey{Name: "another app", Permissions: few, AppIDs: []string{s.app.ID, apart.ID}})
	s.refused(err, latchkey.CodeAppNotFound)
	made, token, err := s.Service.CreateAPIKey(key, service.NewAPIKey{Name: "all apps", Permissions: few})
	s.must(err)
	if diff := cmp.Diff([]string{s.app.ID}, made.AppIDs); diff != "" {
		s.Errorf("a key for one app has made a key for (-want +got):\n%s", diff)
	}
	actor, err := s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	_, err = s.Service.App(service.WithActor(outside(), actor), apart.ID)
	s.refused(err, latchkey.CodeAppNotFound)

	plain := other(s, s.Env, "gives@example.com")
	_, _, err = s.Service.CreateAPIKey(s.As(plain), service.NewAPIKey{Name: "administrator", Permissions: []latchkey.Permission{latchkey.PermAdministrator}})
	s.refused(err, latchkey.CodeForbidden)
	_, _, err = s.Service.CreateAPIKey(s.As(plain), service.NewAPIKey{Name: "foreign", Permissions: few, AppIDs: []string{s.app.ID}})
	s.refused(err, latchkey.CodeAppNotFound)
	none := s.machine(service.NewAPIKey{Name: "none", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	_, _, err = s.Service.CreateAPIKey(none, service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	s.refused(err, latchkey.CodeForbidden)
	_, _, err = s.Service.CreateAPIKey(outside(), service.NewAPIKey{Name: "x", Permissions: few})
	s.refused(err, latchkey.CodeAuthRequired)
}

func mangledKeys(s *scene) {
	_, token := s.newKey(service.NewAPIKey{Name: "mangled", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	_, in := s.signedInAs("owner@example.com", "a long enough password")
	for _, bad := range append(mangled(token), in.Token, "") {
		if _, err := s.Service.AuthenticateAPIKey(outside(), bad); latchkey.CodeOf(err) != latchkey.CodeAuthInvalid {
			s.Fatalf("a mangled key is answered %v", err)
		}
	}
}

func badKeyOrders(s *scene) {
	read := []latchkey.Permission{latchkey.PermAppsRead}
	for _, tt := range []struct {
		in   service.NewAPIKey
		want latchkey.Code
	}{
		{service.NewAPIKey{Permissions: read}, latchkey.CodeInvalid},
		{service.NewAPIKey{Name: "x"}, latchkey.CodeInvalid},
		{service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{"apps.everything"}}, latchkey.CodeInvalid},
		{service.NewAPIKey{Name: "x", Permissions: append(read, read...)}, latchkey.CodeInvalid},
		{service.NewAPIKey{Name: "x", Permissions: read, ExpiresAt: s.Clock.Now()}, latchkey.CodeInvalid},
		{service.NewAPIKey{Name: "x", Permissions: read, ExpiresAt: latchkey.Never().Add(time.Hour)}, latchkey.CodeInvalid},
		{service.NewAPIKey{Name: "x", Permissions: read, AppIDs: make([]string, 101)}, latchkey.CodeInvalid},
		{service.NewAPIKey{Name: "x", Permissions: read, AppIDs: []string{"app_none"}}, latchkey.CodeAppNotFound},
	} {
		_, _, err := s.Service.CreateAPIKey(s.Ctx(), tt.in)
		s.refused(err, tt.want)
	}
}

func ownKeys(s *scene) {
	ann := other(s, s.Env, "keys@example.com")
	made, token, err := s.Service.CreateAPIKey(s.As(ann), service.NewAPIKey{Name: "mine", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	s.must(err)
	if made.Last4 != token.Last4() {
		s.Errorf("last four %q", made.Last4)
	}
	list, err := s.Service.ListAPIKeys(s.As(ann), service.Page{})
	s.must(err)
	if diff := cmp.Diff([]latchkey.APIKey{made}, list.Items, cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("ann's keys (-made +listed):\n%s", diff)
	}
	s.refused(s.Service.DeleteAPIKey(s.Ctx(), made.ID), latchkey.CodeAPIKeyGone)
	_, err = s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	list, err = s.Service.ListAPIKeys(s.As(ann), service.Page{})
	s.must(err)
	if !list.Items[0].LastUsedAt.Equal(s.Clock.Now()) {
		s.Errorf("last used %s", list.Items[0].LastUsedAt)
	}
	_, err = s.Service.ListAPIKeys(outside(), service.Page{})
	s.refused(err, latchkey.CodeAuthRequired)
}
