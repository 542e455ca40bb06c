package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// What the users of a page have is read in one statement, and is what is read
// user by user.
func TestBelongingsOfAPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		all := s.customers(40)
		var ids []string
		for i, c := range all {
			ids = append(ids, c.ID)
			for n := range i % 3 {
				at := noon.Add(time.Duration(i-10*n) * time.Second)
				d := latchkey.Device{ID: s.id(latchkey.KindDevice, at.Sub(noon)), AppID: s.app, UserID: c.ID, HWID: latchkey.Secret(fmt.Sprint("a computer ", n)), BoundAt: at, LastSeenAt: at}
				s.write(func(tx *store.Tx) error { return tx.InsertDevice(t.Context(), &d) })
			}
		}
		ids = append(ids, "usr_of_nobody")
		s.read(func(tx *store.Tx) error {
			holdings, err := tx.HoldingsOf(t.Context(), s.app, ids)
			if err != nil {
				return err
			}
			devices, err := tx.DevicesOf(t.Context(), s.app, ids)
			if err != nil {
				return err
			}
			users, err := tx.UsersNamed(t.Context(), s.app, ids)
			if err != nil {
				return err
			}
			for _, id := range ids {
				of, err := tx.Holdings(t.Context(), s.app, id)
				if diff := cmp.Diff(of, holdings[id]); diff != "" || err != nil {
					t.Errorf("holdings of %s: %v\n%s", id, err, diff)
				}
				bound, err := tx.Devices(t.Context(), s.app, id)
				if diff := cmp.Diff(bound, devices[id]); diff != "" || err != nil {
					t.Errorf("devices of %s: %v\n%s", id, err, diff)
				}
				user, err := tx.User(t.Context(), s.app, id)
				named, there := users[id]
				if diff := cmp.Diff(user, named); diff != "" || there != (err == nil) {
					t.Errorf("user %s: %v\n%s", id, err, diff)
				}
			}
			return nil
		})
		for what, read := range map[string]func(tx *store.Tx) error{
			"holdings": func(tx *store.Tx) error { _, err := tx.HoldingsOf(t.Context(), s.app, ids); return err },
			"devices":  func(tx *store.Tx) error { _, err := tx.DevicesOf(t.Context(), s.app, ids); return err },
			"users":    func(tx *store.Tx) error { _, err := tx.UsersNamed(t.Context(), s.app, ids); return err },
		} {
			if plans, err := s.db.Plans(t.Context(), read); err != nil || len(plans) != 1 {
				t.Errorf("%s: %d statements, %v", what, len(plans), err)
			}
		}
		for what, read := range map[string]func(tx *store.Tx) error{
			"holdings": func(tx *store.Tx) error { _, err := tx.HoldingsOf(t.Context(), s.app, nil); return err },
			"devices":  func(tx *store.Tx) error { _, err := tx.DevicesOf(t.Context(), s.app, nil); return err },
			"users":    func(tx *store.Tx) error { _, err := tx.UsersNamed(t.Context(), s.app, nil); return err },
		} {
			if plans, err := s.db.Plans(t.Context(), read); err != nil || len(plans) != 0 {
				t.Errorf("%s of nobody: %d statements, %v", what, len(plans), err)
			}
		}
	})
}
