package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// enter has a user sign in n minutes after noon: history, session and a log line.
func (s *shop) enter(u latchkey.User, n int) {
	s.Helper()
	after := time.Duration(n) * time.Minute
	at, ip := noon.Add(after), fmt.Sprint("192.0.2.", n%250)
	ses := latchkey.Session{ID: s.id(latchkey.KindSession, after), AppID: s.app, UserID: u.ID, Protocol: latchkey.Protocol13, IP: ip, AuthVersion: 1,
		CreatedAt: at, SignedInAt: at, LastSeenAt: at, ExpiresAt: at.Add(time.Hour)}
	r := store.SignIn{ID: s.id(latchkey.KindSignIn, after), AppID: s.app, UserID: u.ID, At: at, IP: ip, Protocol: latchkey.Protocol13, Method: "license"}
	l := latchkey.LogLine{ID: s.id(latchkey.KindLogLine, after), AppID: s.app, IP: ip, Message: "x", CreatedAt: at}
	s.write(func(tx *store.Tx) error {
		if err := tx.UserSignedIn(s.Context(), s.app, u.ID, ip, at); err != nil {
			return err
		}
		if err := tx.InsertSignIn(s.Context(), &r); err != nil {
			return err
		}
		if err := tx.InsertLogLine(s.Context(), &l); err != nil {
			return err
		}
		_, err := tx.SaveSession(s.Context(), "key", &ses)
		return err
	})
}

// takeAll takes out what is older than so many minutes after noon, in chunks.
func (s *shop) takeAll(minutes, limit int) (taken int64) {
	s.Helper()
	before := noon.Add(time.Duration(minutes) * time.Minute)
	steps := []func(tx *store.Tx) (int64, bool, error){func(tx *store.Tx) (int64, bool, error) {
		return tx.TakeSignInAddresses(s.Context(), s.app, before, limit)
	}}
	for _, table := range store.AddressTables() {
		r := store.NewAddressRange(table, time.Time{}, before)
		steps = append(steps, func(tx *store.Tx) (int64, bool, error) { return tx.TakeAddresses(s.Context(), s.app, &r, limit) })
	}
	for _, step := range steps {
		for more := true; more; {
			s.write(func(tx *store.Tx) (err error) {
				var n int64
				n, more, err = step(tx)
				taken += n
				return err
			})
		}
	}
	return taken
}

func TestAddressesAreTakenOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		ann, bob := s.user(1, "Ann"), s.user(2, "Bob")
		s.register(ann, bob)
		other := s.second()
		eve := other.user(3, "Eve")
		other.register(eve)
		for i := range 20 {
			s.enter([]latchkey.User{ann, bob}[i/15], i) // Ann up to 14, Bob from 15 on
			other.enter(eve, i)
		}
		if n := s.takeAll(10, 3); n != 30 {
			t.Errorf("%d were taken before minute 10", n)
		}
		last := func(s *shop, u latchkey.User) (ip string) {
			s.read(func(tx *store.Tx) error {
				now, err := tx.User(s.Context(), s.app, u.ID)
				ip = now.LastIP
				return err
			})
			return ip
		}
		if last(s, ann) != "192.0.2.14" {
			t.Error("Ann has signed in since, and her address is gone")
		}
		if n := s.takeAll(18, 100); n != 24 {
			t.Errorf("%d were taken before minute 18", n)
		}
		if last(s, ann) != "" || last(s, bob) != "192.0.2.19" {
			t.Errorf("last: %q, %q", last(s, ann), last(s, bob))
		}
		if n := s.takeAll(18, 2); n != 0 {
			t.Errorf("%d were taken twice", n)
		}
		if n := other.takeAll(100, 7); n != 60 || last(other, eve) != "" || last(s, bob) != "192.0.2.19" {
			t.Errorf("of the other app %d were taken", n)
		}

		s.read(func(tx *store.Tx) error {
			to, err := tx.AddressesSwept(t.Context(), s.app)
			if !to.IsZero() {
				t.Errorf("swept to %s", to)
			}
			return err
		})
		for _, at := range []time.Time{noon, noon.Add(time.Hour)} {
			s.write(func(tx *store.Tx) error { return tx.SetAddressesSwept(t.Context(), s.app, at) })
			s.read(func(tx *store.Tx) error {
				to, err := tx.AddressesSwept(t.Context(), s.app)
				if !to.Equal(at) {
					t.Errorf("swept to %s, want %s", to, at)
				}
				return err
			})
		}
	})
}
