package storetest

import (
	"database/sql"
	"testing"
)

// MakeNewer has a SQLite file say that a newer version of Latchkey migrated it.
func MakeNewer(t *testing.T, path string) {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
}
