package store_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// noon is when every shop opens.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shop is an app with a subscription, on a database of its own.
type shop struct {
	testing.TB
	db           *store.DB
	account      latchkey.Account
	number       int // of the shop on this database
	app          string
	subscription string
}

func newShop(t testing.TB, db *store.DB) *shop {
	t.Helper()
	s := &shop{TB: t, db: db}
	s.account = latchkey.Account{ID: s.id(latchkey.KindAccount, 0), OwnerID: "owner00001", Email: "owner@example.com", CreatedAt: noon, UpdatedAt: noon}
	s.write(func(tx *store.Tx) error { return tx.InsertAccount(t.Context(), &s.account) })
	s.open("shop")
	return s
}

// second is another shop on the same database.
func (s *shop) second() *shop {
	s.Helper()
	other := *s
	other.number++
	other.open("second shop")
	return &other
}

// open makes the app.
func (s *shop) open(name string) {
	s.Helper()
	a := latchkey.App{ID: s.id(latchkey.KindApp, 0), AccountID: s.account.ID, OwnerID: s.account.OwnerID, Name: name,
		Settings: latchkey.DefaultSettings(), Revision: 1, CreatedAt: noon, UpdatedAt: noon}
	sub := latchkey.Subscription{ID: s.id(latchkey.KindSubscription, 0), AppID: a.ID, Name: "default", Level: 1, CreatedAt: noon, UpdatedAt: noon}
	s.write(func(tx *store.Tx) error {
		if err := tx.InsertApp(s.Context(), &a); err != nil {
			return err
		}
		return tx.InsertSubscription(s.Context(), &sub)
	})
	s.app, s.subscription = a.ID, sub.ID
}

// id makes an id of a moment after noon.
func (s *shop) id(kind latchkey.Kind, after time.Duration) string {
	s.Helper()
	id, err := latchkey.NewID(kind, noon.Add(after), rand.Reader)
	if err != nil {
		s.Fatal(err)
	}
	return id
}

func (s *shop) write(fn func(tx *store.Tx) error) {
	s.Helper()
	if err := s.db.Write(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

func (s *shop) read(fn func(tx *store.Tx) error) {
	s.Helper()
	if err := s.db.Read(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

// license is an unused license made n milliseconds after noon; nothing is
// stored yet.
func (s *shop) license(n int, key, note string) latchkey.License {
	s.Helper()
	at := time.Duration(n) * time.Millisecond
	return latchkey.License{ID: s.id(latchkey.KindLicense, at), AppID: s.app, Key: latchkey.Secret(key), Level: 1, Duration: latchkey.Lifetime(),
		Note: note, Status: latchkey.LicenseNotUsed, CreatedAt: noon.Add(at), CreatedBy: "key_1", UpdatedAt: noon.Add(at)}
}

func (s *shop) sell(list ...latchkey.License) {
	s.Helper()
	s.write(func(tx *store.Tx) error {
		for i := range list {
			if err := tx.InsertLicense(s.Context(), &list[i]); err != nil {
				return fmt.Errorf("license %d: %w", i, err)
			}
		}
		return nil
	})
}

// user is one who registered n milliseconds after noon; nothing is stored yet.
func (s *shop) user(n int, name string) latchkey.User {
	s.Helper()
	at := time.Duration(n) * time.Millisecond
	return latchkey.User{ID: s.id(latchkey.KindUser, at), AppID: s.app, Name: name, PasswordState: latchkey.PasswordNone, AuthVersion: 1,
		CreatedAt: noon.Add(at), UpdatedAt: noon.Add(at)}
}

func (s *shop) register(list ...latchkey.User) {
	s.Helper()
	s.write(func(tx *store.Tx) error {
		for i := range list {
			if err := tx.InsertUser(s.Context(), &list[i]); err != nil {
				return fmt.Errorf("user %d: %w", i, err)
			}
		}
		return nil
	})
}

// keys are the keys of a page of licenses.
func (s *shop) keys(q store.LicenseQuery) []string {
	s.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	keys := []string{}
	s.read(func(tx *store.Tx) error {
		list, err := tx.Licenses(s.Context(), s.app, q)
		ids, idsErr := tx.LicenseIDs(s.Context(), s.app, q)
		if err != nil || idsErr != nil || len(list) != len(ids) {
			s.Errorf("%+v: %d licenses (%v), %d ids (%v)", q, len(list), err, len(ids), idsErr)
			return err
		}
		for i, l := range list {
			if l.ID != ids[i] {
				s.Errorf("%+v: license %d is %s, its id %s", q, i, l.ID, ids[i])
			}
			keys = append(keys, l.Key.Reveal())
		}
		return nil
	})
	return keys
}

// names are the names of a page of users.
func (s *shop) names(q store.UserQuery) []string {
	s.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	names := []string{}
	s.read(func(tx *store.Tx) error {
		list, err := tx.Users(s.Context(), s.app, q)
		for _, u := range list {
			names = append(names, u.Name)
		}
		return err
	})
	return names
}
