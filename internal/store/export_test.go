package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"strings"
)

// What the tests of package store_test need beyond the public methods.

func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return tx.exec(ctx, query, args...)
}

func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.query(ctx, query, args...)
}

func (tx *Tx) DeviceNameHash(appID, name string) []byte { return tx.deviceNameHash(appID, name) }

func (tx *Tx) Prepare(ctx context.Context, query string) error {
	stmt, err := tx.db.pool().PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	return stmt.Close()
}

func (db *DB) pool() *sql.DB {
	switch e := db.engine.(type) {
	case *sqliteEngine:
		return e.readers
	case *postgresEngine:
		return e.pool
	}
	return nil
}

// MigrationText is all migrations of the engine, one after the other.
func (db *DB) MigrationText() string {
	names, _ := fs.Glob(db.engine.migrations(), "*.sql")
	var all strings.Builder
	for _, name := range names {
		b, _ := fs.ReadFile(db.engine.migrations(), name)
		all.Write(b)
	}
	return all.String()
}

var (
	Wrap     = wrap
	IsUnique = isUnique
)

// BackUp and MigrateFrom reach what only a second migration would.

func (db *DB) BackUp(ctx context.Context, dir, name string) error {
	return db.engine.(*sqliteEngine).backup(ctx, dir, name)
}

func (db *DB) MigrateFrom(ctx context.Context, version int64, backupDir string) error {
	return db.engine.migrate(ctx, version, backupDir)
}

// Waiting is the number of writes that have not had their turn.
func (db *DB) Waiting() int {
	return db.Stats().Waiting
}

// Bound has lists found as if there were many more rows than there are.
func (db *DB) Bound(found, among, counted int) { db.bounds = bounds{found, among, counted} }

// Bounds are the numbers with which every way to a page is gone by few rows: the
// usual ones, none of which a test reaches, and some that all do.
func (db *DB) Bounds() [][3]int {
	return [][3]int{{usualBounds.found, usualBounds.among, usualBounds.counted}, {4, 3, 20}, {4, 30, 40}, {2_000, 1, 5}}
}

// A Plan is how the database goes about a query.
type Plan struct{ Query, Text string }

// Plans runs fn as Read does and returns the plan of each of its queries.
func (db *DB) Plans(ctx context.Context, fn func(*Tx) error) ([]Plan, error) {
	e := &explainer{querier: db.engine.reader(), explain: "EXPLAIN "}
	if db.Engine() == "sqlite" {
		e.explain = "EXPLAIN QUERY PLAN "
	}
	tx := &Tx{db: db, q: e, ctx: ctx, readOnly: true}
	err := fn(tx)
	return e.plans, errors.Join(err, e.err)
}

type explainer struct {
	querier
	explain string
	plans   []Plan
	err     error
}

func (e *explainer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	e.note(ctx, query, args)
	return e.querier.QueryContext(ctx, query, args...)
}

func (e *explainer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	e.note(ctx, query, args)
	return e.querier.QueryRowContext(ctx, query, args...)
}

func (e *explainer) note(ctx context.Context, query string, args []any) {
	rows, err := e.querier.QueryContext(ctx, e.explain+query, args...)
	if err != nil {
		e.err = errors.Join(e.err, err)
		return
	}
	defer rows.Close()
	columns, err := rows.Columns()
	e.err = errors.Join(e.err, err)
	var text strings.Builder
	for rows.Next() {
		dest := make([]any, len(columns))
		for i := range dest {
			dest[i] = new(any)
		}
		var line string
		dest[len(dest)-1] = &line
		e.err = errors.Join(e.err, rows.Scan(dest...))
		text.WriteString(line + "\n")
	}
	e.err = errors.Join(e.err, rows.Err())
	e.plans = append(e.plans, Plan{query, text.String()})
}

// AnalyzeAll has the database learn what its tables hold, as PostgreSQL does by
// itself after a while. SQLite never does here.
func (db *DB) AnalyzeAll(ctx context.Context) error {
	if db.Engine() == "sqlite" {
		return nil
	}
	conn, err := db.pool().Conn(ctx)
	if err != nil {
		return err
	}
	// However long it takes on a busy machine.
	_, err = conn.ExecContext(ctx, "SET statement_timeout = 0")
	if err == nil {
		_, err = conn.ExecContext(ctx, "ANALYZE")
	}
	_, reset := conn.ExecContext(ctx, "RESET statement_timeout")
	return errors.Join(err, reset, conn.Close())
}
