package store_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestARepeatIsClaimedOnceUntilItIsForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		call := func(name string, at time.Time) (claimed bool) {
			s.write(func(tx *store.Tx) (err error) {
				r := store.Repeat{Call: []byte(name), Asked: []byte("asked"), Answer: []byte("secret answer to " + name), CreatedAt: at}
				if claimed, err = tx.ClaimRepeat(t.Context(), &r, at.Add(-time.Hour)); err != nil || !claimed {
					return err
				}
				return tx.AnswerRepeat(t.Context(), &r)
			})
			return claimed
		}
		find := func(name string, after time.Time) (answer string) {
			err := s.db.Read(t.Context(), func(tx *store.Tx) error {
				r, found, err := tx.Repeat(t.Context(), []byte(name), after)
				if answer = string(r.Answer); found != (answer != "") || found && string(r.Asked) != "asked" {
					t.Errorf("found %t: %+v", found, r)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			return answer
		}
		for _, c := range []struct {
			name string
			at   time.Time
			want bool
		}{
			{"one", noon, true},
			{"one", noon.Add(59 * time.Minute), false},
			{"two", noon.Add(59 * time.Minute), true},
			{"one", noon.Add(time.Hour), true}, // the first is too old
		} {
			if got := call(c.name, c.at); got != c.want {
				t.Errorf("%s at %s: claimed %t", c.name, c.at, got)
			}
		}
		if got := find("one", noon); got != "secret answer to one" {
			t.Errorf("answered %q", got)
		}
		if got := find("one", noon.Add(time.Hour)) + find("three", noon); got != "" {
			t.Errorf("what is too old or was never asked is answered with %q", got)
		}
		for _, sealed := range column(t, s.db, `SELECT answer_sealed FROM repeats`) {
			if bytes.Contains([]byte(sealed), []byte("secret")) {
				t.Errorf("an answer is stored in clear: %q", sealed)
			}
		}
		for i, want := range []int64{1, 1, 0} {
			s.write(func(tx *store.Tx) error {
				n, err := tx.ForgetRepeats(t.Context(), noon.Add(time.Hour), 1)
				if n != want {
					t.Errorf("the %d. time %d are forgotten, want %d", i+1, n, want)
				}
				return err
			})
		}
		s.checkPlans("repeats", func(tx *store.Tx) error {
			_, _, err := tx.Repeat(t.Context(), []byte("one"), noon)
			return err
		})
	})
}
