package service

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// UserSelection names users for a bulk action. Exactly one of IDs, All and Filter
// is set.
type UserSelection struct {
	IDs     []string // at most 1,000
	All     bool
	Filter  *UserFilter // narrows by at least one thing; its order and page do not matter
	Active  bool        // narrows All, or the filter's, to users with an active subscription
	Expired bool        // narrows them to users who hold subscriptions, all of them expired
}

func (sel *UserSelection) check() error {
	if err := checkSelection(sel.IDs, sel.All || sel.Filter != nil); err != nil {
		return err
	}
	if sel.Active && sel.Expired || (sel.Active || sel.Expired) && len(sel.IDs) > 0 {
		return latchkey.Invalid("active", "Either active or expired narrows all; leave both out beside ids.")
	}
	if sel.Filter == nil {
		return nil
	}
	f := *sel.Filter
	f.Sort, f.Page = "", Page{}
	if sel.Filter = &f; sel.All || f == (UserFilter{}) {
		return latchkey.Invalid("filter", "A filter narrows by at least one thing, and does not stand beside all.")
	}
	return f.checkWhole()
}

// matches judges a user whose turn has come: since they were found, they may
// have changed.
func (sel *UserSelection) matches(user *latchkey.User, holdings []latchkey.Holding, now time.Time) bool {
	if f := sel.Filter; f != nil {
		if f.Banned != nil && *f.Banned == user.BannedAt.IsZero() {
			return false
		}
		if f.ResetRequested != nil && *f.ResetRequested == user.ResetRequested.IsZero() {
			return false
		}
		holds := func(h latchkey.Holding) bool { return h.SubscriptionID == f.SubscriptionID }
		if f.SubscriptionID != "" && !slices.ContainsFunc(holdings, holds) {
			return false
		}
		if !f.matchesTime(holdings, now) {
			return false
		}
	}
	active, expired := false, len(holdings) > 0
	for i := range holdings {
		active = active || holdings[i].Active(now)
		expired = expired && holdings[i].Expired(now)
	}
	return (!sel.Active || active) && (!sel.Expired || expired)
}

// userAction is what a bulk action does with each user.
type userAction struct {
	action  string // in the audit log, of many
	needs   latchkey.Permission
	details map[string]any
	secret  string        // what the call asks for as well, and the audit log is not told
	skips   latchkey.Code // the refusal of act that skips a user; "": all end the action
	// begin checks what the action stands on; nil: nothing.
	begin func(ctx context.Context, tx *store.Tx) error
	// act changes a user, who is locked, unless tx is read-only, and reports
	// whether there is something to change.
	act func(ctx context.Context, tx *store.Tx, user *latchkey.User, holdings []latchkey.Holding, now time.Time) (changed bool, err error)
}

// actOnUsers does ids in one transaction, all or nothing, and everything else
// in chunks.
func (s *Service) actOnUsers(ctx context.Context, appID string, sel UserSelection, call BulkCall, act *userAction) (BulkChange, error) {
	if _, err := require(ctx, act.needs); err != nil {
		return BulkChange{}, err
	}
	if err := sel.check(); err != nil {
		return BulkChange{}, err
	}
	work := &bulkWork{
		action: act.action, needs: act.needs, kind: latchkey.KindUser, asked: []any{sel, act.details, act.secret}, size: max(1, s.bulkChunk/userChunks), find: sel.find,
		amount: func(counts *AppStats) int64 { return counts.Users },
		scope: func(context.Context, *store.Tx) (map[string]any, error) {
			scope := map[string]any{"all": sel.All && !sel.Active && !sel.Expired, "active": sel.Active, "expired": sel.Expired}
			if sel.Filter != nil {
				maps.Copy(scope, sel.Filter.conditions())
			}
			maps.DeleteFunc(scope, func(_ string, on any) bool { return on == false })
			maps.Copy(scope, act.details)
			return scope, nil
		},
		apply: func(ctx context.Context, tx *store.Tx, _ *store.BulkJob, ids []string, now time.Time) (tally, error) {
			return act.apply(ctx, tx, appID, &sel, ids, now)
		},
	}
	if sel.Filter != nil {
		work.amount = nil
	}
	return s.bulkAsCalled(ctx, appID, sel.IDs, work, call)
}

// matchesTime judges the ends of a user's time.
func (f *UserFilter) matchesTime(holdings []latchkey.Holding, now time.Time) bool {
	if f.SubscriptionID != "" {
		holdings = slices.DeleteFunc(slices.Clone(holdings), func(h latchkey.Holding) bool { return h.SubscriptionID != f.SubscriptionID })
	}
	if f.Time != "" && f.Time != latchkey.TimeOf(holdings, now) {
		return false
	}
	if f.ExpiresAfter.IsZero() && f.ExpiresBefore.IsZero() {
		return true
	}
	at, never, ok := latchkey.Ends(holdings)
	return ok && (never || !at.Before(f.ExpiresAfter)) && (f.ExpiresBefore.IsZero() || !never && at.Before(f.ExpiresBefore))
}

// find is the find of [bulkWork]. Who is active or expired, and when their time
// ends, is found out when a user's turn has come.
func (sel *UserSelection) find(ctx context.Context, tx *store.Tx, job *store.BulkJob, limit int) (ids []string, next string, err error) {
	if sel.Filter == nil {
		ids, err = tx.UserIDs(ctx, job.AppID, job.Cursor, limit)
	} else {
		ids, err = sel.Filter.ids(ctx, tx, job, limit)
	}
	if len(ids) == limit {
		next = ids[limit-1]
	}
	if n, _ := slices.BinarySearch(ids, job.Until); n < len(ids) {
		return ids[:n], "", err
	}
	return ids, next, err
}

// ids are those of the next users that the filter leaves.
func (f *UserFilter) ids(ctx context.Context, tx *store.Tx, job *store.BulkJob, limit int) ([]string, error) {
	q := store.UserQuery{Search: f.Search, Banned: f.Banned, SubscriptionID: f.SubscriptionID, ResetRequested: f.ResetRequested}
	if f.Time == latchkey.TimeNone {
		q.Time = f.Time
	}
	q.Keyset = store.Keyset{After: job.Cursor, Ascending: true, Limit: limit}
	users, err := tx.Users(ctx, job.AppID, q)
	ids := make([]string, len(users))
	for i := range users {
		ids[i] = users[i].ID
	}
	return ids, err
}

// userReader gives a user with what they hold; user.not_found.
type userReader func(ctx context.Context, tx *store.Tx, appID, id string) (latchkey.User, []latchkey.Holding, error)

// lockedUser is the reader for those who change the user.
func lockedUser(ctx context.Context, tx *store.Tx, appID, id string) (latchkey.User, []latchkey.Holding, error) {
	user, err := tx.LockUser(ctx, appID, id)
	if err != nil {
		return user, nil, err
	}
	holdings, err := tx.Holdings(ctx, appID, id)
	return user, holdings, err
}

// usersAtOnce is the reader for those who only look: it has read all already.
func usersAtOnce(ctx context.Context, tx *store.Tx, appID string, ids []string) (userReader, error) {
	users, err := tx.UsersNamed(ctx, appID, ids)
	if err != nil {
		return nil, err
	}
	holdings, err := tx.HoldingsOf(ctx, appID, ids)
	return func(_ context.Context, _ *store.Tx, _, id string) (latchkey.User, []latchkey.Holding, error) {
		user, ok := users[id]
		if !ok {
			return user, nil, latchkey.Fail(latchkey.CodeUserNotFound)
		}
		return user, holdings[id], nil
	}, err
}

// apply acts on those of the users who exist and are selected.
func (act *userAction) apply(ctx context.Context, tx *store.Tx, appID string, sel *UserSelection, ids []string, now time.Time) (t tally, err error) {
	if act.begin != nil {
		if err := act.begin(ctx, tx); err != nil {
			return t, err
		}
	}
	read := lockedUser
	if tx.ReadOnly() {
		if read, err = usersAtOnce(ctx, tx, appID, ids); err != nil {
			return t, err
		}
	}
	for _, id := range ids {
		user, holdings, err := read(ctx, tx, appID, id)
		if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
			continue
		}
		if err != nil {
			return t, err
		}
		if !sel.matches(&user, holdings, now) {
			continue
		}
		t.Matched++
		changed, err := act.act(ctx, tx, &user, holdings, now)
		if err != nil && latchkey.CodeOf(err) == act.skips {
			t.skip(act.skips)
			continue
		}
		if err != nil {
			return t, err
		}
		if changed {
			t.Changed++
		}
	}
	return t, nil
}

// DeleteUsers deletes a selection of users with all that belongs to them.
// Errors: request.invalid, and those of a repeated call.
func (s *Service) DeleteUsers(ctx context.Context, appID string, sel UserSelection, call BulkCall) (BulkChange, error) {
	change, err := s.actOnUsers(ctx, appID, sel, call, &userAction{
		action: "users.delete", needs: latchkey.PermUsersDelete,
		act: func(ctx context.Context, tx *store.Tx, user *latchkey.User, _ []latchkey.Holding, now time.Time) (bool, error) {
			if tx.ReadOnly() {
				return true, nil
			}
			return true, deleteUser(ctx, tx, appID, user.ID, now)
		},
	})
	if change.DryRun {
		change.After.Users -= change.Changed
	}
	return change, err
}

// TimeChange adds time to subscriptions or, with Subtract, takes it.
type TimeChange struct {
	SubscriptionID string // "": every subscription that the user holds
	Duration       latchkey.Duration
	Subtract       bool
}

// ChangeTime adds or takes time for a selection of users. Users who do not
// hold the subscription, or hold it for a lifetime when time is to be taken,
// count as matched, not as changed. Errors: request.invalid,
// subscription.not_found, and those of a repeated call.
func (s *Service) ChangeTime(ctx context.Context, appID string, sel UserSelection, tc TimeChange, call BulkCall) (BulkChange, error) {
	if tc.Duration == (latchkey.Duration{}) || tc.Subtract && tc.Duration.IsLifetime() {
		return BulkChange{}, latchkey.Invalid("duration", "Say how much time; a lifetime cannot be taken away.")
	}
	details := map[string]any{"subscription": tc.SubscriptionID, "duration": tc.Duration.String(), "subtract": tc.Subtract}
	return s.actOnUsers(ctx, appID, sel, call, &userAction{
		action: "users.change_time", needs: latchkey.PermUsersUpdate, details: details,
		begin: func(ctx context.Context, tx *store.Tx) (err error) {
			if tc.SubscriptionID != "" {
				_, err = tx.Subscription(ctx, appID, tc.SubscriptionID)
			}
			return err
		},
		act: func(ctx context.Context, tx *store.Tx, user *latchkey.User, holdings []latchkey.Holding, now time.Time) (bool, error) {
			n, err := changeTime(ctx, tx, holdings, tc, now)
			if err == nil && n > 0 && !tx.ReadOnly() {
				told := maps.Clone(details)
				told["holdings"] = n
				audit(ctx, tx, now, appID, "user.change_time", user.ID, told)
			}
			return n > 0, err
		},
	})
}

// changeTime returns how many of the holdings it changed, or, read-only, would.
func changeTime(ctx context.Context, tx *store.Tx, holdings []latchkey.Holding, tc TimeChange, now time.Time) (n int, err error) {
	for i := range holdings {
		if tc.SubscriptionID != "" && holdings[i].SubscriptionID != tc.SubscriptionID || holdings[i].IsLifetime() {
			continue
		}
		h := holdings[i]
		if !tx.ReadOnly() {
			if h, err = heldStill(ctx, tx, h.AppID, h.UserID, h.SubscriptionID); err != nil {
				return n, err
			}
		}
		if tc.Subtract {
			if h.Expired(now) {
				continue
			}
			if h.ExpiresAt, err = latchkey.Shortened(h.ExpiresAt, h.Clock(now), tc.Duration); err != nil {
				return n, err
			}
		} else {
			h.ExpiresAt = latchkey.Extended(h.ExpiresAt, h.Clock(now), tc.Duration)
		}
		n++
		if tx.ReadOnly() {
			continue
		}
		h.UpdatedAt = now
		if err := tx.UpdateHolding(ctx, &h.UserSubscription); err != nil {
			return n, err
		}
	}
	return n, nil
}
