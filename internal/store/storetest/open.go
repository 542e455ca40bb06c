// Package storetest opens databases for tests and holds the suite that both
// engines pass. It uses the store as the service does and knows no SQL.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Each runs a test once on each engine, each time with its own way to open a
// database.
func Each(t *testing.T, run func(t *testing.T, open func(t testing.TB) *store.DB)) {
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite) })
	t.Run("postgres", func(t *testing.T) { run(t, Postgres) })
}

// SQLite returns a new, migrated SQLite database, closed when the test ends.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, store.Config{Database: "sqlite", Path: NewFile(t), Box: Box(t)})
}

// Postgres returns a new, migrated PostgreSQL database, closed when the test
// ends. The package's TestMain should call [pgtest.Main].
func Postgres(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, store.Config{Database: NewPostgres(t), Box: Box(t)})
}

// The migrations run once per test process and engine; what they leave is copied.
var (
	postgresTemplate = pgtest.Template{Fill: func(url string) error { return migrate(store.Config{Database: url}, "") }}
	sqliteTemplate   = sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "latchkey-template-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "latchkey.db")
		if err := migrate(store.Config{Database: "sqlite", Path: path}, dir); err != nil {
			return nil, err
		}
		return os.ReadFile(path) // whole: the last connection empties the log beside it
	})
)

func migrate(c store.Config, backups string) error {
	db, err := store.Open(context.Background(), c)
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(context.Background(), backups), db.Close())
}

// NewPostgres returns the URL of a new, migrated PostgreSQL database without
// content, dropped when the test ends.
func NewPostgres(t testing.TB) string {
	t.Helper()
	return postgresTemplate.New(t)
}

// NewFile returns the path of a new, migrated SQLite database without content.
func NewFile(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("migrate database: %v", err)
	}
	path := filepath.Join(t.TempDir(), "latchkey.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Open opens and migrates a database and closes it when the test ends.
func Open(t testing.TB, c store.Config) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	if err := db.Migrate(t.Context(), filepath.Join(t.TempDir(), "backups")); err != nil {
		t.Fatalf("migrate database: %v", err)
	}
	return db
}

// Box returns the same secret box in every test, with real randomness for what
// it seals.
func Box(t testing.TB) *secretbox.Box {
	t.Helper()
	file, err := secretbox.GenerateKeyFile(bytes.NewReader(bytes.Repeat([]byte("storetest"), 8)))
	if err != nil {
		t.Fatalf("make key file: %v", err)
	}
	box, err := secretbox.New(file, rand.Reader)
	if err != nil {
		t.Fatalf("read key file: %v", err)
	}
	return box
}
