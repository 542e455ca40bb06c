package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestAccountSignIns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		line := func(n int, succeeded bool) latchkey.AccountSignIn {
			at := noon.Add(time.Duration(n) * time.Second)
			return latchkey.AccountSignIn{ID: latchkey.IDBound(latchkey.KindSignIn, at), AccountID: s.account.ID, At: at, IP: "203.0.113.9",
				UserAgent: "Firefox", Method: latchkey.SignInByPassword, Succeeded: succeeded}
		}
		lines := []latchkey.AccountSignIn{line(0, true), line(1, false), line(2, false), line(3, true), line(4, false)}
		stranger := line(5, false)
		stranger.AccountID = "acc_none"
		s.write(func(tx *store.Tx) error {
			var errs []error
			for _, l := range append(slices.Clone(lines), stranger) {
				errs = append(errs, tx.InsertAccountSignIn(t.Context(), &l))
			}
			return errors.Join(errs...)
		})
		left := func(what string, want ...latchkey.AccountSignIn) {
			t.Helper()
			s.read(func(tx *store.Tx) error {
				got, err := tx.AccountSignIns(t.Context(), s.account.ID, store.Keyset{Limit: 10})
				slices.Reverse(want)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
				return err
			})
		}
		left("all of the account's", slices.Clone(lines)...)
		s.write(func(tx *store.Tx) error { return tx.TrimAccountSignIns(t.Context(), s.account.ID, 3) })
		left("of three failures three are kept", slices.Clone(lines)...)
		s.write(func(tx *store.Tx) error { return tx.TrimAccountSignIns(t.Context(), s.account.ID, 1) })
		left("of three failures one is kept", lines[0], lines[3], lines[4])
		s.write(func(tx *store.Tx) error {
			n, err := tx.SweepAccountSignIns(t.Context(), noon.Add(3*time.Second), 1)
			if n != 1 {
				t.Errorf("%d were swept, want one at a time", n)
			}
			return err
		})
		left("after a sweep", lines[3], lines[4])
	})
}

func TestAccountSignInsNeverScan(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { signInsNeverScan(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		signInsNeverScan(t, storetest.Open(t, store.Config{Database: storetest.NewPostgres(t) + "&enable_seqscan=off", Box: storetest.Box(t)}))
	})
}

func signInsNeverScan(t *testing.T, db *store.DB) {
	s := newShop(t, db)
	for _, k := range []store.Keyset{{Limit: 51}, {Limit: 51, Ascending: true}, {Limit: 51, After: latchkey.IDBound(latchkey.KindSignIn, noon)}} {
		s.checkPlans("sign-ins to the dashboard", func(tx *store.Tx) error {
			_, err := tx.AccountSignIns(t.Context(), s.account.ID, k)
			return err
		})
	}
	s.checkPlans("failed ones beyond those that are kept", func(tx *store.Tx) error {
		return tx.TrimAccountSignIns(t.Context(), s.account.ID, 1000)
	})
}

func TestAPIKeyEdits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		key := latchkey.APIKey{ID: s.id(latchkey.KindAPIKey, 0), AccountID: s.account.ID, Name: "shop", Permissions: []latchkey.Permission{latchkey.PermAppsRead},
			AppIDs: []string{}, Last4: "1234", CreatedAt: noon}
		s.write(func(tx *store.Tx) error { return tx.InsertAPIKey(t.Context(), "lk_key", &key) })
		after := key
		after.Name, after.Permissions, after.AppIDs, after.ExpiresAt = "till", []latchkey.Permission{latchkey.PermAccount, latchkey.PermAppsRead}, []string{s.app}, noon.Add(time.Hour)
		s.write(func(tx *store.Tx) error {
			locked, err := tx.LockAPIKey(t.Context(), s.account.ID, key.ID)
			if diff := cmp.Diff(key, locked); diff != "" {
				t.Errorf("locked (-want +got):\n%s", diff)
			}
			return errors.Join(err, tx.UpdateAPIKey(t.Context(), &after))
		})
		s.read(func(tx *store.Tx) error {
			got, err := tx.APIKeyOf(t.Context(), s.account.ID, key.ID)
			if diff := cmp.Diff(after, got); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if _, err := tx.APIKeyOf(t.Context(), "acc_another", key.ID); latchkey.CodeOf(err) != latchkey.CodeAPIKeyGone {
				t.Errorf("another's key: %v", err)
			}
			_, _, err2 := tx.APIKeyByToken(t.Context(), "lk_key", noon)
			return errors.Join(err, err2)
		})
	})
}
