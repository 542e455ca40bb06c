package store

import (
	"context"
	"slices"
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

// Users returns one page. What a search finds is said at [Tx.usersFound].
func (tx *Tx) Users(ctx context.Context, appID string, q UserQuery) ([]UserRow, error) {
	if q.Search != "" && q.text() == "" {
		return nil, nil
	}
	of, small, err := tx.smallest(ctx, appID, &q)
	if err != nil {
		return nil, err
	}
	if q.Order != UsersByCreation {
		return tx.usersInOrder(ctx, appID, &q, of, small)
	}
	var users []latchkey.User
	found, few := []string(nil), false
	if q.Search != "" && !small {
		found, few, err = tx.usersFound(ctx, appID, &q)
	}
	switch {
	case err != nil:
	case few:
		users, err = tx.usersAmong(ctx, appID, &q, found)
	default:
		users, err = tx.usersInTurn(ctx, appID, &q, of)
	}
	rows := make([]UserRow, len(users))
	for i, u := range users {
		rows[i] = UserRow{u, u.ID}
	}
	return rows, err
}

// usersInTurn reads a set in the order of creation until the page is full.
func (tx *Tx) usersInTurn(ctx context.Context, appID string, q *UserQuery, of userSet) ([]latchkey.User, error) {
	w := of.where(appID, q)
	of.join(w)
	q.narrow(tx, w, of)
	q.anywhere(tx, appID, w)
	text, args := w.page(`SELECT `+userColumns+of.from(), of.id(), q.Keyset)
	return collect(tx, ctx, "list users", text, tx.db.engine.planned(args), tx.scanListed)
}

// usersAmong returns the page of those of certain users whom the query leaves.
func (tx *Tx) usersAmong(ctx context.Context, appID string, q *UserQuery, ids []string) ([]latchkey.User, error) {
	ids = slices.DeleteFunc(ids, func(id string) bool {
		return q.After != "" && (q.Ascending && id <= q.After || !q.Ascending && id >= q.After)
	})
	if len(ids) == 0 {
		return nil, nil
	}
	w := newWhere("u.app_id = ?", appID)
	bare := w.text.Len()
	if q.narrow(tx, w, allUsers); w.text.Len() > bare {
		var err error
		w.addIn("u.id", ids)
		if ids, err = tx.ids(ctx, `SELECT u.id FROM users u WHERE `+w.text.String(), tx.db.engine.planned(w.args)...); err != nil || len(ids) == 0 {
			return nil, err
		}
	}
	users, err := tx.usersByID(ctx, appID, q.cut(ids))
	sortByID(users, func(u *latchkey.User) string { return u.ID }, q.Ascending)
	return users, err
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

// usersFound returns the ids of all users that a search finds, if they are few: by
// a whole license key or mail address, a key's last four characters, or text
// anywhere in the name, at its beginning if that is shorter than a trigram.
func (tx *Tx) usersFound(ctx context.Context, appID string, q *UserQuery) (ids []string, few bool, err error) {
	text := q.text()
	narrow := func(w *where) { w.add("u.app_id = ?", appID) }
	ids, err = tx.union(ctx, `SELECT u.id FROM users u`, "u.id", userBranches(tx, appID, text), Keyset{Limit: tx.db.bounds.found}, narrow)
	if err != nil || len(ids) == tx.db.bounds.found {
		return nil, false, err
	}
	name := latchkey.CanonicalName(text)
	query, args := tx.db.engine.namesIndex().containing(appID, name, q.Ascending, tx.db.bounds.found, narrow)
	if utf8.RuneCountInString(name) < trigram {
		w := newWhere("u.canonical_name <> ''")
		beginning(w, "u.canonical_name", name)
		narrow(w)
		query, args = w.ordered(`SELECT u.id FROM users u`, "u.canonical_name", true, tx.db.bounds.found)
	}
	named, err := tx.ids(ctx, query, tx.db.engine.planned(args)...)
	if err != nil || len(named) == tx.db.bounds.found {
		return nil, false, err
	}
	ids = append(ids, named...)
	slices.Sort(ids)
	return slices.Compact(ids), true, nil
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
