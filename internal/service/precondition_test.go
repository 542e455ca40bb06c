package service_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestPreconditions(t *testing.T) {
	tell(t, []story{
		{"of edits at once that saw the same, one wins", editsAtOnce},
		{"what customers do all day does not spoil an edit", signInsSpoilNothing},
		{"what another edit did is noticed in the same millisecond", sameMillisecond},
		{"a use case that would ignore a precondition fails and changes nothing", ignoredPrecondition},
	})
}

// expecting is a call that expects a thing as it was seen.
func (s *scene) expecting(v service.Tagged) context.Context {
	s.Helper()
	tag, err := s.Service.Tag(v)
	s.must(err)
	return service.WithPrecondition(s.Ctx(), service.Precondition{Tags: []string{"another", tag}})
}

func editsAtOnce(s *scene) {
	subs, err := s.Service.ListSubscriptions(s.Ctx(), s.app.ID, service.Page{})
	s.must(err)
	sub, license, user := subs.Items[0].ID, s.keyOf(1, "30d").ID, s.user("ann", "secret").ID
	variable := s.variable("motd", "hello").ID
	view, err := s.Service.SetUserVariable(s.Ctx(), s.app.ID, user, service.SetVariable{Name: "plan", Value: "gold"})
	s.must(err)
	own, token := view.ID, s.tokenOf(user).ID
	for what, c := range map[string]struct {
		see  func() (service.Tagged, error)
		edit func(ctx context.Context, n string) error
	}{
		"app": {func() (service.Tagged, error) { return s.Service.App(s.Ctx(), s.app.ID) },
			func(ctx context.Context, n string) error {
				return drop(s.Service.UpdateApp(ctx, s.app.ID, service.AppEdit{Version: &n}))
			}},
		"credentials": {func() (service.Tagged, error) { return s.Service.AppSecrets(s.Ctx(), s.app.ID) },
			func(ctx context.Context, _ string) error {
				return drop(s.Service.RotateCredentials(ctx, s.app.ID, []latchkey.CredentialKind{latchkey.CredentialSellerKey}, 60))
			}},
		"subscription": {func() (service.Tagged, error) { return s.Service.Subscription(s.Ctx(), s.app.ID, sub) },
			func(ctx context.Context, n string) error {
				return drop(s.Service.UpdateSubscription(ctx, s.app.ID, sub, &n, nil))
			}},
		"license": {func() (service.Tagged, error) { return s.Service.License(s.Ctx(), s.app.ID, license) },
			func(ctx context.Context, n string) error {
				return drop(s.Service.UpdateLicense(ctx, s.app.ID, license, latchkey.LicenseEdit{Note: &n}))
			}},
		"user": {func() (service.Tagged, error) { return s.Service.User(s.Ctx(), s.app.ID, user) },
			func(ctx context.Context, n string) error {
				return drop(s.Service.UpdateUser(ctx, s.app.ID, user, service.UserEdit{Username: point("name " + n)}))
			}},
		"token": {func() (service.Tagged, error) { return s.Service.Token(s.Ctx(), s.app.ID, token) },
			func(ctx context.Context, _ string) error {
				s.Clock.Advance(time.Millisecond) // which it tells
				return drop(s.Service.ResetToken(ctx, s.app.ID, token))
			}},
		"variable": {func() (service.Tagged, error) { return s.Service.Variable(s.Ctx(), s.app.ID, variable) },
			func(ctx context.Context, n string) error {
				return drop(s.Service.UpdateVariable(ctx, s.app.ID, variable, service.VariableEdit{Value: point(latchkey.Secret(n))}))
			}},
		"a user's variable": {func() (service.Tagged, error) { return s.Service.UserVariable(s.Ctx(), s.app.ID, user, own) },
			func(ctx context.Context, n string) error {
				return drop(s.Service.UpdateUserVariable(ctx, s.app.ID, user, own, service.UserVariableEdit{Value: point(latchkey.Secret(n))}))
			}},
		"a user's time": {func() (service.Tagged, error) { return s.Service.User(s.Ctx(), s.app.ID, user) },
			func(ctx context.Context, _ string) error {
				return drop(s.Service.AddUserSubscription(ctx, s.app.ID, user, sub, s.length("1d")))
			}},
	} {
		for round := range 5 {
			seen, err := c.see()
			s.must(err)
			ctx := s.expecting(seen)
			if got := wins(s, 4, func(n int) error {
				// Each call has a precondition of its own to judge.
				return c.edit(s.expecting(seen), fmt.Sprintf("%d %d", round, n))
			}); got != 1 {
				s.Errorf("%s: %d of 4 edits won", what, got)
			}
			s.refused(c.edit(ctx, "late"), latchkey.CodePrecondition)
		}
		s.must(c.edit(service.WithPrecondition(s.Ctx(), service.Precondition{Any: true}), "any"))
	}
}

// wins makes n calls at once and counts those that succeed; the others must
// have met their precondition.
func wins(s *scene, n int, call func(n int) error) (won int) {
	s.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = call(i) })
	}
	all.Wait()
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		s.refused(err, latchkey.CodePrecondition)
	}
	return won
}

func signInsSpoilNothing(s *scene) {
	_, err := s.register("ann", "secret", s.key("30d"), machine)
	s.must(err)
	list, err := s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{})
	s.must(err)
	seen := list.Items[0]
	s.Clock.Advance(time.Hour)
	_, err = s.login("ann", "secret", machine)
	s.must(err)
	view, err := s.Service.UpdateUser(s.expecting(seen), s.app.ID, seen.ID, service.UserEdit{Email: point("ann@example.com")})
	s.must(err)
	if view.LastSignInAt.Equal(seen.LastSignInAt) {
		s.Error("nobody has signed in")
	}
	s.refused(drop(s.Service.BanUser(s.expecting(seen), s.app.ID, seen.ID, service.UserBan{})), latchkey.CodePrecondition)
	_, err = s.Service.BanUser(s.expecting(view), s.app.ID, seen.ID, service.UserBan{})
	s.must(err)
}

func sameMillisecond(s *scene) {
	seen, err := s.Service.App(s.Ctx(), s.app.ID)
	s.must(err)
	after, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{Version: point("7.0")})
	s.must(err)
	if !after.UpdatedAt.Equal(seen.UpdatedAt) {
		s.Fatal("the clock has moved")
	}
	s.refused(drop(s.Service.PauseApp(s.expecting(seen), s.app.ID)), latchkey.CodePrecondition)
	s.refused(s.Service.DeleteApp(s.expecting(seen), s.app.ID, s.app.Name), latchkey.CodePrecondition)
	s.must(drop(s.Service.PauseApp(s.expecting(after), s.app.ID)))
}

func ignoredPrecondition(s *scene) {
	before := s.state(s.Ctx(), s.app.ID)
	if err := drop(s.Service.CreateSubscription(s.expecting(s.app), s.app.ID, "gold", 2)); latchkey.CodeOf(err) != latchkey.CodeInternal {
		s.Errorf("answered %v", err)
	}
	if diff := cmp.Diff(before, s.state(s.Ctx(), s.app.ID)); diff != "" {
		s.Error(diff)
	}
}
