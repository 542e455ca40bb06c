package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// CreateTokens makes a token for each unused license of a selection that has
// none. The others count as matched, and as skipped for what they are. Those
// that were made are a batch, by the name of the call's job: see [TokenFilter].
// Errors: request.invalid, and those of a repeated call.
func (s *Service) CreateTokens(ctx context.Context, appID string, sel LicenseSelection, call BulkCall) (BulkChange, error) {
	if _, err := require(ctx, latchkey.PermTokensWrite); err != nil {
		return BulkChange{}, err
	}
	if err := sel.check(); err != nil {
		return BulkChange{}, err
	}
	work := &bulkWork{
		action: "tokens.create", needs: latchkey.PermTokensWrite, kind: latchkey.KindLicense, asked: []any{sel}, size: s.bulkChunk, find: sel.find, amount: sel.amount(),
		scope: func(ctx context.Context, tx *store.Tx) (map[string]any, error) { return sel.scope(ctx, tx, appID) },
		apply: func(ctx context.Context, tx *store.Tx, job *store.BulkJob, ids []string, now time.Time) (tally, error) {
			return s.tokensFor(ctx, tx, job, &sel, ids, now)
		},
	}
	return s.bulkAsCalled(ctx, appID, sel.IDs, work, call)
}

// tokensFor makes the tokens of those of the licenses that are still selected,
// or, where tx is read-only, counts them.
func (s *Service) tokensFor(ctx context.Context, tx *store.Tx, job *store.BulkJob, sel *LicenseSelection, ids []string, now time.Time) (t tally, err error) {
	appID, batch := job.AppID, tokenBatch(job.ID)
	read := tx.LockLicenses
	if tx.ReadOnly() {
		read = tx.LicensesNamed
	}
	if len(ids) == 0 {
		return t, nil
	}
	list, err := read(ctx, appID, ids)
	if err != nil {
		return t, err
	}
	have, err := tx.LicensesWithToken(ctx, appID, ids)
	if err != nil {
		return t, err
	}
	for i := range list {
		l := &list[i]
		if !sel.still(l) {
			continue
		}
		refusal := l.Redeemable()
		if refusal == nil && have[l.ID] {
			refusal = latchkey.Fail(latchkey.CodeTokenExists)
		}
		doing, err := t.judge(refusal, false)
		if err != nil {
			return t, err
		}
		if !doing || tx.ReadOnly() {
			continue
		}
		token, ok, err := s.makeToken(ctx, tx, latchkey.Token{ID: batch.ID(job.Changed + t.Changed - 1), AppID: appID, LicenseID: l.ID}, now)
		if err != nil {
			return t, err
		}
		if !ok { // the license is locked, so nobody else has made it one
			return t, latchkey.Fail(latchkey.CodeTokenExists)
		}
		if len(sel.IDs) > 0 {
			audit(ctx, tx, now, appID, "token.create", token.ID, map[string]any{"license": l.ID})
		}
	}
	return t, nil
}

// tokenBatch is the ids of the tokens that a job makes, so that they can be told
// from all others without being written down: the n-th changed license's token
// has the n-th.
func tokenBatch(job string) latchkey.IDRange { return latchkey.RangeFor(latchkey.KindToken, job) }
