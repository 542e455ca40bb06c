package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestAccountSignIns(t *testing.T) {
	tell(t, []story{
		{"an account's log tells who signed in and who tried", signInsAreLogged},
		{"of failed sign-ins the newest thousand are kept, of others all", failuresAreTrimmed},
		{"lines are forgotten after 90 days", signInsAreForgotten},
		{"a mail address that nobody has is in no log", strangersAreNotLogged},
	})
}

// signInLog is the log of the account of ctx, newest first.
func (s *scene) signInLog(account latchkey.Account) (all []latchkey.AccountSignIn) {
	s.Helper()
	for cursor := ""; ; {
		list, err := s.Service.ListAccountSignIns(s.As(account), service.Page{Limit: service.MaxLimit, Cursor: cursor})
		s.must(err)
		if all = append(all, list.Items...); list.Next == "" {
			return all
		}
		cursor = list.Next
	}
}

func signInsAreLogged(s *scene) {
	ann := other(s, s.Env, "log@example.com")
	ctx, _ := s.signedInAs("log@example.com", "another long password")
	first := s.Clock.Now()
	s.Clock.Advance(time.Second)
	from := service.WithOrigin(outside(), service.Origin{IP: "203.0.113.9"})
	_, err := s.Service.SignIn(from, "LOG@example.com ", "guess", "a browser")
	s.refused(err, latchkey.CodeCredentials)
	s.Clock.Advance(time.Second)
	wrong := drop(s.Service.ChangePassword(ctx, "guess", "the next long password"))
	s.refused(wrong, latchkey.CodeCredentials)
	s.blames(wrong, "current")
	line := func(at time.Time, method string, succeeded bool, ip, agent string) latchkey.AccountSignIn {
		return latchkey.AccountSignIn{AccountID: ann.ID, At: at, Method: method, Succeeded: succeeded, IP: ip, UserAgent: agent}
	}
	want := []latchkey.AccountSignIn{
		line(first.Add(2*time.Second), latchkey.SignInByConfirm, false, address, ""),
		line(first.Add(time.Second), latchkey.SignInByPassword, false, "203.0.113.9", "a browser"),
		line(first, latchkey.SignInByPassword, true, address, "Firefox"),
	}
	if diff := cmp.Diff(want, s.signInLog(ann), cmpopts.IgnoreFields(latchkey.AccountSignIn{}, "ID")); diff != "" {
		s.Errorf("log (-want +got):\n%s", diff)
	}
	_, err = s.Service.ListAccountSignIns(s.machine(service.NewAPIKey{Name: "x", Permissions: permissionsBut(latchkey.PermAccount)}), service.Page{})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.ListAccountSignIns(outside(), service.Page{})
	s.refused(err, latchkey.CodeAuthRequired)
}

func failuresAreTrimmed(s *scene) {
	ann := other(s, s.Env, "trim@example.com")
	s.signedInAs("trim@example.com", "another long password")
	for i := range 1003 {
		s.Clock.Advance(time.Millisecond)
		_, err := s.Service.SignIn(outside(), "trim@example.com", "guess", fmt.Sprint("guess ", i))
		s.refused(err, latchkey.CodeCredentials)
	}
	log := s.signInLog(ann)
	if len(log) != 1001 || log[0].UserAgent != "guess 1002" || log[999].UserAgent != "guess 3" || !log[1000].Succeeded {
		s.Errorf("%d lines, from %+v to %+v", len(log), log[0], log[len(log)-1])
	}
}

func signInsAreForgotten(s *scene) {
	ann := other(s, s.Env, "old@example.com")
	s.signedInAs("old@example.com", "another long password")
	s.Clock.Advance(day)
	s.signedInAs("old@example.com", "another long password")
	s.Clock.Advance(latchkey.AccountSignInsKept - day - time.Millisecond)
	for _, want := range []int{2, 1, 1} {
		_, err := s.Service.SweepAccountSignIns(outside())
		s.must(err)
		if log := s.signInLog(ann); len(log) != want {
			s.Errorf("%d lines are left, want %d", len(log), want)
		}
		s.Clock.Advance(time.Millisecond)
	}
}

func strangersAreNotLogged(s *scene) {
	owner := len(s.signInLog(s.Owner.Account))
	for _, email := range []string{"nobody@example.com", "no address", ""} {
		_, err := s.Service.SignIn(outside(), email, "guess", "")
		s.refused(err, latchkey.CodeCredentials)
	}
	if n := len(s.signInLog(s.Owner.Account)); n != owner {
		s.Errorf("%d lines are somebody's", n-owner)
	}
}

func TestChangeEmail(t *testing.T) {
	tell(t, []story{
		{"the account signs in with its new address from then on", newAddress},
		{"it needs the password, a person, and an address that nobody has", addressRefused},
		{"of accounts that want one address at once, one gets it", addressRace},
	})
}

const anns = latchkey.Secret("another long password")

func newAddress(s *scene) {
	other(s, s.Env, "before@example.com")
	ctx, in := s.signedInAs("before@example.com", anns)
	account, err := s.Service.ChangeEmail(ctx, " After@Example.com", anns)
	s.must(err)
	if account.Email != "after@example.com" || !account.UpdatedAt.Equal(s.Clock.Now()) {
		s.Errorf("the account is %+v", account)
	}
	me, err := s.Service.Me(ctx)
	s.must(err)
	if diff := cmp.Diff(account, me); diff != "" {
		s.Errorf("answered and stored (-answered +stored):\n%s", diff)
	}
	_, err = s.Service.SignIn(outside(), "before@example.com", anns, "")
	s.refused(err, latchkey.CodeCredentials)
	s.signedInAs("after@example.com", anns)
	s.must(s.valid(in.Token))
	_, err = s.Service.ChangeEmail(ctx, "after@example.com", anns) // to what it is
	s.must(err)
	other(s, s.Env, "before@example.com") // it is free
}

func addressRefused(s *scene) {
	ann := other(s, s.Env, "refused@example.com")
	ctx, _ := s.signedInAs("refused@example.com", anns)
	change := func(email string, password latchkey.Secret) error {
		return drop(s.Service.ChangeEmail(ctx, email, password))
	}
	wrong := change("x@example.com", "guess")
	s.refused(wrong, latchkey.CodeCredentials)
	s.blames(wrong, "password")
	s.refused(change("no address", anns), latchkey.CodeInvalid)
	s.refused(change(servicetest.OwnerEmail, anns), latchkey.CodeAccountExists)
	s.refused(change(servicetest.OwnerEmail, "guess"), latchkey.CodeCredentials) // who cannot confirm learns nothing
	_, err := s.Service.ChangeEmail(s.machine(service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAccount}}), "x@example.com", servicetest.OwnerPassword)
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.ChangeEmail(outside(), "x@example.com", anns)
	s.refused(err, latchkey.CodeAuthRequired)
	me, err := s.Service.Me(s.As(ann))
	s.must(err)
	if me.Email != "refused@example.com" {
		s.Errorf("the address is %s", me.Email)
	}
}

func addressRace(s *scene) {
	const n = 8
	var errs []error
	calls := make([]func() error, n)
	for i := range n {
		email := fmt.Sprintf("racer%d@example.com", i)
		other(s, s.Env, email)
		ctx, _ := s.signedInAs(email, anns)
		calls[i] = func() error { return drop(s.Service.ChangeEmail(ctx, "prize@example.com", anns)) }
	}
	errs = together(n, func(i int) error { return calls[i]() })
	if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeAccountExists: n - 1}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
}
