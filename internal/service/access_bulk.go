package service

import (
	"context"
	"maps"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AccessSelection names entries of a list for a bulk action. Exactly one of IDs
// and All is set; Kind and Search narrow All.
type AccessSelection struct {
	IDs    []string // at most 1,000
	All    bool
	Kind   latchkey.AccessKind
	Search string
}

func (sel *AccessSelection) query(list latchkey.AccessList) (store.AccessQuery, error) {
	if err := checkSelection(sel.IDs, sel.All); err != nil {
		return store.AccessQuery{}, err
	}
	if !sel.All && (sel.Kind != "" || sel.Search != "") {
		return store.AccessQuery{}, latchkey.Invalid("kind", "Either kind and search narrow all; leave them out beside ids.")
	}
	f := AccessFilter{Kind: sel.Kind, Search: sel.Search}
	return f.query(list)
}

// DeleteAccessEntries takes a selection of entries off their list: ids in one
// transaction, everything else in chunks. Errors: request.invalid, and those of
// a repeated call.
func (s *Service) DeleteAccessEntries(ctx context.Context, appID string, list latchkey.AccessList, sel AccessSelection, call BulkCall) (BulkChange, error) {
	if _, err := require(ctx, list.Writes()); err != nil {
		return BulkChange{}, err
	}
	q, err := sel.query(list)
	if err != nil {
		return BulkChange{}, err
	}
	named := len(sel.IDs) > 0
	work := &bulkWork{
		action: string(list) + ".delete_many", needs: list.Writes(), kind: list.EntryKind(), asked: []any{list, sel}, size: s.bulkChunk,
		scope: func(context.Context, *store.Tx) (map[string]any, error) {
			scope := map[string]any{"kind": string(sel.Kind), "search": sel.Search != ""}
			maps.DeleteFunc(scope, func(_ string, v any) bool { return v == "" || v == false })
			return scope, nil
		},
		find: func(ctx context.Context, tx *store.Tx, job *store.BulkJob, limit int) ([]string, string, error) {
			return findAccess(ctx, tx, q, job, limit)
		},
		apply: func(ctx context.Context, tx *store.Tx, _ *store.BulkJob, ids []string, now time.Time) (tally, error) {
			return deleteAccess(ctx, tx, appID, list, ids, named, now)
		},
		amount: func(counts *AppStats) int64 { return counts.Listed(list) },
	}
	switch {
	case call.DryRun:
		return s.tryAccess(ctx, appID, sel.IDs, work, call)
	case named:
		return s.bulkNamed(ctx, appID, work, sel.IDs, call)
	}
	return s.bulk(ctx, appID, work, call)
}

// findAccess is the find of [bulkWork].
func findAccess(ctx context.Context, tx *store.Tx, q store.AccessQuery, job *store.BulkJob, limit int) (ids []string, next string, err error) {
	q.Until, q.Keyset = job.Until, store.Keyset{After: job.Cursor, Ascending: true, Limit: limit}
	if ids, err = tx.AccessIDs(ctx, job.AppID, q); err != nil {
		return nil, "", err
	}
	if len(ids) == limit {
		next = ids[limit-1]
	}
	return ids, next, nil
}

// deleteAccess is the apply of [bulkWork]; read-only, it only counts. Each of
// those that are named leaves an event of its own.
func deleteAccess(ctx context.Context, tx *store.Tx, appID string, list latchkey.AccessList, ids []string, named bool, now time.Time) (t tally, err error) {
	if !tx.ReadOnly() && len(ids) > 0 {
		if _, err := tx.LockAccess(ctx, appID, true); err != nil {
			return t, err
		}
	}
	for _, id := range ids {
		e, err := tx.AccessEntry(ctx, appID, list, id)
		if latchkey.CodeOf(err) == list.NotFound() {
			continue
		}
		if err != nil {
			return t, err
		}
		t.Matched++
		t.Changed++
		if tx.ReadOnly() {
			continue
		}
		if named {
			audit(ctx, tx, now, appID, string(list)+".delete", id, accessDetails(&e))
		}
		if _, err := tx.DeleteAccess(ctx, appID, list, id); err != nil {
			return t, err
		}
	}
	return t, nil
}

// tryAccess tells what a deletion would do, without writing anything.
func (s *Service) tryAccess(ctx context.Context, appID string, ids []string, work *bulkWork, call BulkCall) (BulkChange, error) {
	out := BulkChange{DryRun: true, Skipped: map[latchkey.Code]int64{}}
	job := store.BulkJob{AppID: appID, Until: latchkey.IDBound(work.kind, s.now().Add(time.Millisecond))}
	named := len(ids) > 0
	for first := true; first || job.Cursor != ""; first = false {
		err := s.read(ctx, work.needs, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
			if first {
				if out.Before, err = tx.Counts(ctx, appID); err != nil {
					return err
				}
			}
			if !named {
				ids, job.Cursor, err = work.find(ctx, tx, &job, bulkPage)
				out.Matched += int64(len(ids))
				return err
			}
			did, err := work.apply(ctx, tx, &job, ids, s.now())
			out.Matched = did.Matched
			return err
		})
		if err == nil && call.Progress != nil {
			err = call.Progress(out.Matched, max(out.Matched, work.amount(&out.Before)))
		}
		if err != nil {
			return BulkChange{}, err
		}
	}
	out.Changed, out.After = out.Matched, out.Before
	return out, nil
}
