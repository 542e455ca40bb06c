package store_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// batch opens a batch made n milliseconds after noon.
func (s *shop) batch(n int, amount int64, repeat []byte) store.LicenseBatch {
	s.Helper()
	at := noon.Add(time.Duration(n) * time.Millisecond)
	ids, err := latchkey.NewIDRange(latchkey.KindLicense, at, rand.Reader)
	if err != nil {
		s.Fatal(err)
	}
	b := store.LicenseBatch{ID: s.id(latchkey.KindBatch, 0), AppID: s.app, State: store.BatchOpen, IDs: ids, Amount: amount,
		LeaseUntil: at.Add(time.Minute), Repeat: repeat, CreatedAt: at}
	s.write(func(tx *store.Tx) error {
		inserted, err := tx.InsertBatch(s.Context(), &b)
		if !inserted {
			s.Error("the batch was there already")
		}
		return err
	})
	return b
}

// fill stores n more licenses of a batch with a note.
func (s *shop) fill(b *store.LicenseBatch, n int, note string) error {
	s.Helper()
	model := s.license(0, "", note)
	keys := make([]latchkey.Secret, n)
	for i := range keys {
		keys[i] = latchkey.Secret(fmt.Sprintf("%s-%08d", b.ID, b.Made+int64(i)))
	}
	chunks, err := s.db.NewLicenseChunks(model, keys, n, func(i int) string { return b.IDs.ID(b.Made + int64(i)) })
	if err != nil {
		return err
	}
	err = s.db.WriteRows(s.Context(), func(tx *store.Tx) error {
		ok, err := tx.AdvanceBatch(s.Context(), b.ID, b.Made, int64(n), b.LeaseUntil)
		if err != nil || !ok {
			s.Errorf("advance from %d: %t, %v", b.Made, ok, err)
			return err
		}
		return tx.InsertChunk(s.Context(), chunks[0])
	})
	if err == nil {
		b.Made += int64(n)
	}
	return err
}

func (s *shop) finish(b *store.LicenseBatch) (ok bool) {
	s.Helper()
	s.write(func(tx *store.Tx) (err error) {
		ok, err = tx.FinishBatch(s.Context(), b)
		return err
	})
	return ok
}

func (s *shop) drop(b *store.LicenseBatch, now time.Time, want bool) {
	s.Helper()
	s.write(func(tx *store.Tx) error {
		dropped, err := tx.DropBatch(s.Context(), b.ID, now)
		if dropped != want {
			s.Errorf("dropped is %t", dropped)
		}
		return err
	})
}

func (s *shop) unused() (n int64) {
	s.Helper()
	s.read(func(tx *store.Tx) error {
		counts, err := tx.Counts(s.Context(), s.app)
		n = counts.Licenses[latchkey.LicenseNotUsed]
		return err
	})
	return n
}

// Nothing sees the licenses of a batch before it is done, and everything
// afterwards.
func TestABatchExistsFromOneMomentOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		before, after := s.license(1, "BEFORE-00001111", "batch work"), s.license(3, "AFTER-00001111", "")
		s.sell(before, after)
		b := s.batch(2, 300, []byte("again"))
		for range 3 {
			if err := s.fill(&b, 100, "batch work"); err != nil {
				t.Fatal(err)
			}
		}
		key := latchkey.Secret(b.ID + "-00000111")
		seen := func() (what []string) {
			s.read(func(tx *store.Tx) error {
				if l, err := tx.LicenseByKey(t.Context(), s.app, key); err == nil {
					what = append(what, "by key")
					if _, err := tx.License(t.Context(), s.app, l.ID); err == nil {
						what = append(what, "by id")
					}
				}
				return nil
			})
			for name, q := range map[string]store.LicenseQuery{
				"whole":          {Keyset: store.Keyset{Limit: 1000}},
				"upwards":        {Keyset: store.Keyset{Ascending: true, Limit: 1000}},
				"from inside":    {Keyset: store.Keyset{After: b.IDs.ID(150), Limit: 1000}},
				"of a status":    {Status: latchkey.LicenseNotUsed, Keyset: store.Keyset{Limit: 1000}},
				"by note":        {Search: "batch work", Keyset: store.Keyset{Limit: 1000}},
				"by last four":   {Search: "0111", Keyset: store.Keyset{Limit: 1000}},
				"of its moment":  {CreatedAfter: noon.Add(2 * time.Millisecond), CreatedBefore: noon.Add(3 * time.Millisecond), Keyset: store.Keyset{Limit: 1000}},
				"in short pages": {Keyset: store.Keyset{Limit: 2}},
			} {
				what = append(what, fmt.Sprint(name, " ", len(s.keys(q))))
			}
			slices.Sort(what)
			return append(what, fmt.Sprint("unused ", s.unused()))
		}
		hidden := []string{"by last four 0", "by note 1", "from inside 1", "in short pages 2", "of a status 2", "of its moment 0", "upwards 2", "whole 2", "unused 2"}
		if diff := cmp.Diff(hidden, seen()); diff != "" {
			t.Errorf("before it is done (-want +got):\n%s", diff)
		}
		if got := s.keys(store.LicenseQuery{}); !slices.Equal(got, []string{"AFTER-00001111", "BEFORE-00001111"}) {
			t.Errorf("around it there are %v", got)
		}
		if !s.finish(&b) || s.finish(&b) {
			t.Error("a batch is finished once")
		}
		there := []string{"by id", "by key", "by last four 1", "by note 301", "from inside 151", "in short pages 2", "of a status 302", "of its moment 300", "upwards 302", "whole 302", "unused 302"}
		if diff := cmp.Diff(there, seen()); diff != "" {
			t.Errorf("when it is done (-want +got):\n%s", diff)
		}
		s.read(func(tx *store.Tx) error {
			first, err := tx.BatchLicenses(t.Context(), &b, "", 200)
			if err != nil {
				return err
			}
			rest, err := tx.BatchLicenses(t.Context(), &b, b.IDs.ID(200), 200)
			if len(first) != 200 || len(rest) != 100 || first[0].ID != b.IDs.First() {
				t.Errorf("it reads as %d and %d licenses", len(first), len(rest))
			}
			return err
		})
	})
}

func TestABatchIsMadeByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		b := s.batch(0, 20, []byte("again"))
		if err := s.fill(&b, 10, ""); err != nil {
			t.Fatal(err)
		}
		over := b.LeaseUntil.Add(time.Millisecond)
		s.write(func(tx *store.Tx) error {
			again := b
			again.ID = s.id(latchkey.KindBatch, 0)
			if inserted, err := tx.InsertBatch(t.Context(), &again); inserted || err != nil {
				t.Errorf("the same call opened another: %t, %v", inserted, err)
			}
			if found, ok, err := tx.BatchByRepeat(t.Context(), s.app, b.Repeat); !ok || found.ID != b.ID || found.Made != 10 || found.IDs != b.IDs {
				t.Errorf("it is found as %+v, %t, %v", found, ok, err)
			}
			for _, c := range []struct {
				rule string
				now  time.Time
				want bool
			}{
				{"it is not taken over before its lease is over", b.LeaseUntil.Add(-time.Millisecond), false},
				{"then it is", over, true},
				{"by one", over, false},
			} {
				if taken, err := tx.TakeBatch(t.Context(), b.ID, over.Add(time.Minute), c.now); taken != c.want || err != nil {
					t.Errorf("%s: %t, %v", c.rule, taken, err)
				}
			}
			return nil
		})
		stale := b // of the maker who lost it
		if err := s.fill(&b, 10, ""); err != nil {
			t.Fatal(err)
		}
		s.write(func(tx *store.Tx) error {
			ok, err := tx.AdvanceBatch(t.Context(), stale.ID, stale.Made, 10, over)
			if ok {
				t.Error("a maker who lost the batch went on")
			}
			return err
		})
		if !s.finish(&b) {
			t.Error("it was not finished")
		}
		s.drop(&b, over.Add(time.Hour), false)
		if n := s.unused(); n != 20 {
			t.Errorf("%d licenses after a batch that was done was to be dropped", n)
		}
	})
}

func TestADroppedBatchLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		s.sell(s.license(1, "OTHER-00001111", "of another"))
		b := s.batch(0, 500, nil)
		if err := s.fill(&b, 250, "of the batch"); err != nil {
			t.Fatal(err)
		}
		stale := func(now time.Time) (n int) {
			s.read(func(tx *store.Tx) error {
				list, err := tx.StaleBatches(t.Context(), now)
				n = len(list)
				return err
			})
			return n
		}
		if stale(noon) != 0 || stale(b.LeaseUntil) != 1 {
			t.Error("it is stale when its lease is over, and not before")
		}
		s.drop(&b, b.LeaseUntil.Add(-time.Millisecond), false)
		s.drop(&b, b.LeaseUntil, true)
		if s.finish(&b) {
			t.Error("a dropped batch was finished")
		}
		var cleared []int
		for from := int64(0); from < b.Amount; from += 100 {
			s.write(func(tx *store.Tx) error {
				n, err := tx.ClearBatch(t.Context(), &b, from, 100)
				cleared = append(cleared, n)
				return err
			})
		}
		if diff := cmp.Diff([]int{100, 100, 50, 0, 0}, cleared); diff != "" {
			t.Errorf("chunks (-want +got):\n%s", diff)
		}
		s.write(func(tx *store.Tx) error { return tx.DeleteBatch(t.Context(), b.ID) })
		if got := column(t, s.db, `SELECT folded FROM license_notes`); !slices.Equal(got, []string{"of another"}) {
			t.Errorf("notes that are left: %q", got)
		}
		if got := column(t, s.db, `SELECT id FROM licenses`); len(got) != 1 || stale(noon.Add(time.Hour)) != 0 {
			t.Errorf("%d licenses are left", len(got))
		}
	})
}

func TestAChunkIsRefusedWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		b := s.batch(0, 10, nil)
		s.sell(s.license(1, b.ID+"-00000007", ""))
		if err := s.fill(&b, 10, "note"); latchkey.CodeOf(err) != latchkey.CodeLicenseExists {
			t.Errorf("a key that is there: %v", err)
		}
		if _, err := s.db.NewLicenseChunks(s.license(0, "", ""), []latchkey.Secret{"a", "b", "a"}, 3, func(n int) string { return b.IDs.ID(int64(n)) }); latchkey.CodeOf(err) != latchkey.CodeLicenseExists {
			t.Errorf("a key twice: %v", err)
		}
		if got := column(t, s.db, `SELECT id FROM licenses`); len(got) != 1 {
			t.Errorf("%d licenses are left", len(got))
		}
	})
}
