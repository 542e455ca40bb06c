package service_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestConfirmation(t *testing.T) {
	tell(t, []story{
		{"what outlasts a session needs a password of the last 15 minutes", confirmationNeeded},
		{"it is the account's own password, and a person types it in", confirmationRefused},
		{"one session's confirmation is no other's", confirmationOfOneSession},
		{"the session gets another token, and a copy of the one before gets nothing", renewedToken},
		{"of confirmations at once one renews the token, and it is the one that stays good", renewalRace},
	})
}

// asking are the use cases that ask for the password once more.
func (s *scene) asking(ctx context.Context, app service.AppView, number int) map[string]func() error {
	shown := []latchkey.Permission{latchkey.PermAppsRead}
	doomed := other(s, s.Env, fmt.Sprintf("disabled%d@example.com", number))
	unlucky := other(s, s.Env, fmt.Sprintf("deleted%d@example.com", number))
	return map[string]func() error{
		"AppSecrets": func() error { return drop(s.Service.AppSecrets(ctx, app.ID)) },
		"RotateCredentials": func() error {
			return drop(s.Service.RotateCredentials(ctx, app.ID, []latchkey.CredentialKind{latchkey.CredentialSellerKey}, 0))
		},
		"BeginLicenseExport": func() error {
			e, err := s.Service.BeginLicenseExport(ctx, app.ID, service.LicenseFilter{}, "csv")
			if err == nil {
				s.must(e.End(ctx, 0, true))
			}
			return err
		},
		"BeginAuditExport": func() error { return drop(s.Service.BeginAuditExport(ctx, app.ID, service.AuditFilter{}, "csv")) },
		"BeginLogExport":   func() error { return drop(s.Service.BeginLogExport(ctx, app.ID, service.LogFilter{}, "csv")) },
		"CreateAPIKey": func() error {
			_, _, err := s.Service.CreateAPIKey(ctx, service.NewAPIKey{Name: "x", Permissions: shown})
			return err
		},
		"UpdateAPIKey": func() error {
			key, _, err := s.Service.CreateAPIKey(s.Ctx(), service.NewAPIKey{Name: "x", Permissions: shown})
			s.must(err)
			return drop(s.Service.UpdateAPIKey(ctx, key.ID, service.APIKeyEdit{Name: point("y")}))
		},
		"CreateAccount": func() error {
			return drop(s.Service.CreateAccount(ctx, service.NewAccount{Email: fmt.Sprintf("made%d@example.com", number), Password: strong}))
		},
		"DisableAccount": func() error { return drop(s.Service.DisableAccount(ctx, doomed.ID)) },
		"EnableAccount":  func() error { return drop(s.Service.EnableAccount(ctx, doomed.ID)) },
		"DeleteAccount":  func() error { return s.Service.DeleteAccount(ctx, unlucky.ID) },
		"DeleteApp": func() error {
			doomed, _, err := s.Service.CreateApp(s.Ctx(), "doomed")
			s.must(err)
			err = s.Service.DeleteApp(ctx, doomed.ID, doomed.Name)
			if err != nil {
				s.must(s.Service.DeleteApp(s.Ctx(), doomed.ID, doomed.Name))
			}
			return err
		},
	}
}

// again is the actor of a session as it now is.
func (s *scene) again(token latchkey.Secret) context.Context {
	s.Helper()
	actor, err := s.Service.AuthenticateSession(outside(), token)
	s.must(err)
	return service.WithActor(outside(), actor)
}

func (s *scene) askAll(what string, ctx context.Context, want latchkey.Code) {
	s.Helper()
	list, err := s.Service.ListAccounts(s.Ctx(), service.Page{Limit: service.MaxLimit})
	s.must(err)
	for name, call := range s.asking(ctx, s.app, len(list.Items)) {
		if err := call(); latchkey.CodeOf(err) != want {
			s.Errorf("%s: %s answered %v, want %q", what, name, err, want)
		}
	}
}

func confirmationNeeded(s *scene) {
	_, in := s.signedInAs(servicetest.OwnerEmail, servicetest.OwnerPassword)
	s.askAll("just signed in", s.again(in.Token), "")
	s.Clock.Advance(latchkey.ConfirmationLasts - time.Millisecond)
	s.askAll("nearly 15 minutes later", s.again(in.Token), "")
	s.Clock.Advance(time.Millisecond)
	late := s.again(in.Token)
	s.askAll("15 minutes later", late, latchkey.CodeConfirmation)
	_, err := s.Service.App(late, s.app.ID) // all else goes on
	s.must(err)
	_, err = s.Service.AppSecrets(late, "app_none") // and what is not there is not there
	s.refused(err, latchkey.CodeAppNotFound)
	s.askAll("an API key", s.machine(service.NewAPIKey{Name: "x", Permissions: latchkey.Permissions()}), "")
	c, err := s.Service.Confirm(late, servicetest.OwnerPassword)
	s.must(err)
	if !c.Until.Equal(s.Clock.Now().Add(latchkey.ConfirmationLasts)) {
		s.Errorf("confirmed until %s", c.Until)
	}
	s.askAll("confirmed", s.again(c.Token), "")
	s.Clock.Advance(latchkey.ConfirmationLasts)
	s.askAll("15 minutes after that", s.again(c.Token), latchkey.CodeConfirmation)
	c, err = s.Service.ChangePassword(s.again(c.Token), servicetest.OwnerPassword, "the next long password")
	s.must(err)
	s.askAll("after a new password", s.again(c.Token), "")
}

func confirmationRefused(s *scene) {
	ann := other(s, s.Env, "confirms@example.com")
	_, in := s.signedInAs("confirms@example.com", anns)
	s.Clock.Advance(time.Hour)
	ctx := s.again(in.Token)
	_, err := s.Service.Confirm(ctx, "guess")
	s.refused(err, latchkey.CodeCredentials)
	if log := s.signInLog(ann); log[0].Method != latchkey.SignInByConfirm || log[0].Succeeded {
		s.Errorf("the log's newest line is %+v", log[0])
	}
	_, err = s.Service.Confirm(ctx, servicetest.OwnerPassword)
	s.refused(err, latchkey.CodeCredentials)
	_, _, err = s.Service.CreateAPIKey(s.again(in.Token), service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	s.refused(err, latchkey.CodeConfirmation)
	_, err = s.Service.Confirm(s.machine(service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAccount}}), servicetest.OwnerPassword)
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.Confirm(outside(), anns)
	s.refused(err, latchkey.CodeAuthRequired)
}

func confirmationOfOneSession(s *scene) {
	other(s, s.Env, "sessions@example.com")
	_, first := s.signedInAs("sessions@example.com", anns)
	_, second := s.signedInAs("sessions@example.com", anns)
	s.Clock.Advance(time.Hour)
	c, err := s.Service.Confirm(s.again(first.Token), anns)
	s.must(err)
	order := service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead}}
	_, _, err = s.Service.CreateAPIKey(s.again(c.Token), order)
	s.must(err)
	_, _, err = s.Service.CreateAPIKey(s.again(second.Token), order)
	s.refused(err, latchkey.CodeConfirmation)
}

func renewedToken(s *scene) {
	other(s, s.Env, "renews@example.com")
	_, in := s.signedInAs("renews@example.com", anns)
	s.Clock.Advance(time.Hour)
	c, err := s.Service.Confirm(s.again(in.Token), anns)
	s.must(err)
	if c.Token == "" || c.Token == in.Token || c.TokenFor != latchkey.AccountSessionMax-time.Hour {
		s.Errorf("the token is renewed: %t, for %s", c.Token != in.Token, c.TokenFor)
	}
	// A call under way goes through, with no more rights than it had.
	order := service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead}}
	_, _, err = s.Service.CreateAPIKey(s.again(in.Token), order)
	s.refused(err, latchkey.CodeConfirmation)
	_, _, err = s.Service.CreateAPIKey(s.again(c.Token), order)
	s.must(err)
	if a, b := service.ActorFrom(s.again(in.Token)), service.ActorFrom(s.again(c.Token)); a.SessionID != b.SessionID || a.SessionID != in.Session.ID {
		s.Errorf("the sessions are %s and %s", a.SessionID, b.SessionID)
	}
	s.Clock.Advance(latchkey.PreviousTokenLasts - time.Millisecond)
	s.must(s.valid(in.Token))
	s.Clock.Advance(time.Millisecond)
	s.refused(s.valid(in.Token), latchkey.CodeAuthInvalid)
	s.must(s.valid(c.Token))
	// Signing out ends both, and so does the end of the session by another one.
	next, err := s.Service.Confirm(s.again(c.Token), anns)
	s.must(err)
	s.must(s.Service.SignOut(s.again(c.Token)))
	s.refused(s.valid(c.Token), latchkey.CodeAuthInvalid)
	s.refused(s.valid(next.Token), latchkey.CodeAuthInvalid)
}

func renewalRace(s *scene) {
	other(s, s.Env, "twice@example.com")
	_, in := s.signedInAs("twice@example.com", anns)
	ctx := s.again(in.Token)
	tokens := make([]latchkey.Secret, 8)
	errs := together(len(tokens), func(i int) error {
		c, err := s.Service.Confirm(ctx, anns)
		tokens[i] = c.Token
		return err
	})
	var given []latchkey.Secret
	for i, err := range errs {
		s.must(err)
		if tokens[i] != "" {
			given = append(given, tokens[i])
		}
	}
	if len(given) != 1 {
		s.Fatalf("%d tokens were given, want one", len(given))
	}
	s.Clock.Advance(time.Minute)
	s.must(s.valid(given[0]))
	s.refused(s.valid(in.Token), latchkey.CodeAuthInvalid)
}
