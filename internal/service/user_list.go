package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// UserFilter narrows and orders a list of users; zero fields do not.
type UserFilter struct {
	Search         string // a whole license key or mail address, a key's last four characters, or text of the user name: anywhere, or its beginning if shorter than 3 characters
	Banned         *bool
	SubscriptionID string
	ResetRequested *bool // they wait for a reset of their devices
	// Time and the two moments narrow by when the last of a user's
	// subscriptions ends or, with SubscriptionID, by when that one does.
	Time          latchkey.UserTime
	ExpiresAfter  time.Time // or at it
	ExpiresBefore time.Time
	// Sort is "-created" (default), "created", "-name" or "name"; of users who are
	// narrowed by ends of their time it is "ends" or "-ends", the default if their
	// time is over.
	Sort string
	Page
}

// byEnd reports that the filter asks for users whose time ends at some moment.
func (f *UserFilter) byEnd() bool {
	return f.Time == latchkey.TimeLeft || f.Time == latchkey.TimeOver || !f.ExpiresAfter.IsZero() || !f.ExpiresBefore.IsZero()
}

// query is what the filter means, without a page.
func (f *UserFilter) query() (q store.UserQuery, err error) {
	q = store.UserQuery{Search: f.Search, Banned: f.Banned, SubscriptionID: f.SubscriptionID, ResetRequested: f.ResetRequested, Time: f.Time, EndsFrom: f.ExpiresAfter, EndsTo: f.ExpiresBefore}
	switch f.Time {
	case "", latchkey.TimeLeft, latchkey.TimeOver:
	case latchkey.TimeNone:
		if !f.ExpiresAfter.IsZero() || !f.ExpiresBefore.IsZero() {
			return q, latchkey.Invalid("time", "Who holds no subscription has no time that ends.")
		}
	default:
		return q, latchkey.Invalid("time", "Time is left, over or none.")
	}
	if q.Order, q.Ascending, err = f.order(); err != nil {
		return q, err
	}
	return q, checkSearch(f.Search)
}

func (f *UserFilter) order() (by store.UserOrder, ascending bool, err error) {
	sort := f.Sort
	if f.byEnd() {
		if sort == "" && f.Time == latchkey.TimeOver {
			sort = "-ends"
		}
		switch sort {
		case "", "ends", "-ends":
			return store.UsersByEnd, sort != "-ends", nil
		}
		return by, false, latchkey.Invalid("sort", "Users who are narrowed by when their time ends are sorted by ends or -ends.")
	}
	switch sort {
	case "", "-created":
		return store.UsersByCreation, false, nil
	case "created":
		return store.UsersByCreation, true, nil
	case "name", "-name":
		return store.UsersByName, sort == "name", nil
	case "ends", "-ends":
		return by, false, latchkey.Invalid("sort", "Only users who are narrowed by when their time ends can be sorted by it: say which time.")
	}
	return by, false, latchkey.Invalid("sort", "Sort by created, -created, name or -name.")
}

// ListUsers lists an app's users.
func (s *Service) ListUsers(ctx context.Context, appID string, f UserFilter) (list List[UserView], err error) {
	q, err := f.query()
	if err != nil {
		return list, err
	}
	shape := f
	shape.Page = Page{}
	if q.Keyset, err = s.keyset(f.Page, q.Ascending, "users", appID, shape); err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermUsersRead, appID, func(tx *store.Tx, app *latchkey.App) error {
		q.Clock = latchkey.Frozen(s.now(), app.PausedAt)
		users, err := tx.Users(ctx, appID, q)
		if err != nil {
			return err
		}
		cut, err := page(s, users, q.Keyset, func(u *store.UserRow) string { return u.Place }, "users", appID, shape)
		if err != nil {
			return err
		}
		list.Next = cut.Next
		list.Items, err = userViews(ctx, tx, appID, cut.Items)
		return err
	})
	return list, err
}

// userViews reads what belongs to the users of a page, not user by user.
func userViews(ctx context.Context, tx *store.Tx, appID string, users []store.UserRow) ([]UserView, error) {
	ids := make([]string, len(users))
	for i := range users {
		ids[i] = users[i].ID
	}
	holdings, err := tx.HoldingsOf(ctx, appID, ids)
	if err != nil {
		return nil, err
	}
	devices, err := tx.DevicesOf(ctx, appID, ids)
	views := make([]UserView, len(users))
	for i := range users {
		id := users[i].ID
		views[i] = UserView{User: users[i].User, Holdings: holdings[id], Devices: devices[id]}
	}
	return views, err
}
