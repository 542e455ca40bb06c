package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const holdingColumns = `us.id, us.app_id, us.user_id, us.subscription_id, us.license_id, us.expires_at, us.paused_at, us.created_at,
	us.updated_at, s.name, s.level, s.paused_at, COALESCE(l.id, ''), l.key_sealed`

const holdingSelect = `SELECT ` + holdingColumns + `, a.paused_at FROM user_subscriptions us
	JOIN subscriptions s ON s.app_id = us.app_id AND s.id = us.subscription_id
	JOIN apps a ON a.id = us.app_id
	LEFT JOIN licenses l ON l.app_id = us.app_id AND l.id = us.license_id `

const (
	qHoldingsOfUser = holdingSelect + `WHERE us.app_id = $1 AND us.user_id = $2 ORDER BY us.id`
	qHolding        = holdingSelect + `WHERE us.app_id = $1 AND us.user_id = $2 AND us.subscription_id = $3`
	qHoldingInsert  = `INSERT INTO user_subscriptions (id, app_id, user_id, subscription_id, license_id, expires_at, paused_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	qHoldingUpdate = `UPDATE user_subscriptions SET license_id = $4, expires_at = $5, paused_at = $6, updated_at = $7
		WHERE app_id = $1 AND user_id = $2 AND id = $3`
	qHoldingDelete = `DELETE FROM user_subscriptions WHERE app_id = $1 AND user_id = $2 AND subscription_id = $3`
	qUserHolds     = `UPDATE users SET holdings = holdings + $3 WHERE app_id = $1 AND id = $2`
	qHoldersLose   = `UPDATE users SET holdings = holdings - 1 WHERE app_id = $1
		AND id IN (SELECT us.user_id FROM user_subscriptions us WHERE us.app_id = $1 AND us.subscription_id = $2)`

	// Resuming gives holders the time back that this pause alone froze: until
	// the earliest other pause that still lies on the holding ($4), or until
	// now ($3). Holdings that had expired before stay expired. The CASEs are
	// latchkey.ResumeShift in SQL.
	qHoldingsResumeSubscription = `UPDATE user_subscriptions
		SET expires_at = expires_at + (CASE WHEN paused_at IS NOT NULL AND paused_at < $4 THEN paused_at ELSE $4 END) - $3
		WHERE app_id = $1 AND subscription_id = $2 AND expires_at > $3
		AND (CASE WHEN paused_at IS NOT NULL AND paused_at < $4 THEN paused_at ELSE $4 END) > $3`
	qHoldingsResumeApp = `UPDATE user_subscriptions
		SET expires_at = expires_at + (CASE WHEN paused_at IS NOT NULL AND paused_at < $3 THEN paused_at ELSE $3 END) - $2
		WHERE app_id = $1 AND expires_at > $2
		AND (CASE WHEN paused_at IS NOT NULL AND paused_at < $3 THEN paused_at ELSE $3 END) > $2
		AND subscription_id IN (SELECT s.id FROM subscriptions s WHERE s.app_id = $1 AND s.paused_at IS NULL)`

	qHolderCount = `SELECT COUNT(*), COALESCE(SUM(CASE WHEN us.expires_at IS NULL OR us.expires_at > $3 OR us.expires_at > us.paused_at THEN 1 ELSE 0 END), 0)
		FROM user_subscriptions us WHERE us.app_id = $1 AND us.subscription_id = $2`
)

// scanHolding scans holdingColumns, and what follows them into more.
func (tx *Tx) scanHolding(row scanner, more ...any) (h latchkey.Holding, err error) {
	var expires, paused, subPaused sql.NullInt64
	var created, updated int64
	var licenseID string
	var sealed []byte
	dest := append([]any{&h.ID, &h.AppID, &h.UserID, &h.SubscriptionID, &h.LicenseID, &expires, &paused, &created, &updated,
		&h.Name, &h.Level, &subPaused, &licenseID, &sealed}, more...)
	if err := row.Scan(dest...); err != nil {
		return h, err
	}
	if licenseID != "" {
		key, err := tx.box().Open(licensePlace(licenseID), sealed)
		if err != nil {
			return h, fmt.Errorf("open key of license %s: %w", licenseID, err)
		}
		h.LicenseKey = latchkey.Secret(key)
	}
	h.ExpiresAt, h.PausedAt = fromNullMs(expires), fromNullMs(paused)
	h.SubscriptionPausedAt = fromNullMs(subPaused)
	h.CreatedAt, h.UpdatedAt = fromMs(created), fromMs(updated)
	return h, nil
}

// scanWholeHolding scans a row of holdingSelect.
func (tx *Tx) scanWholeHolding(row scanner) (latchkey.Holding, error) {
	var appPaused sql.NullInt64
	h, err := tx.scanHolding(row, &appPaused)
	h.AppPausedAt = fromNullMs(appPaused)
	return h, err
}

// Holdings returns what a user holds, oldest first.
func (tx *Tx) Holdings(ctx context.Context, appID, userID string) ([]latchkey.Holding, error) {
	return collect(tx, ctx, "list holdings", qHoldingsOfUser, []any{appID, userID}, tx.scanWholeHolding)
}

// HoldingsOf returns what each of certain users holds, oldest first, in one
// statement for all of a page.
func (tx *Tx) HoldingsOf(ctx context.Context, appID string, userIDs []string) (map[string][]latchkey.Holding, error) {
	list, err := ofUsers(tx, ctx, "list holdings", holdingSelect, "us", appID, userIDs, tx.scanWholeHolding)
	sortByID(list, func(h *latchkey.Holding) string { return h.ID }, true)
	return grouped(list, func(h *latchkey.Holding) string { return h.UserID }), err
}

// Holding returns one holding; subscription.not_held.
func (tx *Tx) Holding(ctx context.Context, appID, userID, subscriptionID string) (latchkey.Holding, error) {
	h, err := tx.scanWholeHolding(tx.queryRow(ctx, qHolding, appID, userID, subscriptionID))
	if isNoRows(err) {
		return h, latchkey.Fail(latchkey.CodeSubscriptionNotHeld)
	}
	return h, wrap("read holding", err)
}

// InsertHolding stores a new holding. The user must be locked.
func (tx *Tx) InsertHolding(ctx context.Context, h *latchkey.UserSubscription) error {
	tx.touch(stampUser, h.UserID)
	tx.mark(h.AppID, TopicUsers)
	err := tx.later(ctx, qHoldingInsert, h.ID, h.AppID, h.UserID, h.SubscriptionID, h.LicenseID, nullMs(h.ExpiresAt),
		nullMs(h.PausedAt), ms(h.CreatedAt), ms(h.UpdatedAt))
	if err == nil {
		err = tx.later(ctx, qUserHolds, h.AppID, h.UserID, 1)
	}
	return wrap("insert holding", err)
}

// UpdateHolding stores a changed holding. The user must be locked.
func (tx *Tx) UpdateHolding(ctx context.Context, h *latchkey.UserSubscription) error {
	tx.touch(stampUser, h.UserID)
	tx.mark(h.AppID, TopicUsers)
	err := tx.later(ctx, qHoldingUpdate, h.AppID, h.UserID, h.ID, h.LicenseID, nullMs(h.ExpiresAt), nullMs(h.PausedAt), ms(h.UpdatedAt))
	return wrap("update holding", err)
}

// DeleteHolding takes a subscription from a user; subscription.not_held.
func (tx *Tx) DeleteHolding(ctx context.Context, appID, userID, subscriptionID string) error {
	tx.touch(stampUser, userID)
	tx.mark(appID, TopicUsers)
	n, err := tx.exec(ctx, qHoldingDelete, appID, userID, subscriptionID)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeSubscriptionNotHeld)
	}
	if err == nil {
		_, err = tx.exec(ctx, qUserHolds, appID, userID, -1)
	}
	return wrap("delete holding", err)
}

// ResumeSubscriptionHoldings moves the expiry of every holder when a pause of
// the subscription since pausedAt ends; clock is the earlier of now and a pause
// of the whole app.
func (tx *Tx) ResumeSubscriptionHoldings(ctx context.Context, appID, subscriptionID string, pausedAt, clock time.Time) error {
	tx.touch(stampApp, appID)
	tx.mark(appID, TopicUsers)
	_, err := tx.exec(ctx, qHoldingsResumeSubscription, appID, subscriptionID, ms(pausedAt), ms(clock))
	return wrap("resume holdings", err)
}

// ResumeAppHoldings does the same for every holding of an app, minding the
// subscriptions that stay paused.
func (tx *Tx) ResumeAppHoldings(ctx context.Context, appID string, pausedAt, now time.Time, paused []latchkey.Subscription) error {
	tx.touch(stampApp, appID)
	tx.mark(appID, TopicUsers)
	if _, err := tx.exec(ctx, qHoldingsResumeApp, appID, ms(pausedAt), ms(now)); err != nil {
		return wrap("resume holdings", err)
	}
	for _, s := range paused {
		clock := latchkey.Frozen(now, s.PausedAt)
		if _, err := tx.exec(ctx, qHoldingsResumeSubscription, appID, s.ID, ms(pausedAt), ms(clock)); err != nil {
			return wrap("resume holdings", err)
		}
	}
	return nil
}

// HolderCount counts the holders of a subscription, and those whose time was
// not over at clock.
func (tx *Tx) HolderCount(ctx context.Context, appID, subscriptionID string, clock time.Time) (holders, active int64, err error) {
	err = tx.queryRow(ctx, qHolderCount, appID, subscriptionID, ms(clock)).Scan(&holders, &active)
	return holders, active, wrap("count holders", err)
}
