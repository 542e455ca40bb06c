package service

import (
	"context"
	"maps"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	bulkChunk  = 500         // things changed by one transaction
	bulkPage   = 5_000       // things looked at by one read
	bulkLease  = time.Minute // since its last chunk a bulk action is its caller's
	bulkMemory = 7 * 24 * time.Hour
	bulkSweep  = 100 // jobs looked at by one sweep
)

// BulkCall is how a bulk action is called.
type BulkCall struct {
	DryRun bool   // changes nothing and tells what would be changed
	Repeat string // the caller's own name for the call; "": none
	// Progress, unless nil, is called after each chunk with how many have had
	// their turn and about how many there are; its error ends the call.
	Progress func(done, of int64) error
}

// BulkChange is the outcome of a bulk action, or, of a dry run, what it would be.
type BulkChange struct {
	Change
	Skipped map[latchkey.Code]int64 // why the others were not changed: what the single call would have answered
	Before  AppStats                // of the whole app
	After   AppStats
	DryRun  bool
	Job     string // names what the call did, also to a later call that goes on with it; "" of a dry run

	Replayed bool // by an earlier call of the same name; this one did nothing
}

// tally is what a chunk has done.
type tally struct {
	Change
	skipped map[latchkey.Code]int64
}

func (t *tally) skip(why latchkey.Code) {
	if t.skipped == nil {
		t.skipped = map[latchkey.Code]int64{}
	}
	t.skipped[why]++
}

// bulkWork is a bulk action over all that a filter finds.
type bulkWork struct {
	action string // in the audit log
	needs  latchkey.Permission
	kind   latchkey.Kind // of the things
	asked  any           // what another call of the same name must ask for as well
	size   int           // of a chunk
	// scope tells the audit log what is asked for, without secrets.
	scope func(ctx context.Context, tx *store.Tx) (map[string]any, error)
	// find returns the ids of the next things after the job's cursor, in their
	// order, and the cursor after them, "" if there are no more.
	find func(ctx context.Context, tx *store.Tx, job *store.BulkJob, limit int) (ids []string, next string, err error)
	// apply changes those of the things that are still to be changed. The job is
	// as it was before them; a dry run's has no id.
	apply func(ctx context.Context, tx *store.Tx, job *store.BulkJob, ids []string, now time.Time) (tally, error)
	// amount is how many things there are, where that is known without a look
	// at them; nil: nowhere.
	amount func(counts *AppStats) int64
}

// bulkRun is one call that is at work on a job.
type bulkRun struct {
	*Service
	*bulkWork
	appID  string
	call   BulkCall
	job    store.BulkJob
	cursor string // from which to look for more: the job's, or later
	lost   bool   // the job is somebody else's now
}

// bulk does a bulk action in chunks, so that others have their turn. What it
// did stays if it ends early; the same call made again with its Repeat goes on
// from there. Errors: request.idempotency_mismatch if the first call asked for
// something else, request.in_progress if it is still at work.
func (s *Service) bulk(ctx context.Context, appID string, work *bulkWork, call BulkCall) (BulkChange, error) {
	r := &bulkRun{Service: s, bulkWork: work, appID: appID, call: call}
	if err := r.begin(ctx); err != nil {
		return BulkChange{}, err
	}
	replayed := r.job.Done
	if !replayed {
		if err := r.work(ctx); err != nil {
			if !r.lost {
				r.leave(ctx)
			}
			return BulkChange{}, err
		}
	}
	return outcome(&r.job, replayed), nil
}

func outcome(j *store.BulkJob, replayed bool) BulkChange {
	return BulkChange{Change: Change{Matched: j.Matched, Changed: j.Changed}, Skipped: j.Skipped, Before: j.Before, After: j.After, Job: j.ID, Replayed: replayed}
}

// work does chunk after chunk.
func (r *bulkRun) work(ctx context.Context) error {
	amount, err := r.total(ctx)
	if err != nil {
		return err
	}
	for !r.job.Done {
		if err := ctx.Err(); err != nil {
			return latchkey.Fail(latchkey.CodeUnavailable).Because(err)
		}
		ids, next, err := r.next(ctx)
		if err != nil {
			return err
		}
		if len(ids) == 0 && next != "" {
			r.cursor = next
			continue
		}
		// A chunk that has begun is finished: its caller may be gone.
		if err := r.step(context.WithoutCancel(ctx), ids, next); err != nil {
			return err
		}
		if r.call.Progress == nil {
			continue
		}
		amount = max(amount, r.job.Matched)
		if err := r.call.Progress(r.job.Matched, amount); err != nil && !r.job.Done {
			return err
		}
	}
	return nil
}

// next looks for the next chunk, outside the transaction that changes it.
func (r *bulkRun) next(ctx context.Context) (ids []string, next string, err error) {
	job := r.job
	job.Cursor = r.cursor
	err = r.read(ctx, r.needs, r.appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
		ids, next, err = r.find(ctx, tx, &job, r.size)
		return err
	})
	return ids, next, err
}

// total is about how many things the job will have looked at in the end.
func (r *bulkRun) total(ctx context.Context) (n int64, err error) {
	switch {
	case r.call.Progress == nil:
		return 0, nil
	case r.amount != nil:
		return r.amount(&r.job.Before), nil
	}
	job := r.job
	for n = job.Matched; ; {
		var ids []string
		err := r.read(ctx, r.needs, r.appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
			ids, job.Cursor, err = r.find(ctx, tx, &job, bulkPage)
			return err
		})
		n += int64(len(ids))
		if err != nil || job.Cursor == "" {
			return n, err
		}
	}
}

// step changes a chunk and moves the job on with it; next is "" if it is the last.
func (r *bulkRun) step(ctx context.Context, ids []string, next string) error {
	job := r.job
	err := r.change(ctx, r.needs, r.appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		job = r.job
		ok, err := tx.StepBulkJob(ctx, &job, now.Add(bulkLease))
		if err != nil {
			return err
		}
		if r.lost = !ok; r.lost {
			return running(clearingTime)
		}
		did, err := r.apply(ctx, tx, &job, ids, now)
		if err != nil {
			return err
		}
		advance(&job, did)
		if job.Done = next == ""; job.Done {
			return r.finish(ctx, tx, &job, now)
		}
		job.Cursor = next
		return tx.StoreBulkJob(ctx, &job)
	})
	if err == nil {
		r.job, r.cursor = job, job.Cursor
	}
	return err
}

func advance(job *store.BulkJob, did tally) {
	job.Matched += did.Matched
	job.Changed += did.Changed
	job.Skipped = maps.Clone(job.Skipped)
	for why, n := range did.skipped {
		job.Skipped[why] += n
	}
}

// finish ends a job with its last chunk.
func (r *bulkRun) finish(ctx context.Context, tx *store.Tx, job *store.BulkJob, now time.Time) (err error) {
	if job.After, err = tx.CountsNow(ctx, r.appID); err != nil {
		return err
	}
	audit(ctx, tx, now, r.appID, job.Kind, r.appID, told(job))
	job.Told = job.Matched
	if job.Repeat == nil {
		return tx.DeleteBulkJob(ctx, job.ID) // nobody can ask for it again
	}
	return tx.StoreBulkJob(ctx, job)
}

// told is what the audit log tells of a job.
func told(job *store.BulkJob) map[string]any {
	details := maps.Clone(job.Scope)
	details["matched"], details["changed"], details["complete"] = job.Matched, job.Changed, job.Done
	if len(job.Skipped) > 0 {
		details["skipped"] = job.Skipped
	}
	return details
}

// leave ends the work on a job that is not done, also when the caller is gone:
// the audit log tells how far it got, and the same call may go on with it.
func (r *bulkRun) leave(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	err := r.db.Write(ctx, func(tx *store.Tx) error { return leaveJob(ctx, tx, &r.job, r.now()) })
	if err != nil {
		// The next sweep finds it.
		r.log.WarnContext(ctx, "bulk action not ended", "app", r.appID, "error", err)
	}
}

func leaveJob(ctx context.Context, tx *store.Tx, job *store.BulkJob, now time.Time) error {
	ok, err := tx.LeaveBulkJob(ctx, job, now)
	if err != nil || !ok {
		return err
	}
	if job.Matched > job.Told {
		details := told(job)
		if ActorFrom(ctx).ID != job.ActorID {
			details["by"] = job.ActorID
		}
		audit(ctx, tx, now, job.AppID, job.Kind, job.AppID, details)
	}
	if job.Repeat == nil {
		return tx.DeleteBulkJob(ctx, job.ID)
	}
	return nil
}

// SweepBulkJobs tells the audit log of bulk actions whose servers died, and
// forgets calls that are too old to be repeated. It returns how many it has
// forgotten.
func (s *Service) SweepBulkJobs(ctx context.Context) (total int64, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		left, err := tx.LeftBulkJobs(ctx, now, bulkSweep)
		if err != nil {
			return err
		}
		for i := range left {
			if err := leaveJob(ctx, tx, &left[i], now); err != nil {
				return err
			}
		}
		total, err = tx.ForgetBulkJobs(ctx, now.Add(-bulkMemory), sweepChunk)
		return err
	})
	return total, err
}

// bulkAsCalled tries a bulk action, or takes it: on those that are named, or
// else on all that it finds.
func (s *Service) bulkAsCalled(ctx context.Context, appID string, ids []string, work *bulkWork, call BulkCall) (BulkChange, error) {
	switch {
	case call.DryRun:
		return s.try(ctx, appID, ids, work, call)
	case len(ids) > 0:
		return s.bulkNamed(ctx, appID, work, ids, call)
	}
	return s.bulk(ctx, appID, work, call)
}
