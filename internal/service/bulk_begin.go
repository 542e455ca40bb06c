package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// newJob is a job that nothing has been done of.
func (s *Service) newJob(ctx context.Context, appID, action string, call BulkCall, asked any) (job store.BulkJob, err error) {
	now := s.now()
	job = store.BulkJob{AppID: appID, Kind: action, ActorID: ActorFrom(ctx).ID, LeaseUntil: now.Add(bulkLease), CreatedAt: now,
		Scope: map[string]any{}, Skipped: map[latchkey.Code]int64{}}
	if job.ID, err = s.newID(latchkey.KindJob, now); err != nil || call.Repeat == "" {
		return job, err
	}
	if err := checkRepeat(call.Repeat); err != nil {
		return job, err
	}
	text, err := json.Marshal(map[string]any{"action": action, "asked": asked})
	if err != nil {
		return job, fmt.Errorf("write down the request: %w", err)
	}
	// A search may be for a key, so that its plain hash would say too much.
	job.Body = s.box.Lookup("bulk", appID, string(text))
	job.Repeat = s.box.Lookup("bulk-repeat", appID, ActorFrom(ctx).AccountID, call.Repeat)
	return job, nil
}

// begin opens a job, or finds the one of the same call.
func (r *bulkRun) begin(ctx context.Context) error {
	job, err := r.newJob(ctx, r.appID, r.action, r.call, r.asked)
	if err != nil {
		return err
	}
	// What is made from the next millisecond on comes later than the call.
	job.Until = latchkey.IDBound(r.kind, job.CreatedAt.Add(time.Millisecond))
	return r.change(ctx, r.needs, r.appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) (err error) {
		r.job, r.cursor = job, ""
		if r.job.Before, err = tx.Counts(ctx, r.appID); err != nil {
			return err
		}
		if r.job.Hidden, err = tx.HiddenLicenses(ctx, r.appID); err != nil {
			return err
		}
		if r.job.Scope, err = r.scope(ctx, tx); err != nil {
			return err
		}
		inserted, err := tx.InsertBulkJob(ctx, &r.job)
		if err != nil || inserted {
			return err
		}
		r.job, err = repeatedJob(ctx, tx, &r.job, now)
		r.cursor = r.job.Cursor
		return err
	})
}

// repeatedJob takes up the job that an earlier call of the same name has begun,
// or finds it done.
func repeatedJob(ctx context.Context, tx *store.Tx, job *store.BulkJob, now time.Time) (store.BulkJob, error) {
	earlier, found, err := tx.BulkJobByRepeat(ctx, job.AppID, job.Repeat)
	switch {
	case err != nil:
		return earlier, err
	case !found: // it has been forgotten this moment
		return earlier, running(clearingTime)
	case !bytes.Equal(earlier.Body, job.Body):
		return earlier, latchkey.Fail(latchkey.CodeRepeatDiffers)
	case earlier.Done:
		return earlier, nil
	}
	taken, err := tx.TakeBulkJob(ctx, earlier.ID, now.Add(bulkLease), now)
	if err == nil && !taken {
		err = running(earlier.LeaseUntil.Sub(now))
	}
	return earlier, err
}

// bulkNamed does a bulk action with certain things in one transaction, all or
// nothing.
func (s *Service) bulkNamed(ctx context.Context, appID string, work *bulkWork, ids []string, call BulkCall) (BulkChange, error) {
	job, err := s.newJob(ctx, appID, work.action, call, work.asked)
	if err != nil {
		return BulkChange{}, err
	}
	ids = slices.Sorted(slices.Values(ids))
	done, replayed := job, false
	err = s.change(ctx, work.needs, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		counts, err := tx.Counts(ctx, appID)
		if err != nil {
			return err
		}
		done, replayed = job, false
		done.Done, done.Before = true, counts
		if job.Repeat != nil {
			inserted, err := tx.InsertBulkJob(ctx, &done)
			if err != nil {
				return err
			}
			if !inserted {
				done, err = repeatedJob(ctx, tx, &done, now)
				replayed = true
				return err
			}
		}
		did, err := work.apply(ctx, tx, &done, ids, now)
		if err != nil {
			return err
		}
		advance(&done, did)
		if done.After, err = tx.CountsNow(ctx, appID); err != nil || job.Repeat == nil {
			return err
		}
		return tx.StoreBulkJob(ctx, &done)
	})
	return outcome(&done, replayed), err
}

// try tells what a bulk action would do, to certain things or to all that it
// finds, by having its apply look at them without writing anything.
func (s *Service) try(ctx context.Context, appID string, ids []string, work *bulkWork, call BulkCall) (BulkChange, error) {
	out := BulkChange{DryRun: true, Skipped: map[latchkey.Code]int64{}}
	now := s.now()
	job := store.BulkJob{AppID: appID, Until: latchkey.IDBound(work.kind, now.Add(time.Millisecond))}
	named := len(ids) > 0
	for first := true; first || job.Cursor != ""; first = false {
		var did tally
		err := s.read(ctx, work.needs, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
			if first {
				if out.Before, err = tx.Counts(ctx, appID); err != nil {
					return err
				}
				out.After = out.Before
			}
			if !named {
				if ids, job.Cursor, err = work.find(ctx, tx, &job, work.size); err != nil {
					return err
				}
			}
			did, err = work.apply(ctx, tx, &job, ids, now)
			return err
		})
		out.Matched += did.Matched
		out.Changed += did.Changed
		for why, n := range did.skipped {
			out.Skipped[why] += n
		}
		if err == nil && call.Progress != nil {
			of := out.Matched
			if work.amount != nil {
				of = max(of, work.amount(&out.Before))
			}
			err = call.Progress(out.Matched, of)
		}
		if err != nil {
			return BulkChange{}, err
		}
	}
	return out, nil
}
