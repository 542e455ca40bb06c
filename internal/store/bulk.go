package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// errForeignDriver reports a connection that is not pgx's.
var errForeignDriver = errors.New("store: COPY needs a connection of pgx")

// writeRows is write: one prepared INSERT for each row is the fastest way into
// SQLite, and the queue gives all others a turn between two chunks.
func (e *sqliteEngine) writeRows(ctx context.Context, db *DB, fn func(*Tx) error) error {
	return e.write(ctx, db, fn)
}

// writeRows is write with COPY, which takes a connection by itself.
func (e *postgresEngine) writeRows(ctx context.Context, db *DB, fn func(*Tx) error) error {
	return e.retry(ctx, func(ctx context.Context) (collided bool, err error) {
		conn, err := e.pool.Conn(ctx)
		if err != nil {
			return false, wrap("connect", err)
		}
		defer conn.Close()
		t, err := conn.BeginTx(ctx, readCommitted())
		if err != nil {
			return false, wrap("begin", err)
		}
		copyRows := func(table string, columns []string, n int, values func(i int) []any) error {
			return conn.Raw(func(driver any) error {
				c, ours := driver.(*stdlib.Conn)
				if !ours {
					return errForeignDriver
				}
				_, err := c.Conn().CopyFrom(ctx, pgx.Identifier{table}, columns,
					pgx.CopyFromSlice(n, func(i int) ([]any, error) { return values(i), nil }))
				return err
			})
		}
		return e.attempt(t, &Tx{db: db, q: t, ctx: ctx, copyRows: copyRows}, fn)
	})
}
