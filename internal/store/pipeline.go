package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
)

// errRolledBack reports a COMMIT that PostgreSQL answered with a rollback.
var errRolledBack = errors.New("store: the transaction was rolled back instead of committed")

// statement is one that has not been sent yet.
type statement struct {
	query string
	args  []any
}

// sender sends statements in one round trip and returns the number of rows
// that the last of them changed.
type sender func(statements []statement) (rows int64, err error)

// later runs a statement whose answer nobody needs: on PostgreSQL together with
// the next one that is sent, at the latest with the commit. An error in it is
// that one's. The arguments must not be changed before.
func (tx *Tx) later(ctx context.Context, query string, args ...any) error {
	if tx.send == nil {
		_, err := tx.exec(ctx, query, args...)
		return err
	}
	if err := tx.usable(); err != nil {
		return err
	}
	tx.unsent = append(tx.unsent, statement{query, args})
	return nil
}

// flush sends what has been left for later.
func (tx *Tx) flush() error {
	if len(tx.unsent) == 0 {
		return nil
	}
	_, err := tx.sendWith()
	return err
}

// sendWith sends what has been left for later and then more.
func (tx *Tx) sendWith(more ...statement) (rows int64, err error) {
	all := append(tx.unsent, more...)
	tx.unsent = nil
	rows, err = tx.send(all)
	return rows, tx.note(err)
}

// pipelined sends statements over a connection of pgx.
func pipelined(ctx context.Context, conn *sql.Conn) sender {
	return func(statements []statement) (rows int64, err error) {
		err = onPgx(conn, func(c *pgx.Conn) error {
			var batch pgx.Batch
			for _, s := range statements {
				batch.Queue(s.query, s.args...)
			}
			results := c.SendBatch(ctx, &batch)
			for _, s := range statements {
				tag, err := results.Exec()
				if err == nil && s.query == commitText && tag.String() != "COMMIT" {
					err = errRolledBack
				}
				if err != nil {
					_ = results.Close()
					return err
				}
				rows = tag.RowsAffected()
			}
			return results.Close()
		})
		return rows, err
	}
}
