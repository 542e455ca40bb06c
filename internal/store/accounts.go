package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const (
	accountColumns        = `a.id, a.owner_id, a.email_sealed, a.password_hash, a.administrator, a.auth_version, a.created_at, a.updated_at, a.disabled_at`
	accountSessionColumns = `s.id, s.account_id, s.ip, s.user_agent, s.created_at, s.last_seen_at, s.expires_at, s.confirmed_at`
	apiKeyColumns         = `k.id, k.account_id, k.name, k.permissions, k.app_ids, k.last4, k.created_at, k.expires_at, k.last_used_at`
)

const (
	qAccountInsert = `INSERT INTO accounts (id, owner_id, email_hash, email_sealed, password_hash, administrator, auth_version, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	qAccountByID    = `SELECT ` + accountColumns + ` FROM accounts a WHERE a.id = $1`
	qAccountByEmail = `SELECT ` + accountColumns + ` FROM accounts a WHERE a.email_hash = $1`
	// Guarded: no account that was disabled meanwhile is signed in.
	qAccountPassword = `UPDATE accounts SET password_hash = $2, auth_version = $3, updated_at = $4 WHERE id = $1 AND password_hash = $5 AND disabled_at IS NULL`

	qAccountEmail = `UPDATE accounts SET email_hash = $2, email_sealed = $3, updated_at = $4 WHERE id = $1 AND password_hash = $5`

	qAccountSessionInsert = `INSERT INTO account_sessions (id, token_hash, account_id, auth_version, ip, user_agent, created_at, last_seen_at, expires_at, confirmed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	// A session of an older password (auth_version) is none, nor is one of a disabled account.
	qAccountSessionByToken = `SELECT ` + accountColumns + `, ` + accountSessionColumns + ` FROM account_sessions s
		JOIN accounts a ON a.id = s.account_id AND a.auth_version = s.auth_version AND a.disabled_at IS NULL
		WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3`
	qAccountSessionByID = `SELECT ` + accountColumns + `, ` + accountSessionColumns + ` FROM account_sessions s
		JOIN accounts a ON a.id = s.account_id AND a.auth_version = s.auth_version AND a.disabled_at IS NULL
		WHERE s.id = $1 AND s.expires_at > $2 AND s.last_seen_at > $3`
	qAccountSessionByPrevious = `SELECT ` + accountColumns + `, ` + accountSessionColumns + ` FROM account_sessions s
		JOIN accounts a ON a.id = s.account_id AND a.auth_version = s.auth_version AND a.disabled_at IS NULL
		WHERE s.previous_hash = $1 AND s.previous_until > $2 AND s.expires_at > $2 AND s.last_seen_at > $3`
	qAccountSessionSeen = `UPDATE account_sessions SET last_seen_at = $2 WHERE id = $1`
	// Guarded: a password changed since it was verified confirms nothing.
	qAccountSessionConfirm = `UPDATE account_sessions SET confirmed_at = $3, auth_version = $5 WHERE account_id = $1 AND id = $2
		AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = $1 AND a.password_hash = $4)`
	// Guarded: of two calls with one token, one renews it.
	qAccountSessionToken  = `UPDATE account_sessions SET previous_hash = token_hash, previous_until = $4, token_hash = $3 WHERE id = $1 AND token_hash = $2`
	qAccountSessionDelete = `DELETE FROM account_sessions WHERE account_id = $1 AND id = $2`
	qAccountSessions      = `SELECT ` + accountSessionColumns + ` FROM account_sessions s JOIN accounts a ON a.id = s.account_id AND a.auth_version = s.auth_version
		WHERE s.account_id = $1 AND s.expires_at > $2 AND s.last_seen_at > $3 ORDER BY s.id DESC`
	qAccountSessionsSweep = `DELETE FROM account_sessions WHERE expires_at <= $1 OR last_seen_at <= $2`
	qAccountSessionsEnd   = `DELETE FROM account_sessions`

	qAPIKeyInsert = `INSERT INTO api_keys (id, token_hash, account_id, name, permissions, app_ids, last4, created_at, expires_at, last_used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	qAPIKeyByToken = `SELECT ` + apiKeyColumns + `, a.administrator FROM api_keys k JOIN accounts a ON a.id = k.account_id AND a.disabled_at IS NULL
		WHERE k.token_hash = $1 AND (k.expires_at IS NULL OR k.expires_at > $2)`
	qAPIKeyByID = `SELECT ` + apiKeyColumns + `, a.administrator FROM api_keys k JOIN accounts a ON a.id = k.account_id AND a.disabled_at IS NULL
		WHERE k.id = $1 AND (k.expires_at IS NULL OR k.expires_at > $2)`
	qAPIKeyUsed   = `UPDATE api_keys SET last_used_at = $2 WHERE id = $1`
	qAPIKeyDelete = `DELETE FROM api_keys WHERE account_id = $1 AND id = $2`
	qAPIKeyOf     = `SELECT ` + apiKeyColumns + ` FROM api_keys k WHERE k.account_id = $1 AND k.id = $2`
	qAPIKeyLock   = `UPDATE api_keys SET name = name WHERE account_id = $1 AND id = $2`
	qAPIKeyUpdate = `UPDATE api_keys SET name = $3, permissions = $4, app_ids = $5, expires_at = $6 WHERE account_id = $1 AND id = $2`
)

func accountPlace(id string) secretbox.Place {
	return secretbox.Place{Table: "accounts", Row: id, Column: "email"}
}

// scanAccount scans an account's columns, followed by more.
func (tx *Tx) scanAccount(row scanner, more ...any) (a latchkey.Account, err error) {
	var sealed []byte
	var created, updated int64
	var disabled sql.NullInt64
	dest := append([]any{&a.ID, &a.OwnerID, &sealed, &a.PasswordHash, &a.Administrator, &a.AuthVersion, &created, &updated, &disabled}, more...)
	if err := row.Scan(dest...); err != nil {
		return a, err
	}
	email, err := tx.box().Open(accountPlace(a.ID), sealed)
	if err != nil {
		return a, fmt.Errorf("open mail address of account %s: %w", a.ID, err)
	}
	a.Email, a.CreatedAt, a.UpdatedAt, a.DisabledAt = string(email), fromMs(created), fromMs(updated), fromNullMs(disabled)
	return a, nil
}

// InsertAccount stores a new account; account.exists.
func (tx *Tx) InsertAccount(ctx context.Context, a *latchkey.Account) error {
	sealed, err := tx.box().Seal(accountPlace(a.ID), []byte(a.Email))
	if err != nil {
		return fmt.Errorf("seal mail address: %w", err)
	}
	_, err = tx.exec(ctx, qAccountInsert, a.ID, a.OwnerID, emailHash(tx.box(), "accounts", a.Email), sealed, a.PasswordHash,
		boolInt(a.Administrator), a.AuthVersion, ms(a.CreatedAt), ms(a.UpdatedAt))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeAccountExists)
	}
	return wrap("insert account", err)
}

// Account returns an account by id; account.not_found.
func (tx *Tx) Account(ctx context.Context, id string) (latchkey.Account, error) {
	return tx.oneAccount(tx.queryRow(ctx, qAccountByID, id))
}

// AccountByEmail returns an account by its normalised address; account.not_found.
func (tx *Tx) AccountByEmail(ctx context.Context, email string) (latchkey.Account, error) {
	return tx.oneAccount(tx.queryRow(ctx, qAccountByEmail, emailHash(tx.box(), "accounts", email)))
}

func (tx *Tx) oneAccount(row *sql.Row) (latchkey.Account, error) {
	a, err := tx.scanAccount(row)
	if isNoRows(err) {
		return a, latchkey.Fail(latchkey.CodeAccountGone)
	}
	return a, wrap("read account", err)
}

// SetAccountPassword stores a hash and auth version if the password is still
// the one that was read; changed is false otherwise.
func (tx *Tx) SetAccountPassword(ctx context.Context, before *latchkey.Account, hash string, authVersion int64, now time.Time) (changed bool, err error) {
	tx.mark(before.ID, TopicAccess)
	n, err := tx.exec(ctx, qAccountPassword, before.ID, hash, authVersion, ms(now), before.PasswordHash)
	return n == 1, wrap("set password", err)
}

// Accounts returns one page.
func (tx *Tx) Accounts(ctx context.Context, k Keyset) ([]latchkey.Account, error) {
	text, args := newWhere("a.id <> ''").page(`SELECT `+accountColumns+` FROM accounts a`, "a.id", k)
	return collect(tx, ctx, "list accounts", text, args, func(row scanner) (latchkey.Account, error) { return tx.scanAccount(row) })
}

func scanAccountSession(row scanner, more ...any) (s latchkey.AccountSession, err error) {
	var created, seen, expires int64
	var confirmed sql.NullInt64
	dest := append([]any{&s.ID, &s.AccountID, &s.IP, &s.UserAgent, &created, &seen, &expires, &confirmed}, more...)
	err = row.Scan(dest...)
	s.ConfirmedAt = fromNullMs(confirmed)
	s.CreatedAt, s.LastSeenAt, s.ExpiresAt = fromMs(created), fromMs(seen), fromMs(expires)
	return s, err
}

// SetAccountEmail stores an account's address if its password is still the one
// that was read; changed is false otherwise. Error: account.exists.
func (tx *Tx) SetAccountEmail(ctx context.Context, a *latchkey.Account) (changed bool, err error) {
	sealed, err := tx.box().Seal(accountPlace(a.ID), []byte(a.Email))
	if err != nil {
		return false, fmt.Errorf("seal mail address: %w", err)
	}
	n, err := tx.exec(ctx, qAccountEmail, a.ID, emailHash(tx.box(), "accounts", a.Email), sealed, ms(a.UpdatedAt), a.PasswordHash)
	if isUnique(err) {
		return false, latchkey.Fail(latchkey.CodeAccountExists)
	}
	return n == 1, wrap("set mail address", err)
}

// InsertAccountSession stores a dashboard session under its token's hash.
func (tx *Tx) InsertAccountSession(ctx context.Context, token latchkey.Secret, authVersion int64, s *latchkey.AccountSession) error {
	_, err := tx.exec(ctx, qAccountSessionInsert, s.ID, tokenHash(token), s.AccountID, authVersion, s.IP, s.UserAgent,
		ms(s.CreatedAt), ms(s.LastSeenAt), ms(s.ExpiresAt), nullMs(s.ConfirmedAt))
	return wrap("insert account session", err)
}

// AccountSessionByToken returns an open session and its account; auth.invalid.
// idleSince is the moment after which the session must have been seen.
func (tx *Tx) AccountSessionByToken(ctx context.Context, token latchkey.Secret, now, idleSince time.Time) (a latchkey.Account, s latchkey.AccountSession, err error) {
	return tx.oneAccountSession(tx.queryRow(ctx, qAccountSessionByToken, tokenHash(token), ms(now), ms(idleSince)))
}

// AccountSessionByPrevious is [Tx.AccountSessionByToken] by the token that a
// session had until a moment ago.
func (tx *Tx) AccountSessionByPrevious(ctx context.Context, token latchkey.Secret, now, idleSince time.Time) (latchkey.Account, latchkey.AccountSession, error) {
	return tx.oneAccountSession(tx.queryRow(ctx, qAccountSessionByPrevious, tokenHash(token), ms(now), ms(idleSince)))
}

// AccountSession is [Tx.AccountSessionByToken] of a session by its id.
func (tx *Tx) AccountSession(ctx context.Context, id string, now, idleSince time.Time) (latchkey.Account, latchkey.AccountSession, error) {
	return tx.oneAccountSession(tx.queryRow(ctx, qAccountSessionByID, id, ms(now), ms(idleSince)))
}

func (tx *Tx) oneAccountSession(row *sql.Row) (a latchkey.Account, s latchkey.AccountSession, err error) {
	s, err = scanAccountSession(scanFunc(func(session ...any) error {
		a, err = tx.scanAccount(row, session...)
		return err
	}))
	if isNoRows(err) {
		return a, s, latchkey.Fail(latchkey.CodeAuthInvalid)
	}
	return a, s, wrap("read account session", err)
}

// AccountSessionSeen records that a session was used.
func (tx *Tx) AccountSessionSeen(ctx context.Context, id string, now time.Time) error {
	_, err := tx.exec(ctx, qAccountSessionSeen, id, ms(now))
	return wrap("update account session", err)
}

// ConfirmAccountSession records that the password of an account was typed in once
// more, if it is still the one of account; confirmed is false otherwise. The
// session is one of account's auth version from then on.
func (tx *Tx) ConfirmAccountSession(ctx context.Context, account *latchkey.Account, id string, now time.Time) (confirmed bool, err error) {
	n, err := tx.exec(ctx, qAccountSessionConfirm, account.ID, id, ms(now), account.PasswordHash, account.AuthVersion)
	return n == 1, wrap("confirm account session", err)
}

// RenewAccountSession gives a session another token, if it still has the one that
// was read; renewed is false otherwise. That one is good until a moment.
func (tx *Tx) RenewAccountSession(ctx context.Context, id string, token, next latchkey.Secret, until time.Time) (renewed bool, err error) {
	n, err := tx.exec(ctx, qAccountSessionToken, id, tokenHash(token), tokenHash(next), ms(until))
	return n == 1, wrap("renew account session", err)
}

// DeleteAccountSession ends a dashboard session; session.not_found.
func (tx *Tx) DeleteAccountSession(ctx context.Context, accountID, id string) error {
	tx.mark(accountID, TopicAccess)
	n, err := tx.exec(ctx, qAccountSessionDelete, accountID, id)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return wrap("delete account session", err)
}

// AccountSessions returns an account's open dashboard sessions, newest first.
func (tx *Tx) AccountSessions(ctx context.Context, accountID string, now, idleSince time.Time) ([]latchkey.AccountSession, error) {
	return collect(tx, ctx, "list account sessions", qAccountSessions, []any{accountID, ms(now), ms(idleSince)},
		func(row scanner) (latchkey.AccountSession, error) { return scanAccountSession(row) })
}

// SweepAccountSessions deletes dashboard sessions that are over.
func (tx *Tx) SweepAccountSessions(ctx context.Context, now, idleSince time.Time) (int64, error) {
	n, err := tx.exec(ctx, qAccountSessionsSweep, ms(now), ms(idleSince))
	return n, wrap("sweep account sessions", err)
}

// EndAccountSessions ends every dashboard session of every account.
func (tx *Tx) EndAccountSessions(ctx context.Context) (int64, error) {
	n, err := tx.exec(ctx, qAccountSessionsEnd)
	return n, wrap("end account sessions", err)
}

func scanAPIKey(row scanner, more ...any) (k latchkey.APIKey, err error) {
	var permissions, apps string
	var created int64
	var expires, used sql.NullInt64
	dest := append([]any{&k.ID, &k.AccountID, &k.Name, &permissions, &apps, &k.Last4, &created, &expires, &used}, more...)
	if err := row.Scan(dest...); err != nil {
		return k, err
	}
	for _, p := range strings.Fields(permissions) {
		k.Permissions = append(k.Permissions, latchkey.Permission(p))
	}
	k.AppIDs = strings.Fields(apps)
	k.CreatedAt, k.ExpiresAt, k.LastUsedAt = fromMs(created), fromNullMs(expires), fromNullMs(used)
	return k, nil
}

// InsertAPIKey stores a key under its token's hash.
func (tx *Tx) InsertAPIKey(ctx context.Context, token latchkey.Secret, k *latchkey.APIKey) error {
	_, err := tx.exec(ctx, qAPIKeyInsert, k.ID, tokenHash(token), k.AccountID, k.Name, permissionList(k.Permissions),
		strings.Join(k.AppIDs, " "), k.Last4, ms(k.CreatedAt), nullMs(k.ExpiresAt), nullMs(k.LastUsedAt))
	return wrap("insert API key", err)
}

func permissionList(list []latchkey.Permission) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = string(p)
	}
	return strings.Join(names, " ")
}

// APIKeyByToken returns a key that has not expired at now, and whether its
// account is an administrator's; auth.invalid.
func (tx *Tx) APIKeyByToken(ctx context.Context, token latchkey.Secret, now time.Time) (k latchkey.APIKey, administrator bool, err error) {
	return oneAPIKey(tx.queryRow(ctx, qAPIKeyByToken, tokenHash(token), ms(now)))
}

// APIKey is [Tx.APIKeyByToken] of a key by its id.
func (tx *Tx) APIKey(ctx context.Context, id string, now time.Time) (k latchkey.APIKey, administrator bool, err error) {
	return oneAPIKey(tx.queryRow(ctx, qAPIKeyByID, id, ms(now)))
}

func oneAPIKey(row *sql.Row) (k latchkey.APIKey, administrator bool, err error) {
	k, err = scanAPIKey(row, &administrator)
	if isNoRows(err) {
		return k, false, latchkey.Fail(latchkey.CodeAuthInvalid)
	}
	return k, administrator, wrap("read API key", err)
}

// APIKeyUsed records the last use of a key.
func (tx *Tx) APIKeyUsed(ctx context.Context, id string, now time.Time) error {
	_, err := tx.exec(ctx, qAPIKeyUsed, id, ms(now))
	return wrap("update API key", err)
}

// APIKeyOf returns a key of an account, expired or not; api_key.not_found.
func (tx *Tx) APIKeyOf(ctx context.Context, accountID, id string) (latchkey.APIKey, error) {
	k, err := scanAPIKey(tx.queryRow(ctx, qAPIKeyOf, accountID, id))
	if isNoRows(err) {
		return k, latchkey.Fail(latchkey.CodeAPIKeyGone)
	}
	return k, wrap("read API key", err)
}

// LockAPIKey keeps other transactions from changing a key until this one ends,
// and returns it as it then is; api_key.not_found.
func (tx *Tx) LockAPIKey(ctx context.Context, accountID, id string) (latchkey.APIKey, error) {
	if _, err := tx.exec(ctx, qAPIKeyLock, accountID, id); err != nil {
		return latchkey.APIKey{}, wrap("lock API key", err)
	}
	return tx.APIKeyOf(ctx, accountID, id)
}

// UpdateAPIKey stores a changed key, which must be locked.
func (tx *Tx) UpdateAPIKey(ctx context.Context, k *latchkey.APIKey) error {
	tx.mark(k.AccountID, TopicAccess)
	_, err := tx.exec(ctx, qAPIKeyUpdate, k.AccountID, k.ID, k.Name, permissionList(k.Permissions), strings.Join(k.AppIDs, " "), nullMs(k.ExpiresAt))
	return wrap("update API key", err)
}

// DeleteAPIKey revokes a key; api_key.not_found.
func (tx *Tx) DeleteAPIKey(ctx context.Context, accountID, id string) error {
	tx.mark(accountID, TopicAccess)
	n, err := tx.exec(ctx, qAPIKeyDelete, accountID, id)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeAPIKeyGone)
	}
	return wrap("delete API key", err)
}

// APIKeys returns one page of an account's keys.
func (tx *Tx) APIKeys(ctx context.Context, accountID string, k Keyset) ([]latchkey.APIKey, error) {
	text, args := newWhere("k.account_id = ?", accountID).page(`SELECT `+apiKeyColumns+` FROM api_keys k`, "k.id", k)
	return collect(tx, ctx, "list API keys", text, args, func(row scanner) (latchkey.APIKey, error) { return scanAPIKey(row) })
}

func tokenHash(token latchkey.Secret) []byte {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return sum[:]
}
