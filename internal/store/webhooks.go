package store

import (
	"context"
	"fmt"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const webhookSelect = `SELECT id, app_id, name, url_sealed, user_agent, needs_sign_in, min_level, show_answer, created_at, updated_at FROM webhooks`

const (
	qWebhookInsert = `INSERT INTO webhooks (id, app_id, name, url_sealed, user_agent, needs_sign_in, min_level, show_answer, created_at, updated_at, folded_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	qWebhookByID   = webhookSelect + ` WHERE app_id = $1 AND id = $2`
	qWebhookUpdate = `UPDATE webhooks SET name = $3, url_sealed = $4, user_agent = $5, needs_sign_in = $6, min_level = $7, show_answer = $8, updated_at = $9, folded_name = $10
		WHERE app_id = $1 AND id = $2`
	qWebhookLock   = `UPDATE webhooks SET updated_at = updated_at WHERE app_id = $1 AND id = $2`
	qWebhookDelete = `DELETE FROM webhooks WHERE app_id = $1 AND id = $2`
)

func webhookPlace(id string) secretbox.Place {
	return secretbox.Place{Table: "webhooks", Row: id, Column: "url"}
}

func (tx *Tx) scanWebhook(row scanner) (w latchkey.Webhook, err error) {
	var sealed []byte
	var needs, shows, created, updated int64
	if err := row.Scan(&w.ID, &w.AppID, &w.Name, &sealed, &w.UserAgent, &needs, &w.MinLevel, &shows, &created, &updated); err != nil {
		return w, err
	}
	url, err := tx.box().Open(webhookPlace(w.ID), sealed)
	if err != nil {
		return w, fmt.Errorf("open address of webhook %s: %w", w.ID, err)
	}
	w.URL, w.NeedsSignIn, w.ShowAnswer = latchkey.Secret(url), needs != 0, shows != 0
	w.CreatedAt, w.UpdatedAt = fromMs(created), fromMs(updated)
	return w, nil
}

func (tx *Tx) sealWebhook(w *latchkey.Webhook) ([]byte, error) {
	sealed, err := tx.box().Seal(webhookPlace(w.ID), []byte(w.URL.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("seal address: %w", err)
	}
	return sealed, nil
}

// InsertWebhook stores a new webhook; webhook.exists.
func (tx *Tx) InsertWebhook(ctx context.Context, w *latchkey.Webhook) error {
	url, err := tx.sealWebhook(w)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, qWebhookInsert, w.ID, w.AppID, w.Name, url, w.UserAgent, boolInt(w.NeedsSignIn), w.MinLevel, boolInt(w.ShowAnswer),
		ms(w.CreatedAt), ms(w.UpdatedAt), foldNote(w.Name))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeWebhookExists)
	}
	return wrap("insert webhook", err)
}

// Webhook returns a webhook by id; webhook.not_found.
func (tx *Tx) Webhook(ctx context.Context, appID, id string) (latchkey.Webhook, error) {
	w, err := tx.scanWebhook(tx.queryRow(ctx, qWebhookByID, appID, id))
	if isNoRows(err) {
		return w, latchkey.Fail(latchkey.CodeWebhookNotFound)
	}
	return w, wrap("read webhook", err)
}

// LockWebhook keeps other transactions from changing the webhook until this one
// ends, and returns it as it then is.
func (tx *Tx) LockWebhook(ctx context.Context, appID, id string) (latchkey.Webhook, error) {
	if _, err := tx.exec(ctx, qWebhookLock, appID, id); err != nil {
		return latchkey.Webhook{}, wrap("lock webhook", err)
	}
	return tx.Webhook(ctx, appID, id)
}

// Webhooks returns one page.
func (tx *Tx) Webhooks(ctx context.Context, appID string, q NamedQuery) ([]latchkey.Webhook, error) {
	text, args := q.page(appID, webhookSelect, "folded_name")
	return collect(tx, ctx, "list webhooks", text, args, tx.scanWebhook)
}

// UpdateWebhook stores a changed webhook; webhook.exists.
func (tx *Tx) UpdateWebhook(ctx context.Context, w *latchkey.Webhook) error {
	url, err := tx.sealWebhook(w)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, qWebhookUpdate, w.AppID, w.ID, w.Name, url, w.UserAgent, boolInt(w.NeedsSignIn), w.MinLevel, boolInt(w.ShowAnswer), ms(w.UpdatedAt), foldNote(w.Name))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeWebhookExists)
	}
	return wrap("update webhook", err)
}

// DeleteWebhook deletes a webhook.
func (tx *Tx) DeleteWebhook(ctx context.Context, appID, id string) error {
	_, err := tx.exec(ctx, qWebhookDelete, appID, id)
	return wrap("delete webhook", err)
}
