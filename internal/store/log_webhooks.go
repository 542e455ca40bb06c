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
	qLogWebhookPut = `INSERT INTO log_webhooks (app_id, url_sealed, error, created_at, stopped_at) VALUES ($1, $2, '', $3, NULL)
		ON CONFLICT (app_id) DO UPDATE SET url_sealed = excluded.url_sealed, error = '', created_at = excluded.created_at, stopped_at = NULL`
	qLogWebhook       = `SELECT url_sealed, error, created_at, stopped_at FROM log_webhooks WHERE app_id = $1`
	qLogWebhookOn     = `SELECT COUNT(*) FROM log_webhooks WHERE app_id = $1 AND stopped_at IS NULL`
	qLogWebhookStop   = `UPDATE log_webhooks SET error = $2, stopped_at = $3 WHERE app_id = $1 AND created_at = $4 AND stopped_at IS NULL`
	qLogWebhookDelete = `DELETE FROM log_webhooks WHERE app_id = $1`
)

func logWebhookPlace(appID string) secretbox.Place {
	return secretbox.Place{Table: "log_webhooks", Row: appID, Column: "url"}
}

// PutLogWebhook stores where an app's log lines go.
func (tx *Tx) PutLogWebhook(ctx context.Context, h *latchkey.LogWebhook) error {
	tx.touch(stampApp, h.AppID)
	sealed, err := tx.box().Seal(logWebhookPlace(h.AppID), []byte(h.URL.Reveal()))
	if err != nil {
		return fmt.Errorf("seal log webhook: %w", err)
	}
	_, err = tx.exec(ctx, qLogWebhookPut, h.AppID, sealed, ms(h.CreatedAt))
	return wrap("store log webhook", err)
}

// LogWebhook returns where an app's log lines go; log_webhook.not_set.
func (tx *Tx) LogWebhook(ctx context.Context, appID string) (h latchkey.LogWebhook, err error) {
	var sealed []byte
	var created int64
	var stopped sql.NullInt64
	err = tx.queryRow(ctx, qLogWebhook, appID).Scan(&sealed, &h.Error, &created, &stopped)
	if isNoRows(err) {
		return h, latchkey.Fail(latchkey.CodeLogWebhookNotSet)
	}
	if err != nil {
		return h, wrap("read log webhook", err)
	}
	url, err := tx.box().Open(logWebhookPlace(appID), sealed)
	if err != nil {
		return h, fmt.Errorf("open log webhook of app %s: %w", appID, err)
	}
	h.AppID, h.URL, h.CreatedAt, h.StoppedAt = appID, latchkey.Secret(url), fromMs(created), fromNullMs(stopped)
	return h, nil
}

// HasLogWebhook reports whether an app's log lines are posted.
func (tx *Tx) HasLogWebhook(ctx context.Context, appID string) (bool, error) {
	var n int64
	err := tx.queryRow(ctx, qLogWebhookOn, appID).Scan(&n)
	return n > 0, wrap("read log webhook", err)
}

// StopLogWebhook notes that the receiver wants no more, if the webhook is still
// the one that was read; stopped is false otherwise.
func (tx *Tx) StopLogWebhook(ctx context.Context, h *latchkey.LogWebhook, why string, now time.Time) (stopped bool, err error) {
	tx.touch(stampApp, h.AppID)
	n, err := tx.exec(ctx, qLogWebhookStop, h.AppID, why, ms(now), ms(h.CreatedAt))
	return n == 1, wrap("stop log webhook", err)
}

// DeleteLogWebhook forgets where an app's log lines go; log_webhook.not_set.
func (tx *Tx) DeleteLogWebhook(ctx context.Context, appID string) error {
	tx.touch(stampApp, appID)
	n, err := tx.exec(ctx, qLogWebhookDelete, appID)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeLogWebhookNotSet)
	}
	return wrap("delete log webhook", err)
}
