package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// A batch of licenses is made in many transactions, so that none is long, and
// exists from one moment on. Until then its row says which range of ids is not
// there: every query for licenses leaves such ranges out, and finds in an
// index of almost always nothing that there are none.

// BatchState is how far a batch is.
type BatchState string

// The states of a batch.
const (
	BatchOpen    BatchState = "open"    // being made
	BatchDropped BatchState = "dropped" // being deleted; nothing of it will ever exist
	BatchDone    BatchState = "done"    // its licenses exist
)

// LicenseBatch is a batch of licenses.
type LicenseBatch struct {
	ID         string
	AppID      string
	State      BatchState
	IDs        latchkey.IDRange // of its licenses
	Amount     int64
	Made       int64     // how many are stored
	LeaseUntil time.Time // nobody else touches an open batch before
	Repeat     []byte    // hash of the caller's name for the call, nil if there is none; unique per app
	Body       []byte    // hash of what the call asks for, where Repeat is set
	CreatedAt  time.Time
}

const batchColumns = `id, app_id, state, first_id, amount, made, lease_until, repeat_hash, body_hash, created_at`

const (
	qBatchInsert = `INSERT INTO license_batches (id, app_id, state, first_id, last_id, amount, made, lease_until, repeat_hash, body_hash, created_at)
		VALUES ($1, $2, 'open', $3, $4, $5, 0, $6, $7, $8, $9) ON CONFLICT (app_id, repeat_hash) DO NOTHING`
	qBatchByRepeat = `SELECT ` + batchColumns + ` FROM license_batches WHERE app_id = $1 AND repeat_hash = $2`
	// Whoever takes an open batch over renews the lease; so does each chunk,
	// which also must follow the one before it: of two makers one is refused.
	qBatchTake    = `UPDATE license_batches SET lease_until = $2 WHERE id = $1 AND state = 'open' AND lease_until <= $3`
	qBatchAdvance = `UPDATE license_batches SET made = made + $3, lease_until = $4 WHERE id = $1 AND state = 'open' AND made = $2`
	qBatchFinish  = `UPDATE license_batches SET state = 'done' WHERE id = $1 AND state = 'open' AND made = amount`
	qBatchDrop    = `UPDATE license_batches SET state = 'dropped' WHERE id = $1 AND state = 'open' AND lease_until <= $2`
	qBatchDelete  = `DELETE FROM license_batches WHERE id = $1`
	qBatchesStale = `SELECT ` + batchColumns + ` FROM license_batches WHERE state <> 'done' AND (state = 'dropped' OR lease_until <= $1)`
	qBatchesBound = `SELECT b.created_at FROM license_batches b WHERE b.created_at <= $1 AND b.state = 'done' ORDER BY b.created_at LIMIT 1 OFFSET $2`
	qBatchesOld   = `DELETE FROM license_batches WHERE created_at <= $1 AND state = 'done'`

	qBatchLicenses = `SELECT ` + licenseColumns + ` FROM licenses l WHERE l.app_id = $1 AND l.id >= $2 AND l.id <= $3 ORDER BY l.id LIMIT $4`
	// A plain range: what is new to PostgreSQL's statistics it joins badly.
	qBatchClear = `DELETE FROM licenses WHERE app_id = $1 AND id >= $2 AND id <= $3 RETURNING note_id`
)

func scanBatch(row scanner) (b LicenseBatch, err error) {
	var first string
	var lease, created int64
	err = row.Scan(&b.ID, &b.AppID, &b.State, &first, &b.Amount, &b.Made, &lease, &b.Repeat, &b.Body, &created)
	b.IDs, b.LeaseUntil, b.CreatedAt = latchkey.RangeOf(first), fromMs(lease), fromMs(created)
	return b, err
}

// InsertBatch opens a batch; inserted is false if the app has one of its Repeat.
func (tx *Tx) InsertBatch(ctx context.Context, b *LicenseBatch) (inserted bool, err error) {
	n, err := tx.exec(ctx, qBatchInsert, b.ID, b.AppID, b.IDs.First(), b.IDs.Last(), b.Amount, ms(b.LeaseUntil), b.Repeat, b.Body, ms(b.CreatedAt))
	return n == 1, wrap("insert batch", err)
}

// BatchByRepeat returns the batch of the caller's name for it, and whether
// there is one.
func (tx *Tx) BatchByRepeat(ctx context.Context, appID string, repeat []byte) (b LicenseBatch, found bool, err error) {
	b, err = scanBatch(tx.queryRow(ctx, qBatchByRepeat, appID, repeat))
	if isNoRows(err) {
		return b, false, nil
	}
	return b, err == nil, wrap("read batch", err)
}

// TakeBatch takes an open batch over whose maker has let its lease run out.
func (tx *Tx) TakeBatch(ctx context.Context, id string, until, now time.Time) (taken bool, err error) {
	n, err := tx.exec(ctx, qBatchTake, id, ms(until), ms(now))
	return n == 1, wrap("take batch", err)
}

// AdvanceBatch records that n more licenses are stored with this transaction.
// ok is false if the batch is not open, or not at made any more.
func (tx *Tx) AdvanceBatch(ctx context.Context, id string, made, n int64, until time.Time) (ok bool, err error) {
	changed, err := tx.exec(ctx, qBatchAdvance, id, made, n, ms(until))
	return changed == 1, wrap("advance batch", err)
}

// FinishBatch brings the licenses of a batch into being. ok is false if it is
// not open or not complete.
func (tx *Tx) FinishBatch(ctx context.Context, b *LicenseBatch) (ok bool, err error) {
	n, err := tx.exec(ctx, qBatchFinish, b.ID)
	if err != nil || n != 1 {
		return false, wrap("finish batch", err)
	}
	tx.countLicense(b.AppID, latchkey.LicenseNotUsed, b.Amount)
	if b.Repeat == nil {
		return true, tx.DeleteBatch(ctx, b.ID) // nobody can ask for it again
	}
	return true, nil
}

// DropBatch gives an open batch up if its lease is over at now, which may lie
// in the future for its own maker. A batch that is done stays.
func (tx *Tx) DropBatch(ctx context.Context, id string, now time.Time) (dropped bool, err error) {
	n, err := tx.exec(ctx, qBatchDrop, id, ms(now))
	return n == 1, wrap("drop batch", err)
}

// ClearBatch deletes what is stored of a dropped batch from number from on, n
// licenses at most, and says how many there were.
func (tx *Tx) ClearBatch(ctx context.Context, b *LicenseBatch, from, n int64) (cleared int, err error) {
	args := []any{b.AppID, b.IDs.ID(from), b.IDs.ID(from + n - 1)}
	notes, err := collect(tx, ctx, "clear batch", qBatchClear, args, func(row scanner) (note sql.NullInt64, err error) {
		err = row.Scan(&note)
		return note, err
	})
	if err != nil {
		return 0, err
	}
	cleared = len(notes)
	slices.SortFunc(notes, func(a, b sql.NullInt64) int { return cmp.Compare(a.Int64, b.Int64) })
	for _, note := range slices.Compact(notes) {
		if err := tx.dropNote(ctx, b.AppID, note); err != nil {
			return 0, err
		}
	}
	return cleared, nil
}

// DeleteBatch forgets a batch; what it has made stays.
func (tx *Tx) DeleteBatch(ctx context.Context, id string) error {
	_, err := tx.exec(ctx, qBatchDelete, id)
	return wrap("delete batch", err)
}

// StaleBatches returns those that were dropped, or whose lease is over.
func (tx *Tx) StaleBatches(ctx context.Context, now time.Time) ([]LicenseBatch, error) {
	return collect(tx, ctx, "list batches", qBatchesStale, []any{ms(now)}, scanBatch)
}

// ForgetBatches forgets about limit batches that were done and begun at a moment
// or before: the same call then makes new licenses.
func (tx *Tx) ForgetBatches(ctx context.Context, until time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qBatchesBound, qBatchesOld, until, limit)
	return n, wrap("forget batches", err)
}

// BatchLicenses returns up to limit licenses of a batch that is done, in the
// order of their ids, from the id from on ("": the first).
func (tx *Tx) BatchLicenses(ctx context.Context, b *LicenseBatch, from string, limit int) ([]latchkey.License, error) {
	if from == "" {
		from = b.IDs.First()
	}
	return collect(tx, ctx, "list licenses of batch", qBatchLicenses, []any{b.AppID, from, b.IDs.Last(), limit},
		func(row scanner) (latchkey.License, error) { return tx.scanLicense(row) })
}
