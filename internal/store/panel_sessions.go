package store

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const panelSessionColumns = `p.id, p.app_id, p.user_id, p.auth_version, p.ip, p.user_agent, p.created_at, p.last_seen_at, p.expires_at`

const (
	qPanelSessionInsert = `INSERT INTO panel_sessions (token_hash, id, app_id, user_id, auth_version, ip, user_agent, created_at, last_seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	// A session of an older password (auth_version) is none, nor is one of a
	// banned user.
	qPanelSession = `SELECT ` + panelSessionColumns + `, u.name, u.name_sealed, u.license_named FROM panel_sessions p
		JOIN users u ON u.app_id = p.app_id AND u.id = p.user_id AND u.auth_version = p.auth_version AND u.banned_at IS NULL
		WHERE p.token_hash = $1 AND p.app_id = $2 AND p.expires_at > $3 AND p.last_seen_at > $4 AND p.created_at >= $5`
	qPanelSessionSeen   = `UPDATE panel_sessions SET last_seen_at = $2 WHERE token_hash = $1`
	qPanelSessionRenew  = `UPDATE panel_sessions SET token_hash = $2, auth_version = $3 WHERE token_hash = $1`
	qPanelSessionDelete = `DELETE FROM panel_sessions WHERE app_id = $1 AND user_id = $2 AND id = $3`
	qPanelSessions      = `SELECT ` + panelSessionColumns + ` FROM panel_sessions p
		JOIN users u ON u.app_id = p.app_id AND u.id = p.user_id AND u.auth_version = p.auth_version
		WHERE p.app_id = $1 AND p.user_id = $2 AND p.expires_at > $3 AND p.last_seen_at > $4 AND p.created_at >= $5
		ORDER BY p.id DESC LIMIT $6`
	qPanelSessionsBound = `SELECT expires_at FROM panel_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT 1 OFFSET $2`
	qPanelSessionsSweep = `DELETE FROM panel_sessions WHERE expires_at <= $1`
)

func scanPanelSession(row scanner, more ...any) (p latchkey.PanelSession, err error) {
	var created, seen, expires int64
	dest := append([]any{&p.ID, &p.AppID, &p.UserID, &p.AuthVersion, &p.IP, &p.UserAgent, &created, &seen, &expires}, more...)
	if err := row.Scan(dest...); err != nil {
		return p, err
	}
	p.CreatedAt, p.LastSeenAt, p.ExpiresAt = fromMs(created), fromMs(seen), fromMs(expires)
	return p, nil
}

// InsertPanelSession stores a customer's sign-in to their own page.
func (tx *Tx) InsertPanelSession(ctx context.Context, token latchkey.Secret, p *latchkey.PanelSession) error {
	_, err := tx.exec(ctx, qPanelSessionInsert, tokenHash(token), p.ID, p.AppID, p.UserID, p.AuthVersion, p.IP, p.UserAgent,
		ms(p.CreatedAt), ms(p.LastSeenAt), ms(p.ExpiresAt))
	return wrap("insert panel session", err)
}

// PanelTimes are what a session must keep to be open: not expired at Now, seen
// after Idle, begun at or after From.
type PanelTimes struct{ Now, Idle, From time.Time }

// PanelSession returns the open session of a token, with its user's name;
// auth.invalid.
func (tx *Tx) PanelSession(ctx context.Context, appID string, token latchkey.Secret, t PanelTimes) (p latchkey.PanelSession, name string, licenseNamed bool, err error) {
	var sealed []byte
	p, err = scanPanelSession(tx.queryRow(ctx, qPanelSession, tokenHash(token), appID, ms(t.Now), ms(t.Idle), ms(t.From)), &name, &sealed, &licenseNamed)
	if isNoRows(err) {
		return p, "", false, latchkey.Fail(latchkey.CodeAuthInvalid)
	}
	if err != nil {
		return p, "", false, wrap("read panel session", err)
	}
	if sealed != nil {
		name, err = tx.openUserName(p.UserID, sealed)
	}
	return p, name, licenseNamed, err
}

// PanelSessionSeen records that a session is in use.
func (tx *Tx) PanelSessionSeen(ctx context.Context, token latchkey.Secret, now time.Time) error {
	_, err := tx.exec(ctx, qPanelSessionSeen, tokenHash(token), ms(now))
	return wrap("update panel session", err)
}

// RenewPanelSession lets a session go on under another token after its user's
// AuthVersion has grown. The old token is dead.
func (tx *Tx) RenewPanelSession(ctx context.Context, token, next latchkey.Secret, authVersion int64) error {
	_, err := tx.exec(ctx, qPanelSessionRenew, tokenHash(token), tokenHash(next), authVersion)
	return wrap("renew panel session", err)
}

// DeletePanelSession ends one of a user's sessions; session.not_found.
func (tx *Tx) DeletePanelSession(ctx context.Context, appID, userID, id string) error {
	n, err := tx.exec(ctx, qPanelSessionDelete, appID, userID, id)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return wrap("delete panel session", err)
}

// PanelSessions returns a user's newest open sessions.
func (tx *Tx) PanelSessions(ctx context.Context, appID, userID string, t PanelTimes, limit int) ([]latchkey.PanelSession, error) {
	return collect(tx, ctx, "list panel sessions", qPanelSessions, []any{appID, userID, ms(t.Now), ms(t.Idle), ms(t.From), limit},
		func(row scanner) (latchkey.PanelSession, error) { return scanPanelSession(row) })
}

// SweepPanelSessions deletes about limit sessions that had expired at now.
func (tx *Tx) SweepPanelSessions(ctx context.Context, now time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qPanelSessionsBound, qPanelSessionsSweep, now, limit)
	return n, wrap("sweep panel sessions", err)
}
