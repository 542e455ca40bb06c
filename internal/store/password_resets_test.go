package store_test

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestPasswordResets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		for name, check := range map[string]func(*shop){
			"a link is good once, for its time, in its app": resetLinks,
			"a newer link ends the one before":              newerReset,
			"so many links an hour":                         resetsPerHour,
			"expired links are swept":                       resetsSwept,
		} {
			t.Run(name, func(t *testing.T) { check(newShop(t, open(t))) })
		}
	})
}

// link gives a user a link at a moment.
func (s *shop) link(u latchkey.User, token latchkey.Secret, at time.Time, most int64) (made bool) {
	s.Helper()
	s.write(func(tx *store.Tx) (err error) {
		made, err = tx.PutPasswordReset(s.Context(), &u, store.NewReset{Token: token, ExpiresAt: at.Add(24 * time.Hour), Now: at, Most: most})
		return err
	})
	return made
}

// use uses a link up, or with open true looks at it only.
func (s *shop) use(appID string, token latchkey.Secret, at time.Time, open bool) (userID string, code latchkey.Code) {
	s.Helper()
	err := s.db.Write(s.Context(), func(tx *store.Tx) (err error) {
		if open {
			userID, err = tx.OpenPasswordReset(s.Context(), appID, token, at)
			return err
		}
		userID, err = tx.UsePasswordReset(s.Context(), appID, token, at)
		return err
	})
	return userID, latchkey.CodeOf(err)
}

func (s *shop) good(appID string, token latchkey.Secret, at time.Time, want bool) {
	s.Helper()
	_, code := s.use(appID, token, at, true)
	if (code == "") != want || !want && code != latchkey.CodeResetInvalid {
		s.Errorf("%s: %s", token.Reveal(), code)
	}
}

func resetLinks(s *shop) {
	ann := s.user(1, "Ann")
	s.register(ann)
	s.link(ann, "first", noon, 5)
	s.good(s.app, "first", noon.Add(24*time.Hour-time.Millisecond), true)
	s.good(s.app, "first", noon.Add(24*time.Hour), false)
	s.good(s.second().app, "first", noon, false)
	if id, code := s.use(s.app, "first", noon, false); id != ann.ID || code != "" {
		s.Errorf("%s %s", id, code)
	}
	if _, code := s.use(s.app, "first", noon, false); code != latchkey.CodeResetInvalid {
		s.Errorf("a second time: %s", code)
	}
	s.link(ann, "second", noon, 5)
	s.write(func(tx *store.Tx) error { return tx.EndPasswordReset(s.Context(), s.app, ann.ID) })
	s.good(s.app, "second", noon, false)
}

func newerReset(s *shop) {
	ann, bob := s.user(1, "Ann"), s.user(2, "Bob")
	s.register(ann, bob)
	s.link(ann, "first", noon, 5)
	s.link(bob, "other", noon, 5)
	s.link(ann, "second", noon, 5)
	s.good(s.app, "first", noon, false)
	s.good(s.app, "second", noon, true)
	s.good(s.app, "other", noon, true)
}

func resetsPerHour(s *shop) {
	ann := s.user(1, "Ann")
	s.register(ann)
	for i, want := range []bool{true, true, false} {
		if made := s.link(ann, latchkey.Secret(string(rune('a'+i))), noon.Add(time.Duration(i)*time.Minute), 2); made != want {
			s.Errorf("link %d: %t", i, made)
		}
	}
	s.good(s.app, "b", noon, true)
	if !s.link(ann, "later", noon.Add(time.Hour), 2) || !s.link(ann, "latest", noon.Add(time.Hour), 2) || s.link(ann, "no more", noon.Add(time.Hour), 2) {
		s.Error("the next hour is counted wrong")
	}
}

func resetsSwept(s *shop) {
	ann, bob := s.user(1, "Ann"), s.user(2, "Bob")
	s.register(ann, bob)
	s.link(ann, "first", noon, 5)
	s.link(bob, "other", noon.Add(time.Hour), 5)
	s.write(func(tx *store.Tx) error {
		n, err := tx.SweepPasswordResets(s.Context(), noon.Add(24*time.Hour), 10)
		if n != 1 {
			s.Errorf("%d were swept", n)
		}
		return err
	})
	s.good(s.app, "first", noon, false)
	s.good(s.app, "other", noon, true)
}

func TestPasswordResetsNeverScan(t *testing.T) {
	eachPlanned(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		s.stock(4000)
		s.insert(4000, `INSERT INTO password_resets (app_id, user_id, token_hash, expires_at, made_from, made)
			SELECT u.app_id, u.id, CAST(u.id AS BYTES), u.created_at, 0, 1 FROM users u WHERE u.app_id = $1 AND $2 + $3 > 0`)
		if err := db.AnalyzeAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.checkPlans("links", func(tx *store.Tx) error {
			if _, err := tx.OpenPasswordReset(s.Context(), s.app, "x", noon); latchkey.CodeOf(err) != latchkey.CodeResetInvalid {
				return err
			}
			return nil
		})
	})
}
