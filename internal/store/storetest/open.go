// Package storetest opens databases for tests and holds the suite that both
// engines pass. It uses the store as the service does and knows no SQL.
package storetest

import (
	"bytes"
	"crypto/rand"
	"path/filepath"
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
	return Open(t, store.Config{Database: "sqlite", Path: filepath.Join(t.TempDir(), "latchkey.db"), Box: Box(t)})
}

// Postgres returns a new, migrated PostgreSQL database, closed when the test
// ends. The package's TestMain should call [pgtest.Main].
func Postgres(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, store.Config{Database: pgtest.New(t), Box: Box(t)})
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
