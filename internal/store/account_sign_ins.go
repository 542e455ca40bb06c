package store

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	// Only of accounts that are there: the statements are the same for a mail
	// address that nobody has.
	qAccountSignInInsert = `INSERT INTO account_sign_ins (id, account_id, at, ip, user_agent, method, succeeded)
		SELECT $1, a.id, $3, $4, $5, $6, $7 FROM accounts a WHERE a.id = $2`
	qAccountSignInsFailed = `SELECT id FROM account_sign_ins WHERE account_id = $1 AND succeeded = 0 ORDER BY id DESC LIMIT 1 OFFSET $2`
	qAccountSignInsTrim   = `DELETE FROM account_sign_ins WHERE account_id = $1 AND succeeded = 0 AND id <= $2`
	qAccountSignInsBound  = `SELECT s.at FROM account_sign_ins s WHERE s.at <= $1 ORDER BY s.at LIMIT 1 OFFSET $2`
	qAccountSignInsSweep  = `DELETE FROM account_sign_ins WHERE at <= $1`
)

// InsertAccountSignIn adds to an account's log of sign-ins; of an account that
// does not exist it adds nothing.
func (tx *Tx) InsertAccountSignIn(ctx context.Context, r *latchkey.AccountSignIn) error {
	_, err := tx.exec(ctx, qAccountSignInInsert, r.ID, r.AccountID, ms(r.At), r.IP, r.UserAgent, r.Method, boolInt(r.Succeeded))
	return wrap("insert account sign-in", err)
}

// TrimAccountSignIns deletes all but the newest sign-ins of an account that
// failed: a stranger can make any number of them.
func (tx *Tx) TrimAccountSignIns(ctx context.Context, accountID string, keep int) error {
	var last string
	err := tx.queryRow(ctx, qAccountSignInsFailed, accountID, keep).Scan(&last)
	if isNoRows(err) {
		return nil
	}
	if err == nil {
		_, err = tx.exec(ctx, qAccountSignInsTrim, accountID, last)
	}
	return wrap("trim account sign-ins", err)
}

// AccountSignIns returns one page of an account's log of sign-ins.
func (tx *Tx) AccountSignIns(ctx context.Context, accountID string, k Keyset) ([]latchkey.AccountSignIn, error) {
	text, args := newWhere("account_id = ?", accountID).
		page("SELECT id, account_id, at, ip, user_agent, method, succeeded FROM account_sign_ins", "id", k)
	return collect(tx, ctx, "list account sign-ins", text, args, func(row scanner) (r latchkey.AccountSignIn, err error) {
		var at int64
		if err := row.Scan(&r.ID, &r.AccountID, &at, &r.IP, &r.UserAgent, &r.Method, &r.Succeeded); err != nil {
			return r, fmt.Errorf("scan account sign-in: %w", err)
		}
		r.At = fromMs(at)
		return r, nil
	})
}

// SweepAccountSignIns deletes about limit lines of the log of sign-ins from
// before a moment.
func (tx *Tx) SweepAccountSignIns(ctx context.Context, before time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qAccountSignInsBound, qAccountSignInsSweep, before, limit)
	return n, wrap("sweep account sign-ins", err)
}
