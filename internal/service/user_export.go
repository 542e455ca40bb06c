package service

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// userExportPage is how many users one read of an export takes, with their
// subscriptions and devices.
const userExportPage = 500

// UserExport is an export of users that has begun. It is used by one goroutine.
type UserExport struct {
	App   string // name of the app
	Began time.Time

	service *Service
	appID   string
	query   store.UserQuery
	details map[string]any
}

// BeginUserExport checks who asks for which users and records it, before the
// first leaves. The filter's page does not matter; without a sort, the oldest
// come first. format is for the audit log. Whatever comes of it, [UserExport.End]
// has to be called.
func (s *Service) BeginUserExport(ctx context.Context, appID string, f UserFilter, format string) (*UserExport, error) {
	if f.Sort == "" && !f.byEnd() {
		f.Sort = "created"
	}
	if err := f.checkWhole(); err != nil {
		return nil, err
	}
	q, err := f.query()
	if err != nil {
		return nil, err
	}
	q.Limit = userExportPage
	e := &UserExport{service: s, appID: appID, query: q, details: f.details(format)}
	err = s.change(ctx, latchkey.PermUsersRead, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		e.App, e.Began = app.Name, now
		audit(ctx, tx, now, appID, "users.export_begin", appID, e.details)
		return nil
	})
	return e, err
}

// checkWhole refuses filters that a list can show the first of, and nobody all:
// shorter text looks at some of the names that begin with it.
func (f *UserFilter) checkWhole() error {
	if n := utf8.RuneCountInString(strings.TrimSpace(f.Search)); f.Search != "" && n < 3 {
		return latchkey.Invalid("search", "What is meant for all that match searches for at least 3 characters.")
	}
	_, err := f.query()
	return err
}

// details is what the audit log tells of a filter of an export.
func (f *UserFilter) details(format string) map[string]any {
	d := f.conditions()
	d["format"], d["sort"] = format, f.Sort
	return d
}

// conditions is what the audit log tells of a filter. What is searched for may be
// a key or an address.
func (f *UserFilter) conditions() map[string]any {
	d := map[string]any{}
	if f.Search != "" {
		d["search"] = true
	}
	if f.Banned != nil {
		d["banned"] = *f.Banned
	}
	if f.SubscriptionID != "" {
		d["subscription"] = f.SubscriptionID
	}
	if f.ResetRequested != nil {
		d["reset_requested"] = *f.ResetRequested
	}
	if f.Time != "" {
		d["time"] = string(f.Time)
	}
	for name, at := range map[string]time.Time{"expires_after": f.ExpiresAfter, "expires_before": f.ExpiresBefore} {
		if !at.IsZero() {
			d[name] = at.UTC().Format(time.RFC3339)
		}
	}
	return d
}

// Each calls do with all users of the export, a part at a time. Users who are
// made meanwhile may or may not be among them; none comes twice.
func (e *UserExport) Each(ctx context.Context, do func([]UserView) error) error {
	q := e.query
	for {
		if err := ctx.Err(); err != nil {
			return latchkey.Fail(latchkey.CodeUnavailable).Because(err)
		}
		var part []UserView
		err := e.service.read(ctx, latchkey.PermUsersRead, e.appID, func(tx *store.Tx, app *latchkey.App) error {
			q.Clock = latchkey.Frozen(e.Began, app.PausedAt)
			users, err := tx.Users(ctx, e.appID, q)
			if err != nil || len(users) == 0 {
				return err
			}
			q.After = users[len(users)-1].Place
			part, err = userViews(ctx, tx, e.appID, users)
			return err
		})
		if err != nil {
			return err
		}
		if len(part) > 0 {
			if err := do(part); err != nil {
				return err
			}
		}
		if len(part) < q.Limit {
			return nil
		}
	}
}

// End records how an export ended: with how many users sent, and whether these
// are all. It does so also when its caller is gone.
func (e *UserExport) End(ctx context.Context, count int64, whole bool) error {
	return e.service.endExport(ctx, e.appID, "users.export", e.details, count, whole)
}
