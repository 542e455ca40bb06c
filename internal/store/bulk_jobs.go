package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// BulkJob is a bulk action that is done in many transactions.
type BulkJob struct {
	ID         string
	AppID      string
	Kind       string // its action in the audit log
	Done       bool
	ActorID    string         // who called
	Scope      map[string]any // what was asked for, as the audit log tells it
	Until      string         // what has this id or a later one was made after the call began
	Hidden     []IDSpan       // what did not exist when the call began
	Cursor     string         // id of the last one that has had its turn
	Matched    int64
	Changed    int64
	Skipped    map[latchkey.Code]int64 // why matched ones were not changed
	Told       int64                   // Matched at the last audit event of this job
	Before     Counts
	After      Counts // once it is done
	LeaseUntil time.Time
	Repeat     []byte // hash of the caller's name for the call, nil if there is none; unique per app
	Body       []byte // hash of what the call asks for, where Repeat is set
	CreatedAt  time.Time
}

// IDSpan is a run of ids, its ends included.
type IDSpan struct{ First, Last string }

const bulkJobColumns = `id, app_id, kind, state, actor_id, scope, until_id, hidden, cursor_id, matched, changed, skipped, told,
	before_counts, after_counts, lease_until, repeat_hash, body_hash, created_at`

const (
	qBulkJobInsert = `INSERT INTO bulk_jobs (` + bulkJobColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (app_id, repeat_hash) DO NOTHING`
	qBulkJob         = `SELECT ` + bulkJobColumns + ` FROM bulk_jobs WHERE id = $1`
	qBulkJobByRepeat = `SELECT ` + bulkJobColumns + ` FROM bulk_jobs WHERE app_id = $1 AND repeat_hash = $2`
	qBulkJobTake     = `UPDATE bulk_jobs SET lease_until = $2 WHERE id = $1 AND state = 'open' AND lease_until <= $3`
	// Each step must follow the one before it: of two that are at work, one is
	// refused, before it has changed anything.
	qBulkJobStep  = `UPDATE bulk_jobs SET lease_until = $3 WHERE id = $1 AND state = 'open' AND cursor_id = $2`
	qBulkJobStore = `UPDATE bulk_jobs SET state = $2, cursor_id = $3, matched = $4, changed = $5, skipped = $6, told = $7, after_counts = $8
		WHERE id = $1`
	qBulkJobLeave  = `UPDATE bulk_jobs SET lease_until = $3, told = matched WHERE id = $1 AND state = 'open' AND cursor_id = $2`
	qBulkJobDelete = `DELETE FROM bulk_jobs WHERE id = $1`
	qBulkJobsLeft  = `SELECT ` + bulkJobColumns + ` FROM bulk_jobs
		WHERE state = 'open' AND lease_until <= $1 AND (repeat_hash IS NULL OR matched > told) ORDER BY lease_until LIMIT $2`
	qBulkJobsBound = `SELECT j.created_at FROM bulk_jobs j WHERE j.created_at <= $1 ORDER BY j.created_at LIMIT 1 OFFSET $2`
	qBulkJobsOld   = `DELETE FROM bulk_jobs WHERE created_at <= $1`
)

// jobText is the columns of a job that are JSON.
type jobText struct{ scope, hidden, skipped, before, after string }

func (j *BulkJob) text() (t jobText, err error) {
	for _, c := range []struct {
		to   *string
		from any
	}{{&t.scope, j.Scope}, {&t.hidden, j.Hidden}, {&t.skipped, j.Skipped}, {&t.before, j.Before}, {&t.after, j.After}} {
		b, err := json.Marshal(c.from)
		if err != nil {
			return t, fmt.Errorf("write down a job: %w", err)
		}
		*c.to = string(b)
	}
	return t, nil
}

func (j *BulkJob) read(t jobText) error {
	for _, c := range []struct {
		from string
		to   any
	}{{t.scope, &j.Scope}, {t.hidden, &j.Hidden}, {t.skipped, &j.Skipped}, {t.before, &j.Before}, {t.after, &j.After}} {
		if err := json.Unmarshal([]byte(c.from), c.to); err != nil {
			return fmt.Errorf("read a job: %w", err)
		}
	}
	return nil
}

func (j *BulkJob) state() string {
	if j.Done {
		return "done"
	}
	return "open"
}

func scanBulkJob(row scanner) (j BulkJob, err error) {
	var t jobText
	var state string
	var lease, created int64
	if err := row.Scan(&j.ID, &j.AppID, &j.Kind, &state, &j.ActorID, &t.scope, &j.Until, &t.hidden, &j.Cursor, &j.Matched, &j.Changed,
		&t.skipped, &j.Told, &t.before, &t.after, &lease, &j.Repeat, &j.Body, &created); err != nil {
		return j, err
	}
	j.Done, j.LeaseUntil, j.CreatedAt = state == "done", fromMs(lease), fromMs(created)
	return j, j.read(t)
}

// InsertBulkJob stores a job; inserted is false if the app has one of its Repeat.
func (tx *Tx) InsertBulkJob(ctx context.Context, j *BulkJob) (inserted bool, err error) {
	t, err := j.text()
	if err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, qBulkJobInsert, j.ID, j.AppID, j.Kind, j.state(), j.ActorID, t.scope, j.Until, t.hidden, j.Cursor, j.Matched,
		j.Changed, t.skipped, j.Told, t.before, t.after, ms(j.LeaseUntil), j.Repeat, j.Body, ms(j.CreatedAt))
	return n == 1, wrap("insert job", err)
}

// BulkJob returns a job, and whether there is one.
func (tx *Tx) BulkJob(ctx context.Context, id string) (j BulkJob, found bool, err error) {
	return foundBulkJob(scanBulkJob(tx.queryRow(ctx, qBulkJob, id)))
}

// BulkJobByRepeat returns the job of the caller's name for it, and whether
// there is one.
func (tx *Tx) BulkJobByRepeat(ctx context.Context, appID string, repeat []byte) (j BulkJob, found bool, err error) {
	return foundBulkJob(scanBulkJob(tx.queryRow(ctx, qBulkJobByRepeat, appID, repeat)))
}

func foundBulkJob(j BulkJob, err error) (BulkJob, bool, error) {
	if isNoRows(err) {
		return j, false, nil
	}
	return j, err == nil, wrap("read job", err)
}

// TakeBulkJob takes an open job over that nobody is at work on.
func (tx *Tx) TakeBulkJob(ctx context.Context, id string, until, now time.Time) (taken bool, err error) {
	n, err := tx.exec(ctx, qBulkJobTake, id, ms(until), ms(now))
	return n == 1, wrap("take job", err)
}

// StepBulkJob keeps others from going on with a job until the transaction ends.
// ok is false if it is not open, or not at its cursor any more.
func (tx *Tx) StepBulkJob(ctx context.Context, j *BulkJob, until time.Time) (ok bool, err error) {
	n, err := tx.exec(ctx, qBulkJobStep, j.ID, j.Cursor, ms(until))
	return n == 1, wrap("step job", err)
}

// StoreBulkJob stores how far a job is that this transaction has stepped.
func (tx *Tx) StoreBulkJob(ctx context.Context, j *BulkJob) error {
	t, err := j.text()
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, qBulkJobStore, j.ID, j.state(), j.Cursor, j.Matched, j.Changed, t.skipped, j.Told, t.after)
	return wrap("store job", err)
}

// LeaveBulkJob lets others go on with a job and says that an audit event tells
// how far it is. ok is false if somebody has done so already.
func (tx *Tx) LeaveBulkJob(ctx context.Context, j *BulkJob, now time.Time) (ok bool, err error) {
	n, err := tx.exec(ctx, qBulkJobLeave, j.ID, j.Cursor, ms(now))
	return n == 1, wrap("leave job", err)
}

// DeleteBulkJob forgets a job; what it has done stays.
func (tx *Tx) DeleteBulkJob(ctx context.Context, id string) error {
	_, err := tx.exec(ctx, qBulkJobDelete, id)
	return wrap("delete job", err)
}

// LeftBulkJobs returns up to limit open jobs that nobody is at work on and that
// no audit event tells of, or that nobody can go on with.
func (tx *Tx) LeftBulkJobs(ctx context.Context, now time.Time, limit int) ([]BulkJob, error) {
	return collect(tx, ctx, "list jobs", qBulkJobsLeft, []any{ms(now), limit}, scanBulkJob)
}

// ForgetBulkJobs forgets about limit jobs that were begun at a moment or before:
// the same call is then another one.
func (tx *Tx) ForgetBulkJobs(ctx context.Context, until time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qBulkJobsBound, qBulkJobsOld, until, limit)
	return n, wrap("forget jobs", err)
}

// CountsNow is [Tx.Counts] with what this transaction has changed.
func (tx *Tx) CountsNow(ctx context.Context, appID string) (Counts, error) {
	c, err := tx.Counts(ctx, appID)
	if err != nil {
		return c, err
	}
	for status := range maps.Keys(c.Licenses) {
		c.Licenses[status] += tx.counts[counter{appID, countLicenses + string(status)}]
	}
	c.Users += tx.counts[counter{appID, countUsers}]
	c.UsersBanned += tx.counts[counter{appID, countUsersBanned}]
	c.ResetRequests += tx.counts[counter{appID, countResetRequests}]
	for _, list := range []latchkey.AccessList{latchkey.Blacklist, latchkey.Whitelist} {
		*c.listed(list) += tx.counts[counter{appID, countAccess + string(list)}]
	}
	return c, nil
}
