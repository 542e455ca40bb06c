package service

import (
	"context"
	"maps"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// userChunks is how many times smaller the chunks are of actions that change
// the users of licenses as well.
const userChunks = 5

// licenseAction is what a bulk action does with each license.
type licenseAction struct {
	one, many string // in the audit log, of a license and of many
	needs     latchkey.Permission
	details   map[string]any // for the audit log
	// rule changes the license, or refuses to.
	rule    func(l *latchkey.License, now time.Time) error
	deletes bool
	// user does what is to be done with the user of a license; nil: nothing.
	user func(ctx context.Context, tx *store.Tx, l *latchkey.License, now time.Time) error
}

// ExtendLicenses lengthens the unused ones of a selection. Errors: request.invalid,
// and those of a repeated call.
func (s *Service) ExtendLicenses(ctx context.Context, appID string, sel LicenseSelection, by latchkey.Duration, call BulkCall) (BulkChange, error) {
	if by == (latchkey.Duration{}) {
		return BulkChange{}, latchkey.Invalid("duration", "Say by how much to extend.")
	}
	return s.actOnLicenses(ctx, appID, sel, call, &licenseAction{
		one: "license.extend", many: "licenses.extend", needs: latchkey.PermLicensesUpdate, details: map[string]any{"by": by.String()},
		rule: func(l *latchkey.License, now time.Time) error { return l.Extend(by, now) },
	})
}

// BanLicenses bans a selection and, with userToo, the users who redeemed them.
// Errors: request.invalid, and those of a repeated call.
func (s *Service) BanLicenses(ctx context.Context, appID string, sel LicenseSelection, ban LicenseBan, call BulkCall) (BulkChange, error) {
	if err := latchkey.CheckReason(ban.Reason); err != nil {
		return BulkChange{}, err
	}
	act := &licenseAction{
		one: "license.ban", many: "licenses.ban", needs: latchkey.PermLicensesBan, details: map[string]any{"reason": ban.Reason, "user_too": ban.UserToo},
		rule: func(l *latchkey.License, now time.Time) error { return l.Ban(ban.Reason, now) },
	}
	if ban.UserToo {
		if _, err := require(ctx, latchkey.PermUsersBan); err != nil {
			return BulkChange{}, err
		}
		act.user = func(ctx context.Context, tx *store.Tx, l *latchkey.License, now time.Time) error {
			return banWithLicense(ctx, tx, appID, l, ban.Reason, now)
		}
	}
	return s.actOnLicenses(ctx, appID, sel, call, act)
}

// LicenseBan is how to ban.
type LicenseBan struct {
	Reason  string
	UserToo bool // ban the users who redeemed them as well
}

// UnbanLicenses lifts the bans of a selection, and those of users that came
// with them. Errors: request.invalid, and those of a repeated call.
func (s *Service) UnbanLicenses(ctx context.Context, appID string, sel LicenseSelection, call BulkCall) (BulkChange, error) {
	return s.actOnLicenses(ctx, appID, sel, call, &licenseAction{
		one: "license.unban", many: "licenses.unban", needs: latchkey.PermLicensesBan,
		rule: func(l *latchkey.License, now time.Time) error { return l.Unban(now) },
		user: func(ctx context.Context, tx *store.Tx, l *latchkey.License, now time.Time) error {
			return unbanWithLicense(ctx, tx, appID, l, now)
		},
	})
}

// DeleteLicenses deletes a selection and, with userToo, the users who redeemed
// them. Errors: request.invalid, and those of a repeated call.
func (s *Service) DeleteLicenses(ctx context.Context, appID string, sel LicenseSelection, userToo bool, call BulkCall) (BulkChange, error) {
	act := &licenseAction{
		one: "license.delete", many: "licenses.delete", needs: latchkey.PermLicensesDelete, details: map[string]any{"user_too": userToo}, deletes: true,
		rule: func(*latchkey.License, time.Time) error { return nil },
	}
	if userToo {
		if _, err := require(ctx, latchkey.PermUsersDelete); err != nil {
			return BulkChange{}, err
		}
		act.user = func(ctx context.Context, tx *store.Tx, l *latchkey.License, now time.Time) error {
			err := deleteUser(ctx, tx, appID, l.UsedBy, now)
			if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
				return nil
			}
			return err
		}
	}
	return s.actOnLicenses(ctx, appID, sel, call, act)
}

// actOnLicenses does ids in one transaction, all or nothing, and everything
// else in chunks.
func (s *Service) actOnLicenses(ctx context.Context, appID string, sel LicenseSelection, call BulkCall, act *licenseAction) (BulkChange, error) {
	if _, err := require(ctx, act.needs); err != nil {
		return BulkChange{}, err
	}
	if err := sel.check(); err != nil {
		return BulkChange{}, err
	}
	if call.DryRun {
		return s.tryLicenses(ctx, appID, &sel, call, act)
	}
	size := s.bulkChunk
	if act.user != nil {
		size = max(1, size/userChunks)
	}
	work := &bulkWork{
		action: act.many, needs: act.needs, kind: latchkey.KindLicense, asked: []any{sel, act.details}, size: size, find: sel.find, amount: sel.amount(),
		scope: func(ctx context.Context, tx *store.Tx) (map[string]any, error) {
			scope, err := sel.scope(ctx, tx, appID)
			maps.Copy(scope, act.details)
			return scope, err
		},
		apply: func(ctx context.Context, tx *store.Tx, _ *store.BulkJob, ids []string, now time.Time) (tally, error) {
			return act.apply(ctx, tx, appID, &sel, ids, now)
		},
	}
	if len(sel.IDs) > 0 {
		return s.bulkNamed(ctx, appID, work, sel.IDs, call)
	}
	return s.bulk(ctx, appID, work, call)
}

// apply changes those of the licenses that are still selected.
func (act *licenseAction) apply(ctx context.Context, tx *store.Tx, appID string, sel *LicenseSelection, ids []string, now time.Time) (t tally, err error) {
	named := len(sel.IDs) > 0
	list, err := tx.LockLicenses(ctx, appID, ids)
	if err != nil {
		return t, err
	}
	var changed []latchkey.License
	var were []latchkey.LicenseStatus
	for i := range list {
		l, was := list[i], list[i].Status
		if !sel.still(&l) {
			continue
		}
		doing, err := t.judge(act.rule(&l, now), named)
		if err != nil {
			return t, err
		}
		if !doing {
			continue
		}
		changed, were = append(changed, l), append(were, was)
		if act.user != nil && l.UsedBy != "" {
			if err := act.user(ctx, tx, &l, now); err != nil {
				return t, err
			}
		}
		if named {
			audit(ctx, tx, now, appID, act.one, l.ID, act.detailsOf(was))
		}
	}
	if act.deletes {
		return t, tx.DeleteLicenses(ctx, appID, changed)
	}
	return t, tx.StoreLicenses(ctx, appID, changed, were)
}

// judge counts what a rule has said. What breaks a rule is skipped, with the
// code that the single call would have been answered with; strictly, only what
// the state of the thing forbids is, not what the request asks for.
func (t *tally) judge(refusal error, strictly bool) (changed bool, err error) {
	t.Matched++
	if refusal == nil {
		t.Changed++
		return true, nil
	}
	code := latchkey.CodeOf(refusal)
	if code == latchkey.CodeInternal || strictly && code == latchkey.CodeInvalid {
		return false, refusal
	}
	t.skip(code)
	return false, nil
}

func (act *licenseAction) detailsOf(was latchkey.LicenseStatus) map[string]any {
	if !act.deletes {
		return act.details
	}
	details := maps.Clone(act.details)
	details["status"] = string(was)
	return details
}

// tryLicenses tells what the action would do, by the same rules, without
// writing anything.
func (s *Service) tryLicenses(ctx context.Context, appID string, sel *LicenseSelection, call BulkCall, act *licenseAction) (BulkChange, error) {
	out := BulkChange{DryRun: true, Skipped: map[latchkey.Code]int64{}}
	var t tally
	now := s.now()
	q := sel.query()
	q.Limit, q.Until = bulkPage, latchkey.IDBound(latchkey.KindLicense, now.Add(time.Millisecond))
	for first := true; first || q.After != ""; first = false {
		var list []latchkey.License
		err := s.read(ctx, act.needs, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
			if first {
				if out.Before, err = tx.Counts(ctx, appID); err != nil {
					return err
				}
				out.After = out.Before
				out.After.Licenses = maps.Clone(out.Before.Licenses)
			}
			if len(sel.IDs) > 0 {
				list, err = tx.LicensesNamed(ctx, appID, sel.IDs)
				return err
			}
			list, q.After, err = tx.SelectLicenses(ctx, appID, q)
			return err
		})
		if err == nil {
			err = t.try(list, act, len(sel.IDs) > 0, out.After.Licenses, now)
		}
		if err == nil && call.Progress != nil {
			of := t.Matched
			if amount := sel.amount(); amount != nil {
				of = max(of, amount(&out.Before))
			}
			err = call.Progress(t.Matched, of)
		}
		if err != nil {
			return BulkChange{}, err
		}
	}
	out.Change = t.Change
	maps.Copy(out.Skipped, t.skipped)
	return out, nil
}

// try judges licenses and counts what they would become.
func (t *tally) try(list []latchkey.License, act *licenseAction, strictly bool, counts map[latchkey.LicenseStatus]int64, now time.Time) error {
	for i := range list {
		was := list[i].Status
		changed, err := t.judge(act.rule(&list[i], now), strictly)
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		counts[was]--
		if !act.deletes {
			counts[list[i].Status]++
		}
	}
	return nil
}
