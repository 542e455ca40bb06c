package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// eachFinder runs a test on each engine, and on a PostgreSQL whose role may
// not install pg_trgm.
func eachFinder(t *testing.T, run func(t *testing.T, db *store.DB)) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) { run(t, open(t)) })
	t.Run("postgres without pg_trgm", func(t *testing.T) { run(t, plainPostgres(t)) })
}

// plainPostgres is a database on which Latchkey's role may make tables and
// nothing else.
func plainPostgres(t *testing.T) *store.DB {
	t.Helper()
	url := pgtest.New(t)
	owner := open(t, store.Config{Database: url})
	for _, statement := range []string{
		`DO $$ BEGIN CREATE ROLE tenant LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
		`GRANT CREATE, USAGE ON SCHEMA public TO tenant`,
	} {
		err := owner.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return storetest.Open(t, store.Config{Database: pgtest.As(t, url, "tenant"), Box: storetest.Box(t)})
}

func TestSearchOfLicenses(t *testing.T) {
	eachFinder(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		s.register(s.user(0, "Ann"))
		var ann string
		s.read(func(tx *store.Tx) error {
			u, err := tx.UserByName(t.Context(), s.app, "ann")
			ann = u.ID
			return err
		})
		list := []latchkey.License{
			s.license(1, "AAAA-AAAA-1111", "Winter sale"), s.license(2, "AAAA-AAAA-2222", "for ÄNNE, 50%"), s.license(3, "AAAA-AAAA-3333", `say "hello" AND x*`),
			s.license(4, "AAAA-BBBB-1111", ""), s.license(5, "AAAA-BBBB-2222", "winter SALE"), s.license(6, "AAAA-BBBB-3333", "no"),
		}
		list[3].Status, list[3].UsedBy, list[3].UsedAt = latchkey.LicenseUsed, ann, noon
		list[4].Status, list[4].BannedAt = latchkey.LicenseBanned, noon
		s.sell(list...)
		for _, c := range []struct {
			rule string
			q    store.LicenseQuery
			want string
		}{
			{"a whole key finds its license, white space around it or not", store.LicenseQuery{Search: " AAAA-AAAA-3333 "}, "[AAAA-AAAA-3333]"},
			{"keys compare exactly", store.LicenseQuery{Search: "aaaa-aaaa-3333"}, "[]"},
			{"the last four characters of a key do", store.LicenseQuery{Search: "1111"}, "[AAAA-BBBB-1111 AAAA-AAAA-1111]"},
			{"the middle of a key does not", store.LicenseQuery{Search: "BBBB"}, "[]"},
			{"text anywhere in a note does, in any case", store.LicenseQuery{Search: "ER sal"}, "[AAAA-BBBB-2222 AAAA-AAAA-1111]"},
			{"also beyond ASCII", store.LicenseQuery{Search: "änne"}, "[AAAA-AAAA-2222]"},
			{"signs stand for themselves", store.LicenseQuery{Search: `"hello" AND x*`}, "[AAAA-AAAA-3333]"},
			{"a percent sign too", store.LicenseQuery{Search: "50%"}, "[AAAA-AAAA-2222]"},
			{"an underscore too", store.LicenseQuery{Search: "w_nter"}, "[]"},
			{"two characters find the beginning of a note", store.LicenseQuery{Search: "WI"}, "[AAAA-BBBB-2222 AAAA-AAAA-1111]"},
			{"and a whole note", store.LicenseQuery{Search: "no"}, "[AAAA-BBBB-3333]"},
			{"but nothing in its middle", store.LicenseQuery{Search: "al"}, "[]"},
			{"a user's exact name finds what it redeemed", store.LicenseQuery{Search: "ANN"}, "[AAAA-BBBB-1111]"},
			{"white space finds nothing", store.LicenseQuery{Search: "  "}, "[]"},
			{"a status narrows the search", store.LicenseQuery{Search: "winter", Status: latchkey.LicenseBanned}, "[AAAA-BBBB-2222]"},
			{"a date does", store.LicenseQuery{Search: "winter", CreatedBefore: noon.Add(5 * time.Millisecond)}, "[AAAA-AAAA-1111]"},
			{"and its first moment belongs to it", store.LicenseQuery{CreatedAfter: noon.Add(5 * time.Millisecond)}, "[AAAA-BBBB-3333 AAAA-BBBB-2222]"},
			{"a list may run upwards", store.LicenseQuery{Search: "winter", Keyset: store.Keyset{Ascending: true}}, "[AAAA-AAAA-1111 AAAA-BBBB-2222]"},
			{"and go on from its cursor", store.LicenseQuery{Search: "winter", Keyset: store.Keyset{After: list[4].ID}}, "[AAAA-AAAA-1111]"},
			{"a page ends at its limit", store.LicenseQuery{Search: "winter", Keyset: store.Keyset{Limit: 1}}, "[AAAA-BBBB-2222]"},
		} {
			if got := fmt.Sprint(s.keys(c.q)); got != c.want {
				t.Errorf("%s: %s, want %s", c.rule, got, c.want)
			}
		}
	})
}

// The notes of licenses that are gone, or were written anew, find nothing and
// are not kept.
func TestSearchFollowsChanges(t *testing.T) {
	eachFinder(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		one, two := s.license(1, "AAAA-AAAA-1111", "first words"), s.license(2, "AAAA-AAAA-2222", "first words")
		s.sell(one, two)
		one.Note = "other words"
		s.write(func(tx *store.Tx) error { return tx.UpdateLicense(t.Context(), &one) })
		if got, want := fmt.Sprint(s.keys(store.LicenseQuery{Search: "first"}), s.keys(store.LicenseQuery{Search: "other"})), "[AAAA-AAAA-2222] [AAAA-AAAA-1111]"; got != want {
			t.Errorf("after an edit: %s, want %s", got, want)
		}
		s.write(func(tx *store.Tx) error { return tx.DeleteLicense(t.Context(), s.app, two.ID) })
		if got := column(t, db, `SELECT folded FROM license_notes`); !slices.Equal(got, []string{"other words"}) {
			t.Errorf("notes that are kept: %q", got)
		}
		if got := s.keys(store.LicenseQuery{Search: "first"}); len(got) != 0 {
			t.Errorf("after a deletion: %s", got)
		}

		ann := s.user(1, "Annabel")
		s.register(ann, s.user(2, "Robert"))
		ann.Name = "Marianne"
		s.write(func(tx *store.Tx) error { return tx.UpdateUser(t.Context(), &ann) })
		if got, want := fmt.Sprint(s.names(store.UserQuery{Search: "abel"}), s.names(store.UserQuery{Search: "IANN"})), "[] [Marianne]"; got != want {
			t.Errorf("after a new name: %s, want %s", got, want)
		}
		s.write(func(tx *store.Tx) error { return tx.DeleteUser(t.Context(), s.app, ann.ID) })
		if got, want := fmt.Sprint(s.names(store.UserQuery{Search: "ann"}), s.names(store.UserQuery{Search: "obe"})), "[] [Robert]"; got != want {
			t.Errorf("after a deletion: %s, want %s", got, want)
		}
		s.write(func(tx *store.Tx) error { return tx.DeleteApp(t.Context(), s.app) })
		for _, table := range []string{"license_notes", "counters", "licenses", "users"} {
			if got := column(t, db, `SELECT app_id FROM `+table); len(got) != 0 {
				t.Errorf("%s keeps %d rows of an app that is gone", table, len(got))
			}
		}
		if db.Engine() == "sqlite" {
			if got := column(t, db, `SELECT CAST(rowid AS TEXT) FROM search_notes UNION ALL SELECT CAST(rowid AS TEXT) FROM search_names UNION ALL SELECT user_id FROM search_users`); len(got) != 0 {
				t.Errorf("the trigrams keep %q", got)
			}
			if err := db.Check(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestSearchOfUsers(t *testing.T) {
	eachFinder(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		list := []latchkey.User{s.user(1, "Annabel"), s.user(2, "joanna"), s.user(3, "Ann"), s.user(4, "Straße"), s.user(5, "AAAA-AAAA-1111")}
		list[2].Email, list[1].BannedAt = "ann@example.com", noon
		list[4].LicenseNamed = true
		s.register(list...)
		holding := latchkey.UserSubscription{ID: s.id(latchkey.KindUserSubscription, 0), AppID: s.app, UserID: list[1].ID, SubscriptionID: s.subscription,
			CreatedAt: noon, UpdatedAt: noon}
		s.write(func(tx *store.Tx) error { return tx.InsertHolding(t.Context(), &holding) })
		for _, i := range []int{1, 2} {
			list[i].RequestReset(noon)
			s.write(func(tx *store.Tx) error { return tx.UpdateUser(t.Context(), &list[i]) })
		}
		yes, no := true, false
		for _, c := range []struct {
			rule string
			q    store.UserQuery
			want string
		}{
			{"text anywhere in a name, in any case", store.UserQuery{Search: "ANN"}, "[Ann joanna Annabel]"},
			{"also as names are folded", store.UserQuery{Search: "ASSE"}, "[Straße]"},
			{"two characters find the beginning", store.UserQuery{Search: "an"}, "[Ann Annabel]"},
			{"a whole mail address", store.UserQuery{Search: "Ann@example.com"}, "[Ann]"},
			{"not a part of one", store.UserQuery{Search: "example.com"}, "[]"},
			{"a whole key", store.UserQuery{Search: "AAAA-AAAA-1111"}, "[AAAA-AAAA-1111]"},
			{"a key's last four characters", store.UserQuery{Search: "1111"}, "[AAAA-AAAA-1111]"},
			{"no other part of a key", store.UserQuery{Search: "AAAA"}, "[]"},
			{"a ban narrows the search", store.UserQuery{Search: "ann", Banned: &yes}, "[joanna]"},
			{"so does its absence", store.UserQuery{Search: "ann", Banned: &no}, "[Ann Annabel]"},
			{"so does a subscription", store.UserQuery{Search: "ann", SubscriptionID: s.subscription}, "[joanna]"},
			{"a subscription alone lists its holders", store.UserQuery{SubscriptionID: s.subscription}, "[joanna]"},
			{"with a ban those banned", store.UserQuery{SubscriptionID: s.subscription, Banned: &no}, "[]"},
			{"who waits for a reset", store.UserQuery{ResetRequested: &yes}, "[Ann joanna]"},
			{"and who does not", store.UserQuery{ResetRequested: &no}, "[AAAA-AAAA-1111 Straße Annabel]"},
			{"among those found", store.UserQuery{Search: "anna", ResetRequested: &yes}, "[joanna]"},
			{"and the holders", store.UserQuery{SubscriptionID: s.subscription, ResetRequested: &yes}, "[joanna]"},
			{"upwards after a cursor", store.UserQuery{ResetRequested: &yes, Keyset: store.Keyset{After: list[1].ID, Ascending: true}}, "[Ann]"},
			{"the page after a cursor, upwards", store.UserQuery{Search: "ann", Keyset: store.Keyset{After: list[0].ID, Ascending: true}}, "[joanna Ann]"},
			{"white space finds nothing", store.UserQuery{Search: " "}, "[]"},
		} {
			if got := fmt.Sprint(s.names(c.q)); got != c.want {
				t.Errorf("%s: %s, want %s", c.rule, got, c.want)
			}
		}
	})
}

// Pages of a search follow one another without gap or repetition, however its
// licenses are spread over notes.
func TestSearchInPages(t *testing.T) {
	eachFinder(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		var list []latchkey.License
		var want []string
		for i := range 400 {
			note := "nothing"
			switch {
			case i%2 == 0: // one note for many
				note = "order of many"
			case i%5 == 0: // many notes of one
				note = fmt.Sprintf("order %d", i)
			}
			l := s.license(i, fmt.Sprintf("AAAA-AAAA-%04d", i), note)
			if note != "nothing" {
				want = append(want, l.Key.Reveal())
			}
			list = append(list, l)
		}
		s.sell(list...)
		for _, ascending := range []bool{true, false} {
			var got []string
			k := store.Keyset{Ascending: ascending, Limit: 7}
			for {
				var page []store.LicenseRow
				s.read(func(tx *store.Tx) (err error) {
					page, err = tx.Licenses(t.Context(), s.app, store.LicenseQuery{Search: "order", Keyset: k})
					return err
				})
				if len(page) == 0 {
					break
				}
				for _, l := range page {
					got = append(got, l.Key.Reveal())
				}
				k.After = page[len(page)-1].ID
			}
			if !ascending {
				slices.Reverse(got)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("ascending %t (-want +got):\n%s", ascending, diff)
			}
		}
	})
}
