package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

//go:embed migrations/postgres/*.sql
var postgresMigrations embed.FS

const (
	connectTimeout   = 5 * time.Second
	statementTimeout = "5000"           // milliseconds, kept by the server
	txTimeout        = 7 * time.Second  // kept by us, for a network that swallows packets
	idleTimeout      = 5 * time.Minute  // of a connection that nobody uses
	maxLifetime      = 30 * time.Minute // so that a changed address is found
	maxAttempts      = 5                // of a write that collides with others
	defaultConns     = 16
	counterSlots     = 8 // rows of one counter, so that writes seldom wait for the same
)

type postgresEngine struct {
	config *pgx.ConnConfig
	log    *slog.Logger
	pool   *sql.DB
	hook   func(writes int) (done func(error)) // around each commit; nil: none
	never  chan struct{}
	self   string // tells this server from others of the database
}

func openPostgres(ctx context.Context, c Config) (*postgresEngine, error) {
	config, err := pgx.ParseConfig(c.Database)
	if err != nil {
		// pgx's error quotes the URL without its password.
		return nil, fmt.Errorf("read PostgreSQL URL: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	config.RuntimeParams["application_name"] = "latchkey"
	config.RuntimeParams["timezone"] = "UTC"
	served := config.Copy()
	served.RuntimeParams["statement_timeout"] = statementTimeout
	served.RuntimeParams["jit"] = "off" // a list's page is read faster than its plan is compiled
	served.RuntimeParams["idle_in_transaction_session_timeout"] = statementTimeout
	e := &postgresEngine{config: config, log: c.Log, hook: c.OnCommit, pool: stdlib.OpenDB(*served), never: make(chan struct{}),
		self: strconv.FormatUint(rand.Uint64(), 36)}
	n := c.MaxConns
	if n <= 0 {
		n = defaultConns
	}
	e.pool.SetMaxOpenConns(n)
	e.pool.SetMaxIdleConns(n)
	e.pool.SetConnMaxIdleTime(idleTimeout)
	e.pool.SetConnMaxLifetime(maxLifetime)
	if err := e.ping(ctx); err != nil {
		_ = e.pool.Close()
		return nil, unavailable(err)
	}
	return e, nil
}

func (e *postgresEngine) name() string { return "postgres" }

func (e *postgresEngine) reader() querier { return e.pool }

func (e *postgresEngine) slot() int64 { return rand.Int64N(counterSlots) }

// planned has PostgreSQL plan the query for the values that it is given. A plan
// made for all values does not know which index narrows most, and leaves the
// trigrams aside when there is an order and a limit.
func (e *postgresEngine) planned(args []any) []any {
	return append([]any{pgx.QueryExecModeCacheDescribe}, args...)
}

// unindexed leaves the choice to PostgreSQL, which knows how many rows there are.
func (e *postgresEngine) unindexed(expression string) string { return expression }

func (e *postgresEngine) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, txTimeout)
}

func (e *postgresEngine) failed() <-chan struct{} { return e.never }

func (e *postgresEngine) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	var one int
	return e.pool.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

func (e *postgresEngine) analyze(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	_, err := e.pool.ExecContext(ctx, "ANALYZE licenses")
	return err
}

// write runs fn in a transaction of its own, again if it collided with another.
func (e *postgresEngine) write(ctx context.Context, db *DB, fn func(*Tx) error) error {
	return e.retry(ctx, func(ctx context.Context) (collided bool, err error) {
		return e.attempt(ctx, &Tx{db: db, ctx: ctx}, fn)
	})
}

func (e *postgresEngine) retry(ctx context.Context, try func(context.Context) (collided bool, err error)) error {
	ctx, cancel := e.withTimeout(ctx)
	defer cancel()
	for attempt := 1; ; attempt++ {
		collided, err := try(ctx)
		if !collided || attempt == maxAttempts {
			return err
		}
		// 2 ms, doubled each time, and as much again at random, so that those
		// who collided do not meet again.
		pause := time.Millisecond << attempt
		timer := time.NewTimer(pause + rand.N(pause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return unavailable(ctx.Err())
		}
	}
}

const (
	beginText  = `BEGIN ISOLATION LEVEL READ COMMITTED`
	commitText = `COMMIT`
)

// attempt runs fn in a transaction. Its beginning is sent with its first
// statement, its end with the last.
func (e *postgresEngine) attempt(ctx context.Context, tx *Tx, fn func(*Tx) error) (collided bool, err error) {
	conn, err := e.pool.Conn(ctx)
	if err != nil {
		return false, wrap("connect", err)
	}
	committed := false
	defer func() { // also when fn ends its goroutine
		begun := len(tx.unsent) == 0 || tx.unsent[0].query != beginText
		if begun && !committed {
			rollBack(ctx, conn)
		}
		_ = conn.Close()
	}()
	tx.q, tx.send = conn, pipelined(ctx, conn)
	tx.unsent = []statement{{query: beginText}}
	if err := tx.run(fn); err != nil {
		return isSerialization(tx.failed) || isSerialization(err), err
	}
	err = observed(e.hook, 1, func() error {
		_, err := tx.sendWith(statement{query: commitText})
		return err
	})
	publish(tx.touched)
	tx.db.watchers.publish(tx.marks)
	if committed = err == nil; committed {
		tx.db.wake(tx.wakes)
		for _, f := range tx.after {
			f()
		}
	}
	return isSerialization(err), wrap("commit", err)
}

// rollBack ends a transaction; a connection that will not is closed for good.
func rollBack(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		discard(conn)
	}
}

// check asks PostgreSQL what it knows of damage: data pages are its own to
// verify (checksums, amcheck), which takes rights that we do not need otherwise.
func (e *postgresEngine) check(ctx context.Context) error {
	for _, q := range []struct{ query, problem string }{
		{`SELECT COUNT(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
			WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid`, "an index is invalid; REINDEX it"},
		{`SELECT COUNT(*) FROM pg_constraint
			WHERE connamespace = current_schema()::regnamespace AND NOT convalidated`, "a constraint has not been validated"},
		{`SELECT COALESCE(SUM(checksum_failures), 0)::bigint FROM pg_stat_database
			WHERE datname = current_database()`, "PostgreSQL has seen pages with wrong checksums"},
	} {
		var n int64
		if err := e.pool.QueryRowContext(ctx, q.query).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return errors.New(q.problem)
		}
	}
	return nil
}

func (e *postgresEngine) migrations() fs.FS {
	return mustSub(postgresMigrations, "migrations/postgres")
}

func (e *postgresEngine) close() error { return e.pool.Close() }
