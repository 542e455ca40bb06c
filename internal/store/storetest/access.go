package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// shopApp makes an app and returns its id.
func shopApp(t *testing.T, db *store.DB, now time.Time) string {
	t.Helper()
	account := latchkey.Account{ID: newID(t, latchkey.KindAccount, now), OwnerID: "owner00001", Email: "owner@example.com", CreatedAt: now, UpdatedAt: now}
	app := latchkey.App{ID: newID(t, latchkey.KindApp, now), AccountID: account.ID, OwnerID: account.OwnerID, Name: "shop",
		Settings: latchkey.DefaultSettings(), Revision: 1, CreatedAt: now, UpdatedAt: now}
	must(t, db.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertAccount(t.Context(), &account); err != nil {
			return err
		}
		return tx.InsertApp(t.Context(), &app)
	}))
	return app.ID
}

func newID(t *testing.T, kind latchkey.Kind, now time.Time) string {
	t.Helper()
	id, err := latchkey.NewID(kind, now, rand.Reader)
	must(t, err)
	return id
}

// accessRevisions: whoever keeps lists in memory, and asks for what has changed
// since the revision that the app then had, misses no entry, however many write
// at once.
func accessRevisions(t *testing.T, db *store.DB) {
	const writers, each = 8, 25
	now := time.UnixMilli(1_700_000_000_000).UTC()
	app := shopApp(t, db, now)
	known := map[string]bool{}
	var revision int64
	catchUp := func(ctx context.Context) (err error) {
		return db.Read(ctx, func(tx *store.Tx) error {
			a, err := tx.App(ctx, app)
			if err != nil {
				return err
			}
			err = tx.AccessChanges(ctx, app, revision, func(c *store.AccessChange) {
				known[fmt.Sprintf("%s %s %s %x", c.List, c.Kind, c.Value, c.HWID)] = true
			})
			revision = a.AccessRevision
			return err
		})
	}
	done := make(chan struct{})
	var errs []error
	go func() {
		defer close(done)
		errs = together(writers, func(i int) error {
			for n := range each {
				e := latchkey.AccessEntry{ID: newID(t, latchkey.KindBlacklistEntry, now), AppID: app, List: latchkey.Blacklist, Kind: latchkey.AccessIP,
					Value: latchkey.Secret(fmt.Sprintf("10.0.%d.%d", i, n)), CreatedAt: now, UpdatedAt: now}
				if n%5 == 0 {
					e.Kind, e.Value = latchkey.AccessHWID, latchkey.Secret(fmt.Sprintf("computer %d of %d", n, i))
				}
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					revision, err := tx.LockAccess(t.Context(), app, false)
					if err != nil {
						return err
					}
					inserted, err := tx.InsertAccess(t.Context(), &e, revision, now)
					if err == nil && !inserted {
						err = errOwn
					}
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		must(t, catchUp(t.Context()))
	}
	for i, err := range errs {
		if err != nil {
			t.Fatalf("writer %d: %v", i, err)
		}
	}
	all := map[string]bool{}
	must(t, db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.AccessChanges(t.Context(), app, 0, func(c *store.AccessChange) {
			all[fmt.Sprintf("%s %s %s %x", c.List, c.Kind, c.Value, c.HWID)] = true
		})
	}))
	if diff := cmp.Diff(all, known); diff != "" || len(all) != writers*each || revision != writers*each {
		t.Errorf("%d entries, %d of them known at revision %d:\n%s", len(all), len(known), revision, diff)
	}
	var counts store.Counts
	must(t, db.Read(t.Context(), func(tx *store.Tx) (err error) {
		counts, err = tx.Counts(t.Context(), app)
		return err
	}))
	if counts.Blacklisted != writers*each {
		t.Errorf("%d are counted", counts.Blacklisted)
	}
}
