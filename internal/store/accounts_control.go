package store

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	// Changing nothing: of administrators who shut each other out at once, the
	// second sees what the first has done.
	qAdministratorsLock  = `UPDATE accounts SET administrator = administrator WHERE administrator = 1`
	qAdministratorsOther = `SELECT count(*) FROM accounts a WHERE a.administrator = 1 AND a.disabled_at IS NULL AND a.id <> $1`
	qAccountLock         = `UPDATE accounts SET administrator = administrator WHERE id = $1`
	qAccountDisabled     = `UPDATE accounts SET disabled_at = $2, updated_at = $3 WHERE id = $1`
	qAccountSessionsOf   = `DELETE FROM account_sessions WHERE account_id = $1`
	qAccountDelete       = `DELETE FROM accounts WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM apps p WHERE p.account_id = $1)`
)

// LockAdministrators keeps other transactions from changing an administrator's
// account until this one ends.
func (tx *Tx) LockAdministrators(ctx context.Context) error {
	_, err := tx.exec(ctx, qAdministratorsLock)
	return wrap("lock administrators", err)
}

// OtherAdministrators counts the administrators beside an account who can sign in.
func (tx *Tx) OtherAdministrators(ctx context.Context, id string) (n int64, err error) {
	err = tx.queryRow(ctx, qAdministratorsOther, id).Scan(&n)
	return n, wrap("count administrators", err)
}

// LockAccount keeps other transactions from changing an account until this one
// ends, and returns it as it then is; account.not_found.
func (tx *Tx) LockAccount(ctx context.Context, id string) (latchkey.Account, error) {
	if _, err := tx.exec(ctx, qAccountLock, id); err != nil {
		return latchkey.Account{}, wrap("lock account", err)
	}
	return tx.Account(ctx, id)
}

// SetAccountDisabled stores when an account was disabled; the zero time opens it
// again. Either way its dashboard sessions are over.
func (tx *Tx) SetAccountDisabled(ctx context.Context, id string, at, now time.Time) error {
	tx.mark(id, TopicAccess)
	if _, err := tx.exec(ctx, qAccountDisabled, id, nullMs(at), ms(now)); err != nil {
		return wrap("disable account", err)
	}
	_, err := tx.exec(ctx, qAccountSessionsOf, id)
	return wrap("end account's sessions", err)
}

// DeleteAccount deletes an account with its sessions, API keys and log of
// sign-ins; account.owns_apps, account.not_found.
func (tx *Tx) DeleteAccount(ctx context.Context, id string) error {
	tx.mark(id, TopicAccess)
	n, err := tx.exec(ctx, qAccountDelete, id)
	if isForeignKey(err) { // an app was made at the same moment
		return latchkey.Fail(latchkey.CodeAccountOwnsApps)
	}
	if err != nil || n == 1 {
		return wrap("delete account", err)
	}
	if _, err := tx.Account(ctx, id); err != nil {
		return err
	}
	return latchkey.Fail(latchkey.CodeAccountOwnsApps)
}
