package ratelimit_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
)

func hit() error    { return nil }
func miss() error   { return latchkey.Fail(latchkey.CodePasswordWrong) }
func misfit() error { return latchkey.Fail(latchkey.CodeDeviceMismatch) }

// scene is a guard with the limits of client user names.
type scene struct {
	*clock
	t testing.TB
	g *ratelimit.Guesses
}

func newScene(t testing.TB) *scene {
	c := newClock()
	addresses := ratelimit.New(c.Now, ratelimit.PerMinute(10), ratelimit.PerHour(100))
	return &scene{c, t, ratelimit.NewGuesses(c.Now, addresses, ratelimit.Limit{Quota: 10, Window: 15 * time.Minute}, ratelimit.Limit{Quota: 30, Window: 24 * time.Hour})}
}

// try makes an attempt and returns how long it has to wait, 0 if it was made.
func (s *scene) try(ip, subject string, attempt func() error) time.Duration {
	s.t.Helper()
	a := ratelimit.Attempt{Subject: subject}
	if ip != "" {
		a.Addr = netip.MustParseAddr(ip)
	}
	made := false
	err := s.g.Try(a, func() error { made = true; return attempt() })
	if e, ok := errors.AsType[*latchkey.Error](err); ok && e.Code == latchkey.CodeRateLimited {
		if made || e.RetryAfter <= 0 {
			s.t.Errorf("refused with %+v, made: %t", e, made)
		}
		return e.RetryAfter
	}
	if !made {
		s.t.Errorf("neither made nor refused: %v", err)
	}
	return 0
}

func (s *scene) must(ip, subject string, attempt func() error, allowed bool, why string) {
	s.t.Helper()
	if wait := s.try(ip, subject, attempt); (wait == 0) != allowed {
		s.t.Errorf("%s: wait %s, want allowed %t", why, wait, allowed)
	}
}

func TestAnAddressFailsTenTimesAMinuteAndAHundredTimesAnHour(t *testing.T) {
	s := newScene(t)
	for i := range 10 {
		s.must("192.0.2.1", fmt.Sprint("name ", i), miss, true, "within the limit")
	}
	s.must("192.0.2.1", "another", miss, false, "the eleventh")
	s.must("192.0.2.1", "another", hit, false, "a right one at the same address")
	s.must("192.0.2.2", "another", miss, true, "another address")
	s.Advance(6 * time.Second)
	s.must("192.0.2.1", "another", miss, true, "after six seconds")
	failed := 0
	for range 60 { // the rest of the hour, ten at each minute
		s.Advance(time.Minute)
		for i := range 11 {
			if s.try("192.0.2.1", fmt.Sprint("name ", failed, i), miss) == 0 {
				failed++
			}
		}
	}
	if failed < 85 || failed > 195 {
		t.Errorf("%d more in the hour", failed)
	}
	s.Advance(time.Hour)
	s.must("192.0.2.1", "another", miss, true, "an hour later")
}

func TestOnlyFailuresCount(t *testing.T) {
	s := newScene(t)
	busy := func() error { return latchkey.Fail(latchkey.CodeBusy) }
	expired := func() error { return latchkey.Fail(latchkey.CodeSubscriptionExpired) }
	for range 100 {
		s.must("192.0.2.1", "ann", hit, true, "a success")
		s.must("192.0.2.1", "bob", busy, true, "a refusal for another reason")
		s.must("192.0.2.1", "bob", expired, true, "a refusal for another reason")
	}
}

func TestAGuesserIsSlowedMoreTheLongerItLasts(t *testing.T) {
	s := newScene(t)
	tries := 0
	for range 24 * 60 {
		if s.try("192.0.2.1", "ann", miss) == 0 {
			tries++
		}
		s.Advance(time.Minute)
	}
	if tries < 30 || tries > 60 {
		t.Errorf("%d tries at one name in a day", tries)
	}
}

func TestAStrangerLocksNobodyElseOut(t *testing.T) {
	s := newScene(t)
	s.must("192.0.2.9", "ann", hit, true, "the customer at home")
	for i := range 200 { // one guesser with two hundred addresses
		s.try(fmt.Sprintf("198.51.100.%d", i), "ann", miss)
	}
	s.must("198.51.100.1", "ann", miss, false, "the stranger, at an address that had its try")
	s.must("203.0.113.1", "ann", hit, true, "the customer, somewhere new, at first go")
	s.must("203.0.113.2", "ann", miss, true, "the customer, somewhere new, mistyping")
	s.must("203.0.113.2", "ann", hit, false, "and again, under attack")
	for range 10 {
		s.must("192.0.2.9", "ann", miss, true, "the customer at home, mistyping")
	}
	s.must("192.0.2.9", "ann", miss, false, "more often than the limit")
	s.Advance(25 * time.Hour)
	s.must("198.51.100.1", "ann", miss, true, "a day later")
}

func TestAGuessingNeighborDoesNotShutOutWhoIsAtHome(t *testing.T) {
	s := newScene(t)
	s.must("192.0.2.1", "ann", hit, true, "ann, before")
	for i := range 20 {
		s.try("192.0.2.1", fmt.Sprint("guess ", i), miss)
	}
	s.must("192.0.2.1", "guess", miss, false, "the neighbor")
	s.must("192.0.2.1", "ann", hit, true, "ann")
	s.Advance(31 * 24 * time.Hour)
	for i := range 20 {
		s.try("192.0.2.1", fmt.Sprint("guess ", i), miss)
	}
	s.must("192.0.2.1", "ann", hit, false, "ann, who has not been there for a month")
}

// With an account of one's own one cannot clear what an address has failed.
func TestASuccessDoesNotClearTheAddress(t *testing.T) {
	s := newScene(t)
	for i := range 10 {
		s.must("192.0.2.1", fmt.Sprint("name ", i), miss, true, "a guess")
		s.must("192.0.2.1", "my own", hit, true, "a success in between")
	}
	s.must("192.0.2.1", "name", miss, false, "the next guess")
}

func TestASuccessClearsWhatOneMistyped(t *testing.T) {
	s := newScene(t)
	for range 5 {
		for range 3 {
			s.must("192.0.2.1", "ann", miss, true, "a mistake")
		}
		s.must("192.0.2.1", "ann", hit, true, "then right")
		s.Advance(time.Minute)
	}
}

func TestAForeignDeviceCountsForItsSubjectOnly(t *testing.T) {
	s := newScene(t)
	for range 10 {
		s.must("192.0.2.1", "ann", misfit, true, "a device")
	}
	s.must("192.0.2.1", "ann", misfit, false, "the eleventh")
	s.must("192.0.2.1", "bob", miss, true, "somebody else at the address")
}

func TestWithoutAnAddressTheSubjectCounts(t *testing.T) {
	s := newScene(t)
	for range 10 {
		s.must("", "ann", miss, true, "within the limit")
	}
	s.must("", "ann", miss, false, "the eleventh")
	s.must("", "bob", miss, true, "another")
}

func TestWithoutASubjectTheAddressCounts(t *testing.T) {
	s := newScene(t)
	for range 10 {
		s.must("192.0.2.1", "", miss, true, "within the limit")
	}
	s.must("192.0.2.1", "", miss, false, "the eleventh")
	s.must("192.0.2.2", "", miss, true, "another address")
}

func TestNoGuardSlowsNobody(t *testing.T) {
	s := &scene{clock: newClock(), t: t}
	for range 100 {
		s.must("192.0.2.1", "ann", miss, true, "without a guard")
	}
}

func BenchmarkTry(b *testing.B) {
	s := newScene(b)
	a := ratelimit.Attempt{Addr: netip.MustParseAddr("2001:db8::1"), Subject: "some customer's name"}
	b.ReportAllocs()
	for b.Loop() {
		_ = s.g.Try(a, hit)
	}
}
