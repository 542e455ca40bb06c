package service_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// newborn is a server that still waits for its owner.
func newborn(t *testing.T, engine string) *servicetest.Env {
	t.Helper()
	database := "sqlite"
	if engine == "postgres" {
		database = storetest.NewPostgres(t)
	}
	clock := servicetest.NewClock()
	box := servicetest.NewBox(t)
	db, err := store.Open(t.Context(), store.Config{Database: database, Path: storetest.NewFile(t), Box: box})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	e := &servicetest.Env{DB: db, Box: box, Clock: clock}
	e.Service = quiet(t, e)
	return e
}

func TestSetup(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Run("the printed token makes the first account, once", func(t *testing.T) { setupOnce(t, newborn(t, engine)) })
			t.Run("of 20 setups at once one wins, and setup is closed for ever", func(t *testing.T) { setupRace(t, newborn(t, engine)) })
			t.Run("init at the console closes setup as well", func(t *testing.T) { initCloses(t, newborn(t, engine)) })
		})
	}
}

const strong = latchkey.Secret("a long enough password")

func wantCode(t testing.TB, err error, want latchkey.Code) {
	t.Helper()
	if got := latchkey.CodeOf(err); got != want {
		t.Errorf("answered %v, want %q", err, want)
	}
}

func setupOnce(t *testing.T, e *servicetest.Env) {
	setup := func(token latchkey.Secret, email string, password latchkey.Secret) (service.NewOwner, error) {
		return e.Service.Setup(outside(), token, email, password, "Firefox")
	}
	_, err := setup("", "a@example.com", strong)
	wantCode(t, err, latchkey.CodeSetupToken) // before a token was ever made
	first, err := e.Service.NewSetupToken(outside())
	wantCode(t, err, "")
	token, err := e.Service.NewSetupToken(outside())
	wantCode(t, err, "")
	for _, bad := range []latchkey.Secret{"", first, token[:len(token)-1], token + "a", latchkey.Secret(strings.ToUpper(token.Reveal()))} {
		_, err = setup(bad, "a@example.com", strong)
		wantCode(t, err, latchkey.CodeSetupToken)
	}
	_, err = setup(token, "no address", strong)
	wantCode(t, err, latchkey.CodeInvalid)
	_, err = setup(token, "a@example.com", "too short")
	wantCode(t, err, latchkey.CodeInvalid)
	if open, err := e.Service.SetupOpen(outside()); !open || err != nil {
		t.Fatalf("setup is open: %v, %v; want it open after refusals", open, err)
	}
	owner, err := setup(token, " A@Example.com", strong)
	wantCode(t, err, "")
	if owner.Account.Email != "a@example.com" || !owner.Account.Administrator || len(owner.Account.OwnerID) != 10 {
		t.Errorf("the owner is %+v", owner.Account)
	}
	actor, err := e.Service.AuthenticateSession(outside(), owner.Session)
	wantCode(t, err, "")
	if actor.AccountID != owner.Account.ID || !actor.Administrator {
		t.Errorf("the session is of %+v", actor)
	}
	machine, err := e.Service.AuthenticateAPIKey(outside(), owner.APIKey)
	wantCode(t, err, "")
	if diff := cmp.Diff(latchkey.Permissions(), machine.Permissions); diff != "" {
		t.Errorf("the first key's permissions (-want +got):\n%s", diff)
	}
	_, err = setup(token, "b@example.com", strong)
	wantCode(t, err, latchkey.CodeSetupClosed)
}

func setupRace(t *testing.T, e *servicetest.Env) {
	token, err := e.Service.NewSetupToken(outside())
	wantCode(t, err, "")
	owners := make([]service.NewOwner, 20)
	errs := together(len(owners), func(i int) error {
		var err error
		owners[i], err = e.Service.Setup(outside(), token, strings.Repeat("x", i+1)+"@example.com", strong, "")
		return err
	})
	won := 0
	for i, err := range errs {
		switch latchkey.CodeOf(err) {
		case "":
			won++
			e.Owner = owners[i]
		case latchkey.CodeSetupClosed, latchkey.CodeSetupToken:
		default:
			t.Errorf("a loser was answered %v", err)
		}
	}
	if won != 1 {
		t.Fatalf("%d winners, want 1", won)
	}
	accounts, err := e.Service.ListAccounts(e.Ctx(), service.Page{})
	wantCode(t, err, "")
	if len(accounts.Items) != 1 || accounts.Items[0].ID != e.Owner.Account.ID {
		t.Errorf("%d accounts, want the winner's alone", len(accounts.Items))
	}
	again, err := e.Service.NewSetupToken(outside())
	if again != "" || err != nil {
		t.Errorf("a closed setup gives a token, or %v", err)
	}
	_, err = e.Service.Init(outside(), "late@example.com", strong)
	wantCode(t, err, latchkey.CodeSetupClosed)
	for _, late := range []latchkey.Secret{token, ""} {
		_, err = e.Service.Setup(outside(), late, "late@example.com", strong, "")
		wantCode(t, err, latchkey.CodeSetupClosed)
	}
	if open, err := quiet(t, e).SetupOpen(outside()); open || err != nil { // nor after a restart
		t.Errorf("setup is open: %v, %v", open, err)
	}
}

func initCloses(t *testing.T, e *servicetest.Env) {
	token, err := e.Service.NewSetupToken(outside())
	wantCode(t, err, "")
	owners := make([]service.NewOwner, 10)
	errs := together(len(owners), func(i int) error {
		var err error
		owners[i], err = e.Service.Init(outside(), fmt.Sprintf("owner.%d@example.com", i), strong)
		return err
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeSetupClosed: len(owners) - 1}, tally(errs)); diff != "" {
		t.Errorf("of many inits at once (-want +got):\n%s", diff)
	}
	for i, owner := range owners {
		if errs[i] == nil && (owner.Session != "" || owner.APIKey == "") {
			t.Error("init has opened a session, or made no key")
		}
	}
	_, err = e.Service.Setup(outside(), token, "b@example.com", strong, "")
	wantCode(t, err, latchkey.CodeSetupClosed)
}

func TestAccounts(t *testing.T) {
	tell(t, []story{
		{"an unknown address and a wrong password are answered alike", uniformSignIn},
		{"a dashboard session ends idle after 12 hours and by itself after 7 days", sessionLife},
		{"and idle after half an hour, where the operator says so", shorterIdleTime},
		{"a token that is cut or changed signs nobody in", mangledAccountTokens},
		{"a new password needs the old one and ends every other session", changePassword},
		{"of simultaneous password changes one wins", changePasswordRace},
		{"sessions are listed and ended by their own account", ownAccountSessions},
		{"only administrators see and make accounts", administrators},
		{"a machine cannot act as a person", machineIsNoPerson},
	})
}

// signedInAs is a context of somebody who signed in to the dashboard.
func (s *scene) signedInAs(email string, password latchkey.Secret) (context.Context, service.SignedIn) {
	s.Helper()
	in, err := s.Service.SignIn(outside(), email, password, "Firefox")
	s.must(err)
	actor, err := s.Service.AuthenticateSession(outside(), in.Token)
	s.must(err)
	return service.WithActor(outside(), actor), in
}

func (s *scene) valid(token latchkey.Secret) error {
	return drop(s.Service.AuthenticateSession(outside(), token))
}

func uniformSignIn(s *scene) {
	var answers []string
	for _, tt := range []struct{ email, password string }{
		{"nobody@example.com", servicetest.OwnerPassword},
		{"no address", servicetest.OwnerPassword},
		{"", ""},
		{servicetest.OwnerEmail, "wrong"},
		{servicetest.OwnerEmail, ""},
		{servicetest.OwnerEmail, servicetest.OwnerPassword + " "},
	} {
		_, err := s.Service.SignIn(outside(), tt.email, latchkey.Secret(tt.password), "")
		s.refused(err, latchkey.CodeCredentials)
		answers = append(answers, err.Error())
	}
	for _, a := range answers[1:] {
		if a != answers[0] {
			s.Errorf("answers differ: %q and %q", answers[0], a)
		}
	}
	_, err := s.Service.SignIn(outside(), " OWNER@example.com ", servicetest.OwnerPassword, "")
	s.must(err)
}

func sessionLife(s *scene) {
	_, idle := s.signedInAs(servicetest.OwnerEmail, servicetest.OwnerPassword)
	s.Clock.Advance(latchkey.AccountSessionIdle - time.Millisecond)
	s.must(s.valid(idle.Token)) // which counts as use
	s.Clock.Advance(latchkey.AccountSessionIdle - time.Millisecond)
	s.must(s.valid(idle.Token))
	s.Clock.Advance(latchkey.AccountSessionIdle)
	s.refused(s.valid(idle.Token), latchkey.CodeAuthInvalid)

	_, busy := s.signedInAs(servicetest.OwnerEmail, servicetest.OwnerPassword)
	for range 27 {
		s.Clock.Advance(6 * time.Hour)
		s.must(s.valid(busy.Token))
	}
	s.Clock.Advance(6*time.Hour - time.Millisecond)
	s.must(s.valid(busy.Token))
	s.Clock.Advance(time.Millisecond)
	s.refused(s.valid(busy.Token), latchkey.CodeAuthInvalid)
}

func shorterIdleTime(s *scene) {
	s.Change(func(c *service.Config) { c.SessionIdle = latchkey.LeastAccountSessionIdle })
	_, session := s.signedInAs(servicetest.OwnerEmail, servicetest.OwnerPassword)
	for range 3 {
		s.Clock.Advance(latchkey.LeastAccountSessionIdle - time.Millisecond)
		s.must(s.valid(session.Token))
	}
	s.Clock.Advance(latchkey.LeastAccountSessionIdle)
	s.refused(s.valid(session.Token), latchkey.CodeAuthInvalid)
}

// mangled are near misses of a token: every prefix and one-character changes.
func mangled(token latchkey.Secret) []latchkey.Secret {
	text := token.Reveal()
	out := []latchkey.Secret{token + "a", " " + token, token + "\n", latchkey.Secret(strings.ToUpper(text))}
	for i := range len(text) {
		c := "a"
		if text[i] == 'a' {
			c = "b"
		}
		out = append(out, latchkey.Secret(text[:i]), latchkey.Secret(text[:i]+c+text[i+1:]))
	}
	return out
}

func mangledAccountTokens(s *scene) {
	_, in := s.signedInAs(servicetest.OwnerEmail, servicetest.OwnerPassword)
	for _, bad := range append(mangled(in.Token), s.Owner.APIKey) {
		if err := s.valid(bad); latchkey.CodeOf(err) != latchkey.CodeAuthInvalid {
			s.Fatalf("a mangled token is answered %v", err)
		}
	}
}

func changePassword(s *scene) {
	other(s, s.Env, "ann@example.com")
	ctx, mine := s.signedInAs("ann@example.com", "another long password")
	_, elsewhere := s.signedInAs("ann@example.com", "another long password")
	_, owners := s.signedInAs(servicetest.OwnerEmail, servicetest.OwnerPassword)
	s.refused(drop(s.Service.ChangePassword(ctx, "wrong", "the next long password")), latchkey.CodeCredentials)
	s.refused(drop(s.Service.ChangePassword(ctx, "another long password", "too short")), latchkey.CodeInvalid)
	s.must(s.valid(elsewhere.Token))
	c, err := s.Service.ChangePassword(ctx, "another long password", "the next long password")
	s.must(err)
	s.must(s.valid(c.Token))
	s.must(s.valid(mine.Token)) // a call under way
	s.must(s.valid(owners.Token))
	s.refused(s.valid(elsewhere.Token), latchkey.CodeAuthInvalid)
	_, err = s.Service.SignIn(outside(), "ann@example.com", "another long password", "")
	s.refused(err, latchkey.CodeCredentials)
	s.signedInAs("ann@example.com", "the next long password")
	s.Clock.Advance(latchkey.PreviousTokenLasts)
	s.refused(s.valid(mine.Token), latchkey.CodeAuthInvalid) // so a copy of it is worth nothing
	s.must(s.valid(c.Token))
	s.refused(drop(s.Service.ChangePassword(outside(), "the next long password", strong)), latchkey.CodeAuthRequired)
}

func changePasswordRace(s *scene) {
	other(s, s.Env, "race@example.com")
	ctx, _ := s.signedInAs("race@example.com", "another long password")
	next := []latchkey.Secret{"password number one", "password number two", "password number three", "password number four"}
	errs := together(len(next), func(i int) error { return drop(s.Service.ChangePassword(ctx, "another long password", next[i])) })
	if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeCredentials: len(next) - 1}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	for i, password := range next {
		_, err := s.Service.SignIn(outside(), "race@example.com", password, "")
		if (err == nil) != (errs[i] == nil) {
			s.Errorf("the password of change %d signs in with %v, its change was answered %v", i, err, errs[i])
		}
	}
}

func ownAccountSessions(s *scene) {
	other(s, s.Env, "list@example.com")
	ctx, first := s.signedInAs("list@example.com", "another long password")
	s.Clock.Advance(time.Second)
	_, second := s.signedInAs("list@example.com", "another long password")
	list, err := s.Service.ListAccountSessions(ctx)
	s.must(err)
	if len(list) != 2 || list[0].ID != second.Session.ID || list[1].IP != address || list[1].UserAgent != "Firefox" {
		s.Errorf("sessions: %+v", list)
	}
	s.refused(s.Service.EndAccountSession(s.Ctx(), second.Session.ID), latchkey.CodeSessionNotFound)
	s.must(s.Service.EndAccountSession(ctx, second.Session.ID))
	s.refused(s.Service.EndAccountSession(ctx, second.Session.ID), latchkey.CodeSessionNotFound)
	s.refused(s.valid(second.Token), latchkey.CodeAuthInvalid)
	s.must(s.Service.SignOut(ctx))
	s.refused(s.valid(first.Token), latchkey.CodeAuthInvalid)
}

func administrators(s *scene) {
	ann := other(s, s.Env, "plain@example.com")
	_, err := s.Service.CreateAccount(s.Ctx(), service.NewAccount{Email: "PLAIN@example.com ", Password: strong})
	s.refused(err, latchkey.CodeAccountExists)
	_, err = s.Service.CreateAccount(s.Ctx(), service.NewAccount{Email: "short@example.com", Password: "short"})
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.CreateAccount(s.As(ann), service.NewAccount{Email: "more@example.com", Password: strong})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.ListAccounts(s.As(ann), service.Page{})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.ListAuditEvents(s.As(ann), "", service.AuditFilter{})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.ListAccounts(outside(), service.Page{})
	s.refused(err, latchkey.CodeAuthRequired)
	list, err := s.Service.ListAccounts(s.Ctx(), service.Page{})
	s.must(err)
	found := false
	for _, a := range list.Items {
		found = found || a.ID == ann.ID && a.Email == "plain@example.com" && !a.Administrator && a.OwnerID != s.Owner.Account.OwnerID
	}
	if !found {
		s.Error("the new account is not in the list, or is an administrator")
	}
	me, err := s.Service.Me(s.As(ann))
	s.must(err)
	if me.ID != ann.ID {
		s.Errorf("I am %s", me.ID)
	}
	_, err = s.Service.Me(outside())
	s.refused(err, latchkey.CodeAuthRequired)
}

func machineIsNoPerson(s *scene) {
	key := s.machine(service.NewAPIKey{Name: "all", Permissions: latchkey.Permissions()})
	s.refused(drop(s.Service.ChangePassword(key, servicetest.OwnerPassword, strong)), latchkey.CodeForbidden)
	s.refused(s.Service.SignOut(key), latchkey.CodeForbidden)
	_, err := s.Service.SignIn(outside(), servicetest.OwnerEmail, servicetest.OwnerPassword, "")
	s.must(err)
}
