package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// maxSelection bounds the ids that a bulk action names.
const maxSelection = 1000

// LicenseView is a license with the name of its user.
type LicenseView struct {
	latchkey.License
	UsedByName string // "" if unused, deleted, or named by the license itself
}

// LicenseFilter narrows and orders a list of licenses; zero fields do not.
type LicenseFilter struct {
	Search        string // a whole key, the last four characters of one, a user's whole name, or text of the note: anywhere, or its beginning if shorter than 3 characters
	Status        latchkey.LicenseStatus
	Level         int64
	CreatedBy     string
	CreatedAfter  time.Time
	CreatedBefore time.Time
	Sort          string // "-created" (default), "created"; of those that are used also "-used", "used"
	Page
}

// LicenseList is one page of licenses, and how many the app has of each status,
// whatever the page is narrowed by.
type LicenseList struct {
	List[LicenseView]
	Counts map[latchkey.LicenseStatus]int64
}

// order reads the sort: which way the list runs, and whether by use.
func (f *LicenseFilter) order() (asc, byUse bool, err error) {
	if f.Sort != "used" && f.Sort != "-used" {
		asc, err = ascending(f.Sort)
		return asc, false, err
	}
	if f.Status != latchkey.LicenseUsed {
		return false, true, latchkey.Invalid("sort", "Only licenses that are narrowed to the status used can be sorted by when they were.")
	}
	return f.Sort == "used", true, nil
}

// ListLicenses lists an app's licenses.
func (s *Service) ListLicenses(ctx context.Context, appID string, f LicenseFilter) (list LicenseList, err error) {
	asc, byUse, err := f.order()
	if err != nil {
		return list, err
	}
	if err := checkSearch(f.Search); err != nil {
		return list, err
	}
	if err := checkStatus(f.Status); err != nil {
		return list, err
	}
	shape := f
	shape.Page = Page{}
	k, err := s.keyset(f.Page, asc, "licenses", appID, shape)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermLicensesRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		rows, err := tx.Licenses(ctx, appID, store.LicenseQuery{Search: f.Search, Status: f.Status, Level: f.Level, CreatedBy: f.CreatedBy,
			CreatedAfter: f.CreatedAfter, CreatedBefore: f.CreatedBefore, Keyset: k, ByUse: byUse})
		if err != nil {
			return err
		}
		views := make([]LicenseView, len(rows))
		for i, r := range rows {
			views[i] = LicenseView(r)
		}
		if list.List, err = page(s, views, k, func(v *LicenseView) string {
			if byUse {
				return store.UsePlace(&v.License)
			}
			return v.ID
		}, "licenses", appID, shape); err != nil {
			return err
		}
		counts, err := tx.Counts(ctx, appID)
		list.Counts = counts.Licenses
		return err
	})
	return list, err
}

// checkSearch bounds search text: 200 bytes of UTF-8 without NUL.
func checkSearch(text string) error {
	if len(text) > 200 || latchkey.CheckNote(text) != nil {
		return latchkey.Invalid("search", "Search text has at most 200 bytes of UTF-8.")
	}
	return nil
}

func licenseView(ctx context.Context, tx *store.Tx, l latchkey.License) (LicenseView, error) {
	view := LicenseView{License: l}
	if l.UsedBy == "" {
		return view, nil
	}
	user, err := tx.User(ctx, l.AppID, l.UsedBy)
	switch {
	case latchkey.CodeOf(err) == latchkey.CodeUserNotFound:
		return view, nil
	case err == nil && !user.LicenseNamed:
		view.UsedByName = user.Name
	}
	return view, err
}

// License returns one; license.not_found.
func (s *Service) License(ctx context.Context, appID, id string) (view LicenseView, err error) {
	err = s.read(ctx, latchkey.PermLicensesRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		l, err := tx.License(ctx, appID, id)
		if err != nil {
			return err
		}
		view, err = licenseView(ctx, tx, l)
		return err
	})
	return view, err
}

// updateLicense locks a license, applies a rule to it and stores it.
func updateLicense(ctx context.Context, tx *store.Tx, appID, id string, rule func(l *latchkey.License) error) (latchkey.License, error) {
	l, err := tx.LockLicense(ctx, appID, id)
	if err != nil {
		return l, err
	}
	if err := rule(&l); err != nil {
		return l, err
	}
	return l, tx.UpdateLicense(ctx, &l)
}

// changeLicense is updateLicense for a call about one license, which may say
// how it expects it.
func (s *Service) changeLicense(ctx context.Context, tx *store.Tx, appID, id string, rule func(l *latchkey.License) error) (latchkey.License, error) {
	return updateLicense(ctx, tx, appID, id, func(l *latchkey.License) error {
		if err := s.expected(ctx, func() (Tagged, error) { return LicenseView{License: *l}, nil }); err != nil {
			return err
		}
		return rule(l)
	})
}

// UpdateLicense edits level, note and, while unused, duration. Errors:
// license.not_found, license.used, request.invalid.
func (s *Service) UpdateLicense(ctx context.Context, appID, id string, edit latchkey.LicenseEdit) (view LicenseView, err error) {
	details := map[string]any{"note": edit.Note != nil}
	if edit.Level != nil {
		details["level"] = *edit.Level
	}
	if edit.Duration != nil {
		details["duration"] = edit.Duration.String()
	}
	err = s.change(ctx, latchkey.PermLicensesUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		var before map[string]any
		l, err := s.changeLicense(ctx, tx, appID, id, func(l *latchkey.License) error {
			before = licenseFields(l)
			return l.Edit(edit, now)
		})
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "license.update", id, edited(details, before, licenseFields(&l)))
		if view, err = licenseView(ctx, tx, l); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// BanLicense bans a license and, with userToo, the user who redeemed it.
// Errors: license.not_found, license.banned, request.invalid.
func (s *Service) BanLicense(ctx context.Context, appID, id, reason string, userToo bool) (view LicenseView, err error) {
	if userToo {
		if _, err := require(ctx, latchkey.PermUsersBan); err != nil {
			return view, err
		}
	}
	err = s.change(ctx, latchkey.PermLicensesBan, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		l, err := s.changeLicense(ctx, tx, appID, id, func(l *latchkey.License) error { return l.Ban(reason, now) })
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "license.ban", id, map[string]any{"reason": reason, "user_too": userToo})
		if userToo && l.UsedBy != "" {
			if err := banWithLicense(ctx, tx, appID, &l, reason, now); err != nil {
				return err
			}
		}
		if view, err = licenseView(ctx, tx, l); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

func banWithLicense(ctx context.Context, tx *store.Tx, appID string, l *latchkey.License, reason string, now time.Time) error {
	user, err := tx.LockUser(ctx, appID, l.UsedBy)
	if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
		return nil
	}
	if err != nil || !user.BannedAt.IsZero() {
		return err // banned already: that ban stays, whatever becomes of this one
	}
	if err := user.Ban(reason, l.ID, now); err != nil {
		return err
	}
	audit(ctx, tx, now, appID, "user.ban", user.ID, map[string]any{"reason": reason, "license": l.ID})
	return tx.UpdateUser(ctx, &user)
}

// UnbanLicense lifts the ban, and that of the user if it came with it. Errors:
// license.not_found, license.not_banned.
func (s *Service) UnbanLicense(ctx context.Context, appID, id string) (view LicenseView, err error) {
	err = s.change(ctx, latchkey.PermLicensesBan, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		l, err := s.changeLicense(ctx, tx, appID, id, func(l *latchkey.License) error { return l.Unban(now) })
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "license.unban", id, nil)
		if l.UsedBy != "" {
			if err := unbanWithLicense(ctx, tx, appID, &l, now); err != nil {
				return err
			}
		}
		if view, err = licenseView(ctx, tx, l); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

func unbanWithLicense(ctx context.Context, tx *store.Tx, appID string, l *latchkey.License, now time.Time) error {
	user, err := tx.LockUser(ctx, appID, l.UsedBy)
	if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
		return nil
	}
	if err != nil || user.BannedWith != l.ID {
		return err
	}
	if err := user.Unban(now); err != nil {
		return err
	}
	audit(ctx, tx, now, appID, "user.unban", user.ID, map[string]any{"license": l.ID})
	return tx.UpdateUser(ctx, &user)
}

// ExtendLicense lengthens one unused license. Errors: license.not_found,
// license.used, license.banned.
func (s *Service) ExtendLicense(ctx context.Context, appID, id string, by latchkey.Duration) (view LicenseView, err error) {
	err = s.change(ctx, latchkey.PermLicensesUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		l, err := s.changeLicense(ctx, tx, appID, id, func(l *latchkey.License) error { return l.Extend(by, now) })
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "license.extend", id, map[string]any{"by": by.String()})
		view = LicenseView{License: l}
		return made(ctx, view)
	})
	return view, err
}

// DeleteLicense deletes one and, with userToo, the user who redeemed it; license.not_found.
func (s *Service) DeleteLicense(ctx context.Context, appID, id string, userToo bool) error {
	if userToo {
		if _, err := require(ctx, latchkey.PermUsersDelete); err != nil {
			return err
		}
	}
	return s.change(ctx, latchkey.PermLicensesDelete, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		l, err := tx.LockLicense(ctx, appID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return LicenseView{License: l}, nil }); err != nil {
			return err
		}
		if userToo && l.UsedBy != "" {
			if err := deleteUser(ctx, tx, appID, l.UsedBy, now); err != nil && latchkey.CodeOf(err) != latchkey.CodeUserNotFound {
				return err
			}
		}
		audit(ctx, tx, now, appID, "license.delete", id, map[string]any{"status": string(l.Status), "user_too": userToo})
		return tx.DeleteLicense(ctx, appID, id)
	})
}
