package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// errForeignDriver reports a connection that is not pgx's.
var errForeignDriver = errors.New("store: the connection is not one of pgx")

// writeRows is write: one prepared INSERT for each row is the fastest way into
// SQLite, and the queue gives all others a turn between two chunks.
func (e *sqliteEngine) writeRows(ctx context.Context, db *DB, fn func(*Tx) error) error {
	return e.write(ctx, db, fn)
}

// writeRows is write with COPY.
func (e *postgresEngine) writeRows(ctx context.Context, db *DB, fn func(*Tx) error) error {
	return e.retry(ctx, func(ctx context.Context) (collided bool, err error) {
		return e.attempt(ctx, &Tx{db: db, ctx: ctx}, func(tx *Tx) error {
			conn := tx.q.(*sql.Conn)
			tx.copyRows = func(table string, columns []string, n int, values func(i int) []any) error {
				if err := tx.flush(); err != nil {
					return err
				}
				return onPgx(conn, func(c *pgx.Conn) error {
					_, err := c.CopyFrom(ctx, pgx.Identifier{table}, columns,
						pgx.CopyFromSlice(n, func(i int) ([]any, error) { return values(i), nil }))
					return err
				})
			}
			return fn(tx)
		})
	})
}

// onPgx uses a connection past database/sql.
func onPgx(conn *sql.Conn, do func(*pgx.Conn) error) error {
	return conn.Raw(func(driver any) error {
		c, ours := driver.(*stdlib.Conn)
		if !ours {
			return errForeignDriver
		}
		return do(c.Conn())
	})
}
