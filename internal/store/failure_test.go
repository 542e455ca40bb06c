package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

const qPut = `INSERT INTO meta (name, value) VALUES ($1, $2)`

func TestConstraintErrorsAreRecognised(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		db := open(t)
		put(t, db, "n", "x")
		for _, c := range []struct {
			name, query string
			is          func(error) bool
		}{
			{"a second row with the same key", `INSERT INTO meta (name, value) VALUES ('n', 'y')`, store.IsUnique},
			{"a second row with the same unique column", `INSERT INTO accounts (id, owner_id, email_hash, email_sealed,
				password_hash, administrator, auth_version, created_at, updated_at)
				VALUES ('a', 'o', '', '', '', 0, 0, 0, 0), ('b', 'o', 'x', '', '', 0, 0, 0, 0)`, store.IsUnique},
			{"a reference to nothing", `INSERT INTO apps (id, account_id, owner_id, name, sessions_from, settings, messages,
				revision, created_at, updated_at) VALUES ('a', 'b', 'c', 'd', 0, '', '', 0, 0, 0)`, func(err error) bool { return err != nil && !store.IsUnique(err) }},
		} {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), c.query)
				return store.Wrap("insert", err)
			})
			// SQLite takes no text for a blob column, PostgreSQL does.
			if db.Engine() == "sqlite" && strings.Contains(c.query, "email_hash") {
				err = db.Write(t.Context(), func(tx *store.Tx) error {
					_, err := tx.Exec(t.Context(), strings.NewReplacer("'x', ''", "x'01', x''", "'', '', '', 0", "x'', x'', '', 0").Replace(c.query))
					return store.Wrap("insert", err)
				})
			}
			if !c.is(err) || latchkey.CodeOf(err) != latchkey.CodeInternal {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

func TestAFailedStatementDoomsItsWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		db := open(t)
		put(t, db, "n", "x")
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, _ = tx.Exec(t.Context(), qPut, "before", "x")
			_, _ = tx.Exec(t.Context(), qPut, "n", "x")
			_, _ = tx.Exec(t.Context(), qPut, "after", "x")
			return nil
		})
		if !store.IsUnique(err) {
			t.Errorf("the write returned %v", err)
		}
		if n := count(t, db); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	})
}

// count returns the number of rows of meta that tests made.
func count(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT name FROM meta WHERE name NOT LIKE 'migration.%'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			n++
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAWriteThatEndsItsGoroutineHarmsNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		db := open(t)
		var wg sync.WaitGroup
		wg.Go(func() { _ = db.Write(t.Context(), func(*store.Tx) error { runtime.Goexit(); return nil }) })
		wg.Wait()
		put(t, db, "n", "x")
	})
}

func TestAFullDiskRefusesWritesAndHeals(t *testing.T) {
	db := storetest.SQLite(t)
	put(t, db, "n", "x")
	// The page limit belongs to the writer's connection; SQLite then reports a
	// full disk and may give up the whole transaction.
	change := func(query string) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query(t.Context(), query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		})
	}
	if err := change(`PRAGMA max_page_count = 1`); err != nil { // means: no page more than now
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				return tx.SetMeta(t.Context(), fmt.Sprint("big", i), strings.Repeat("x", 50_000))
			})
			if err != nil && latchkey.CodeOf(err) != latchkey.CodeUnavailable {
				t.Errorf("write %d: %v", i, err)
			}
			if err == nil {
				t.Errorf("write %d succeeded", i)
			}
		})
	}
	wg.Wait()
	if n := count(t, db); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	if err := change(`PRAGMA max_page_count = 1000000`); err != nil {
		t.Fatal(err)
	}
	put(t, db, "n", "y")
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// The transaction that SQLite itself gave up must fail for everyone in it.
func TestALostTransactionFailsForTheWholeGroup(t *testing.T) {
	db := storetest.SQLite(t)
	entered, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Write(t.Context(), func(*store.Tx) error {
			close(entered)
			<-release
			return nil
		})
	})
	<-entered
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			errs[i] = db.Write(t.Context(), func(tx *store.Tx) error {
				if i == 10 {
					_, err := tx.Exec(t.Context(), "ROLLBACK")
					return err
				}
				return tx.SetMeta(t.Context(), fmt.Sprint("n", i), "x")
			})
		})
	}
	for db.Waiting() < len(errs) {
		runtime.Gosched()
	}
	close(release)
	wg.Wait()
	for i, err := range errs {
		if latchkey.CodeOf(err) != latchkey.CodeUnavailable {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
	put(t, db, "n", "x")
}

func TestTheLogDoesNotGrowWithoutEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.db")
	db := storetest.Open(t, store.Config{Database: "sqlite", Path: path})
	for i := range 500 {
		put(t, db, fmt.Sprint("n", i%10), bulk(i, 100_000))
	}
	if size := logSize(t, path); size > 40<<20 {
		t.Errorf("after 50 MB of changes the log has %d bytes", size)
	}
}

func TestALongReaderDoesNotStopWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.db")
	db := storetest.Open(t, store.Config{Database: "sqlite", Path: path})
	put(t, db, "m", "x")
	reading, done := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query(t.Context(), `SELECT name FROM meta`)
			if err != nil {
				return err
			}
			close(reading) // an open query holds its snapshot, and with it the log
			<-done
			return rows.Close()
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-reading
	for i := range 15 {
		put(t, db, "n", bulk(i, 10_000_000))
	}
	if size := logSize(t, path); size < 140<<20 {
		t.Errorf("the log has %d bytes; the reader did not hold it", size)
	}
	close(done)
	wg.Wait()
	for i := 0; logSize(t, path) > 70<<20; i++ {
		if put(t, db, "n", bulk(i, 10_000_000)); i == 20 {
			t.Fatalf("after the reader left the log still has %d bytes", logSize(t, path))
		}
	}
}

// bulk is text that differs in every page from that of the next i: SQLite does
// not write a page that stays the same.
func bulk(i, n int) string { return strings.Repeat(string(rune('a'+i%26)), n) }

func logSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestPostgresComesBack(t *testing.T) {
	dir, err := os.MkdirTemp("", "lk-")
	if err != nil {
		t.Fatal(err)
	}
	server, err := pgtest.Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url, err := server.CreateDatabase()
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t, store.Config{Database: url})
	for range 3 {
		put(t, db, "n", "x")
		if err := server.Halt(); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"Write": db.Write(t.Context(), func(tx *store.Tx) error { return tx.SetMeta(t.Context(), "n", "y") }),
			"Ping":  db.Ping(t.Context()),
			"Read": db.Read(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.Meta(t.Context(), "n")
				return err
			}),
		} {
			if e, ok := errors.AsType[*latchkey.Error](err); !ok || e.Code != latchkey.CodeUnavailable || e.RetryAfter == 0 {
				t.Errorf("%s without a server: %v", name, err)
			}
		}
		if _, err := store.Open(t.Context(), store.Config{Database: url}); latchkey.CodeOf(err) != latchkey.CodeUnavailable {
			t.Errorf("Open without a server: %v", err)
		}
		if err := server.Resume(); err != nil {
			t.Fatal(err)
		}
	}
	put(t, db, "n", "z")
}

func TestPostgresRetriesCollisions(t *testing.T) {
	db := storetest.Postgres(t)
	put(t, db, "a", "x")
	put(t, db, "b", "x")
	const qTouch = `UPDATE meta SET value = value || 'x' WHERE name = $1`
	var wg sync.WaitGroup
	for i := range 2 {
		first, second := "a", "b"
		if i == 1 {
			first, second = second, first
		}
		wg.Go(func() {
			for range 5 {
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					if _, err := tx.Exec(t.Context(), qTouch, first); err != nil {
						return store.Wrap("touch", err)
					}
					_, err := tx.Exec(t.Context(), qTouch, second)
					return store.Wrap("touch", err)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := db.Read(t.Context(), func(tx *store.Tx) error {
		v, _, err := tx.Meta(t.Context(), "a")
		if len(v) != 11 {
			t.Errorf("%d changes arrived, want 10", len(v)-1)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
