package service_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestAccountControl(t *testing.T) {
	tell(t, []story{
		{"a disabled account's sessions, keys and streams stop at once, and its apps go on", disableAccount},
		{"an account is deleted with all that is its own, once it owns no app", deleteAccount},
		{"only administrators do that, and none to themselves", whoControlsAccounts},
		{"of administrators who shut each other out at once one stays", administratorsRace},
		{"an app that is made while its account is deleted keeps the account", deleteAndCreateRace},
		{"a sign-in while the account is disabled opens nothing that lasts", disableAndSignInRace},
	})
}

// administrator makes another administrator and returns a context of theirs.
func (s *scene) administrator(email string) (service.AccountView, context.Context) {
	s.Helper()
	a, err := s.Service.CreateAccount(s.Ctx(), service.NewAccount{Email: email, Password: anns, Administrator: true})
	s.must(err)
	return a, s.As(a.Account)
}

func disableAccount(s *scene) {
	ann := other(s, s.Env, "disabled@example.com")
	app, secrets, err := s.Service.CreateApp(s.As(ann), "goes on")
	s.must(err)
	_ = secrets
	_, in := s.signedInAs(ann.Email, anns)
	_, token, err := s.Service.CreateAPIKey(s.As(ann), service.NewAPIKey{Name: "shop", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	s.must(err)
	actor, err := s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	stream := s.watch(service.WithActor(outside(), actor), app.ID)
	keyed := func() error { return drop(s.Service.AuthenticateAPIKey(outside(), token)) }

	view, err := s.Service.DisableAccount(s.Ctx(), ann.ID)
	s.must(err)
	if !view.DisabledAt.Equal(s.Clock.Now()) || view.Email != ann.Email {
		s.Errorf("the account is now %+v", view)
	}
	s.refused(s.valid(in.Token), latchkey.CodeAuthInvalid)
	s.refused(keyed(), latchkey.CodeAuthInvalid)
	_, err = stream.Take(outside())
	s.refused(err, latchkey.CodeAuthInvalid)
	_, err = s.Service.SignIn(outside(), ann.Email, anns, "")
	s.refused(err, latchkey.CodeAccountDisabled)
	_, err = s.Service.SignIn(outside(), ann.Email, "a wrong password", "")
	s.refused(err, latchkey.CodeCredentials) // which tells a stranger nothing
	theirs := &scene{T: s.T, Env: s.Env, app: app}
	theirs.must(drop(s.Service.ClientApp(outside(), ann.OwnerID, app.Name)))
	again, err := s.Service.DisableAccount(s.Ctx(), ann.ID)
	s.must(err)
	if diff := cmp.Diff(view, again); diff != "" {
		s.Errorf("disabled twice (-once +twice):\n%s", diff)
	}

	view, err = s.Service.EnableAccount(s.Ctx(), ann.ID)
	s.must(err)
	if !view.DisabledAt.IsZero() {
		s.Errorf("enabled: %+v", view)
	}
	s.must(keyed())
	s.refused(s.valid(in.Token), latchkey.CodeAuthInvalid) // a session does not come back
	s.signedInAs(ann.Email, anns)
	s.must(drop(s.Service.EnableAccount(s.Ctx(), ann.ID)))
	s.toldOf(ann.ID, "account.enable", "account.disable", "account.create")
}

// toldOf compares what the server's audit log tells of an account, newest first,
// sign-ins left out.
func (s *scene) toldOf(account string, want ...string) {
	s.Helper()
	list, err := s.Service.ListAuditEvents(s.Ctx(), "", service.AuditFilter{Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	var got []string
	for _, e := range list.Items {
		if e.TargetID == account && e.Action != "account.sign_in" {
			got = append(got, e.Action)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("the audit log (-want +got):\n%s", diff)
	}
}

func deleteAccount(s *scene) {
	ann := other(s, s.Env, "deleted@example.com")
	app, _, err := s.Service.CreateApp(s.As(ann), "in the way")
	s.must(err)
	_, in := s.signedInAs(ann.Email, anns)
	_, token, err := s.Service.CreateAPIKey(s.As(ann), service.NewAPIKey{Name: "shop", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	s.must(err)
	s.refused(s.Service.DeleteAccount(s.Ctx(), ann.ID), latchkey.CodeAccountOwnsApps)
	s.must(s.valid(in.Token))
	s.must(s.Service.DeleteApp(s.As(ann), app.ID, app.Name))
	s.must(s.Service.DeleteAccount(s.Ctx(), ann.ID))
	s.refused(s.valid(in.Token), latchkey.CodeAuthInvalid)
	s.refused(drop(s.Service.AuthenticateAPIKey(outside(), token)), latchkey.CodeAuthInvalid)
	_, err = s.Service.SignIn(outside(), ann.Email, anns, "")
	s.refused(err, latchkey.CodeCredentials)
	for _, err := range []error{s.Service.DeleteAccount(s.Ctx(), ann.ID), drop(s.Service.DisableAccount(s.Ctx(), ann.ID)),
		drop(s.Service.EnableAccount(s.Ctx(), ann.ID)), drop(s.Service.Account(s.Ctx(), ann.ID))} {
		s.refused(err, latchkey.CodeAccountGone)
	}
	s.toldOf(ann.ID, "account.delete", "account.create")
	// Whoever has the address next inherits nothing.
	next := other(s, s.Env, ann.Email)
	if next.ID == ann.ID || next.OwnerID == ann.OwnerID || len(s.signInLog(next)) > 0 {
		s.Errorf("the next account of the address is %+v", next)
	}
}

func whoControlsAccounts(s *scene) {
	ann := other(s, s.Env, "controls@example.com")
	calls := func(ctx context.Context, id string) []error {
		return []error{drop(s.Service.Account(ctx, id)), drop(s.Service.DisableAccount(ctx, id)), drop(s.Service.EnableAccount(ctx, id)), s.Service.DeleteAccount(ctx, id)}
	}
	for _, err := range calls(s.As(ann), s.Owner.Account.ID) {
		s.refused(err, latchkey.CodeForbidden)
	}
	for _, err := range calls(outside(), ann.ID) {
		s.refused(err, latchkey.CodeAuthRequired)
	}
	for _, err := range calls(s.Ctx(), s.Owner.Account.ID)[1:] {
		s.refused(err, latchkey.CodeAccountOwn)
	}
	// The owner may be shut out by another administrator, who then is the last one.
	second, ctx := s.administrator("second@example.com")
	s.must(drop(s.Service.DisableAccount(ctx, s.Owner.Account.ID)))
	s.refused(s.Service.DeleteAccount(s.Ctx(), second.ID), latchkey.CodeAccountLast) // a call under way
	s.must(drop(s.Service.EnableAccount(ctx, s.Owner.Account.ID)))
	s.must(s.Service.DeleteAccount(s.Ctx(), second.ID))
}

func administratorsRace(s *scene) {
	list := []service.AccountView{{Account: s.Owner.Account}}
	for i := range 3 {
		a, _ := s.administrator(string(rune('a'+i)) + "-races@example.com")
		list = append(list, a)
	}
	errs := together(len(list), func(i int) error {
		return drop(s.Service.DisableAccount(s.As(list[i].Account), list[(i+1)%len(list)].ID))
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": len(list) - 1, latchkey.CodeAccountLast: 1}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	left := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	winner := list[(left+1)%len(list)]
	s.signedInAs(winner.Email, pick(winner.ID == s.Owner.Account.ID, servicetest.OwnerPassword, anns))
	for _, a := range list {
		if a.ID != winner.ID {
			s.must(drop(s.Service.EnableAccount(s.As(winner.Account), a.ID)))
		}
	}
	for _, a := range list[1:] {
		s.must(s.Service.DeleteAccount(s.Ctx(), a.ID))
	}
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

func deleteAndCreateRace(s *scene) {
	for range 5 {
		ann := other(s, s.Env, "makes@example.com")
		var app service.AppView
		errs := together(2, func(i int) (err error) {
			if i == 0 {
				return s.Service.DeleteAccount(s.Ctx(), ann.ID)
			}
			app, _, err = s.Service.CreateApp(s.As(ann), "late")
			return err
		})
		if errs[0] != nil {
			s.refused(errs[0], latchkey.CodeAccountOwnsApps)
			s.must(errs[1])
			s.must(s.Service.DeleteApp(s.As(ann), app.ID, app.Name))
			s.must(s.Service.DeleteAccount(s.Ctx(), ann.ID))
		} else if errs[1] == nil {
			s.Error("an app was made for an account that is not there")
		}
	}
}

func disableAndSignInRace(s *scene) {
	ann := other(s, s.Env, "signs-in@example.com")
	for range 5 {
		var in service.SignedIn
		errs := together(2, func(i int) (err error) {
			if i == 0 {
				return drop(s.Service.DisableAccount(s.Ctx(), ann.ID))
			}
			in, err = s.Service.SignIn(outside(), ann.Email, anns, "")
			return err
		})
		s.must(errs[0])
		s.must(drop(s.Service.EnableAccount(s.Ctx(), ann.ID)))
		if errs[1] == nil {
			s.refused(s.valid(in.Token), latchkey.CodeAuthInvalid)
		}
	}
}
