package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// importing makes a chunk of licenses with the keys, numbered from what the
// batch has; the notes are those of the keys.
func (s *shop) importing(b *store.LicenseBatch, keys ...string) (*store.ImportChunk, []int) {
	s.Helper()
	var list []latchkey.License
	for i, key := range keys {
		l := s.license(0, key, "note of "+key)
		l.ID = b.IDs.ID(b.Made + int64(i))
		list = append(list, l)
	}
	chunk, repeated, err := s.db.NewImportChunk(list)
	if err != nil {
		s.Fatal(err)
	}
	return chunk, repeated
}

// storeImport stores n numbers of an import and returns the places that clash.
func (s *shop) storeImport(b *store.LicenseBatch, chunk *store.ImportChunk, n int64) (at []int, err error) {
	s.Helper()
	err = s.db.WriteRows(s.Context(), func(tx *store.Tx) error {
		at = nil
		clashes, err := tx.Clashes(s.Context(), s.app, chunk)
		if err != nil {
			return err
		}
		for _, c := range clashes {
			at = append(at, c.At)
		}
		ok, err := tx.AdvanceImport(s.Context(), b.ID, b.Made, n, b.LeaseUntil)
		if err != nil || !ok {
			s.Errorf("advance from %d: %t, %v", b.Made, ok, err)
			return err
		}
		return tx.InsertImport(s.Context(), chunk, clashes)
	})
	if err == nil {
		b.Made += n
		b.Amount = b.Made
	}
	slices.Sort(at)
	return at, err
}

func TestAnImportStoresWhatIsNew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		s.sell(s.license(1, "OLD", ""))
		b := s.batch(2, 0, nil)
		chunk, repeated := s.importing(&b, "A", "OLD", "B", "A", "C", "A")
		slices.Sort(repeated)
		if diff := cmp.Diff([]int{3, 5}, repeated); diff != "" {
			t.Errorf("repeated (-want +got):\n%s", diff)
		}
		if at, err := s.storeImport(&b, chunk, 6); err != nil || !slices.Equal(at, []int{1}) {
			t.Errorf("%v clash, %v", at, err)
		}
		again, _ := s.importing(&b, "C", "D")
		if at, err := s.storeImport(&b, again, 2); err != nil || !slices.Equal(at, []int{0}) {
			t.Errorf("%v clash, %v", at, err)
		}
		if got := s.keys(store.LicenseQuery{}); !slices.Equal(got, []string{"OLD"}) {
			t.Errorf("before its end there are %v", got)
		}
		s.write(func(tx *store.Tx) error {
			stale := b
			stale.Made--
			if ok, err := tx.FinishImport(t.Context(), &stale, nil); ok || err != nil {
				t.Errorf("an import that went on was finished: %t, %v", ok, err)
			}
			ok, err := tx.FinishImport(t.Context(), &b, map[latchkey.LicenseStatus]int64{latchkey.LicenseNotUsed: 4})
			if !ok {
				t.Error("it was not finished")
			}
			return err
		})
		if got := s.keys(store.LicenseQuery{Keyset: store.Keyset{Ascending: true, Limit: 10}}); !slices.Equal(got, []string{"OLD", "A", "B", "C", "D"}) || s.unused() != 5 {
			t.Errorf("there are %v, counted %d", got, s.unused())
		}
		notes := column(t, s.db, `SELECT folded FROM license_notes ORDER BY folded`)
		if diff := cmp.Diff([]string{"note of a", "note of b", "note of c", "note of d"}, notes); diff != "" {
			t.Errorf("notes (-want +got):\n%s", diff)
		}
	})
}

// Somebody else makes a key after it was looked for: the chunk is refused whole,
// and stored when it is tried again.
func TestAnImportMeetsAKeyThatAppears(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		b := s.batch(2, 0, nil)
		chunk, _ := s.importing(&b, "A", "B")
		s.sell(s.license(1, "B", ""))
		err := s.db.WriteRows(t.Context(), func(tx *store.Tx) error { return tx.InsertImport(t.Context(), chunk, nil) })
		if latchkey.CodeOf(err) != latchkey.CodeLicenseExists {
			t.Errorf("%v", err)
		}
		if got := column(t, s.db, `SELECT folded FROM license_notes`); len(got) != 0 {
			t.Errorf("notes that are left: %v", got)
		}
		if at, err := s.storeImport(&b, chunk, 2); err != nil || !slices.Equal(at, []int{1}) {
			t.Errorf("%v clash, %v", at, err)
		}
	})
}

func TestADroppedImportLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		b := s.batch(2, 0, nil)
		chunk, _ := s.importing(&b, "A", "B", "C")
		if _, err := s.storeImport(&b, chunk, 3); err != nil {
			t.Fatal(err)
		}
		s.drop(&b, b.LeaseUntil, true)
		var stale []store.LicenseBatch
		s.read(func(tx *store.Tx) (err error) {
			stale, err = tx.StaleBatches(t.Context(), noon)
			return err
		})
		if len(stale) != 1 || stale[0].Amount != 3 {
			t.Fatalf("to be cleared away: %+v", stale)
		}
		s.write(func(tx *store.Tx) error {
			n, err := tx.ClearBatch(t.Context(), &stale[0], 0, stale[0].Amount)
			if n != 3 {
				t.Errorf("%d were cleared away", n)
			}
			return err
		})
	})
}

// Looking for the keys of a chunk and reading an export use indexes.
func TestFilesNeverScan(t *testing.T) {
	check := func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		s.stock(30_000)
		if err := s.db.AnalyzeAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		b := s.batch(2, 0, nil)
		keys := make([]string, 700)
		for i := range keys {
			keys[i] = fmt.Sprint("KEY-", i)
		}
		chunk, _ := s.importing(&b, keys...)
		s.checkPlans("clashes", func(tx *store.Tx) error {
			_, err := tx.Clashes(t.Context(), s.app, chunk)
			return err
		})
		for _, q := range []store.LicenseQuery{{}, {Status: latchkey.LicenseUsed}, {Level: 2}, {Search: "customer 4"}, {Search: "order 12"}} {
			q.Keyset = store.Keyset{Ascending: true, Limit: 2000}
			s.checkPlans(fmt.Sprintf("export %+v", q), func(tx *store.Tx) error {
				_, _, err := tx.ExportLicenses(t.Context(), s.app, q)
				return err
			})
		}
	}
	t.Run("sqlite", func(t *testing.T) { check(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		check(t, storetest.Open(t, store.Config{Database: storetest.NewPostgres(t) + "&enable_seqscan=off", Box: storetest.Box(t)}))
	})
}
