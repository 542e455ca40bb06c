// Package store holds all SQL and is the only importer of database/sql and the
// drivers. One SQL text serves both engines: SQLite and PostgreSQL.
//
// It owns the schema and its migrations, transactions, the sealing of secret
// columns and the audit chains. It knows no use case and no rule: a guarded
// UPDATE reports that its guard did not hold, and the service decides what that
// means. Portable SQL only: $N placeholders, no engine's own operators, times as
// integer milliseconds.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

// Config says which database to open.
type Config struct {
	Database string         // "sqlite" or a postgres:// URL
	Path     string         // the SQLite file; unused on PostgreSQL
	Box      *secretbox.Box // seals and opens secret columns; nil only where no table with secrets is touched
	Log      *slog.Logger   // nil: silent
	// OnCommit, if set, is called before each commit with the number of writes
	// that share it, and what it returns after it.
	OnCommit func(writes int) (done func(error))
	// OnTransaction, if set, is called at the beginning of each Read ("read") and
	// Write ("write"), and what it returns at its end.
	OnTransaction func(ctx context.Context, kind string) (done func(error))
	MaxConns      int // connections for reading (SQLite) or altogether (PostgreSQL); 0: a good default
}

// DB is an open database. Its methods are safe for concurrent use.
type DB struct {
	engine engine
	box    *secretbox.Box
	log    *slog.Logger
	stamps *stamps
	woken  chan struct{}                                             // see Woken
	told   chan struct{}                                             // see Told
	hook   func(ctx context.Context, kind string) (done func(error)) // around transactions; nil: none

	watchers watchers
	bounds   bounds

	open   sync.RWMutex // held for reading by each Read and Write, so that Close waits for them
	closed bool
}

// engine is what the two databases do differently.
type engine interface {
	name() string
	write(ctx context.Context, db *DB, fn func(*Tx) error) error
	writeRows(ctx context.Context, db *DB, fn func(*Tx) error) error // write for many rows
	reader() querier
	slot() int64              // which of a counter's rows to change
	planned(args []any) []any // the arguments of a query that is planned for them anew
	unindexed(expression string) string
	notesIndex() textIndex
	namesIndex() textIndex
	withTimeout(ctx context.Context) (context.Context, context.CancelFunc) // bounds one Read
	ping(ctx context.Context) error
	analyze(ctx context.Context) error // see DB.Analyze
	check(ctx context.Context) error
	migrations() fs.FS
	versionTable() string // a query: 1 if migrations have ever run
	sizeQuery() string    // bytes of the database
	migrate(ctx context.Context, current int64, backupDir string) error
	failed() <-chan struct{}
	close() error
}

// querier is what statements run on: a transaction, a pool, or either behind a
// cache of prepared statements.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// ErrUnreadable reports a SQLite file that exists and is not a whole Latchkey
// database. The file is left as it is.
var ErrUnreadable = errors.New("the database file exists but is not a readable Latchkey database")

// Open connects to the database. It does not migrate. A SQLite file that does
// not exist is created; one that exists and is empty, truncated or not ours is
// [ErrUnreadable] and never replaced. A PostgreSQL that does not answer is
// [latchkey.CodeUnavailable].
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	db := &DB{box: c.Box, log: c.Log, stamps: newStamps(), woken: make(chan struct{}, 1), told: make(chan struct{}, 1), hook: c.OnTransaction, bounds: usualBounds}
	var err error
	switch {
	case c.Database == "sqlite":
		db.engine, err = openSQLite(ctx, c)
	case strings.HasPrefix(c.Database, "postgres://"), strings.HasPrefix(c.Database, "postgresql://"):
		db.engine, err = openPostgres(ctx, c)
	default:
		err = errors.New(`the database must be "sqlite" or a postgres:// URL`)
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

// Close waits for the reads and writes that have begun and disconnects. Calls
// after it fail with [latchkey.CodeUnavailable].
func (db *DB) Close() error {
	db.open.Lock()
	defer db.open.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	return wrap("close database", db.engine.close())
}

// enter keeps the database open until leave is called.
func (db *DB) enter() (leave func(), err error) {
	db.open.RLock()
	if db.closed {
		db.open.RUnlock()
		return nil, unavailable(errClosed)
	}
	return db.open.RUnlock, nil
}

// Engine names the database in use: "sqlite" or "postgres".
func (db *DB) Engine() string { return db.engine.name() }

// Failed is closed when the disk refused to make a commit durable. From then on
// every write fails and the process should end: what the operating system still
// holds in memory cannot be trusted, so only a new start may go on.
func (db *DB) Failed() <-chan struct{} { return db.engine.failed() }

// Woken has a value after commits of this [DB] that left something to be
// delivered, one for however many.
func (db *DB) Woken() <-chan struct{} { return db.woken }

// Told has a value after commits of this [DB] that added to an audit log, one
// for however many.
func (db *DB) Told() <-chan struct{} { return db.told }

// wake says what has been committed to those who wait for it.
func (db *DB) wake(tx wakes) {
	if tx&wakesOutbox != 0 {
		signal(db.woken)
	}
	if tx&wakesAudit != 0 {
		signal(db.told)
	}
}

// wakes are those whom a transaction wakes when it is committed.
type wakes uint8

const (
	wakesOutbox wakes = 1 << iota
	wakesAudit
)

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has a value already
	}
}

// Ping reports whether the database answers; [latchkey.CodeUnavailable] if not.
func (db *DB) Ping(ctx context.Context) error {
	leave, err := db.enter()
	if err != nil {
		return err
	}
	defer leave()
	if err := db.engine.ping(ctx); err != nil {
		return fmt.Errorf("ping database: %w", unavailable(err))
	}
	return nil
}

// Check looks for damage. It reads the whole SQLite file, so it takes a while.
func (db *DB) Check(ctx context.Context) error {
	return wrap("check database", db.engine.check(ctx))
}

// Write runs fn in a transaction and returns after the commit: nil means
// durable. If fn returns an error or panics, nothing of it is kept and the error
// is returned, the panic as one.
//
// On SQLite, writes that wait at the same time share one commit, each in a
// savepoint of its own; a caller whose context ends before its turn is skipped,
// one whose turn has come waits for the commit. On PostgreSQL fn is run again
// after a serialization failure or deadlock, so it must change nothing but the
// transaction and variables that it sets anew each time. fn must not call Write
// or Read, must not touch the network, and must read all rows of a query before
// it starts the next.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.writing(ctx, db.engine.write, fn)
}

// WriteRows is Write for a function that stores many rows, such as
// [Tx.InsertChunk]; it should end within a second or so, for the sake of those
// who wait.
func (db *DB) WriteRows(ctx context.Context, fn func(*Tx) error) error {
	return db.writing(ctx, db.engine.writeRows, fn)
}

func (db *DB) writing(ctx context.Context, write func(context.Context, *DB, func(*Tx) error) error, fn func(*Tx) error) error {
	leave, err := db.enter()
	if err != nil {
		return err
	}
	defer leave()
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	if db.hook == nil {
		return write(ctx, db, fn)
	}
	done := db.hook(ctx, "write")
	err = write(ctx, db, fn)
	done(err)
	return err
}

// Read runs fn without an explicit transaction: each query sees a committed
// state, two queries may see different ones. fn must read all rows of a query
// before it starts the next, and must not call Read or Write.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	leave, err := db.enter()
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := db.engine.withTimeout(ctx)
	defer cancel()
	tx := &Tx{db: db, q: db.engine.reader(), ctx: ctx, readOnly: true}
	defer tx.end()
	if db.hook == nil {
		return fn(tx)
	}
	done := db.hook(ctx, "read")
	err = fn(tx)
	done(err)
	return err
}

// Analyze has PostgreSQL learn how many licenses there are after many came at
// once; until it does so by itself, which can take a minute, it reads pages of
// them by sorting all. On SQLite, whose plans do not ask for numbers, it does
// nothing.
func (db *DB) Analyze(ctx context.Context) error { return wrap("analyze", db.engine.analyze(ctx)) }

// unavailable is the refusal for a database that cannot do its work now.
func unavailable(cause error) error {
	e := latchkey.Fail(latchkey.CodeUnavailable)
	e.RetryAfter = retryAfter
	return e.Because(cause)
}
