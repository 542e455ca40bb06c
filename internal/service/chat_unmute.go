package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// MuteSelection names mutes for a bulk action. Exactly one of IDs and All is
// set; Search, a user's whole name or license key, narrows All.
type MuteSelection struct {
	IDs    []string // at most 1,000
	All    bool
	Search string
}

func (sel *MuteSelection) check() error {
	if err := checkSelection(sel.IDs, sel.All); err != nil {
		return err
	}
	if !sel.All && sel.Search != "" {
		return latchkey.Invalid("search", "A search narrows all; leave it out beside ids.")
	}
	return checkSearch(sel.Search)
}

// LiftMutes ends a selection of mutes. Errors: request.invalid, and those of a
// repeated call.
func (s *Service) LiftMutes(ctx context.Context, appID string, sel MuteSelection, call BulkCall) (BulkChange, error) {
	if _, err := require(ctx, latchkey.PermChatsWrite); err != nil {
		return BulkChange{}, err
	}
	if err := sel.check(); err != nil {
		return BulkChange{}, err
	}
	named := len(sel.IDs) > 0
	work := &bulkWork{action: "chat.unmute_many", needs: latchkey.PermChatsWrite, kind: latchkey.KindMute, asked: sel, size: s.bulkChunk,
		scope: func(context.Context, *store.Tx) (map[string]any, error) {
			if sel.Search != "" {
				return map[string]any{"search": true}, nil
			}
			return map[string]any{}, nil
		},
		find: func(ctx context.Context, tx *store.Tx, job *store.BulkJob, limit int) (ids []string, next string, err error) {
			user, ok, err := whose(ctx, tx, appID, "", sel.Search)
			if err != nil || !ok {
				return nil, "", err
			}
			ids, err = tx.MuteIDs(ctx, appID, user, s.now(), job.Until, store.Keyset{After: job.Cursor, Ascending: true, Limit: limit})
			if len(ids) == limit {
				next = ids[limit-1]
			}
			return ids, next, err
		},
		apply: func(ctx context.Context, tx *store.Tx, _ *store.BulkJob, ids []string, now time.Time) (did tally, err error) {
			for _, id := range slices.Compact(ids) {
				user, err := tx.DeleteMute(ctx, appID, id, now)
				if latchkey.CodeOf(err) == latchkey.CodeChatMuteNotFound {
					continue
				}
				if err != nil {
					return did, err
				}
				did.Matched++
				did.Changed++
				if named {
					audit(ctx, tx, now, appID, "chat.unmute", user, nil)
				}
			}
			return did, nil
		}}
	switch {
	case call.DryRun:
		return s.tryMutes(ctx, appID, sel.IDs, work)
	case named:
		return s.bulkNamed(ctx, appID, work, sel.IDs, call)
	}
	return s.bulk(ctx, appID, work, call)
}

// tryMutes counts what would be lifted.
func (s *Service) tryMutes(ctx context.Context, appID string, ids []string, work *bulkWork) (c BulkChange, err error) {
	c.DryRun = true
	job := store.BulkJob{AppID: appID}
	for first := true; err == nil && (first || job.Cursor != ""); first = false {
		err = s.read(ctx, work.needs, appID, func(tx *store.Tx, _ *latchkey.App) error {
			if len(ids) > 0 {
				n, err := tx.CountMutes(ctx, appID, ids, s.now())
				c.Matched = n
				return err
			}
			found, next, err := work.find(ctx, tx, &job, bulkPage)
			c.Matched += int64(len(found))
			job.Cursor = next
			return err
		})
	}
	c.Changed = c.Matched
	return c, err
}
