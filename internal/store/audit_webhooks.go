package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const auditWebhookColumns = `w.app_id, w.url_sealed, w.secret_sealed, w.old_sealed, w.old_until, w.delivered_seq, w.batch_seq, w.lease, w.due_at,
	w.failures, w.failing_since, w.error, w.delivered_at, w.stopped_at, w.created_at`

// auditWebhookBehind holds where the log has what the receiver has not.
const auditWebhookBehind = `w.stopped_at IS NULL AND (SELECT h.seq FROM audit_heads h WHERE h.chain = w.app_id) > w.delivered_seq`

const (
	qAuditWebhook     = `SELECT ` + auditWebhookColumns + ` FROM audit_webhooks w WHERE w.app_id = $1`
	qAuditWebhookLock = `UPDATE audit_webhooks SET failures = failures WHERE app_id = $1`
	qAuditWebhookPut  = `INSERT INTO audit_webhooks (app_id, url_sealed, secret_sealed, old_sealed, old_until, delivered_seq, batch_seq, lease, due_at,
			failures, failing_since, error, delivered_at, stopped_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (app_id) DO UPDATE SET url_sealed = excluded.url_sealed, secret_sealed = excluded.secret_sealed, old_sealed = excluded.old_sealed,
			old_until = excluded.old_until, delivered_seq = excluded.delivered_seq, batch_seq = excluded.batch_seq, lease = excluded.lease,
			due_at = excluded.due_at, failures = excluded.failures, failing_since = excluded.failing_since, error = excluded.error,
			delivered_at = excluded.delivered_at, stopped_at = excluded.stopped_at, created_at = excluded.created_at`
	qAuditWebhookDelete = `DELETE FROM audit_webhooks WHERE app_id = $1`

	qAuditWebhooksDue = `SELECT w.app_id, w.due_at, w.lease, w.delivered_seq, w.batch_seq, h.seq
		FROM audit_webhooks w JOIN audit_heads h ON h.chain = w.app_id
		WHERE w.due_at <= $1 AND w.failures = 0 AND ` + auditWebhookBehind + ` ORDER BY w.due_at LIMIT $2`
	qAuditWebhooksLate = `SELECT w.app_id, w.due_at, w.lease, w.delivered_seq, w.batch_seq, h.seq
		FROM audit_webhooks w JOIN audit_heads h ON h.chain = w.app_id
		WHERE w.due_at <= $1 AND w.failures > 0 AND ` + auditWebhookBehind + ` ORDER BY w.due_at LIMIT $2`
	qAuditWebhookNext  = `SELECT w.due_at FROM audit_webhooks w WHERE w.due_at > $1 AND ` + auditWebhookBehind + ` ORDER BY w.due_at LIMIT 1`
	qAuditWebhookLease = `UPDATE audit_webhooks SET lease = $2, due_at = $3, batch_seq = $4
		WHERE app_id = $1 AND lease = $5 AND due_at = $6 AND delivered_seq = $7 AND stopped_at IS NULL`
	qAuditWebhookEnd = `UPDATE audit_webhooks SET lease = 0, due_at = $3, delivered_seq = $4, batch_seq = $5, failures = $6, failing_since = $7,
			error = $8, delivered_at = $9, stopped_at = $10
		WHERE app_id = $1 AND lease = $2`

	qAuditRecords = `SELECT ` + auditColumns + ` FROM audit_events WHERE chain = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq`
)

func auditWebhookPlace(appID, column string) secretbox.Place {
	return secretbox.Place{Table: "audit_webhooks", Row: appID, Column: column}
}

// AuditWebhook returns where an app's audit log is sent; audit_webhook.not_set.
func (tx *Tx) AuditWebhook(ctx context.Context, appID string) (h latchkey.AuditWebhook, err error) {
	var url, secret, old []byte
	var due, created int64
	var until, failing, delivered, stopped sql.NullInt64
	err = tx.queryRow(ctx, qAuditWebhook, appID).Scan(&h.AppID, &url, &secret, &old, &until, &h.Delivered, &h.Batch, &h.Lease, &due,
		&h.Failures, &failing, &h.Error, &delivered, &stopped, &created)
	if isNoRows(err) {
		return h, latchkey.Fail(latchkey.CodeAuditWebhookNotSet)
	}
	if err != nil {
		return h, wrap("read audit webhook", err)
	}
	for _, c := range []struct {
		column string
		sealed []byte
		into   *latchkey.Secret
	}{{"url", url, &h.URL}, {"secret", secret, &h.Secret}, {"old", old, &h.OldSecret}} {
		if c.sealed == nil {
			continue
		}
		text, err := tx.box().Open(auditWebhookPlace(appID, c.column), c.sealed)
		if err != nil {
			return h, fmt.Errorf("open audit webhook of app %s: %w", appID, err)
		}
		*c.into = latchkey.Secret(text)
	}
	h.OldUntil, h.DueAt, h.FailingSince = fromNullMs(until), fromMs(due), fromNullMs(failing)
	h.DeliveredAt, h.StoppedAt, h.CreatedAt = fromNullMs(delivered), fromNullMs(stopped), fromMs(created)
	return h, nil
}

// LockAuditWebhook is [Tx.AuditWebhook], and keeps deliveries from beginning or
// ending until the commit.
func (tx *Tx) LockAuditWebhook(ctx context.Context, appID string) (h latchkey.AuditWebhook, err error) {
	if _, err := tx.exec(ctx, qAuditWebhookLock, appID); err != nil {
		return h, wrap("lock audit webhook", err)
	}
	return tx.AuditWebhook(ctx, appID)
}

// PutAuditWebhook stores a webhook as it is.
func (tx *Tx) PutAuditWebhook(ctx context.Context, h *latchkey.AuditWebhook) error {
	sealed := map[string]any{"url": nil, "secret": nil, "old": nil}
	for column, text := range map[string]latchkey.Secret{"url": h.URL, "secret": h.Secret, "old": h.OldSecret} {
		if column == "old" && text == "" {
			continue
		}
		b, err := tx.box().Seal(auditWebhookPlace(h.AppID, column), []byte(text.Reveal()))
		if err != nil {
			return fmt.Errorf("seal audit webhook: %w", err)
		}
		sealed[column] = b
	}
	_, err := tx.exec(ctx, qAuditWebhookPut, h.AppID, sealed["url"], sealed["secret"], sealed["old"], nullMs(h.OldUntil), h.Delivered, h.Batch, h.Lease,
		ms(h.DueAt), h.Failures, nullMs(h.FailingSince), h.Error, nullMs(h.DeliveredAt), nullMs(h.StoppedAt), ms(h.CreatedAt))
	return wrap("store audit webhook", err)
}

// DeleteAuditWebhook forgets where an app's audit log is sent;
// audit_webhook.not_set.
func (tx *Tx) DeleteAuditWebhook(ctx context.Context, appID string) error {
	n, err := tx.exec(ctx, qAuditWebhookDelete, appID)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeAuditWebhookNotSet)
	}
	return wrap("delete audit webhook", err)
}

// AuditHead is the number of a chain's last event; 0: it has none.
func (tx *Tx) AuditHead(ctx context.Context, chain string) (seq int64, err error) {
	var hash []byte
	err = tx.queryRow(ctx, qAuditHead, chain).Scan(&seq, &hash)
	if isNoRows(err) {
		return 0, nil
	}
	return seq, wrap("read audit head", err)
}

// AuditRecords returns the events of a chain whose numbers are from one to
// another, in their order.
func (tx *Tx) AuditRecords(ctx context.Context, chain string, from, to int64) ([]latchkey.AuditRecord, error) {
	return collect(tx, ctx, "list audit events", qAuditRecords, []any{chain, from, to}, func(row scanner) (r latchkey.AuditRecord, err error) {
		r.AuditEvent, r.Stored, err = scanEvent(row)
		return r, err
	})
}

// AuditWebhooksDue returns up to limit webhooks that have something to deliver
// now, first due first: those whose receiver is in good standing or those whose
// last attempt failed. Of each only what [Tx.LeaseAuditWebhook] compares is
// read, and the message that is to be begun.
func (tx *Tx) AuditWebhooksDue(ctx context.Context, failing bool, limit int, now time.Time) ([]latchkey.AuditWebhook, error) {
	query := qAuditWebhooksDue
	if failing {
		query = qAuditWebhooksLate
	}
	return collect(tx, ctx, "list audit webhooks", query, []any{ms(now), limit}, func(row scanner) (h latchkey.AuditWebhook, err error) {
		var due, head int64
		err = row.Scan(&h.AppID, &due, &h.Lease, &h.Delivered, &h.Batch, &head)
		h.DueAt = fromMs(due)
		h.Begin(head)
		return h, err
	})
}

// NextAuditWebhookDue is when the next webhook that has something to deliver
// becomes due after now, zero for never.
func (tx *Tx) NextAuditWebhookDue(ctx context.Context, now time.Time) (time.Time, error) {
	var due int64
	err := tx.queryRow(ctx, qAuditWebhookNext, ms(now)).Scan(&due)
	if isNoRows(err) {
		return time.Time{}, nil
	}
	return fromMs(due), wrap("find next audit webhook", err)
}

// LeaseAuditWebhook takes a webhook that is as it was read, until a moment, for
// whoever lease names; held is false if somebody else has it now, or it has
// been changed or is gone.
func (tx *Tx) LeaseAuditWebhook(ctx context.Context, h *latchkey.AuditWebhook, lease int64, until time.Time) (held bool, err error) {
	n, err := tx.exec(ctx, qAuditWebhookLease, h.AppID, lease, ms(until), h.Batch, h.Lease, ms(h.DueAt), h.Delivered)
	h.Lease, h.DueAt = lease, until
	return n == 1, wrap("lease audit webhook", err)
}

// EndAuditDelivery stores how an attempt ended under a lease; kept is false if
// the lease is over.
func (tx *Tx) EndAuditDelivery(ctx context.Context, h *latchkey.AuditWebhook, lease int64) (kept bool, err error) {
	n, err := tx.exec(ctx, qAuditWebhookEnd, h.AppID, lease, ms(h.DueAt), h.Delivered, h.Batch, h.Failures, nullMs(h.FailingSince),
		h.Error, nullMs(h.DeliveredAt), nullMs(h.StoppedAt))
	return n == 1, wrap("end audit delivery", err)
}
