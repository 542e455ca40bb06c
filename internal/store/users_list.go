package store

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// UserQuery narrows and orders [Tx.Users]; zero fields do not.
type UserQuery struct {
	Search         string
	Banned         *bool
	SubscriptionID string
	ResetRequested *bool             // they wait for a reset of their devices
	Time           latchkey.UserTime // left and over want UsersByEnd, and Clock
	EndsFrom       time.Time         // the end of their time; wants UsersByEnd
	EndsTo         time.Time         // before it; likewise
	Clock          time.Time         // what time is judged by: now, or when the app was paused
	Order          UserOrder
	Keyset         // After is the Place of a row
}

func (q *UserQuery) narrow(w *where, holders bool) {
	if q.Banned != nil && *q.Banned {
		w.add("u.banned_at IS NOT NULL")
	} else if q.Banned != nil {
		w.add("u.banned_at IS NULL")
	}
	if q.ResetRequested != nil && *q.ResetRequested {
		w.add("u.reset_requested_at IS NOT NULL")
	} else if q.ResetRequested != nil {
		w.add("u.reset_requested_at IS NULL")
	}
	if q.Time == latchkey.TimeNone {
		w.add("u.holdings = 0")
	}
	if q.SubscriptionID != "" && !holders {
		// Counted and not EXISTS: PostgreSQL would join all holders first.
		w.add("(SELECT COUNT(*) FROM user_subscriptions us WHERE us.app_id = u.app_id AND us.user_id = u.id AND us.subscription_id = ?) = 1", q.SubscriptionID)
	}
}

// listed is the query for a page in the order of creation, a search apart.
func (q *UserQuery) listed(columns, appID string) (string, []any) {
	if q.SubscriptionID != "" && (q.ResetRequested == nil || !*q.ResetRequested) {
		// The holders stand in the order of their ids. They are many, and those
		// who wait for a reset few.
		w := newWhere("us.app_id = ? AND us.subscription_id = ?", appID, q.SubscriptionID)
		q.narrow(w, true)
		return w.page(`SELECT `+columns+` FROM user_subscriptions us JOIN users u ON u.app_id = us.app_id AND u.id = us.user_id`, "us.user_id", q.Keyset)
	}
	w := newWhere("u.app_id = ?", appID)
	q.narrow(w, false)
	return w.page(`SELECT `+columns+` FROM users u`, "u.id", q.Keyset)
}

// Users returns one page. What a search finds is said at [Tx.usersFound].
func (tx *Tx) Users(ctx context.Context, appID string, q UserQuery) ([]UserRow, error) {
	if q.Order != UsersByCreation {
		return tx.usersInOrder(ctx, appID, &q)
	}
	var users []latchkey.User
	if q.Search != "" {
		ids, err := tx.usersFound(ctx, appID, &q)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		if users, err = tx.usersByID(ctx, appID, ids); err != nil {
			return nil, err
		}
		sortByID(users, func(u *latchkey.User) string { return u.ID }, q.Ascending)
	} else {
		text, args := q.listed(userColumns, appID)
		var err error
		if users, err = collect(tx, ctx, "list users", text, tx.db.engine.planned(args), tx.scanListed); err != nil {
			return nil, err
		}
	}
	rows := make([]UserRow, len(users))
	for i, u := range users {
		rows[i] = UserRow{u, u.ID}
	}
	return rows, nil
}

func (tx *Tx) scanListed(row scanner) (latchkey.User, error) { return tx.scanUser(row) }

// usersByID returns certain users, in no order.
func (tx *Tx) usersByID(ctx context.Context, appID string, ids []string) ([]latchkey.User, error) {
	w := newWhere("u.app_id = ?", appID)
	w.addIn("u.id", ids)
	return collect(tx, ctx, "list users", `SELECT `+userColumns+` FROM users u WHERE `+w.text.String(), tx.db.engine.planned(w.args), tx.scanListed)
}

// UsersNamed returns those of certain users that there are, by their ids.
func (tx *Tx) UsersNamed(ctx context.Context, appID string, ids []string) (map[string]latchkey.User, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := tx.usersByID(ctx, appID, ids)
	users := make(map[string]latchkey.User, len(list))
	for i := range list {
		users[list[i].ID] = list[i]
	}
	return users, err
}

// usersFound returns the ids of the page of users that a search finds: by a
// whole license key or mail address, a key's last four characters, or text
// anywhere in the name, at its beginning if that is shorter than a trigram.
func (tx *Tx) usersFound(ctx context.Context, appID string, q *UserQuery) ([]string, error) {
	text := strings.TrimSpace(q.Search)
	if text == "" {
		return nil, nil
	}
	narrow := func(w *where) {
		w.add("u.app_id = ?", appID)
		q.narrow(w, false)
		q.span().narrow(w, "u.id")
	}
	branches := userBranches(tx, appID, text)
	found, err := tx.union(ctx, `SELECT u.id FROM users u`, "u.id", branches, q.Keyset, narrow)
	if err != nil {
		return nil, err
	}
	name := latchkey.CanonicalName(text)
	query, args := tx.db.engine.namesIndex().containing(appID, name, q.Ascending, narrow)
	if utf8.RuneCountInString(name) < trigram {
		w := newWhere("u.canonical_name <> ''")
		beginning(w, "u.canonical_name", name)
		narrow(w)
		query, args = w.ordered(`SELECT u.id FROM users u`, "u.canonical_name", true, maxFound)
	}
	named, err := tx.ids(ctx, query, tx.db.engine.planned(args)...)
	return q.cut(append(found, named...)), err
}

// userBranches are the ways to find a user that are not a part of a name.
func userBranches(tx *Tx, appID, text string) []branch {
	branches := []branch{
		{"u.name_hash = ?", []any{usernameHash(tx.box(), appID, text)}},
		{"u.name_hash = ?", []any{licenseUserHash(tx.box(), appID, text)}},
	}
	if utf8.RuneCountInString(text) == 4 {
		branches = append(branches, branch{"u.name_last4 <> '' AND u.name_last4 = ?", []any{text}})
	}
	if email, err := latchkey.NormalizeEmail(text); err == nil {
		branches = append(branches, branch{"u.email_hash IS NOT NULL AND u.email_hash = ?", []any{emailHash(tx.box(), appID, email)}})
	}
	return branches
}
