package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// Used licenses are listed in the order of their redemptions, page after page,
// whether they are few enough to be sorted at once or not.
func TestLicensesByUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		const n = 2_100
		var list []latchkey.License
		for i := range n {
			l := s.license(i+1, fmt.Sprintf("AAAA-AAAA-%04d", i), []string{"order", "gift of many"}[i%2])
			l.Level = int64(1 + i%2)
			if i%20 != 0 { // in an order that is not that of ids, several at once
				l.Status, l.UsedAt = latchkey.LicenseUsed, noon.Add(time.Duration(i*7919%500)*time.Minute)
			}
			list = append(list, l)
		}
		s.sell(list...)
		for _, c := range []struct {
			rule  string
			q     store.LicenseQuery
			among func(l *latchkey.License) bool
		}{
			{"all", store.LicenseQuery{}, func(*latchkey.License) bool { return true }},
			{"of a level", store.LicenseQuery{Level: 2}, func(l *latchkey.License) bool { return l.Level == 2 }},
			{"of a note", store.LicenseQuery{Search: "gift"}, func(l *latchkey.License) bool { return l.Note != "order" }},
			{"of a maker of all", store.LicenseQuery{CreatedBy: "key_1"}, func(*latchkey.License) bool { return true }},
			{"made after a moment", store.LicenseQuery{CreatedAfter: noon.Add(time.Second)}, func(l *latchkey.License) bool { return !l.CreatedAt.Before(noon.Add(time.Second)) }},
			{"of four last characters", store.LicenseQuery{Search: "0007"}, func(l *latchkey.License) bool { return l.Key == "AAAA-AAAA-0007" }},
			{"of nobody", store.LicenseQuery{CreatedBy: "key_2"}, func(*latchkey.License) bool { return false }},
		} {
			for _, up := range []bool{true, false} {
				var want, got []string
				var of []latchkey.License
				for _, l := range list {
					if l.Status == latchkey.LicenseUsed && c.among(&l) {
						of = append(of, l)
					}
				}
				slices.SortFunc(of, func(a, b latchkey.License) int {
					by := a.UsedAt.Compare(b.UsedAt)
					if by == 0 {
						by = a.CreatedAt.Compare(b.CreatedAt)
					}
					if !up {
						by = -by
					}
					return by
				})
				for _, l := range of {
					want = append(want, l.Key.Reveal())
				}
				q := c.q
				q.Status, q.ByUse, q.Ascending, q.Limit = latchkey.LicenseUsed, true, up, 300
				for {
					var rows []store.LicenseRow
					s.read(func(tx *store.Tx) (err error) {
						rows, err = tx.Licenses(t.Context(), s.app, q)
						return err
					})
					for i := range rows {
						got = append(got, rows[i].Key.Reveal())
					}
					if len(rows) < q.Limit {
						break
					}
					q.After = store.UsePlace(&rows[len(rows)-1].License)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, upwards %v (-want +got):\n%s", c.rule, up, diff)
				}
			}
		}
	})
}
