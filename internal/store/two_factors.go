package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const (
	// An enrolment takes the place of an earlier one, never that of a factor.
	qTwoFactorBegin = `INSERT INTO two_factors (app_id, user_id, seed_sealed, confirmed_at, pending_until, last_step, last_session, tries, tries_since, created_at)
		VALUES ($1, $2, $3, NULL, $4, 0, '', 0, 0, $5)
		ON CONFLICT (app_id, user_id) DO UPDATE SET seed_sealed = excluded.seed_sealed, pending_until = excluded.pending_until, created_at = excluded.created_at
		WHERE two_factors.confirmed_at IS NULL`
	qTwoFactor        = `SELECT seed_sealed, confirmed_at, pending_until, created_at FROM two_factors WHERE app_id = $1 AND user_id = $2`
	qTwoFactorConfirm = `UPDATE two_factors SET confirmed_at = $3, pending_until = NULL, last_step = $4
		WHERE app_id = $1 AND user_id = $2 AND confirmed_at IS NULL AND pending_until > $3`
	// A step is won by one sign-in; the same one made again still has it.
	qTwoFactorStep = `UPDATE two_factors SET last_step = $3, last_session = $4
		WHERE app_id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL AND (last_step < $3 OR last_step = $3 AND last_session = $4 AND $4 <> '')`
	// $4 is when the window that ends now began. One that began later than now
	// is of a clock that has been set back.
	qTwoFactorTry = `UPDATE two_factors SET tries = CASE WHEN tries_since > $4 AND tries_since <= $3 THEN tries + 1 ELSE 1 END,
		tries_since = CASE WHEN tries_since > $4 AND tries_since <= $3 THEN tries_since ELSE $3 END
		WHERE app_id = $1 AND user_id = $2 AND (tries_since <= $4 OR tries_since > $3 OR tries < $5) RETURNING tries, tries_since`
	qTwoFactorTries   = `SELECT tries_since FROM two_factors WHERE app_id = $1 AND user_id = $2`
	qTwoFactorForgive = `UPDATE two_factors SET tries = tries - 1 WHERE app_id = $1 AND user_id = $2 AND tries_since = $3 AND tries > 0`
	qTwoFactorDelete  = `DELETE FROM two_factors WHERE app_id = $1 AND user_id = $2`

	qRecoveryInsert = `INSERT INTO recovery_codes (app_id, user_id, code_hash, used_at, used_session) VALUES ($1, $2, $3, NULL, '')`
	qRecoveryUse    = `UPDATE recovery_codes SET used_at = $4, used_session = $5
		WHERE app_id = $1 AND user_id = $2 AND code_hash = $3 AND (used_at IS NULL OR used_session = $5 AND $5 <> '')`
	qRecoveryLeft   = `SELECT COUNT(*) FROM recovery_codes WHERE app_id = $1 AND user_id = $2 AND used_at IS NULL`
	qRecoveryDelete = `DELETE FROM recovery_codes WHERE app_id = $1 AND user_id = $2`
)

func seedPlace(userID string) secretbox.Place {
	return secretbox.Place{Table: "two_factors", Row: userID, Column: "seed"}
}

// A recovery code is hashed for its user, with the key file's pepper.
func recoveryHash(box *secretbox.Box, appID, userID string, code latchkey.Secret) []byte {
	return box.Lookup("recovery-code", appID, userID, code.Reveal())
}

// BeginTwoFactor stores an enrolment; two_factor.enabled if the user has a
// second factor.
func (tx *Tx) BeginTwoFactor(ctx context.Context, f *latchkey.TwoFactor) error {
	sealed, err := tx.box().Seal(seedPlace(f.UserID), f.Seed)
	if err != nil {
		return fmt.Errorf("seal seed: %w", err)
	}
	n, err := tx.exec(ctx, qTwoFactorBegin, f.AppID, f.UserID, sealed, ms(f.PendingUntil), ms(f.CreatedAt))
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeTwoFactorEnabled)
	}
	return wrap("begin enrolment", err)
}

// TwoFactor returns a user's second factor or enrolment; two_factor.not_enabled
// if there is neither.
func (tx *Tx) TwoFactor(ctx context.Context, appID, userID string) (latchkey.TwoFactor, error) {
	f := latchkey.TwoFactor{AppID: appID, UserID: userID}
	var sealed []byte
	var confirmed, pending sql.NullInt64
	var created int64
	err := tx.queryRow(ctx, qTwoFactor, appID, userID).Scan(&sealed, &confirmed, &pending, &created)
	if isNoRows(err) {
		return f, latchkey.Fail(latchkey.CodeTwoFactorNotEnabled)
	}
	if err != nil {
		return f, wrap("read second factor", err)
	}
	if f.Seed, err = tx.box().Open(seedPlace(userID), sealed); err != nil {
		return f, fmt.Errorf("open seed of user %s: %w", userID, err)
	}
	f.ConfirmedAt, f.PendingUntil, f.CreatedAt = fromNullMs(confirmed), fromNullMs(pending), fromMs(created)
	return f, nil
}

// ConfirmTwoFactor makes an enrolment the user's second factor and uses up the
// step of its first code; won is false if it is over.
func (tx *Tx) ConfirmTwoFactor(ctx context.Context, appID, userID string, step int64, now time.Time) (won bool, err error) {
	tx.mark(appID, TopicUsers)
	n, err := tx.exec(ctx, qTwoFactorConfirm, appID, userID, ms(now), step)
	return n == 1, wrap("confirm enrolment", err)
}

// UseStep uses up a step of a second factor, and every earlier one, for a
// session; won is false if that has been done, unless by the same session.
// With "" it is done for none and never twice.
func (tx *Tx) UseStep(ctx context.Context, appID, userID string, step int64, session string) (won bool, err error) {
	n, err := tx.exec(ctx, qTwoFactorStep, appID, userID, step, session)
	return n == 1, wrap("use code", err)
}

// CodeTry is one of the codes that a user may try in a window.
type CodeTry struct {
	N     int64     // the how manieth
	Since time.Time // when the window began
}

// TryCode counts a code that is about to be tried. It is called in a
// transaction of its own, so that no later failure undoes it. Errors:
// request.rate_limited, two_factor.not_enabled.
func (tx *Tx) TryCode(ctx context.Context, appID, userID string, now time.Time) (try CodeTry, err error) {
	var since int64
	err = tx.queryRow(ctx, qTwoFactorTry, appID, userID, ms(now), ms(now.Add(-latchkey.CodeWindow)), latchkey.CodeTries).Scan(&try.N, &since)
	if err == nil || !isNoRows(err) {
		try.Since = fromMs(since)
		return try, wrap("count code", err)
	}
	if err = tx.queryRow(ctx, qTwoFactorTries, appID, userID).Scan(&since); isNoRows(err) {
		return try, latchkey.Fail(latchkey.CodeTwoFactorNotEnabled)
	}
	if err != nil {
		return try, wrap("read second factor", err)
	}
	e := latchkey.Fail(latchkey.CodeRateLimited)
	e.RetryAfter = fromMs(since).Add(latchkey.CodeWindow).Sub(now)
	return try, e
}

// ForgiveCode takes back what TryCode counted: the code was right.
func (tx *Tx) ForgiveCode(ctx context.Context, appID, userID string, try CodeTry) error {
	_, err := tx.exec(ctx, qTwoFactorForgive, appID, userID, ms(try.Since))
	return wrap("forgive code", err)
}

// DeleteTwoFactor deletes a user's second factor or enrolment with its recovery
// codes.
func (tx *Tx) DeleteTwoFactor(ctx context.Context, appID, userID string) error {
	tx.mark(appID, TopicUsers)
	_, err := tx.exec(ctx, qTwoFactorDelete, appID, userID)
	return wrap("delete second factor", err)
}

// SetRecoveryCodes gives a user new recovery codes, normalized, in place of all
// earlier ones.
func (tx *Tx) SetRecoveryCodes(ctx context.Context, appID, userID string, codes []latchkey.Secret) error {
	if _, err := tx.exec(ctx, qRecoveryDelete, appID, userID); err != nil {
		return wrap("delete recovery codes", err)
	}
	for _, code := range codes {
		if err := tx.later(ctx, qRecoveryInsert, appID, userID, recoveryHash(tx.box(), appID, userID, code)); err != nil {
			return wrap("insert recovery code", err)
		}
	}
	return nil
}

// UseRecoveryCode uses up a recovery code, as [Tx.UseStep] does a step; won is
// false if the user has no such code, or no more.
func (tx *Tx) UseRecoveryCode(ctx context.Context, appID, userID string, code latchkey.Secret, session string, now time.Time) (won bool, err error) {
	n, err := tx.exec(ctx, qRecoveryUse, appID, userID, recoveryHash(tx.box(), appID, userID, code), ms(now), session)
	return n == 1, wrap("use recovery code", err)
}

// RecoveryCodesLeft counts a user's unused recovery codes.
func (tx *Tx) RecoveryCodesLeft(ctx context.Context, appID, userID string) (n int64, err error) {
	err = tx.queryRow(ctx, qRecoveryLeft, appID, userID).Scan(&n)
	return n, wrap("count recovery codes", err)
}
