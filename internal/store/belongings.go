package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	// The update both finds the user and locks it. It returns userColumns,
	// which SQLite does not know by an alias here.
	qUserEnters = `UPDATE users SET last_sign_in_at = $3, last_ip = $4 WHERE app_id = $1 AND name_hash = $2
		RETURNING id, app_id, name, name_sealed, license_named, password_state, password_hash, password_until,
		email_sealed, hwid_affected, device_limit, banned_at, ban_reason, banned_with, auth_version, created_at,
		created_by, license_id, last_sign_in_at, last_ip, devices_reset_at, reset_requested_at, reset_declined_at,
		two_factor_at, updated_at`

	// Whether the app is paused is read here, and not taken from who calls:
	// another server may have paused it this moment.
	qBelongings = `SELECT ` + holdingColumns + `, a.paused_at, COALESCE(d.id, ''), COALESCE(d.last_seen_at, 0)
		FROM user_subscriptions us
		JOIN apps a ON a.id = us.app_id
		JOIN subscriptions s ON s.app_id = us.app_id AND s.id = us.subscription_id
		LEFT JOIN licenses l ON l.app_id = us.app_id AND l.id = us.license_id
		LEFT JOIN devices d ON d.app_id = us.app_id AND d.user_id = us.user_id AND d.hwid_hash = $3
		WHERE us.app_id = $1 AND us.user_id = $2`
)

// EnterByLicense is [Tx.UserByLicense] and [Tx.UserSignedIn] in one: it returns
// the user who was made by a license alone, locked, its last sign-in recorded;
// user.not_found. A refusal afterwards must end the transaction.
func (tx *Tx) EnterByLicense(ctx context.Context, appID string, key latchkey.Secret, ip string, now time.Time) (latchkey.User, error) {
	return tx.oneUser(tx.queryRow(ctx, qUserEnters, appID, licenseUserHash(tx.box(), appID, key.Reveal()), ms(now), ip))
}

// Belongings is what a user has.
type Belongings struct {
	Holdings []latchkey.Holding // oldest first
	Device   BoundDevice        // the one with a certain hardware id
	HWID     latchkey.HWIDKey   // of that hardware id, as [DB.HWIDKey] has it
}

// BoundDevice is a device that is bound.
type BoundDevice struct {
	ID       string // "" if there is none, or it was not looked for
	LastSeen time.Time
}

// Belongings returns what a user of an app holds, and the device of a hardware
// id. Of users who hold nothing it finds no device; [Tx.FindDevice] does.
func (tx *Tx) Belongings(ctx context.Context, appID, userID string, hwid latchkey.Secret) (b Belongings, err error) {
	hash := hwidHash(tx.box(), appID, hwid)
	if hwid != "" {
		copy(b.HWID[:], hash)
	}
	args := []any{appID, userID, hash}
	b.Holdings, err = collect(tx, ctx, "list belongings", qBelongings, args, func(row scanner) (latchkey.Holding, error) {
		var paused sql.NullInt64
		var seen int64
		h, err := tx.scanHolding(row, &paused, &b.Device.ID, &seen)
		b.Device.LastSeen, h.AppPausedAt = fromMs(seen), fromNullMs(paused)
		return h, err
	})
	slices.SortFunc(b.Holdings, func(a, b latchkey.Holding) int { return cmp.Compare(a.ID, b.ID) })
	return b, err
}
