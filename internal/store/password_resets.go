package store

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	// A user has one link: a newer one takes the place of the one before, unless
	// so many have been made within the hour.
	qResetPut = `INSERT INTO password_resets (app_id, user_id, token_hash, expires_at, made_from, made) VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT (app_id, user_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at,
		made = CASE WHEN password_resets.made_from <= $6 THEN 1 ELSE password_resets.made + 1 END,
		made_from = CASE WHEN password_resets.made_from <= $6 THEN excluded.made_from ELSE password_resets.made_from END
		WHERE password_resets.made_from <= $6 OR password_resets.made < $7`
	qResetOpen = `SELECT user_id FROM password_resets WHERE app_id = $1 AND token_hash = $2 AND expires_at > $3`
	// The guard that of several uses at once lets one through.
	qResetUse    = `UPDATE password_resets SET token_hash = NULL WHERE app_id = $1 AND token_hash = $2 AND expires_at > $3 RETURNING user_id`
	qResetEnd    = `UPDATE password_resets SET token_hash = NULL WHERE app_id = $1 AND user_id = $2`
	qResetsBound = `SELECT r.expires_at FROM password_resets r WHERE r.expires_at <= $1 ORDER BY r.expires_at LIMIT 1 OFFSET $2`
	qResetsSweep = `DELETE FROM password_resets WHERE expires_at <= $1`
)

func resetHash(token latchkey.Secret) []byte {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return sum[:]
}

// NewReset is a link for a new password.
type NewReset struct {
	Token     latchkey.Secret
	ExpiresAt time.Time
	Now       time.Time
	Most      int64 // links of the user within an hour
}

// PutPasswordReset gives a user a link, which ends the one before; made is
// false if there have been too many.
func (tx *Tx) PutPasswordReset(ctx context.Context, user *latchkey.User, r NewReset) (made bool, err error) {
	n, err := tx.exec(ctx, qResetPut, user.AppID, user.ID, resetHash(r.Token), ms(r.ExpiresAt), ms(r.Now), ms(r.Now.Add(-time.Hour)), r.Most)
	return n == 1, wrap("store password reset", err)
}

// OpenPasswordReset returns the user of a link that is still good, and leaves
// it so; password_reset.invalid.
func (tx *Tx) OpenPasswordReset(ctx context.Context, appID string, token latchkey.Secret, now time.Time) (userID string, err error) {
	return tx.resetUser(ctx, qResetOpen, appID, token, now)
}

// UsePasswordReset uses up a link and returns its user; password_reset.invalid.
func (tx *Tx) UsePasswordReset(ctx context.Context, appID string, token latchkey.Secret, now time.Time) (userID string, err error) {
	return tx.resetUser(ctx, qResetUse, appID, token, now)
}

func (tx *Tx) resetUser(ctx context.Context, query, appID string, token latchkey.Secret, now time.Time) (userID string, err error) {
	err = tx.queryRow(ctx, query, appID, resetHash(token), ms(now)).Scan(&userID)
	if isNoRows(err) {
		return "", latchkey.Fail(latchkey.CodeResetInvalid)
	}
	return userID, wrap("read password reset", err)
}

// EndPasswordReset makes a user's link, if there is one, good for nothing.
func (tx *Tx) EndPasswordReset(ctx context.Context, appID, userID string) error {
	_, err := tx.exec(ctx, qResetEnd, appID, userID)
	return wrap("end password reset", err)
}

// SweepPasswordResets deletes about limit links that had expired at now.
func (tx *Tx) SweepPasswordResets(ctx context.Context, now time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qResetsBound, qResetsSweep, now, limit)
	return n, wrap("sweep password resets", err)
}
