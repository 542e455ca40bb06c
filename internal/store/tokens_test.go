package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// newToken is a token made at noon; nothing is stored yet.
func (s *shop) newToken(value, userID, licenseID string) latchkey.Token {
	s.Helper()
	return latchkey.Token{ID: s.id(latchkey.KindToken, 0), AppID: s.app, Value: latchkey.Secret(value), UserID: userID, LicenseID: licenseID,
		Status: latchkey.TokenNotUsed, CreatedAt: noon, CreatedBy: "key_1", UpdatedAt: noon}
}

func (s *shop) hand(list ...latchkey.Token) {
	s.Helper()
	s.write(func(tx *store.Tx) error {
		for i := range list {
			if inserted, err := tx.InsertToken(s.Context(), &list[i]); err != nil || !inserted {
				return errors.Join(err, errors.New("not inserted"))
			}
		}
		return nil
	})
}

func TestTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		ann := s.user(1, "ann")
		alone := s.user(2, "AAAA-BBBB-CCCC")
		alone.LicenseNamed = true
		s.register(ann, alone)
		license := s.license(1, "CCCC-DDDD-EEEE", "")
		s.sell(license)
		anns, alones, licenses := s.newToken("lkt_anns-token", ann.ID, ""), s.newToken("lkt_alones-token", alone.ID, ""), s.newToken("lkt_licenses-token", "", license.ID)
		s.hand(anns, alones, licenses)
		s.read(func(tx *store.Tx) error {
			for _, want := range []store.TokenRow{{Token: anns, Username: "ann"}, {Token: alones, Username: "AAAA-BBBB-CCCC"}, {Token: licenses, LicenseKey: license.Key}} {
				got, err := tx.Token(t.Context(), s.app, want.ID)
				if diff := cmp.Diff(want, got, cmp.Comparer(sameSecret)); diff != "" || err != nil {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			}
			_, err := tx.Token(t.Context(), s.app, "tok_none")
			if latchkey.CodeOf(err) != latchkey.CodeTokenNotFound {
				t.Errorf("of nothing: %v", err)
			}
			return nil
		})
		s.write(func(tx *store.Tx) error {
			for what, second := range map[string]latchkey.Token{"a user's second": s.newToken("lkt_another", ann.ID, ""), "a license's second": s.newToken("lkt_another", "", license.ID)} {
				if inserted, err := tx.InsertToken(t.Context(), &second); inserted || err != nil {
					t.Errorf("%s: %v, %v", what, inserted, err)
				}
			}
			return nil
		})

		admit := func(value, hash string) store.AdmittedToken {
			t.Helper()
			var a store.AdmittedToken
			s.read(func(tx *store.Tx) (err error) {
				a, err = tx.TokenByValue(t.Context(), s.app, latchkey.Secret(value), hash)
				return err
			})
			return a
		}
		if a := admit("lkt_anns-token", "aB"); a.ID != anns.ID || a.IsBound() || a.SameFile {
			t.Errorf("unbound: %+v", a)
		}
		later := noon.Add(time.Hour)
		s.write(func(tx *store.Tx) error {
			first, err1 := tx.BindToken(t.Context(), s.app, anns.ID, "aB", later)
			second, err2 := tx.BindToken(t.Context(), s.app, anns.ID, "cd", later)
			if !first || second {
				t.Errorf("bound %v, then %v", first, second)
			}
			return errors.Join(err1, err2)
		})
		for hash, same := range map[string]bool{"aB": true, "Ab": true, "cd": false, "": false} {
			if a := admit("lkt_anns-token", hash); !a.UsedAt.Equal(later) || a.Status != latchkey.TokenUsed || a.SameFile != same {
				t.Errorf("with %q: %+v", hash, a)
			}
		}
		anns.Status, anns.UsedAt, anns.Reason, anns.BlacklistedAt, anns.UpdatedAt = latchkey.TokenBlacklisted, later, "resold", later, later
		s.write(func(tx *store.Tx) error { return tx.UpdateToken(t.Context(), &anns) })
		if a := admit("lkt_anns-token", "aB"); a.Status != latchkey.TokenBlacklisted || a.Reason != "resold" || !a.SameFile {
			t.Errorf("blacklisted: %+v", a)
		}
		anns.Status, anns.UsedAt = latchkey.TokenNotUsed, time.Time{}
		s.write(func(tx *store.Tx) error { return tx.UpdateToken(t.Context(), &anns) })
		if a := admit("lkt_anns-token", "aB"); a.IsBound() || a.SameFile {
			t.Errorf("reset: %+v", a)
		}
		err := s.db.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.TokenByValue(t.Context(), s.app, "lkt_ANNS-token", "aB")
			return err
		})
		if latchkey.CodeOf(err) != latchkey.CodeTokenInvalid {
			t.Errorf("in another case of letters: %v", err)
		}
	})
}

func TestTokensGoWithTheirHolders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		ann, bob := s.user(1, "ann"), s.user(2, "bob")
		s.register(ann, bob)
		unused, anns, bobs, banned, more := s.license(1, "unused", ""), s.license(2, "ann's", ""), s.license(3, "bob's", ""), s.license(4, "banned", ""), s.license(5, "more", "")
		for l, u := range map[*latchkey.License]string{&anns: ann.ID, &bobs: bob.ID} {
			if err := l.Redeem(u, noon); err != nil {
				t.Fatal(err)
			}
		}
		if err := banned.Ban("", noon); err != nil {
			t.Fatal(err)
		}
		s.sell(unused, anns, bobs, banned, more)
		s.hand(s.newToken("1", ann.ID, ""), s.newToken("2", "", anns.ID), s.newToken("3", "", bobs.ID), s.newToken("4", "", unused.ID), s.newToken("5", "", banned.ID), s.newToken("6", "", more.ID))
		holders := func(want ...string) {
			t.Helper()
			got := column(t, s.db, `SELECT COALESCE(user_id, license_id) AS holder FROM tokens ORDER BY holder`)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("holders (-want +got):\n%s", diff)
			}
		}
		s.write(func(tx *store.Tx) error { return tx.DeleteUser(t.Context(), s.app, ann.ID) })
		holders(unused.ID, bobs.ID, banned.ID, more.ID)
		s.write(func(tx *store.Tx) error { return tx.DeleteLicense(t.Context(), s.app, unused.ID) })
		holders(bobs.ID, banned.ID, more.ID)
		s.write(func(tx *store.Tx) error {
			return tx.DeleteLicenses(t.Context(), s.app, []latchkey.License{anns, bobs, banned, more})
		})
		holders(bobs.ID)
		s.read(func(tx *store.Tx) error {
			have, err := tx.LicensesWithToken(t.Context(), s.app, []string{bobs.ID, banned.ID})
			if diff := cmp.Diff(map[string]bool{bobs.ID: true}, have); diff != "" {
				t.Error(diff)
			}
			return err
		})
		s.write(func(tx *store.Tx) error { return tx.DeleteApp(t.Context(), s.app) })
		if left := column(t, s.db, `SELECT id FROM tokens`); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestTokensOpenInTheirPlaceOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		ann, bob := s.user(1, "ann"), s.user(2, "bob")
		s.register(ann, bob)
		anns, bobs := s.newToken("lkt_anns", ann.ID, ""), s.newToken("lkt_bobs", bob.ID, "")
		s.hand(anns, bobs)
		s.write(func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE tokens SET token_sealed = (SELECT t.token_sealed FROM tokens t WHERE t.id = $1) WHERE id = $2`, bobs.ID, anns.ID)
			return err
		})
		err := s.db.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Token(t.Context(), s.app, anns.ID)
			return err
		})
		if !errors.Is(err, secretbox.ErrSealed) {
			t.Errorf("another's token: %v", err)
		}
	})
}
