package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

// Tx is what one Write or Read may do to the database: the methods in this
// package's table files. It is used by one goroutine and ends with its function.
//
// After a statement has failed, every later one fails too and nothing is
// committed, as PostgreSQL has it: what may collide says ON CONFLICT.
type Tx struct {
	db       *DB
	q        querier
	ctx      context.Context // statements run under it: a SQLite write, once begun, is not interrupted
	readOnly bool
	ended    bool
	failed   error // of the first statement that failed
	events   []latchkey.AuditEvent
	touched  []*atomic.Uint64 // stamps to raise after the commit
	wakes    wakes            // who has something to do after the commit
	after    []func()         // see Afterwards
	marks    []mark           // what those who watch are told after the commit
	counts   map[counter]int64
	copyRows rowCopier         // nil where rows are inserted one by one
	send     sender            // nil where every statement runs at once
	unsent   []statement       // see later
	notes    map[noteKey]int64 // notes that this transaction has stored and locked

	firstMarks [2]mark // room for marks: a transaction seldom has more
}

// rowCopier stores n rows of a table at once; values gives those of the i-th.
type rowCopier func(table string, columns []string, n int, values func(i int) []any) error

var (
	errTxEnded  = errors.New("store: a transaction was used after its function returned")
	errReadOnly = errors.New("store: a change inside Read")
	errPanic    = errors.New("store: a write panicked; the log has its stack")
)

// Record adds an event to its audit chain. It is numbered, hashed and stored
// right before the commit and only with it; Seq and Hash need not be set.
func (tx *Tx) Record(ev latchkey.AuditEvent) { tx.events = append(tx.events, ev) }

// Afterwards has f called when the transaction has been committed, before its
// Write returns: for what is to be counted once it is certain. f must be quick
// and must not use the transaction.
func (tx *Tx) Afterwards(f func()) { tx.after = append(tx.after, f) }

func (tx *Tx) box() *secretbox.Box { return tx.db.box }

// run calls the function of a write and stores its audit events and counts.
func (tx *Tx) run(fn func(*Tx) error) (err error) {
	defer tx.end()
	defer func() {
		if v := recover(); v != nil {
			tx.db.log.ErrorContext(tx.ctx, "write panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	if err := fn(tx); err != nil {
		if tx.failed != nil && errors.Is(err, context.Canceled) { // see queryRow
			err = wrap("write", tx.failed)
		}
		return err
	}
	if err := tx.storeCounts(); err != nil {
		return err
	}
	if err := tx.appendEvents(); err != nil {
		return err
	}
	return wrap("write", tx.failed)
}

func (tx *Tx) end() { tx.ended = true }

// usable returns why no further statement may run.
func (tx *Tx) usable() error {
	if tx.ended {
		return errTxEnded
	}
	return tx.failed
}

// note remembers the first failure of a statement of a write.
func (tx *Tx) note(err error) error {
	if err != nil && tx.failed == nil && !tx.readOnly {
		tx.failed = err
	}
	return err
}

// exec runs a statement and returns the number of rows that it changed. The
// first parameter is there so that calls read like all others: statements run
// under the context of the Write or Read.
func (tx *Tx) exec(_ context.Context, query string, args ...any) (rows int64, err error) {
	if err := tx.usable(); err != nil {
		return 0, err
	}
	if tx.readOnly {
		return 0, errReadOnly
	}
	if len(tx.unsent) > 0 {
		return tx.sendWith(statement{query, args})
	}
	res, err := tx.q.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, tx.note(err)
	}
	return res.RowsAffected()
}

// query runs a query for many rows; the caller closes them before the next.
func (tx *Tx) query(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := errors.Join(tx.usable(), tx.flush()); err != nil {
		return nil, err
	}
	rows, err := tx.q.QueryContext(tx.ctx, query, args...)
	return rows, tx.note(err)
}

// queryRow runs a query for at most one row; the caller scans it before the next.
func (tx *Tx) queryRow(_ context.Context, query string, args ...any) *sql.Row {
	if tx.usable() != nil || tx.flush() != nil {
		// Only database/sql makes a Row; under an ended context it is one that fails.
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return tx.q.QueryRowContext(ctx, query, args...)
	}
	row := tx.q.QueryRowContext(tx.ctx, query, args...)
	_ = tx.note(row.Err())
	return row
}

// Times are stored as milliseconds UTC, absent ones as NULL.

func ms(t time.Time) int64 { return t.UnixMilli() }

func nullMs(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func fromMs(v int64) time.Time { return time.UnixMilli(v).UTC() }

func fromNullMs(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return fromMs(v.Int64)
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// ReadOnly reports whether the transaction cannot write: it then sees only
// what is committed.
func (tx *Tx) ReadOnly() bool { return tx.readOnly }
