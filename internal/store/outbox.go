package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const deliveryColumns = `o.id, o.app_id, o.queue, o.kind, o.state, o.attempts, o.due_at, o.give_up_at, o.error, o.created_at, o.failed_at`

const (
	// A full queue takes no more. The row of the queue is written before that of
	// the delivery: whoever finds a queue empty holds its row, so nothing comes
	// into it unseen.
	qQueuePut = `INSERT INTO outbox_queues (app_id, queue, due_at, leased, failures, waiting, failed) VALUES ($1, $2, $3, 0, 0, 1, 0)
		ON CONFLICT (app_id, queue) DO UPDATE SET due_at = COALESCE(outbox_queues.due_at, excluded.due_at), waiting = outbox_queues.waiting + 1
		WHERE outbox_queues.waiting < $4`
	qDeliveryInsert = `INSERT INTO outbox (id, app_id, queue, kind, payload_sealed, state, attempts, due_at, give_up_at, error, created_at, failed_at)
		VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $7, '', $8, NULL)`

	qQueuesDue  = `SELECT q.app_id, q.queue, q.due_at FROM outbox_queues q WHERE q.due_at <= $1 AND q.failures = 0 ORDER BY q.due_at LIMIT $2`
	qQueuesLate = `SELECT q.app_id, q.queue, q.due_at FROM outbox_queues q WHERE q.due_at <= $1 AND q.failures > 0 ORDER BY q.due_at LIMIT $2`
	qQueueNext  = `SELECT q.due_at FROM outbox_queues q WHERE q.due_at > $1 ORDER BY q.due_at LIMIT 1`
	// The end of a lease is later than that of every one before, so that it says
	// whose it is.
	qQueueLease = `UPDATE outbox_queues SET due_at = $4, leased = 1 WHERE app_id = $1 AND queue = $2 AND due_at = $3 RETURNING failures`
	qQueueLeave = `UPDATE outbox_queues SET due_at = $3, leased = 0, failures = $4, waiting = waiting + $5, failed = failed + $6
		WHERE app_id = $1 AND queue = $2`
	qQueueGoOn = `UPDATE outbox_queues SET failures = $3, waiting = waiting + $4, failed = failed + $5 WHERE app_id = $1 AND queue = $2`
	// Somebody asks for it now: what waits for a place to recover waits no longer.
	qQueueHurry = `UPDATE outbox_queues SET due_at = CASE WHEN leased = 1 THEN due_at ELSE $3 END, failures = 0, waiting = waiting + $4, failed = failed - $4
		WHERE app_id = $1 AND queue = $2`
	qQueueForget = `UPDATE outbox_queues SET failed = failed - $3 WHERE app_id = $1 AND queue = $2`
	qQueuesOfApp = `DELETE FROM outbox_queues WHERE app_id = $1`
	// Something may be promised for an app while it is deleted.
	qQueuesOrphaned = `DELETE FROM outbox_queues WHERE app_id <> '' AND NOT EXISTS (SELECT 1 FROM apps a WHERE a.id = outbox_queues.app_id)`
	qQueueDelete    = `DELETE FROM outbox_queues WHERE app_id = $1 AND queue = $2`
	qQueueSums      = `SELECT CAST(COALESCE(SUM(waiting), 0) AS BIGINT), CAST(COALESCE(SUM(failed), 0) AS BIGINT) FROM outbox_queues`

	qDeliveryFirst = `SELECT ` + deliveryColumns + `, o.payload_sealed FROM outbox o
		WHERE o.app_id = $1 AND o.queue = $2 AND o.state = 'waiting' ORDER BY o.due_at, o.id LIMIT 1`
	qDeliveryBegin = `UPDATE outbox SET attempts = attempts + 1 WHERE app_id = $1 AND id = $2`
	qDeliveryDone  = `DELETE FROM outbox WHERE app_id = $1 AND id = $2 AND state = 'waiting'`
	qDeliveryLater = `UPDATE outbox SET due_at = $3, error = $4 WHERE app_id = $1 AND id = $2 AND state = 'waiting'`
	qDeliveryUndo  = `UPDATE outbox SET attempts = attempts - 1 WHERE app_id = $1 AND id = $2 AND state = 'waiting'`
	qDeliveryFail  = `UPDATE outbox SET state = 'failed', error = $3, failed_at = $4 WHERE app_id = $1 AND id = $2 AND state = 'waiting'`
	qDeliveryAgain = `UPDATE outbox SET state = 'waiting', attempts = 0, due_at = $3, give_up_at = $4, failed_at = NULL
		WHERE app_id = $1 AND id = $2 AND state = 'failed' RETURNING queue`
	qDeliveryDelete   = `DELETE FROM outbox WHERE app_id = $1 AND id = $2 AND state = 'failed' RETURNING queue`
	qDeliveryByID     = `SELECT ` + deliveryColumns + ` FROM outbox o WHERE o.app_id = $1 AND o.id = $2`
	qDeliveriesFailed = `SELECT o.id FROM outbox o WHERE o.app_id = $1 AND o.state = 'failed' AND o.id > $2 ORDER BY o.id LIMIT $3`
	qDeliveriesOld    = `SELECT o.app_id, o.id FROM outbox o WHERE o.state = 'failed' AND o.failed_at <= $1 ORDER BY o.failed_at LIMIT $2`
)

func deliveryPlace(d *latchkey.Delivery) secretbox.Place {
	return secretbox.Place{Table: "outbox", Row: d.ID, Column: "payload"}
}

func scanDelivery(row scanner, more ...any) (d latchkey.Delivery, err error) {
	var due, until, created int64
	var failed sql.NullInt64
	dest := append([]any{&d.ID, &d.AppID, &d.Queue, &d.Kind, &d.State, &d.Attempts, &due, &until, &d.Error, &created, &failed}, more...)
	if err := row.Scan(dest...); err != nil {
		return d, err
	}
	d.DueAt, d.GiveUpAt, d.CreatedAt, d.FailedAt = fromMs(due), fromMs(until), fromMs(created), fromNullMs(failed)
	return d, nil
}

// Enqueue stores a delivery with its cause: it is sent after the commit, and
// only then. queued is false if its queue holds limit of them already. It locks
// the queue, so it comes late in a transaction.
func (tx *Tx) Enqueue(ctx context.Context, d *latchkey.Delivery, limit int64) (queued bool, err error) {
	n, err := tx.exec(ctx, qQueuePut, d.AppID, d.Queue, ms(d.DueAt), limit)
	if err != nil || n == 0 {
		return false, wrap("enqueue delivery", err)
	}
	sealed, err := tx.box().Seal(deliveryPlace(d), d.Payload)
	if err != nil {
		return false, fmt.Errorf("seal delivery: %w", err)
	}
	tx.wakes |= wakesOutbox
	err = tx.later(ctx, qDeliveryInsert, d.ID, d.AppID, d.Queue, string(d.Kind), sealed, ms(d.DueAt), ms(d.GiveUpAt), ms(d.CreatedAt))
	return err == nil, wrap("enqueue delivery", err)
}

// Queue names the deliveries that lead to one place, and the moment at which
// somebody may go on with them: the end of the lease of whoever holds it.
type Queue struct {
	AppID string
	Name  string
	DueAt time.Time
}

// QueuesDue returns up to limit queues that are due, first due first: those
// whose place is in good standing or those whose last attempt failed. It also
// returns when the next is due, zero for never.
func (tx *Tx) QueuesDue(ctx context.Context, failing bool, limit int, now time.Time) ([]Queue, error) {
	query := qQueuesDue
	if failing {
		query = qQueuesLate
	}
	return collect(tx, ctx, "list queues", query, []any{ms(now), limit}, func(row scanner) (q Queue, err error) {
		var due int64
		err = row.Scan(&q.AppID, &q.Name, &due)
		q.DueAt = fromMs(due)
		return q, err
	})
}

// NextQueueDue is when the next queue becomes due after now, zero for never.
func (tx *Tx) NextQueueDue(ctx context.Context, now time.Time) (time.Time, error) {
	var due int64
	err := tx.queryRow(ctx, qQueueNext, ms(now)).Scan(&due)
	if isNoRows(err) {
		return time.Time{}, nil
	}
	return fromMs(due), wrap("find next queue", err)
}

// LeaseQueue takes a queue that is as it was read, or keeps one, until a later
// moment; held is false if somebody else has it now or it is gone. It returns
// how often its place has failed in a row.
func (tx *Tx) LeaseQueue(ctx context.Context, q *Queue, until time.Time) (failures int64, held bool, err error) {
	err = tx.queryRow(ctx, qQueueLease, q.AppID, q.Name, ms(q.DueAt), ms(until)).Scan(&failures)
	if isNoRows(err) {
		return 0, false, nil
	}
	q.DueAt = until
	return failures, err == nil, wrap("lease queue", err)
}

// QueueChange is what has happened in a queue.
type QueueChange struct {
	Failures int64 // of its place in a row, from now on
	Waiting  int64 // more, or fewer
	Failed   int64
}

// KeepQueue stores what has happened in a leased queue that goes on.
func (tx *Tx) KeepQueue(ctx context.Context, q *Queue, c QueueChange) error {
	_, err := tx.exec(ctx, qQueueGoOn, q.AppID, q.Name, c.Failures, c.Waiting, c.Failed)
	return wrap("store queue", err)
}

// LeaveQueue stores what has happened in a leased queue and leaves it until a
// moment, zero if nothing waits in it.
func (tx *Tx) LeaveQueue(ctx context.Context, q *Queue, c QueueChange, until time.Time) error {
	_, err := tx.exec(ctx, qQueueLeave, q.AppID, q.Name, nullMs(until), c.Failures, c.Waiting, c.Failed)
	return wrap("leave queue", err)
}

// DeleteQueue deletes a queue with its deliveries.
func (tx *Tx) DeleteQueue(ctx context.Context, appID, queue string) error {
	_, err := tx.exec(ctx, qQueueDelete, appID, queue)
	return wrap("delete queue", err)
}

// HurryQueue makes what waits in a queue due now.
func (tx *Tx) HurryQueue(ctx context.Context, appID, queue string, now time.Time) error {
	tx.wakes |= wakesOutbox
	_, err := tx.exec(ctx, qQueueHurry, appID, queue, ms(now), 0)
	return wrap("hurry queue", err)
}

// FirstDelivery returns the delivery of a queue that is due first; found is
// false if none waits.
func (tx *Tx) FirstDelivery(ctx context.Context, q *Queue) (d latchkey.Delivery, found bool, err error) {
	var sealed []byte
	d, err = scanDelivery(scanFunc(func(dest ...any) error {
		return tx.queryRow(ctx, qDeliveryFirst, q.AppID, q.Name).Scan(append(dest, &sealed)...)
	}))
	if isNoRows(err) {
		return d, false, nil
	}
	if err != nil {
		return d, false, wrap("read delivery", err)
	}
	if d.Payload, err = tx.box().Open(deliveryPlace(&d), sealed); err != nil {
		return d, false, fmt.Errorf("open delivery %s: %w", d.ID, err)
	}
	return d, true, nil
}

// BeginDelivery counts an attempt.
func (tx *Tx) BeginDelivery(ctx context.Context, d *latchkey.Delivery) error {
	d.Attempts++
	_, err := tx.exec(ctx, qDeliveryBegin, d.AppID, d.ID)
	return wrap("begin delivery", err)
}

// EndDelivery forgets a delivery that has been made; n is 1, or 0 if it was
// not there any more.
func (tx *Tx) EndDelivery(ctx context.Context, d *latchkey.Delivery) (n int64, err error) {
	n, err = tx.exec(ctx, qDeliveryDone, d.AppID, d.ID)
	return n, wrap("end delivery", err)
}

// PutOffDelivery has a delivery tried again at a moment.
func (tx *Tx) PutOffDelivery(ctx context.Context, d *latchkey.Delivery, until time.Time, why string) error {
	_, err := tx.exec(ctx, qDeliveryLater, d.AppID, d.ID, ms(until), why)
	return wrap("put off delivery", err)
}

// UndoDelivery takes back an attempt that was not made.
func (tx *Tx) UndoDelivery(ctx context.Context, d *latchkey.Delivery) error {
	_, err := tx.exec(ctx, qDeliveryUndo, d.AppID, d.ID)
	return wrap("undo delivery", err)
}

// FailDelivery gives a delivery up; n is 1, or 0 if it was not there any more.
func (tx *Tx) FailDelivery(ctx context.Context, d *latchkey.Delivery, why string, now time.Time) (n int64, err error) {
	n, err = tx.exec(ctx, qDeliveryFail, d.AppID, d.ID, why, ms(now))
	return n, wrap("fail delivery", err)
}

// Delivery returns a delivery without its payload; delivery.not_found.
func (tx *Tx) Delivery(ctx context.Context, appID, id string) (latchkey.Delivery, error) {
	d, err := scanDelivery(tx.queryRow(ctx, qDeliveryByID, appID, id))
	if isNoRows(err) {
		return d, latchkey.Fail(latchkey.CodeDeliveryNotFound)
	}
	return d, wrap("read delivery", err)
}

// RetryDelivery has a delivery that was given up tried anew, now and until a
// moment; delivery.not_found if it is none.
func (tx *Tx) RetryDelivery(ctx context.Context, appID, id string, now, giveUp time.Time) error {
	var queue string
	err := tx.queryRow(ctx, qDeliveryAgain, appID, id, ms(now), ms(giveUp)).Scan(&queue)
	if isNoRows(err) {
		return latchkey.Fail(latchkey.CodeDeliveryNotFound)
	}
	if err == nil {
		tx.wakes |= wakesOutbox
		_, err = tx.exec(ctx, qQueueHurry, appID, queue, ms(now), 1)
	}
	return wrap("retry delivery", err)
}

// DeleteDelivery deletes a delivery that was given up; delivery.not_found if it
// is none.
func (tx *Tx) DeleteDelivery(ctx context.Context, appID, id string) error {
	var queue string
	err := tx.queryRow(ctx, qDeliveryDelete, appID, id).Scan(&queue)
	if isNoRows(err) {
		return latchkey.Fail(latchkey.CodeDeliveryNotFound)
	}
	if err == nil {
		_, err = tx.exec(ctx, qQueueForget, appID, queue, 1)
	}
	return wrap("delete delivery", err)
}

// DeliveryQuery narrows [Tx.Deliveries].
type DeliveryQuery struct {
	State latchkey.DeliveryState // "": any
	Keyset
}

// Deliveries returns one page, without payloads.
func (tx *Tx) Deliveries(ctx context.Context, appID string, q DeliveryQuery) ([]latchkey.Delivery, error) {
	w := newWhere("o.app_id = ?", appID)
	switch q.State { // a parameter would leave the partial index aside
	case latchkey.DeliveryFailed:
		w.add("o.state = 'failed'")
	case latchkey.DeliveryWaiting:
		w.add("o.state = 'waiting'")
	}
	text, args := w.page(`SELECT `+deliveryColumns+` FROM outbox o`, "o.id", q.Keyset)
	return collect(tx, ctx, "list deliveries", text, args, func(row scanner) (latchkey.Delivery, error) { return scanDelivery(row) })
}

// FailedDeliveryIDs returns up to limit deliveries that were given up, after an id.
func (tx *Tx) FailedDeliveryIDs(ctx context.Context, appID, after string, limit int) ([]string, error) {
	return tx.ids(ctx, qDeliveriesFailed, appID, after, limit)
}

// DeliveryCounts returns how many deliveries wait and how many were given up,
// of all apps.
func (tx *Tx) DeliveryCounts(ctx context.Context) (waiting, failed int64, err error) {
	err = tx.queryRow(ctx, qQueueSums).Scan(&waiting, &failed)
	return waiting, failed, wrap("count deliveries", err)
}

// SweepQueues deletes the queues of apps that are gone.
func (tx *Tx) SweepQueues(ctx context.Context) error {
	_, err := tx.exec(ctx, qQueuesOrphaned)
	return wrap("sweep queues", err)
}

// SweepDeliveries deletes up to limit deliveries that were given up until a moment.
func (tx *Tx) SweepDeliveries(ctx context.Context, until time.Time, limit int) (n int64, err error) {
	type delivery struct{ app, id string }
	old, err := collect(tx, ctx, "list old deliveries", qDeliveriesOld, []any{ms(until), limit}, func(row scanner) (d delivery, err error) {
		err = row.Scan(&d.app, &d.id)
		return d, err
	})
	if err != nil {
		return 0, err
	}
	for _, d := range old {
		err := tx.DeleteDelivery(ctx, d.app, d.id)
		if err != nil && latchkey.CodeOf(err) != latchkey.CodeDeliveryNotFound {
			return 0, err
		}
		n++
	}
	return n, nil
}
