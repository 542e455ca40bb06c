package store_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// customer stores a user.
func (s *shop) customer(name string) latchkey.User {
	s.Helper()
	u := latchkey.User{ID: s.id(latchkey.KindUser, 0), AppID: s.app, Name: name, PasswordState: latchkey.PasswordNone, AuthVersion: 1, CreatedAt: noon, UpdatedAt: noon}
	s.write(func(tx *store.Tx) error { return tx.InsertUser(s.Context(), &u) })
	return u
}

func TestTwoFactors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		t.Run("an enrolment gives way to a later one, a factor to none", func(t *testing.T) { s.enrolments(t) })
		t.Run("a step is used once, but for the session that used it", func(t *testing.T) { s.steps(t) })
		t.Run("tries are counted in windows, and a right one is forgiven", func(t *testing.T) { s.tries(t) })
		t.Run("recovery codes are used once and go with their factor", func(t *testing.T) { s.recovery(t) })
		t.Run("nothing of it is stored in clear", func(t *testing.T) {
			for _, sealed := range column(t, s.db, `SELECT seed_sealed FROM two_factors`) {
				if bytes.Contains([]byte(sealed), []byte("seed")) {
					t.Errorf("a seed is stored as %q", sealed)
				}
			}
		})
	})
}

func (s *shop) begin(u latchkey.User, seed string) error {
	return s.db.Write(s.Context(), func(tx *store.Tx) error {
		return tx.BeginTwoFactor(s.Context(), &latchkey.TwoFactor{AppID: s.app, UserID: u.ID, Seed: []byte(seed), PendingUntil: noon.Add(time.Minute), CreatedAt: noon})
	})
}

func (s *shop) confirm(u latchkey.User, step int64, at time.Time) (won bool) {
	s.Helper()
	s.write(func(tx *store.Tx) (err error) {
		won, err = tx.ConfirmTwoFactor(s.Context(), s.app, u.ID, step, at)
		return err
	})
	return won
}

func (s *shop) step(u latchkey.User, step int64, session string) (won bool) {
	s.Helper()
	s.write(func(tx *store.Tx) (err error) {
		won, err = tx.UseStep(s.Context(), s.app, u.ID, step, session)
		return err
	})
	return won
}

func (s *shop) enrolments(t *testing.T) {
	ann := s.customer("ann")
	for _, seed := range []string{"seed one", "seed two"} {
		if err := s.begin(ann, seed); err != nil {
			t.Fatal(err)
		}
	}
	if s.step(ann, 1, "") {
		t.Error("a code of an enrolment is good")
	}
	if s.confirm(ann, 7, noon.Add(time.Minute)) {
		t.Error("it is confirmed when it is over")
	}
	if !s.confirm(ann, 7, noon.Add(time.Minute-time.Millisecond)) || s.confirm(ann, 8, noon) {
		t.Error("it is not confirmed exactly once")
	}
	if err := s.begin(ann, "seed three"); latchkey.CodeOf(err) != latchkey.CodeTwoFactorEnabled {
		t.Errorf("a factor gives way: %v", err)
	}
	s.read(func(tx *store.Tx) error {
		got, err := tx.TwoFactor(t.Context(), s.app, ann.ID)
		want := latchkey.TwoFactor{AppID: s.app, UserID: ann.ID, Seed: []byte("seed two"), ConfirmedAt: noon.Add(time.Minute - time.Millisecond), CreatedAt: noon}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
	if s.step(ann, 7, "") || !s.step(ann, 8, "") {
		t.Error("the confirmation has not used up its step")
	}
}

func (s *shop) steps(t *testing.T) {
	bob := s.customer("bob")
	if err := s.begin(bob, "seed"); err != nil || !s.confirm(bob, 1, noon) {
		t.Fatal(err)
	}
	for i, c := range []struct {
		step    int64
		session string
		want    bool
	}{
		{1, "", false}, {5, "ses_1", true}, {5, "ses_1", true}, {5, "ses_2", false}, {5, "", false}, {4, "ses_1", false},
		{6, "", true}, {6, "", false}, {5, "ses_1", false}, {7, "ses_1", true},
	} {
		if got := s.step(bob, c.step, c.session); got != c.want {
			t.Errorf("%d: step %d for %q: %t", i, c.step, c.session, got)
		}
	}
}

func (s *shop) tries(t *testing.T) {
	cid := s.customer("cid")
	try := func(at time.Duration) (got store.CodeTry, wait time.Duration) {
		err := s.db.Write(t.Context(), func(tx *store.Tx) (err error) {
			got, err = tx.TryCode(t.Context(), s.app, cid.ID, noon.Add(at))
			return err
		})
		return got, waits(t, err)
	}
	err := s.db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.TryCode(t.Context(), s.app, cid.ID, noon)
		return err
	})
	if latchkey.CodeOf(err) != latchkey.CodeTwoFactorNotEnabled {
		t.Errorf("without a factor: %v", err)
	}
	if err := s.begin(cid, "seed"); err != nil || !s.confirm(cid, 1, noon) {
		t.Fatal(err)
	}
	for n := range int64(5) {
		if got, wait := try(time.Duration(n) * time.Minute); wait != 0 || got.N != n+1 || !got.Since.Equal(noon) {
			t.Errorf("try %d: %+v, wait %s", n, got, wait)
		}
	}
	if _, wait := try(5 * time.Minute); wait != 10*time.Minute {
		t.Errorf("the sixth waits %s", wait)
	}
	s.write(func(tx *store.Tx) error {
		if err := tx.ForgiveCode(t.Context(), s.app, cid.ID, store.CodeTry{Since: noon.Add(time.Hour)}); err != nil { // of another window
			return err
		}
		return tx.ForgiveCode(t.Context(), s.app, cid.ID, store.CodeTry{Since: noon})
	})
	if got, wait := try(6 * time.Minute); wait != 0 || got.N != 5 {
		t.Errorf("after one was forgiven: %+v, wait %s", got, wait)
	}
	if _, wait := try(15*time.Minute - time.Millisecond); wait != time.Millisecond {
		t.Errorf("at the end of the window: wait %s", wait)
	}
	if got, wait := try(15 * time.Minute); wait != 0 || got.N != 1 || !got.Since.Equal(noon.Add(15*time.Minute)) {
		t.Errorf("in the next window: %+v, wait %s", got, wait)
	}
	if got, wait := try(time.Minute); wait != 0 || got.N != 1 || !got.Since.Equal(noon.Add(time.Minute)) {
		t.Errorf("after the clock was set back: %+v, wait %s", got, wait)
	}
}

// waits is how long a refusal tells to wait.
func waits(t *testing.T, err error) time.Duration {
	t.Helper()
	e, ok := err.(*latchkey.Error)
	if err == nil || !ok {
		return 0
	}
	if e.Code != latchkey.CodeRateLimited {
		t.Fatal(err)
	}
	return e.RetryAfter
}

func (s *shop) recovery(t *testing.T) {
	dan, eve := s.customer("dan"), s.customer("eve")
	for _, u := range []latchkey.User{dan, eve} {
		if err := s.begin(u, "seed"); err != nil || !s.confirm(u, 1, noon) {
			t.Fatal(err)
		}
	}
	set := func(codes ...latchkey.Secret) {
		s.write(func(tx *store.Tx) error { return tx.SetRecoveryCodes(t.Context(), s.app, dan.ID, codes) })
	}
	use := func(u latchkey.User, code latchkey.Secret, session string) (won bool) {
		s.write(func(tx *store.Tx) (err error) {
			won, err = tx.UseRecoveryCode(t.Context(), s.app, u.ID, code, session, noon)
			return err
		})
		return won
	}
	left := func() (n int64) {
		s.read(func(tx *store.Tx) (err error) { n, err = tx.RecoveryCodesLeft(t.Context(), s.app, dan.ID); return err })
		return n
	}
	set("aaaa", "bbbb", "cccc")
	if use(eve, "aaaa", "") || use(dan, "dddd", "") {
		t.Error("somebody else's code is taken")
	}
	first, again := use(dan, "aaaa", "ses_1"), use(dan, "aaaa", "ses_1")
	if !first || !again || use(dan, "aaaa", "ses_2") || use(dan, "aaaa", "") {
		t.Error("one is not used once, by its session")
	}
	if !use(dan, "bbbb", "") || use(dan, "bbbb", "") || left() != 1 {
		t.Errorf("without a session one is not used once; %d left", left())
	}
	set("eeee")
	if use(dan, "cccc", "") || left() != 1 {
		t.Error("new ones do not replace the old")
	}
	s.write(func(tx *store.Tx) error { return tx.DeleteTwoFactor(t.Context(), s.app, dan.ID) })
	if use(dan, "eeee", "") || left() != 0 {
		t.Error("they outlive their factor")
	}
	s.write(func(tx *store.Tx) error { return tx.DeleteUser(t.Context(), s.app, eve.ID) })
}

func TestSignInTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		ann, bob := s.customer("ann"), s.customer("bob")
		newer := ann
		newer.AuthVersion++
		use := func(token latchkey.Secret, u latchkey.User, session string, after time.Duration) (won bool) {
			s.write(func(tx *store.Tx) (err error) {
				won, err = tx.UseSignInToken(t.Context(), token, &u, session, noon.Add(after))
				return err
			})
			return won
		}
		for i := range 3 {
			s.write(func(tx *store.Tx) error {
				return tx.InsertSignInToken(t.Context(), latchkey.Secret(fmt.Sprint("token ", i)), &ann, noon.Add(time.Duration(i+1)*time.Minute))
			})
		}
		if use("token 0", bob, "ses_1", 0) || use("token 9", ann, "ses_1", 0) || use("token 0", newer, "ses_1", 0) || use("token 0", ann, "ses_1", time.Minute) {
			t.Error("a token that is not good is used")
		}
		if !use("token 0", ann, "ses_1", 0) || !use("token 0", ann, "ses_1", time.Second) || use("token 0", ann, "ses_2", 0) {
			t.Error("it is not used once, by its session")
		}
		var n int64
		s.write(func(tx *store.Tx) (err error) {
			n, err = tx.SweepSignInTokens(t.Context(), noon.Add(2*time.Minute), 100)
			return err
		})
		if n != 2 || !use("token 2", ann, "ses_1", 0) {
			t.Errorf("%d swept", n)
		}
		for _, hash := range column(t, s.db, `SELECT token_hash FROM sign_in_tokens`) {
			if bytes.Contains([]byte(hash), []byte("token")) {
				t.Errorf("a token is stored as %q", hash)
			}
		}
		s.write(func(tx *store.Tx) error { return tx.DeleteUser(t.Context(), s.app, ann.ID) })
		if left := column(t, s.db, `SELECT token_hash FROM sign_in_tokens`); len(left) > 0 {
			t.Error("a token outlives its user")
		}
	})
}
