package service

import (
	"context"
	"maps"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// TokenSelection names tokens for a bulk action. Exactly one of IDs and All is
// set; Status and Search narrow All.
type TokenSelection struct {
	IDs    []string // at most 1,000
	All    bool
	Status latchkey.TokenStatus
	Search string // as of [TokenFilter]
}

func (sel *TokenSelection) query() (q store.TokenQuery, err error) {
	if err := checkSelection(sel.IDs, sel.All); err != nil {
		return q, err
	}
	if !sel.All && (sel.Status != "" || sel.Search != "") {
		return q, latchkey.Invalid("status", "Status and search narrow all; leave them out beside ids.")
	}
	f := TokenFilter{Status: sel.Status, Search: sel.Search}
	return f.query()
}

// scope tells the audit log what was selected; a search may be for a token.
func (sel *TokenSelection) scope() map[string]any {
	scope := map[string]any{}
	if sel.Status != "" {
		scope["status"] = string(sel.Status)
	}
	if sel.Search != "" {
		scope["search"] = true
	}
	return scope
}

// still reports whether a token has not left the selection meanwhile.
func (sel *TokenSelection) still(t *latchkey.Token) bool {
	return sel.Status == "" || sel.Status == t.Status
}

// tokenAction is what a bulk action does with each token.
type tokenAction struct {
	one, many string         // in the audit log, of a token and of many
	details   map[string]any // for the audit log
	// rule changes the token, or refuses to; nil: it is deleted.
	rule func(t *latchkey.Token, now time.Time) error
}

// BlacklistTokens takes a selection out of use. Those that are already keep the
// reason that they have. Errors: request.invalid, and those of a repeated call.
func (s *Service) BlacklistTokens(ctx context.Context, appID string, sel TokenSelection, reason string, call BulkCall) (BulkChange, error) {
	if err := latchkey.CheckReason(reason); err != nil {
		return BulkChange{}, err
	}
	return s.actOnTokens(ctx, appID, sel, call, &tokenAction{one: "token.blacklist", many: "tokens.blacklist", details: map[string]any{"reason": reason},
		rule: func(t *latchkey.Token, now time.Time) error { return t.Blacklist(reason, now) }})
}

// UnblacklistTokens lets programs in with a selection again. Errors:
// request.invalid, and those of a repeated call.
func (s *Service) UnblacklistTokens(ctx context.Context, appID string, sel TokenSelection, call BulkCall) (BulkChange, error) {
	return s.actOnTokens(ctx, appID, sel, call, &tokenAction{one: "token.unblacklist", many: "tokens.unblacklist", rule: (*latchkey.Token).Unblacklist})
}

// DeleteTokens deletes a selection. Errors: request.invalid, and those of a
// repeated call.
func (s *Service) DeleteTokens(ctx context.Context, appID string, sel TokenSelection, call BulkCall) (BulkChange, error) {
	return s.actOnTokens(ctx, appID, sel, call, &tokenAction{one: "token.delete", many: "tokens.delete"})
}

// actOnTokens does ids in one transaction, all or nothing, and everything else
// in chunks.
func (s *Service) actOnTokens(ctx context.Context, appID string, sel TokenSelection, call BulkCall, act *tokenAction) (BulkChange, error) {
	if _, err := require(ctx, latchkey.PermTokensWrite); err != nil {
		return BulkChange{}, err
	}
	q, err := sel.query()
	if err != nil {
		return BulkChange{}, err
	}
	work := &bulkWork{
		action: act.many, needs: latchkey.PermTokensWrite, kind: latchkey.KindToken, asked: []any{sel, act.details}, size: s.bulkChunk,
		scope: func(context.Context, *store.Tx) (map[string]any, error) {
			scope := sel.scope()
			maps.Copy(scope, act.details)
			return scope, nil
		},
		find: func(ctx context.Context, tx *store.Tx, job *store.BulkJob, limit int) (ids []string, next string, err error) {
			q := q
			q.Until, q.Keyset = job.Until, store.Keyset{After: job.Cursor, Ascending: true, Limit: limit}
			if ids, err = tx.TokenIDs(ctx, appID, q); len(ids) == limit {
				next = ids[limit-1]
			}
			return ids, next, err
		},
		apply: func(ctx context.Context, tx *store.Tx, _ *store.BulkJob, ids []string, now time.Time) (tally, error) {
			return act.apply(ctx, tx, appID, &sel, ids, now)
		},
	}
	return s.bulkAsCalled(ctx, appID, sel.IDs, work, call)
}

// apply changes those of the tokens that are still selected; read-only, it only
// counts. Each of those that are named leaves an event of its own.
func (act *tokenAction) apply(ctx context.Context, tx *store.Tx, appID string, sel *TokenSelection, ids []string, now time.Time) (t tally, err error) {
	read := tx.LockToken
	if tx.ReadOnly() {
		read = tx.Token
	}
	for _, id := range ids {
		row, err := read(ctx, appID, id)
		if latchkey.CodeOf(err) == latchkey.CodeTokenNotFound {
			continue
		}
		if err != nil {
			return t, err
		}
		if !sel.still(&row.Token) {
			continue
		}
		details := act.details
		if act.rule == nil {
			details = tokenDetails(&row)
		} else {
			err = act.rule(&row.Token, now)
		}
		doing, err := t.judge(err, false)
		if err != nil {
			return t, err
		}
		if !doing || tx.ReadOnly() {
			continue
		}
		if len(sel.IDs) > 0 {
			audit(ctx, tx, now, appID, act.one, id, details)
		}
		if act.rule == nil {
			err = tx.DeleteToken(ctx, appID, id)
		} else {
			err = tx.UpdateToken(ctx, &row.Token)
		}
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

// tokenDetails tells the audit log whose token is deleted.
func tokenDetails(row *store.TokenRow) map[string]any {
	return map[string]any{"user": row.UserID, "license": row.LicenseID, "status": string(row.Status)}
}
