package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// eachConfig runs a test on a new, empty database of each engine.
func eachConfig(t *testing.T, run func(*testing.T, store.Config)) {
	t.Run("sqlite", func(t *testing.T) {
		run(t, store.Config{Database: "sqlite", Path: filepath.Join(t.TempDir(), "latchkey.db")})
	})
	t.Run("postgres", func(t *testing.T) { run(t, store.Config{Database: pgtest.New(t)}) })
}

func open(t *testing.T, c store.Config) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestMigrate(t *testing.T) {
	eachConfig(t, func(t *testing.T, c store.Config) {
		backups := filepath.Join(t.TempDir(), "backups")
		db := open(t, c)
		if err := db.CheckSchema(t.Context()); !errors.Is(err, store.ErrOldSchema) {
			t.Errorf("an empty database: %v, want ErrOldSchema", err)
		}
		for range 2 {
			if err := db.Migrate(t.Context(), backups); err != nil {
				t.Fatal(err)
			}
			if err := db.CheckSchema(t.Context()); err != nil {
				t.Errorf("after Migrate: %v", err)
			}
		}
		if _, err := os.Stat(backups); err == nil {
			t.Error("a backup was made of an empty or current database")
		}

		put(t, db, "migration.00001_initial.sql", "another")
		for name, check := range map[string]func() error{
			"CheckSchema": func() error { return db.CheckSchema(t.Context()) },
			"Migrate":     func() error { return db.Migrate(t.Context(), backups) },
		} {
			if err := check(); !errors.Is(err, store.ErrOtherSchema) {
				t.Errorf("%s of a database made by other files: %v, want ErrOtherSchema", name, err)
			}
		}

		change(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, $1)`, true)
		for name, check := range map[string]func() error{
			"CheckSchema": func() error { return db.CheckSchema(t.Context()) },
			"Migrate":     func() error { return db.Migrate(t.Context(), backups) },
		} {
			if err := check(); !errors.Is(err, store.ErrNewerSchema) {
				t.Errorf("%s of a newer database: %v, want ErrNewerSchema", name, err)
			}
		}
	})
}

func TestMigrateByManyAtOnce(t *testing.T) {
	eachConfig(t, func(t *testing.T, c store.Config) {
		var wg sync.WaitGroup
		backups := t.TempDir() // who comes between two migrations backs up first
		for range 4 {
			db := open(t, c)
			wg.Go(func() {
				if err := db.Migrate(context.Background(), backups); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := open(t, c).CheckSchema(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestMigrateBacksUpWhatIsInUse(t *testing.T) {
	c := store.Config{Database: "sqlite", Path: filepath.Join(t.TempDir(), "latchkey.db")}
	db := open(t, c)
	if err := db.Migrate(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	put(t, db, "kept", "x")
	dir := filepath.Join(t.TempDir(), "backups")
	for range 2 {
		if err := db.BackUp(t.Context(), dir, "before"); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
		names = append(names, e.Name())
		backup := open(t, store.Config{Database: "sqlite", Path: filepath.Join(dir, e.Name())})
		if err := backup.CheckSchema(t.Context()); err != nil {
			t.Errorf("%s: %v", e.Name(), err)
		}
		if err := backup.Read(t.Context(), func(tx *store.Tx) error {
			if v, _, err := tx.Meta(t.Context(), "kept"); v != "x" {
				t.Errorf("%s holds %q (%v)", e.Name(), v, err)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"before-2.db", "before.db"}, names); diff != "" {
		t.Error(diff)
	}
}

// A pending migration on a database in use backs it up first; that the schema
// has not changed yet shows in the copy.
func TestMigrateOfAnOlderDatabase(t *testing.T) {
	c := store.Config{Database: "sqlite", Path: filepath.Join(t.TempDir(), "latchkey.db")}
	db := open(t, c)
	if err := db.Migrate(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "backups")
	if err := db.MigrateFrom(t.Context(), 1, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "before-migration-from-00001.db")); err != nil {
		t.Error(err)
	}
	t.Chdir(dir)
	if err := db.MigrateFrom(t.Context(), 1, "relative"); err != nil {
		t.Errorf("into a relative folder: %v", err)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.MigrateFrom(t.Context(), 1, blocked); err == nil {
		t.Error("it went on without a backup")
	}
}

func put(t *testing.T, db *store.DB, name, value string) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.SetMeta(t.Context(), name, value) }); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesWhatIsNotOurs(t *testing.T) {
	sound := filepath.Join(t.TempDir(), "sound.db")
	db := storetest.Open(t, store.Config{Database: "sqlite", Path: sound})
	put(t, db, "n", strings.Repeat("x", 100_000))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	foreign := bytes.Clone(whole)
	copy(foreign[68:72], "abcd") // the application id
	garbled := bytes.Clone(whole)
	copy(garbled[100:], bytes.Repeat([]byte{0xff}, 200)) // the schema's root page

	for _, c := range []struct {
		name    string
		content []byte
	}{
		{"an empty file", nil},
		{"a text file", []byte(strings.Repeat("I am a letter.\n", 1000))},
		{"a file cut within its header", whole[:60]},
		{"a file cut after its first page", whole[:4096]},
		{"a file cut within its last page", whole[:len(whole)-100]},
		{"a file of zeros", make([]byte, 8192)},
		{"another program's database", foreign},
		{"a damaged first page", garbled},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "latchkey.db")
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := store.Open(t.Context(), store.Config{Database: "sqlite", Path: path})
			if err == nil {
				_ = db.Close()
			}
			if !errors.Is(err, store.ErrUnreadable) {
				t.Errorf("Open returned %v, want ErrUnreadable", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(after, c.content) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
	t.Run("a log without its database", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "latchkey.db")
		if err := os.WriteFile(path+"-wal", []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(t.Context(), store.Config{Database: "sqlite", Path: path}); !errors.Is(err, store.ErrUnreadable) {
			t.Errorf("Open returned %v, want ErrUnreadable", err)
		}
	})
	t.Run("a folder", func(t *testing.T) {
		if _, err := store.Open(t.Context(), store.Config{Database: "sqlite", Path: t.TempDir()}); !errors.Is(err, store.ErrUnreadable) {
			t.Errorf("Open returned %v, want ErrUnreadable", err)
		}
	})
}

func TestOpenAcceptsStrangePaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%41&é")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "latch?key.db")
	put(t, storetest.Open(t, store.Config{Database: "sqlite", Path: path}), "n", "x")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the file has mode %v", info.Mode())
	}
	left, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		if strings.Contains(name, ".new-") {
			t.Errorf("%s was left behind", name)
		}
	}
}
