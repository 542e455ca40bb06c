package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// retryAfter is what a caller is told to wait while the database is away.
const retryAfter = time.Second

// wrap says what failed. An error that means that the database cannot do its
// work now becomes [latchkey.CodeUnavailable] with the driver's error as its
// cause; any other keeps its kind. nil stays nil.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*latchkey.Error](err); !ok && isUnavailable(err) {
		err = unavailable(err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// isNoRows reports that a query for one row found none.
func isNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// isUnique reports that a statement would have broken a primary or unique key.
func isUnique(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return true
	}
	return sqlState(err) == "23505"
}

// isForeignKey reports that a statement would have left a reference to nothing.
func isForeignKey(err error) bool {
	return sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY || sqlState(err) == "23503"
}

// isSerialization reports that PostgreSQL gave up a transaction which may
// succeed if it is run again.
func isSerialization(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01"
}

// isSyncFailure reports that the disk refused to make data durable. The kernel
// reports that once and then forgets it, so a second try would seem to succeed.
func isSyncFailure(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC:
		return true
	}
	return false
}

// sqliteCode returns the extended result code, 0 if err is none of SQLite's.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

// sqlState returns PostgreSQL's SQLSTATE, "" if err is none of its.
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

func isUnavailable(err error) bool {
	if code := sqliteCode(err); code != 0 {
		return sqliteUnavailable(code)
	}
	if state := sqlState(err); state != "" {
		return postgresUnavailable(state)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, gone := range []error{
		context.Canceled, context.DeadlineExceeded,
		driver.ErrBadConn, sql.ErrConnDone, sql.ErrTxDone, errClosed,
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
	} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return pgconn.SafeToRetry(err)
}

func sqliteUnavailable(code int) bool {
	switch code & 0xff { // the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

func postgresUnavailable(state string) bool {
	switch state {
	case "25006", // a standby that only reads
		"40001", "40P01", // still, after every retry
		"55P03", // lock not available
		"57014": // statement timeout
		return true
	}
	for _, class := range []string{
		"08",  // connection
		"28",  // authorization
		"53",  // resources: disk full, memory, connections
		"57P", // shutting down, starting, gone
		"58",  // the server's system
		"XX",  // damaged data
	} {
		if strings.HasPrefix(state, class) {
			return true
		}
	}
	return false
}

// isDamage reports that SQLite cannot make sense of a file.
func isDamage(err error) bool {
	switch sqliteCode(err) & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}
