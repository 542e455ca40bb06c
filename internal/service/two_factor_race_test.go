package service_test

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

// TestTwoFactorRaces has fifty sign-ins at once with one code: exactly one of
// them is let in, whatever the code is; and of fifty wrong codes at once no
// more than five are tried.
func TestTwoFactorRaces(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { raceCodes(t, []*servicetest.Env{servicetest.NewOn(t, engine)}) })
	}
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		first, second := servicetest.NewPair(t)
		raceCodes(t, []*servicetest.Env{first, second})
	})
}

func raceCodes(t *testing.T, servers []*servicetest.Env) {
	const contenders = 50
	s := &scene{T: t, Env: servers[0], app: servers[0].App("race")}
	_, a := s.guarded("ann")
	client := s.client()
	login := func(n int, code string) error {
		svc := servers[n%len(servers)].Service
		ses, err := svc.ClientInit(outside(), client, service.ClientInit{Protocol: latchkey.Protocol13})
		if err != nil {
			return err
		}
		_, err = svc.ClientLogin(outside(), client, ses, service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine, Code: code})
		return err
	}
	for round := range raceRounds() {
		for _, code := range []string{a.code(0), a.recovery[round%latchkey.RecoveryCodes].Reveal()} {
			want := 1
			if len(code) > totp.Digits && round >= latchkey.RecoveryCodes {
				want = 0 // they have all been used
			}
			got := tally(together(contenders, func(n int) error { return login(n, code) }))
			if got[""] != want || got[""]+got[latchkey.CodeTwoFactorWrong]+got[latchkey.CodeRateLimited] != contenders {
				t.Fatalf("of %d sign-ins with the code %s: %v", contenders, code, got)
			}
			s.Clock.Advance(latchkey.CodeWindow)
		}
		got := tally(together(contenders, func(n int) error { return login(n, a.code(int64(10+n))) }))
		if got[latchkey.CodeTwoFactorWrong] != latchkey.CodeTries || got[latchkey.CodeRateLimited] != contenders-latchkey.CodeTries {
			t.Fatalf("of %d wrong codes: %v", contenders, got)
		}
		s.Clock.Advance(latchkey.CodeWindow + time.Minute)
	}
	raceEnrolment(s)
}

// raceEnrolment confirms and removes one factor many times at once.
func raceEnrolment(s *scene) {
	const contenders = 20
	ses := s.signedIn("30d")
	client := s.client()
	e, err := s.Service.ClientTwoFactorEnroll(outside(), client, ses, nil)
	s.must(err)
	a := &authenticator{s: s, secret: e.Secret.Reveal()}
	got := tally(together(contenders, func(int) error {
		return drop(s.Service.ClientTwoFactorConfirm(outside(), client, ses, a.code(0)))
	}))
	if got[""] != 1 || got[latchkey.CodeTwoFactorEnabled] != contenders-1 {
		s.Errorf("of %d confirmations: %v", contenders, got)
	}
	got = tally(together(contenders, func(int) error {
		return s.Service.ClientTwoFactorDisable(outside(), client, ses, a.code(1))
	}))
	if got[""] != 1 {
		s.Errorf("of %d removals: %v", contenders, got)
	}
}
