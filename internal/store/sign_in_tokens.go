package store

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	qSignInTokenInsert = `INSERT INTO sign_in_tokens (token_hash, app_id, user_id, auth_version, expires_at, used_at, used_session)
		VALUES ($1, $2, $3, $4, $5, NULL, '')`
	// One sign-in has it; the same one made again still has it.
	qSignInTokenUse = `UPDATE sign_in_tokens SET used_at = $5, used_session = $6
		WHERE token_hash = $1 AND app_id = $2 AND user_id = $3 AND auth_version = $4 AND expires_at > $5 AND (used_at IS NULL OR used_session = $6)`
	qSignInTokensBound = `SELECT expires_at FROM sign_in_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT 1 OFFSET $2`
	qSignInTokensSweep = `DELETE FROM sign_in_tokens WHERE expires_at <= $1`
)

// InsertSignInToken stores a token by which a program signs a user in once. It
// dies when their AuthVersion grows.
func (tx *Tx) InsertSignInToken(ctx context.Context, token latchkey.Secret, user *latchkey.User, expires time.Time) error {
	_, err := tx.exec(ctx, qSignInTokenInsert, tokenHash(token), user.AppID, user.ID, user.AuthVersion, ms(expires))
	return wrap("insert sign-in token", err)
}

// UseSignInToken uses up a token of a user for a session; won is false if it is
// not theirs, over, or used by another session.
func (tx *Tx) UseSignInToken(ctx context.Context, token latchkey.Secret, user *latchkey.User, session string, now time.Time) (won bool, err error) {
	n, err := tx.exec(ctx, qSignInTokenUse, tokenHash(token), user.AppID, user.ID, user.AuthVersion, ms(now), session)
	return n == 1, wrap("use sign-in token", err)
}

// SweepSignInTokens deletes about limit tokens that had expired at now.
func (tx *Tx) SweepSignInTokens(ctx context.Context, now time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qSignInTokensBound, qSignInTokensSweep, now, limit)
	return n, wrap("sweep sign-in tokens", err)
}
