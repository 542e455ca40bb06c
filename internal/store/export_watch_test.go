package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TerminateListeners cuts the connections over which servers hear each other.
func (db *DB) TerminateListeners(t *testing.T) {
	t.Helper()
	_, err := db.pool().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN %' AND pid <> pg_backend_pid()`)
	if err != nil {
		t.Fatal(err)
	}
}

// Listen hears what servers tell each other. What it returns waits for
// something that has a text in it, and returns it, "" if there is nothing.
func (db *DB) Listen(t *testing.T, text string) (heard func(time.Duration) string) {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), db.engine.(*postgresEngine).config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), "LISTEN "+relayChannel); err != nil {
		t.Fatal(err)
	}
	return func(d time.Duration) string {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		for {
			n, err := conn.WaitForNotification(ctx)
			if err != nil {
				return ""
			}
			if strings.Contains(n.Payload, text) {
				return n.Payload
			}
		}
	}
}

// Publisher returns what a transaction does for those who watch.
func (db *DB) Publisher() func(id string, topics Topics) {
	tx := &Tx{db: db}
	return func(id string, topics Topics) {
		tx.marks = nil
		tx.mark(id, topics)
		db.watchers.publish(tx.marks)
	}
}
