package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// LicenseSelection names licenses for a bulk action: ids, or all of them, or
// all of a status. Exactly one of IDs and All is set.
type LicenseSelection struct {
	IDs    []string // at most 1,000
	All    bool
	Status latchkey.LicenseStatus // narrows All
}

func (sel *LicenseSelection) check() error {
	if err := checkSelection(sel.IDs, sel.All); err != nil {
		return err
	}
	if sel.Status != "" && !sel.All {
		return latchkey.Invalid("status", "A status narrows all; leave it out beside ids.")
	}
	return checkStatus(sel.Status)
}

func checkStatus(status latchkey.LicenseStatus) error {
	switch status {
	case "", latchkey.LicenseNotUsed, latchkey.LicenseUsed, latchkey.LicenseBanned:
		return nil
	}
	return latchkey.Invalid("status", "The status is not_used, used or banned.")
}

func checkSelection(ids []string, all bool) error {
	if all == (len(ids) > 0) {
		return latchkey.Invalid("ids", "Name ids or all, not both.")
	}
	if len(ids) > maxSelection {
		return latchkey.Invalid("ids", "Name at most 1,000 ids.")
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			return latchkey.Invalid("ids", "An id is named twice.")
		}
		seen[id] = true
	}
	return nil
}

// each calls do with every selected id. next reads the ids of All in chunks.
func each(ids []string, all bool, next func(after string) ([]string, error), do func(id string) error) error {
	if !all {
		return eachOf(ids, do)
	}
	after := ""
	for {
		chunk, err := next(after)
		if err != nil || len(chunk) == 0 {
			return err
		}
		if err := eachOf(chunk, do); err != nil {
			return err
		}
		after = chunk[len(chunk)-1]
	}
}

func eachOf(ids []string, do func(id string) error) error {
	for _, id := range ids {
		if err := do(id); err != nil {
			return err
		}
	}
	return nil
}

// ExtendLicenses lengthens the unused ones of a selection; the others count as
// matched, not as changed.
func (s *Service) ExtendLicenses(ctx context.Context, appID string, sel LicenseSelection, by latchkey.Duration) (change Change, err error) {
	if err := sel.check(); err != nil {
		return change, err
	}
	err = s.change(ctx, latchkey.PermLicensesUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		change = Change{}
		err := s.eachLicense(ctx, tx, appID, sel, func(l latchkey.License) error {
			change.Matched++
			if l.Status != latchkey.LicenseNotUsed {
				return nil
			}
			if _, err := updateLicense(ctx, tx, appID, l.ID, func(l *latchkey.License) error { return l.Extend(by, now) }); err != nil {
				return err
			}
			change.Changed++
			return nil
		})
		audit(ctx, tx, now, appID, "licenses.extend", appID, map[string]any{"by": by.String(), "matched": change.Matched, "changed": change.Changed})
		return err
	})
	return change, err
}

// eachLicense calls do with every license of a selection that exists.
func (s *Service) eachLicense(ctx context.Context, tx *store.Tx, appID string, sel LicenseSelection, do func(l latchkey.License) error) error {
	return each(sel.IDs, sel.All, func(after string) ([]string, error) {
		return tx.LicenseIDs(ctx, appID, store.LicenseQuery{Status: sel.Status, Keyset: store.Keyset{After: after, Ascending: true, Limit: maxSelection}})
	}, func(id string) error {
		l, err := tx.License(ctx, appID, id)
		if latchkey.CodeOf(err) == latchkey.CodeLicenseNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return do(l)
	})
}

// DeleteLicense deletes one and, with userToo, the user who redeemed it.
func (s *Service) DeleteLicense(ctx context.Context, appID, id string, userToo bool) error {
	change, err := s.DeleteLicenses(ctx, appID, LicenseSelection{IDs: []string{id}}, userToo)
	if err == nil && change.Changed == 0 {
		return latchkey.Fail(latchkey.CodeLicenseNotFound)
	}
	return err
}

// DeleteLicenses deletes a selection and, with userToo, the users who redeemed
// them.
func (s *Service) DeleteLicenses(ctx context.Context, appID string, sel LicenseSelection, userToo bool) (change Change, err error) {
	if err := sel.check(); err != nil {
		return change, err
	}
	if userToo {
		if _, err := require(ctx, latchkey.PermUsersDelete); err != nil {
			return change, err
		}
	}
	err = s.change(ctx, latchkey.PermLicensesDelete, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		change = Change{}
		err := s.eachLicense(ctx, tx, appID, sel, func(l latchkey.License) error {
			change.Matched++
			if userToo && l.UsedBy != "" {
				if err := deleteUser(ctx, tx, appID, l.UsedBy, now); err != nil && latchkey.CodeOf(err) != latchkey.CodeUserNotFound {
					return err
				}
			}
			if err := tx.DeleteLicense(ctx, appID, l.ID); err != nil {
				return err
			}
			change.Changed++
			if !sel.All {
				audit(ctx, tx, now, appID, "license.delete", l.ID, map[string]any{"status": string(l.Status), "user_too": userToo})
			}
			return nil
		})
		if sel.All {
			audit(ctx, tx, now, appID, "licenses.delete", appID,
				map[string]any{"status": string(sel.Status), "user_too": userToo, "changed": change.Changed})
		}
		return err
	})
	return change, err
}
