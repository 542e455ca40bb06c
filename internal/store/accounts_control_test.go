package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestAccountControl(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		second := latchkey.Account{ID: s.id(latchkey.KindAccount, 1), OwnerID: "owner00002", Email: "second@example.com", Administrator: true,
			PasswordHash: "hash", CreatedAt: noon, UpdatedAt: noon}
		session := latchkey.AccountSession{ID: s.id(latchkey.KindAccountSession, 0), AccountID: second.ID, CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour)}
		key := latchkey.APIKey{ID: s.id(latchkey.KindAPIKey, 0), AccountID: second.ID, Name: "shop", Permissions: []latchkey.Permission{latchkey.PermAppsRead}, CreatedAt: noon}
		for _, err := range []func(tx *store.Tx) error{
			func(tx *store.Tx) error { return tx.InsertAccount(t.Context(), &second) },
			func(tx *store.Tx) error { return tx.InsertAccountSession(t.Context(), "session", 0, &session) },
			func(tx *store.Tx) error { return tx.InsertAPIKey(t.Context(), "lk_key", &key) },
		} {
			s.write(err)
		}
		opens := func(what string, want latchkey.Code) {
			t.Helper()
			s.read(func(tx *store.Tx) error {
				_, _, err := tx.APIKeyByToken(t.Context(), "lk_key", noon)
				_, _, byID := tx.APIKey(t.Context(), key.ID, noon)
				if latchkey.CodeOf(err) != want || latchkey.CodeOf(byID) != want {
					t.Errorf("%s: the key is answered %v and %v", what, err, byID)
				}
				return nil
			})
		}
		others := func(of latchkey.Account, want int64) {
			t.Helper()
			s.read(func(tx *store.Tx) error {
				n, err := tx.OtherAdministrators(t.Context(), of.ID)
				if n != want {
					t.Errorf("%d administrators beside %s, want %d", n, of.Email, want)
				}
				return err
			})
		}
		opens("open", "")
		others(s.account, 1)
		others(second, 0)
		disabled := second
		disabled.DisabledAt, disabled.UpdatedAt = noon.Add(time.Minute), noon.Add(time.Minute)
		s.write(func(tx *store.Tx) error {
			return tx.SetAccountDisabled(t.Context(), second.ID, disabled.DisabledAt, disabled.UpdatedAt)
		})
		s.write(func(tx *store.Tx) error {
			got, err := tx.LockAccount(t.Context(), second.ID)
			if diff := cmp.Diff(disabled, got); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			changed, err2 := tx.SetAccountPassword(t.Context(), &second, "another", 1, noon)
			if changed || err2 != nil {
				t.Errorf("a disabled account takes a sign-in: %t, %v", changed, err2)
			}
			_, _, gone := tx.AccountSessionByToken(t.Context(), "session", noon, noon.Add(-time.Hour))
			if latchkey.CodeOf(gone) != latchkey.CodeAuthInvalid {
				t.Errorf("its session: %v", gone)
			}
			return err
		})
		opens("disabled", latchkey.CodeAuthInvalid)
		others(s.account, 0)
		s.write(func(tx *store.Tx) error { return tx.SetAccountDisabled(t.Context(), second.ID, time.Time{}, noon) })
		opens("enabled", "")

		for id, want := range map[string]latchkey.Code{s.account.ID: latchkey.CodeAccountOwnsApps, second.ID: "", "acc_none": latchkey.CodeAccountGone} {
			err := s.db.Write(t.Context(), func(tx *store.Tx) error { return tx.DeleteAccount(t.Context(), id) })
			if latchkey.CodeOf(err) != want {
				t.Errorf("deleting %s: %v, want %q", id, err, want)
			}
		}
		opens("deleted", latchkey.CodeAuthInvalid)
	})
}
