package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// LogSelection names log lines for a bulk action. Exactly one of IDs, All and
// Filter is set; the filter's search, sort and page do not count.
type LogSelection struct {
	IDs    []string // at most 1,000
	All    bool
	Filter *LogFilter
}

func (sel *LogSelection) check() error {
	if f := sel.Filter; f != nil {
		if sel.All || len(sel.IDs) > 0 || *f == (LogFilter{}) || f.Search != "" {
			return latchkey.Invalid("filter", "Either ids, all, or a filter of user, device and times.")
		}
		return nil
	}
	return checkSelection(sel.IDs, sel.All)
}

// scope tells the audit log what was selected; a device's name is not its business.
func (sel *LogSelection) scope() map[string]any {
	scope := map[string]any{}
	if sel.All {
		scope["all"] = true
	}
	if f := sel.Filter; f != nil {
		for name, value := range map[string]string{"user": f.UserID, "created_after": moment(f.CreatedAfter), "created_before": moment(f.CreatedBefore)} {
			if value != "" {
				scope[name] = value
			}
		}
		if f.Device != "" {
			scope["device"] = true
		}
	}
	return scope
}

// DeleteLogs deletes a selection of log lines. Errors: request.invalid, and
// those of a repeated call.
func (s *Service) DeleteLogs(ctx context.Context, appID string, sel LogSelection, call BulkCall) (BulkChange, error) {
	if _, err := require(ctx, latchkey.PermLogsWrite); err != nil {
		return BulkChange{}, err
	}
	if err := sel.check(); err != nil {
		return BulkChange{}, err
	}
	var q store.LogQuery
	if sel.Filter != nil {
		var err error
		if q, err = sel.Filter.query(); err != nil {
			return BulkChange{}, err
		}
	}
	q.Ascending = true
	work := &bulkWork{action: "logs.delete", needs: latchkey.PermLogsWrite, kind: latchkey.KindLogLine, asked: sel, size: s.bulkChunk,
		scope: func(context.Context, *store.Tx) (map[string]any, error) { return sel.scope(), nil },
		find: func(ctx context.Context, tx *store.Tx, job *store.BulkJob, limit int) (ids []string, next string, err error) {
			q := q
			q.Until, q.After, q.Limit = job.Until, job.Cursor, limit
			if ids, err = tx.LogLineIDs(ctx, appID, q); len(ids) == limit {
				next = ids[len(ids)-1]
			}
			return ids, next, err
		},
		apply: func(ctx context.Context, tx *store.Tx, _ *store.BulkJob, ids []string, now time.Time) (did tally, err error) {
			for _, id := range slices.Compact(ids) {
				n, err := tx.DeleteLogLine(ctx, appID, id)
				if err != nil {
					return did, err
				}
				did.Matched += n
				did.Changed += n
			}
			if len(sel.IDs) > 0 && did.Changed > 0 {
				audit(ctx, tx, now, appID, "logs.delete", appID, map[string]any{"changed": did.Changed})
			}
			return did, nil
		}}
	switch {
	case call.DryRun:
		return s.tryLogs(ctx, appID, sel.IDs, work)
	case len(sel.IDs) > 0:
		return s.bulkNamed(ctx, appID, work, sel.IDs, call)
	}
	return s.bulk(ctx, appID, work, call)
}

// tryLogs counts what would be deleted.
func (s *Service) tryLogs(ctx context.Context, appID string, ids []string, work *bulkWork) (c BulkChange, err error) {
	c.DryRun = true
	err = s.read(ctx, work.needs, appID, func(tx *store.Tx, _ *latchkey.App) error {
		if len(ids) > 0 {
			n, err := tx.CountLogLines(ctx, appID, ids)
			c.Matched, c.Changed = n, n
			return err
		}
		job := store.BulkJob{AppID: appID}
		for {
			found, next, err := work.find(ctx, tx, &job, bulkPage)
			c.Matched += int64(len(found))
			c.Changed = c.Matched
			if job.Cursor = next; err != nil || next == "" {
				return err
			}
		}
	})
	return c, err
}
