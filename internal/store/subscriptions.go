package store

import (
	"context"
	"database/sql"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const subscriptionSelect = `SELECT id, app_id, name, level, paused_at, created_at, updated_at FROM subscriptions `

const (
	qSubscriptionInsert = `INSERT INTO subscriptions (id, app_id, name, level, paused_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	qSubscriptionByID     = subscriptionSelect + `WHERE app_id = $1 AND id = $2`
	qSubscriptionsOfLevel = subscriptionSelect + `WHERE app_id = $1 AND level = $2 ORDER BY id`
	qSubscriptionsPaused  = subscriptionSelect + `WHERE app_id = $1 AND paused_at IS NOT NULL ORDER BY id`
	qSubscriptionUpdate   = `UPDATE subscriptions SET name = $3, level = $4, paused_at = $5, updated_at = $6 WHERE app_id = $1 AND id = $2`
	qSubscriptionLock     = `UPDATE subscriptions SET updated_at = updated_at WHERE app_id = $1 AND id = $2`
	qSubscriptionDelete   = `DELETE FROM subscriptions WHERE app_id = $1 AND id = $2`
)

func scanSubscription(row scanner) (s latchkey.Subscription, err error) {
	var paused sql.NullInt64
	var created, updated int64
	if err := row.Scan(&s.ID, &s.AppID, &s.Name, &s.Level, &paused, &created, &updated); err != nil {
		return s, err
	}
	s.PausedAt, s.CreatedAt, s.UpdatedAt = fromNullMs(paused), fromMs(created), fromMs(updated)
	return s, nil
}

// InsertSubscription stores a new subscription; subscription.exists.
func (tx *Tx) InsertSubscription(ctx context.Context, s *latchkey.Subscription) error {
	_, err := tx.exec(ctx, qSubscriptionInsert, s.ID, s.AppID, s.Name, s.Level, nullMs(s.PausedAt), ms(s.CreatedAt), ms(s.UpdatedAt))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeSubscriptionExists)
	}
	return wrap("insert subscription", err)
}

// Subscription returns a subscription by id; subscription.not_found.
func (tx *Tx) Subscription(ctx context.Context, appID, id string) (latchkey.Subscription, error) {
	s, err := scanSubscription(tx.queryRow(ctx, qSubscriptionByID, appID, id))
	if isNoRows(err) {
		return s, latchkey.Fail(latchkey.CodeSubscriptionNotFound)
	}
	return s, wrap("read subscription", err)
}

// LockSubscription keeps other transactions from changing the subscription
// until this one ends, and returns it as it then is.
func (tx *Tx) LockSubscription(ctx context.Context, appID, id string) (latchkey.Subscription, error) {
	if _, err := tx.exec(ctx, qSubscriptionLock, appID, id); err != nil {
		return latchkey.Subscription{}, wrap("lock subscription", err)
	}
	return tx.Subscription(ctx, appID, id)
}

// SubscriptionsOfLevel returns every subscription of a level, oldest first.
func (tx *Tx) SubscriptionsOfLevel(ctx context.Context, appID string, level int64) ([]latchkey.Subscription, error) {
	return collect(tx, ctx, "list subscriptions", qSubscriptionsOfLevel, []any{appID, level}, scanSubscription)
}

// PausedSubscriptions returns every paused subscription of an app.
func (tx *Tx) PausedSubscriptions(ctx context.Context, appID string) ([]latchkey.Subscription, error) {
	return collect(tx, ctx, "list subscriptions", qSubscriptionsPaused, []any{appID}, scanSubscription)
}

// Subscriptions returns one page.
func (tx *Tx) Subscriptions(ctx context.Context, appID string, k Keyset) ([]latchkey.Subscription, error) {
	text, args := newWhere("app_id = ?", appID).page(subscriptionSelect, "id", k)
	return collect(tx, ctx, "list subscriptions", text, args, scanSubscription)
}

// UpdateSubscription stores a changed subscription; subscription.exists.
func (tx *Tx) UpdateSubscription(ctx context.Context, s *latchkey.Subscription) error {
	tx.touch(stampApp, s.AppID)
	tx.mark(s.AppID, TopicUsers) // who holds it
	_, err := tx.exec(ctx, qSubscriptionUpdate, s.AppID, s.ID, s.Name, s.Level, nullMs(s.PausedAt), ms(s.UpdatedAt))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeSubscriptionExists)
	}
	return wrap("update subscription", err)
}

// DeleteSubscription deletes a subscription and takes it from its holders.
func (tx *Tx) DeleteSubscription(ctx context.Context, appID, id string) error {
	tx.touch(stampApp, appID)
	tx.mark(appID, TopicUsers)
	if _, err := tx.exec(ctx, qHoldersLose, appID, id); err != nil {
		return wrap("delete subscription", err)
	}
	_, err := tx.exec(ctx, qSubscriptionDelete, appID, id)
	return wrap("delete subscription", err)
}
