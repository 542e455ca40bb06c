package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// paged reads a whole list in pages.
func (s *shop) paged(q store.UserQuery, limit int) []string {
	s.Helper()
	names := []string{}
	q.Limit = limit
	for {
		var list []store.UserRow
		s.read(func(tx *store.Tx) (err error) {
			list, err = tx.Users(s.Context(), s.app, q)
			return err
		})
		for _, u := range list {
			names = append(names, u.Name)
		}
		if len(list) < limit {
			return names
		}
		q.After = list[len(list)-1].Place
	}
}

// customer is a user of the model with what they hold.
type customer struct {
	latchkey.User
	holdings []latchkey.Holding
}

// customers stores n users who hold all kinds of things, some of them paused.
func (s *shop) customers(n int) []customer {
	s.Helper()
	rnd := rand.New(rand.NewPCG(7, 11))
	tiers := []latchkey.Subscription{{ID: s.subscription, Name: "default"}}
	for i := range 2 {
		sub := latchkey.Subscription{ID: s.id(latchkey.KindSubscription, time.Duration(i+1)*time.Second), AppID: s.app, Name: fmt.Sprint("tier ", i), Level: 1, CreatedAt: noon, UpdatedAt: noon}
		if i == 1 {
			sub.PausedAt = noon.Add(-3 * time.Hour)
		}
		s.write(func(tx *store.Tx) error {
			if err := tx.InsertSubscription(s.Context(), &sub); err != nil {
				return err
			}
			return tx.UpdateSubscription(s.Context(), &sub)
		})
		tiers = append(tiers, sub)
	}
	list := make([]customer, n)
	for i := range list {
		u := s.user(i+1, fmt.Sprintf("%c-user %d", 'a'+rnd.IntN(5), i))
		if rnd.IntN(6) == 0 {
			u.Name, u.LicenseNamed = fmt.Sprintf("AAAA-BBBB-%04d", i), true
		}
		if rnd.IntN(4) == 0 {
			u.BannedAt = noon
		}
		s.register(u)
		if rnd.IntN(3) == 0 {
			u.RequestReset(noon)
			s.write(func(tx *store.Tx) error { return tx.UpdateUser(s.Context(), &u) })
		}
		list[i].User = u
		for at, tier := range tiers {
			if rnd.IntN(3) == 0 {
				continue
			}
			h := latchkey.Holding{UserSubscription: latchkey.UserSubscription{ID: s.id(latchkey.KindUserSubscription, time.Duration(i*10+at)*time.Second), AppID: s.app, UserID: u.ID,
				SubscriptionID: tier.ID, CreatedAt: noon, UpdatedAt: noon}, SubscriptionPausedAt: tier.PausedAt}
			if rnd.IntN(5) > 0 {
				h.ExpiresAt = noon.Add(time.Duration(rnd.IntN(12)-6) * time.Hour) // several end at once
			}
			if rnd.IntN(6) == 0 {
				h.PausedAt = noon.Add(-time.Duration(rnd.IntN(8)) * time.Hour)
			}
			s.write(func(tx *store.Tx) error { return tx.InsertHolding(s.Context(), &h.UserSubscription) })
			list[i].holdings = append(list[i].holdings, h)
		}
	}
	return list
}

// wanted is what the list of a query has to be, by the rules of the domain.
func wanted(all []customer, q store.UserQuery) []string {
	type place struct {
		end  time.Time
		name string
		id   string
		is   string
	}
	forever := noon.AddDate(1000, 0, 0)
	var list []place
	for _, c := range all {
		holdings := c.holdings
		if q.SubscriptionID != "" {
			if holdings = slices.DeleteFunc(slices.Clone(holdings), func(h latchkey.Holding) bool { return h.SubscriptionID != q.SubscriptionID }); len(holdings) == 0 {
				continue
			}
		}
		if q.Banned != nil && *q.Banned == c.BannedAt.IsZero() || q.ResetRequested != nil && *q.ResetRequested == c.ResetRequested.IsZero() || !strings.Contains(c.Name, q.Search) || c.LicenseNamed && q.Search != "" {
			continue
		}
		if q.Time != "" && q.Time != latchkey.TimeOf(holdings, q.Clock) {
			continue
		}
		at, never, ok := latchkey.Ends(holdings)
		if never {
			at = forever
		}
		if q.Order == store.UsersByEnd && (!ok || at.Before(q.EndsFrom) || !q.EndsTo.IsZero() && !at.Before(q.EndsTo)) {
			continue
		}
		p := place{id: c.ID, is: c.Name}
		if q.Order == store.UsersByEnd {
			p.end = at
		}
		if q.Order == store.UsersByName && !c.LicenseNamed {
			p.name = c.Name
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b place) int {
		by := cmp.Or(a.end.Compare(b.end), cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
		if !q.Ascending {
			by = -by
		}
		return by
	})
	names := []string{}
	for _, p := range list {
		names = append(names, p.is)
	}
	return names
}

// Users are listed by the rules of the domain in every order, whatever the list is
// narrowed by, and page after page as at once.
func TestOrdersOfUsers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		all := s.customers(80)
		yes, no := true, false
		var queries []store.UserQuery
		for i, banned := range []*bool{nil, &yes, &no} {
			for _, search := range []string{"", "user", "b-user 1", "b-"} {
				for _, subscription := range []string{"", s.subscription, all[1].holdings[len(all[1].holdings)-1].SubscriptionID} {
					q := store.UserQuery{Search: search, Banned: banned, ResetRequested: []*bool{nil, &no, &yes}[(i+len(queries))%3], SubscriptionID: subscription, Clock: noon}
					byName, none := q, q
					byName.Order, none.Time = store.UsersByName, latchkey.TimeNone
					both := none
					both.Order = store.UsersByName
					queries = append(queries, q, byName, none, both)
					q.Order = store.UsersByEnd
					for _, of := range []latchkey.UserTime{"", latchkey.TimeLeft, latchkey.TimeOver} {
						for _, from := range []time.Time{{}, noon.Add(-2 * time.Hour)} {
							for _, to := range []time.Time{{}, noon.Add(3 * time.Hour)} {
								q.Time, q.EndsFrom, q.EndsTo = of, from, to
								queries = append(queries, q)
							}
						}
					}
				}
			}
		}
		found := 0
		for i, q := range queries {
			for _, q.Ascending = range []bool{false, true} {
				want := wanted(all, q)
				found += len(want)
				bounds := s.db.Bounds()
				for _, b := range [][3]int{bounds[0], bounds[1+i%3]} {
					s.db.Bound(b[0], b[1], b[2])
					if diff := gocmp.Diff(want, s.paged(q, 7)); diff != "" {
						t.Fatalf("%v, %+v (-want +got):\n%s", b, q, diff)
					}
				}
			}
		}
		if found < 3000 {
			t.Errorf("only %d users in all lists", found)
		}
		// How many each holds is right also after all that takes something away.
		for _, id := range []string{all[1].holdings[0].SubscriptionID} {
			s.write(func(tx *store.Tx) error { return tx.DeleteSubscription(t.Context(), s.app, id) })
			for i := range all {
				all[i].holdings = slices.DeleteFunc(all[i].holdings, func(h latchkey.Holding) bool { return h.SubscriptionID == id })
			}
		}
		for i := range all[:20] {
			if h := all[i].holdings; len(h) > 0 {
				s.write(func(tx *store.Tx) error { return tx.DeleteHolding(t.Context(), s.app, all[i].ID, h[0].SubscriptionID) })
				all[i].holdings = h[1:]
			}
		}
		q := store.UserQuery{Time: latchkey.TimeNone, Clock: noon}
		if diff := gocmp.Diff(wanted(all, q), s.paged(q, 9)); diff != "" {
			t.Errorf("without subscriptions (-want +got):\n%s", diff)
		}
	})
}

// Where more is found than is sorted at once, an index is walked, with the same
// outcome.
func TestOrdersOfManyUsers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		s.stock(4_600)
		s.write(func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE users SET name_sealed = NULL, banned_at = 1 WHERE id NOT IN (SELECT user_id FROM user_subscriptions)`)
			return err
		})
		var want []string
		for n := 2; n <= 4_600; n += 2 {
			want = append(want, fmt.Sprint("customer ", n))
		}
		slices.Sort(want)
		if diff := gocmp.Diff(want, s.paged(store.UserQuery{Order: store.UsersByName, Search: "customer", Keyset: store.Keyset{Ascending: true}}, 1000)); diff != "" {
			t.Error(diff)
		}
		if diff := gocmp.Diff(want, s.paged(store.UserQuery{Order: store.UsersByName, Search: "cu", Keyset: store.Keyset{Ascending: true}}, 1000)); diff != "" {
			t.Error(diff)
		}
		want = slices.DeleteFunc(want, func(name string) bool {
			var n int
			_, _ = fmt.Sscanf(name, "customer %d", &n)
			return n%50 == 0
		})
		holders := store.UserQuery{Order: store.UsersByName, SubscriptionID: s.subscription, Keyset: store.Keyset{Ascending: true}}
		if diff := gocmp.Diff(want, s.paged(holders, 1000)); diff != "" {
			t.Error(diff)
		}
		no := false
		holders = store.UserQuery{Order: store.UsersByEnd, Time: latchkey.TimeLeft, Search: "customer", Banned: &no, SubscriptionID: s.subscription, Clock: noon, Keyset: store.Keyset{Ascending: true}}
		if got := s.paged(holders, 1000); len(got) != len(want) || got[0] != "customer 2" {
			t.Errorf("%d holders with time left, %d wanted", len(got), len(want))
		}
	})
}
