package service_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestUpdateAPIKey(t *testing.T) {
	tell(t, []story{
		{"an edit is in force at the key's next call", editedKey},
		{"who has less than a key may take from it, and gives it nothing", editsGive},
		{"an edit out of bounds changes nothing", badKeyEdits},
		{"another account's key is not found", foreignKeyEdits},
	})
}

func editedKey(s *scene) {
	made, token := s.newKey(service.NewAPIKey{Name: "shop", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	call := func() error {
		actor, err := s.Service.AuthenticateAPIKey(outside(), token)
		if err != nil {
			return err
		}
		return drop(s.Service.ListLicenses(service.WithActor(outside(), actor), s.app.ID, service.LicenseFilter{}))
	}
	edit := func(e service.APIKeyEdit) service.APIKeyView {
		s.Helper()
		view, err := s.Service.UpdateAPIKey(s.Ctx(), made.ID, e)
		s.must(err)
		return view
	}
	s.refused(call(), latchkey.CodeForbidden)
	edit(service.APIKeyEdit{Permissions: &[]latchkey.Permission{latchkey.PermLicensesRead}})
	s.must(call())
	apart := s.App("apart from the key")
	edit(service.APIKeyEdit{AppIDs: &[]string{apart.ID}})
	s.refused(call(), latchkey.CodeAppNotFound)
	edit(service.APIKeyEdit{AppIDs: &[]string{}})
	s.must(call())
	end := s.Clock.Now().Add(time.Hour)
	got := edit(service.APIKeyEdit{Name: point("till"), ExpiresAt: &end})
	want := made
	want.Name, want.Permissions, want.ExpiresAt, want.LastUsedAt = "till", []latchkey.Permission{latchkey.PermLicensesRead}, end, s.Clock.Now()
	if diff := cmp.Diff(want, got.APIKey, cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("edited key (-want +got):\n%s", diff)
	}
	stored, err := s.Service.APIKey(s.Ctx(), made.ID)
	s.must(err)
	if diff := cmp.Diff(got, stored, cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("answered and stored (-answered +stored):\n%s", diff)
	}
	s.Clock.Advance(time.Hour)
	s.refused(call(), latchkey.CodeAuthInvalid)
	edit(service.APIKeyEdit{Name: point("over")}) // what is over can be renamed, and goes on if it is said so
	s.refused(call(), latchkey.CodeAuthInvalid)
	edit(service.APIKeyEdit{ExpiresAt: &time.Time{}})
	s.must(call())
}

func editsGive(s *scene) {
	apart := s.App("not the editor's")
	end := s.Clock.Now().Add(day)
	few := []latchkey.Permission{latchkey.PermAccount, latchkey.PermAppsRead, latchkey.PermLicensesRead}
	more := append([]latchkey.Permission{latchkey.PermLicensesDelete}, few...)
	editor := s.machine(service.NewAPIKey{Name: "editor", Permissions: few, AppIDs: []string{s.app.ID}, ExpiresAt: end})
	all, one, none := &[]string{}, &[]string{s.app.ID}, &time.Time{}
	later, sooner := end.Add(time.Second), end.Add(-time.Second)
	for name, c := range map[string]struct {
		key  service.NewAPIKey
		edit service.APIKeyEdit
		want latchkey.Code
	}{
		"renaming a stronger key":                    {service.NewAPIKey{Permissions: more}, service.APIKeyEdit{Name: point("x")}, ""},
		"taking a permission from a stronger key":    {service.NewAPIKey{Permissions: more}, service.APIKeyEdit{Permissions: &few}, ""},
		"taking apps from a stronger key":            {service.NewAPIKey{Permissions: more}, service.APIKeyEdit{AppIDs: one}, ""},
		"taking time from a stronger key":            {service.NewAPIKey{Permissions: more}, service.APIKeyEdit{ExpiresAt: &sooner}, ""},
		"a permission that the editor lacks":         {service.NewAPIKey{Permissions: few, AppIDs: *one, ExpiresAt: end}, service.APIKeyEdit{Permissions: &more}, latchkey.CodeForbidden},
		"a permission to a key of all apps":          {service.NewAPIKey{Permissions: few[:2], ExpiresAt: end}, service.APIKeyEdit{Permissions: &few}, latchkey.CodeForbidden},
		"a permission to a key that outlives it":     {service.NewAPIKey{Permissions: few[:2], AppIDs: *one}, service.APIKeyEdit{Permissions: &few}, latchkey.CodeForbidden},
		"a permission within its own":                {service.NewAPIKey{Permissions: few[:2], AppIDs: *one, ExpiresAt: end}, service.APIKeyEdit{Permissions: &few}, ""},
		"its app to a key with more permissions":     {service.NewAPIKey{Permissions: more, AppIDs: []string{apart.ID}, ExpiresAt: end}, service.APIKeyEdit{AppIDs: one}, latchkey.CodeForbidden},
		"an app that it does not reach":              {service.NewAPIKey{Permissions: few, AppIDs: *one, ExpiresAt: end}, service.APIKeyEdit{AppIDs: &[]string{s.app.ID, apart.ID}}, latchkey.CodeForbidden},
		"all apps, which are its own":                {service.NewAPIKey{Permissions: few, AppIDs: *one, ExpiresAt: end}, service.APIKeyEdit{AppIDs: all}, ""},
		"all apps, to a key of another":              {service.NewAPIKey{Permissions: few, AppIDs: []string{apart.ID}, ExpiresAt: end}, service.APIKeyEdit{AppIDs: all}, ""},
		"all apps, to a stronger key":                {service.NewAPIKey{Permissions: more, AppIDs: []string{apart.ID}}, service.APIKeyEdit{AppIDs: all}, latchkey.CodeForbidden},
		"time, beyond its own":                       {service.NewAPIKey{Permissions: few, AppIDs: *one, ExpiresAt: end}, service.APIKeyEdit{ExpiresAt: &later}, latchkey.CodeForbidden},
		"time for ever":                              {service.NewAPIKey{Permissions: few, AppIDs: *one, ExpiresAt: end}, service.APIKeyEdit{ExpiresAt: none}, latchkey.CodeForbidden},
		"time to a key with more permissions":        {service.NewAPIKey{Permissions: more, AppIDs: *one, ExpiresAt: sooner}, service.APIKeyEdit{ExpiresAt: &end}, latchkey.CodeForbidden},
		"time within its own":                        {service.NewAPIKey{Permissions: few, AppIDs: *one, ExpiresAt: sooner}, service.APIKeyEdit{ExpiresAt: &end}, ""},
		"taking one permission and giving one of it": {service.NewAPIKey{Permissions: more, AppIDs: *one, ExpiresAt: end}, service.APIKeyEdit{Permissions: point(append(append([]latchkey.Permission{}, more[0]), few...)), Name: point("y")}, ""},
	} {
		c.key.Name = "edited"
		key, _ := s.newKey(c.key)
		view, err := s.Service.UpdateAPIKey(editor, key.ID, c.edit)
		if latchkey.CodeOf(err) != c.want {
			s.Errorf("%s is answered %v, want %q", name, err, c.want)
		}
		if err != nil {
			stored, err := s.Service.APIKey(s.Ctx(), key.ID)
			s.must(err)
			if diff := cmp.Diff(key, stored.APIKey, cmpopts.EquateEmpty()); diff != "" {
				s.Errorf("%s: a refused edit changed the key (-before +after):\n%s", name, diff)
			}
		} else if c.edit.AppIDs == all && !cmp.Equal(*one, view.AppIDs) {
			s.Errorf("%s: the key reaches %v", name, view.AppIDs)
		}
	}
}

func badKeyEdits(s *scene) {
	key, _ := s.newKey(service.NewAPIKey{Name: "shop", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	past, far := s.Clock.Now(), latchkey.Never().Add(time.Hour)
	for _, c := range []struct {
		edit service.APIKeyEdit
		want latchkey.Code
	}{
		{service.APIKeyEdit{Name: point("")}, latchkey.CodeInvalid},
		{service.APIKeyEdit{Permissions: &[]latchkey.Permission{}}, latchkey.CodeInvalid},
		{service.APIKeyEdit{Permissions: &[]latchkey.Permission{"apps.everything"}}, latchkey.CodeInvalid},
		{service.APIKeyEdit{AppIDs: point(make([]string, 101))}, latchkey.CodeInvalid},
		{service.APIKeyEdit{AppIDs: &[]string{"app_none"}}, latchkey.CodeAppNotFound},
		{service.APIKeyEdit{ExpiresAt: &past}, latchkey.CodeInvalid},
		{service.APIKeyEdit{ExpiresAt: &far}, latchkey.CodeInvalid},
	} {
		_, err := s.Service.UpdateAPIKey(s.Ctx(), key.ID, c.edit)
		s.refused(err, c.want)
	}
	plain := other(s, s.Env, "edits@example.com")
	own, _, err := s.Service.CreateAPIKey(s.As(plain), service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	s.must(err)
	_, err = s.Service.UpdateAPIKey(s.As(plain), own.ID, service.APIKeyEdit{Permissions: &[]latchkey.Permission{latchkey.PermAdministrator}})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.UpdateAPIKey(s.As(plain), own.ID, service.APIKeyEdit{AppIDs: &[]string{s.app.ID}})
	s.refused(err, latchkey.CodeAppNotFound)
}

func foreignKeyEdits(s *scene) {
	eve := other(s, s.Env, "eve-edits@example.com")
	key, _ := s.newKey(service.NewAPIKey{Name: "mine", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	_, err := s.Service.UpdateAPIKey(s.As(eve), key.ID, service.APIKeyEdit{Name: point("eve's")})
	s.refused(err, latchkey.CodeAPIKeyGone)
	_, err = s.Service.APIKey(s.As(eve), key.ID)
	s.refused(err, latchkey.CodeAPIKeyGone)
	reader := s.machine(service.NewAPIKey{Name: "reader", Permissions: permissionsBut(latchkey.PermAccount)})
	_, err = s.Service.UpdateAPIKey(reader, key.ID, service.APIKeyEdit{Name: point("x")})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.APIKey(reader, key.ID)
	s.refused(err, latchkey.CodeForbidden)
}
