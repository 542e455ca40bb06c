package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// wantedLicenses is what the list of a query has to be, by looking at all.
func wantedLicenses(all []latchkey.License, q store.LicenseQuery) []string {
	var list []latchkey.License
	for _, l := range all {
		text := strings.ToLower(q.Search)
		found := strings.Contains(strings.ToLower(l.Note), text)
		if len(text) < 3 {
			found = strings.HasPrefix(strings.ToLower(l.Note), text)
		}
		found = found || l.Key.Reveal() == q.Search || l.Key.Last4() == q.Search
		if found && (q.Status == "" || l.Status == q.Status) && (q.Level == 0 || l.Level == q.Level) && (q.CreatedBy == "" || l.CreatedBy == q.CreatedBy) &&
			!l.CreatedAt.Before(q.CreatedAfter) && (q.CreatedBefore.IsZero() || l.CreatedAt.Before(q.CreatedBefore)) {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b latchkey.License) int {
		by := 0
		if q.ByUse {
			by = a.UsedAt.Compare(b.UsedAt)
		}
		if by == 0 {
			by = strings.Compare(a.ID, b.ID)
		}
		if !q.Ascending {
			by = -by
		}
		return by
	})
	keys := []string{}
	for _, l := range list {
		keys = append(keys, l.Key.Reveal())
	}
	return keys
}

// pagedLicenses reads a whole list in pages.
func (s *shop) pagedLicenses(q store.LicenseQuery, limit int) []string {
	s.Helper()
	keys := []string{}
	for q.Limit = limit; ; {
		var list []store.LicenseRow
		s.read(func(tx *store.Tx) (err error) {
			list, err = tx.Licenses(s.Context(), s.app, q)
			return err
		})
		for _, l := range list {
			keys = append(keys, l.Key.Reveal())
		}
		if len(list) < limit {
			return keys
		}
		last := &list[len(list)-1].License
		if q.After = last.ID; q.ByUse {
			q.After = store.UsePlace(last)
		}
	}
}

// Licenses are listed as by one who looks at all of them, whatever the list is
// narrowed by and whichever way its page is found.
func TestListsOfLicenses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		rnd := rand.New(rand.NewPCG(3, 5))
		all := make([]latchkey.License, 120)
		for i := range all {
			l := s.license(i+1, fmt.Sprintf("AAAA-AAAA-%04d", rnd.IntN(9000)), []string{"", "order", "Gift to many", fmt.Sprint("order of ", i), fmt.Sprint("gift ", i)}[rnd.IntN(5)])
			l.Level, l.CreatedBy = int64(1+rnd.IntN(3)), fmt.Sprint("key_", rnd.IntN(3))
			switch rnd.IntN(4) {
			case 0, 1:
				l.Status, l.UsedAt = latchkey.LicenseUsed, noon.Add(time.Duration(rnd.IntN(40))*time.Minute)
			case 2:
				l.Status, l.BannedAt = latchkey.LicenseBanned, noon
			}
			all[i] = l
		}
		s.sell(all...)
		found := 0
		for _, search := range []string{"", "order", "GIFT", "or", "order of 1", all[7].Key.Reveal(), all[8].Key.Last4()} {
			for _, status := range []latchkey.LicenseStatus{"", latchkey.LicenseUsed, latchkey.LicenseBanned} {
				for set := range 1 << 5 {
					q := store.LicenseQuery{Search: search, Status: status}
					q.Ascending = set&1 != 0
					if set&2 != 0 {
						q.Level = 2
					}
					if set&4 != 0 {
						q.CreatedBy = "key_1"
					}
					if set&8 != 0 {
						q.CreatedAfter, q.CreatedBefore = noon.Add(20*time.Millisecond), noon.Add(100*time.Millisecond)
					}
					if q.ByUse = set&16 != 0; q.ByUse && status != latchkey.LicenseUsed {
						continue
					}
					want := wantedLicenses(all, q)
					found += len(want)
					for _, b := range s.db.Bounds() {
						if !q.ByUse {
							b[0] = 2_000 // how many notes count is told
						}
						s.db.Bound(b[0], b[1], b[2])
						if diff := cmp.Diff(want, s.pagedLicenses(q, 7)); diff != "" {
							t.Fatalf("%v, %+v (-want +got):\n%s", b, q, diff)
						}
					}
				}
			}
		}
		if found < 3_000 {
			t.Errorf("only %d licenses in all lists", found)
		}
	})
}
