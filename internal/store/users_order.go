package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// UserOrder is what a list of users is sorted by.
type UserOrder string

// The orders. What is equal stands in the order of creation.
const (
	UsersByCreation UserOrder = ""
	// UsersByName has those who are named by their license before all others:
	// keys are sealed, and nothing sorts them.
	UsersByName UserOrder = "name"
	// UsersByEnd is that of the ends of their time, a lifetime last. It lists
	// only who holds a subscription.
	UsersByEnd UserOrder = "ends"
)

// UserRow is a user of a list, and where they stand in it: the After of a page
// that goes on behind them.
type UserRow struct {
	latchkey.User
	Place string
}

// userAt is where a user stands in an order that is not that of creation.
type userAt struct {
	id   string
	name string // canonical
	end  int64  // ms
}

func (a userAt) place(by UserOrder) string {
	if by == UsersByEnd {
		return a.id + "." + strconv.FormatInt(a.end, 10)
	}
	return a.id + "." + a.name
}

func readUserPlace(by UserOrder, place string) (a userAt, err error) {
	var key string
	a.id, key, _ = strings.Cut(place, ".")
	if by != UsersByEnd {
		a.name = key
		return a, nil
	}
	if a.end, err = strconv.ParseInt(key, 10, 64); err != nil {
		return a, latchkey.Fail(latchkey.CodeCursorInvalid)
	}
	return a, nil
}

// usersInOrder returns a page in an order other than that of creation. What a
// small set or a search leaves is read and sorted here; if that is much, an index
// is walked that gives the order, on which then enough is found soon.
func (tx *Tx) usersInOrder(ctx context.Context, appID string, q *UserQuery, of userSet, small bool) ([]UserRow, error) {
	var ids []string
	few, err := small, error(nil)
	if q.Search != "" && !small {
		if ids, few, err = tx.usersFound(ctx, appID, q); err != nil || few && len(ids) == 0 {
			return nil, err
		}
	}
	var places []userAt
	switch {
	case small:
		places, err = tx.usersInSet(ctx, appID, q, of)
	case q.Order == UsersByEnd:
		places, err = tx.usersByEnd(ctx, appID, q, ids)
	default:
		places, err = tx.usersByName(ctx, appID, q, ids)
	}
	if few && err == nil {
		places, err = q.sorted(places)
	}
	if err != nil || len(places) == 0 {
		return nil, err
	}
	return tx.usersAt(ctx, appID, q.Order, places)
}

// usersAt returns users in the order of where they stand.
func (tx *Tx) usersAt(ctx context.Context, appID string, by UserOrder, places []userAt) ([]UserRow, error) {
	ids := make([]string, len(places))
	for i, a := range places {
		ids[i] = a.id
	}
	users, err := tx.UsersNamed(ctx, appID, ids)
	var rows []UserRow
	for _, a := range places {
		if u, there := users[a.id]; there {
			rows = append(rows, UserRow{u, a.place(by)})
		}
	}
	return rows, err
}

func scanNamed(row scanner) (a userAt, err error) {
	err = row.Scan(&a.id, &a.name)
	return a, err
}

func scanEnding(row scanner) (a userAt, err error) {
	err = row.Scan(&a.id, &a.end)
	return a, err
}

// sorted cuts all that there is to the page.
func (q *UserQuery) sorted(places []userAt) ([]userAt, error) {
	order := func(a, b userAt) int {
		by := cmp.Or(cmp.Compare(a.end, b.end), strings.Compare(a.name, b.name), strings.Compare(a.id, b.id))
		if q.Ascending {
			return by
		}
		return -by
	}
	if q.After != "" {
		after, err := readUserPlace(q.Order, q.After)
		if err != nil {
			return nil, err
		}
		places = slices.DeleteFunc(places, func(a userAt) bool { return order(a, after) <= 0 })
	}
	slices.SortFunc(places, order)
	return places[:min(len(places), q.Limit)], nil
}

// than compares in the direction of the list.
func (k Keyset) than() string {
	if k.Ascending {
		return ">"
	}
	return "<"
}

// orderedBy is ordered by a column and, where that is equal, by the id.
func (w *where) orderedBy(selection, column, id string, k Keyset) (string, []any) {
	if !k.Ascending {
		column += " DESC"
	}
	return w.ordered(selection, column+", "+id, k.Ascending, k.Limit)
}

// usersByName returns where certain users stand or, of nil, those of the page.
func (tx *Tx) usersByName(ctx context.Context, appID string, q *UserQuery, ids []string) ([]userAt, error) {
	const selection = `SELECT u.id, u.canonical_name FROM users u`
	w := newWhere("u.app_id = ?", appID)
	q.narrow(tx, w, allUsers)
	if ids != nil {
		w.add("u.updated_at >= 0") // no index has it, or SQLite reads all that there is from that of names
		w.addIn("u.id", ids)
		return collect(tx, ctx, "list users", selection+" WHERE "+w.text.String(), tx.db.engine.planned(w.args), scanNamed)
	}
	q.anywhere(tx, appID, w)
	if q.After != "" {
		after, err := readUserPlace(q.Order, q.After)
		if err != nil {
			return nil, err
		}
		w.add("(u.canonical_name, u.id) "+q.than()+" (?, ?)", after.name, after.id)
	}
	text, args := w.orderedBy(selection, "u.canonical_name", "u.id", q.Keyset)
	return collect(tx, ctx, "list users", text, tx.db.engine.planned(args), scanNamed)
}

// anywhere adds a search as a condition that no index answers, but for a
// beginning of names in their own order.
func (q *UserQuery) anywhere(tx *Tx, appID string, w *where) {
	text := q.text()
	if text == "" {
		return
	}
	name := latchkey.CanonicalName(text)
	named, args := `u.canonical_name LIKE ? ESCAPE '\'`, []any{contains(name)}
	if utf8.RuneCountInString(name) < trigram {
		if q.Order == UsersByName {
			beginning(w, "u.canonical_name", name)
			return
		}
		named, args = `(u.canonical_name || '' >= ? AND u.canonical_name || '' < ?)`, []any{name, name + string(utf8.MaxRune)}
	}
	conditions := []string{named}
	for _, b := range userBranches(tx, appID, text) {
		conditions, args = append(conditions, b.condition), append(args, b.args...)
	}
	w.add("("+strings.Join(conditions, " OR ")+")", args...)
}

// The end of a holding, and what of the user's others counts more.
const (
	holdingEnds = "COALESCE(us.expires_at, 9223372036854775807)"
	laterEnds   = `(SELECT COUNT(*) FROM user_subscriptions o WHERE o.app_id = us.app_id AND o.user_id = us.user_id
		AND (COALESCE(o.expires_at, 9223372036854775807), o.subscription_id) > (` + holdingEnds + `, us.subscription_id))`
	// frozenEnds counts holdings of the user whose time a pause keeps.
	frozenEnds = `(SELECT COUNT(*) FROM user_subscriptions o JOIN subscriptions s ON s.app_id = o.app_id AND s.id = o.subscription_id
		WHERE o.app_id = us.app_id AND o.user_id = us.user_id AND (o.expires_at > o.paused_at OR o.expires_at > s.paused_at)`

	qFirstPauseOfHolders = `SELECT MIN(us.paused_at) FROM user_subscriptions us WHERE us.app_id = $1 AND us.paused_at IS NOT NULL`
	qFirstPauseOfTiers   = `SELECT MIN(s.paused_at) FROM subscriptions s WHERE s.app_id = $1 AND s.paused_at IS NOT NULL`
)

// usersByEnd returns where certain users stand or, of nil, those of the page. A
// user stands where the last of their subscriptions ends or, if the list is that
// of a subscription's holders, where that one ends.
func (tx *Tx) usersByEnd(ctx context.Context, appID string, q *UserQuery, ids []string) ([]userAt, error) {
	const selection = `SELECT us.user_id, ` + holdingEnds + ` FROM user_subscriptions us`
	w := newWhere("us.app_id = ?", appID)
	ends := holdingEnds
	if ids != nil {
		ends = tx.db.engine.unindexed(ends) // or SQLite walks the index of ends, and not the users
		w.addIn("us.user_id", ids)
	}
	if err := tx.endsWithin(ctx, appID, q, w, ends); err != nil {
		return nil, err
	}
	u := &where{args: w.args}
	q.narrow(tx, u, holders)
	if ids == nil {
		q.anywhere(tx, appID, u)
	}
	if u.text.Len() > 0 {
		w.args = u.args
		// Counted and not EXISTS: the order of this table has to be kept.
		w.add("(SELECT COUNT(*) FROM users u WHERE u.app_id = us.app_id AND u.id = us.user_id AND " + u.text.String() + ") = 1")
	}
	if ids != nil {
		return collect(tx, ctx, "list users", selection+" WHERE "+w.text.String(), tx.db.engine.planned(w.args), scanEnding)
	}
	if q.After != "" {
		after, err := readUserPlace(q.Order, q.After)
		if err != nil {
			return nil, err
		}
		w.add("("+holdingEnds+", us.user_id) "+q.than()+" (?, ?)", after.end, after.id)
	}
	text, args := w.orderedBy(selection, holdingEnds, "us.user_id", q.Keyset)
	return collect(tx, ctx, "list users", text, tx.db.engine.planned(args), scanEnding)
}

// endsWithin adds what the query asks of ends of time; ends is how they are
// written.
func (tx *Tx) endsWithin(ctx context.Context, appID string, q *UserQuery, w *where, ends string) error {
	frozen := frozenEnds
	if q.SubscriptionID != "" {
		w.add("us.subscription_id = ?", q.SubscriptionID)
		frozen += " AND o.subscription_id = us.subscription_id"
	} else {
		w.add(laterEnds + " = 0")
	}
	frozen += ")"
	if !q.EndsFrom.IsZero() {
		w.add(ends+" >= ?", ms(q.EndsFrom))
	}
	if !q.EndsTo.IsZero() {
		w.add(ends+" < ?", ms(q.EndsTo))
	}
	if q.Time == "" {
		return nil
	}
	clock := ms(q.Clock)
	first, err := tx.firstPause(ctx, appID)
	switch {
	case err != nil:
		return err
	case q.Time == latchkey.TimeOver:
		w.add(ends+" <= ?", clock)
		if first < math.MaxInt64 {
			w.add(frozen + " = 0")
		}
	case first < clock:
		// What a pause keeps may have ended by its date, not before the pause.
		w.add(ends+" > ?", first)
		w.add("("+ends+" > ? OR "+frozen+" > 0)", clock)
	default:
		w.add(ends+" > ?", clock)
	}
	return nil
}

// firstPause is when the first began of the pauses that lie on subscriptions and
// on single users; MaxInt64: there is none.
func (tx *Tx) firstPause(ctx context.Context, appID string) (int64, error) {
	first := int64(math.MaxInt64)
	for _, query := range []string{qFirstPauseOfHolders, qFirstPauseOfTiers} {
		var at *int64
		if err := tx.queryRow(ctx, query, appID).Scan(&at); err != nil {
			return 0, wrap("read pauses", err)
		}
		if at != nil {
			first = min(first, *at)
		}
	}
	return first, nil
}
