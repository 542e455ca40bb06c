package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	_ "modernc.org/sqlite" // registers the driver
)

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

// sqliteEngine is one writer and a pool of readers on one file.
type sqliteEngine struct {
	path    string
	log     *slog.Logger
	writes  *writer
	readers *sql.DB
	stmts   *statements // of the readers
}

func openSQLite(ctx context.Context, c Config) (*sqliteEngine, error) {
	path, err := filepath.Abs(c.Path)
	if err != nil || c.Path == "" {
		return nil, fmt.Errorf("no path for the SQLite file: %w", errors.Join(err, fs.ErrInvalid))
	}
	if err := prepareFile(ctx, path); err != nil {
		return nil, err
	}
	e := &sqliteEngine{path: path, log: c.Log}
	// The writer opens first: it turns the write-ahead log on.
	pool, err := openFile(path, 1, "journal_mode(WAL)", "wal_autocheckpoint(0)", "journal_size_limit(67108864)")
	if err != nil {
		return nil, err
	}
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, wrap("open for writing", err)
	}
	mover, err := openFile(path, 1, "wal_autocheckpoint(0)")
	if err != nil {
		_ = pool.Close()
		return nil, err
	}
	n := c.MaxConns
	if n <= 0 {
		n = min(max(4, 2*runtime.NumCPU()), 16)
	}
	// A reader's own page cache is emptied by every commit of the writer;
	// mapped memory is not.
	if e.readers, err = openFile(path, n, "query_only(1)", "mmap_size(1073741824)"); err != nil {
		return nil, errors.Join(err, mover.Close(), pool.Close())
	}
	e.stmts = newStatements(e.readers)
	e.writes = startWriter(pool, mover, c)
	return e, nil
}

// openFile returns a pool of connections to an existing file.
func openFile(path string, conns int, pragmas ...string) (*sql.DB, error) {
	return openDSN(dsn(path, "mode=rw&_txlock=immediate", pragmas...), conns)
}

// openStill returns a connection to a file that nobody changes. It makes no
// files beside it.
func openStill(path string) (*sql.DB, error) {
	return openDSN(dsn(path, "mode=ro&immutable=1"), 1)
}

func openDSN(name string, conns int) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

// dsn names a file and the settings that every connection to it has.
func dsn(path, params string, pragmas ...string) string {
	base := []string{"busy_timeout(5000)", "foreign_keys(1)", "synchronous(FULL)", "trusted_schema(0)",
		"temp_store(MEMORY)", "cache_size(-16384)"}
	var b strings.Builder
	b.WriteString((&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String())
	b.WriteString("?_dqs=0&_defensive=1&" + params)
	for _, p := range append(base, pragmas...) {
		b.WriteString("&_pragma=" + url.QueryEscape(p))
	}
	return b.String()
}

// discard closes a connection for good.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}

func (e *sqliteEngine) name() string { return "sqlite" }

func (e *sqliteEngine) write(ctx context.Context, db *DB, fn func(*Tx) error) error {
	return e.writes.write(ctx, db, fn)
}

func (e *sqliteEngine) reader() querier { return e.stmts }

// slot is always the same: there is one writer.
func (e *sqliteEngine) slot() int64 { return 0 }

func (e *sqliteEngine) planned(args []any) []any { return args }

// unindexed writes an expression so that no index is chosen for it: SQLite counts
// nothing, and takes any.
func (e *sqliteEngine) unindexed(expression string) string { return "+" + expression }

func (e *sqliteEngine) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return ctx, func() {}
}

func (e *sqliteEngine) failed() <-chan struct{} { return e.writes.bad }

func (e *sqliteEngine) ping(ctx context.Context) error {
	select {
	case <-e.writes.bad:
		return errors.New("the disk failed to make a commit durable")
	default:
	}
	var n int64
	return e.readers.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&n)
}

func (e *sqliteEngine) analyze(context.Context) error { return nil }

func (e *sqliteEngine) check(ctx context.Context) error { return integrity(ctx, e.readers) }

// integrity returns the first thing that SQLite finds wrong with a file.
func integrity(ctx context.Context, q querier) error {
	var first string
	if err := q.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&first); err != nil {
		return err
	}
	if first != "ok" {
		return fmt.Errorf("%w: %s", ErrUnreadable, first)
	}
	var table, parent string
	var rowid, fk sql.NullInt64
	err := q.QueryRowContext(ctx, "PRAGMA foreign_key_check").Scan(&table, &rowid, &parent, &fk)
	if isNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("a row of %s refers to a row of %s that does not exist", table, parent)
}

func (e *sqliteEngine) close() error {
	err := e.writes.finish()
	e.stmts.close()
	// Whoever closes last moves the log into the database.
	return errors.Join(err, e.readers.Close(), e.writes.pool.Close())
}
