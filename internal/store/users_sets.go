package store

import (
	"context"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// userSet is a part of an app's users that an index lists in the order of their
// ids. A list reads the smallest one of those that its query names, and looks at
// each user of it: what else narrows it is written so that SQLite chooses no index for it.
type userSet int

const (
	allUsers userSet = iota
	waitingUsers
	bannedUsers
	emptyUsers // who hold no subscription
	holders
)

func (q *UserQuery) sets() (list []userSet) {
	for _, s := range []struct {
		set   userSet
		named bool
	}{
		{waitingUsers, q.ResetRequested != nil && *q.ResetRequested},
		{bannedUsers, q.Banned != nil && *q.Banned},
		{emptyUsers, q.Time == latchkey.TimeNone},
		{holders, q.SubscriptionID != ""},
	} {
		if s.named {
			list = append(list, s.set)
		}
	}
	return list
}

// where begins a query that reads the set.
func (s userSet) where(appID string, q *UserQuery) *where {
	switch s {
	case waitingUsers:
		return newWhere("u.app_id = ? AND u.reset_requested_at IS NOT NULL", appID)
	case bannedUsers:
		return newWhere("u.app_id = ? AND u.banned_at IS NOT NULL", appID)
	case emptyUsers:
		return newWhere("u.app_id = ? AND u.holdings = 0", appID)
	case holders:
		return newWhere("us.app_id = ? AND us.subscription_id = ?", appID, q.SubscriptionID)
	}
	return newWhere("u.app_id = ?", appID)
}

// from are the tables of a query that reads the set. A CROSS JOIN keeps SQLite
// from reading the second first.
func (s userSet) from() string {
	if s == holders {
		return ` FROM user_subscriptions us CROSS JOIN users u`
	}
	return ` FROM users u`
}

// join joins the tables of from.
func (s userSet) join(w *where) {
	if s == holders {
		w.add("u.app_id = us.app_id AND u.id = us.user_id")
	}
}

func (s userSet) id() string {
	if s == holders {
		return "us.user_id"
	}
	return "u.id"
}

// narrow adds all that the query asks of a user, their name and the ends of their
// time apart, and the set that is read.
func (q *UserQuery) narrow(tx *Tx, w *where, of userSet) {
	unindexed := tx.db.engine.unindexed
	switch {
	case q.Banned != nil && !*q.Banned:
		w.add("u.banned_at IS NULL")
	case q.Banned != nil && of != bannedUsers:
		w.add(unindexed("u.banned_at") + " IS NOT NULL")
	}
	switch {
	case q.ResetRequested != nil && !*q.ResetRequested:
		w.add("u.reset_requested_at IS NULL")
	case q.ResetRequested != nil && of != waitingUsers:
		w.add(unindexed("u.reset_requested_at") + " IS NOT NULL")
	}
	if q.Time == latchkey.TimeNone && of != emptyUsers {
		w.add(unindexed("u.holdings") + " = 0")
	}
	if q.SubscriptionID != "" && of != holders {
		// Counted and not EXISTS: PostgreSQL would join all holders first.
		w.add("(SELECT COUNT(*) FROM user_subscriptions us WHERE us.app_id = u.app_id AND us.user_id = u.id AND us.subscription_id = ?) = 1", q.SubscriptionID)
	}
}

// bounds are the numbers that decide how a page is found, and never what is on it
// (but see found).
type bounds struct {
	// found bounds the notes, and the names, that one search goes on with. Of
	// notes that more of have the text, the newest of the list count (the oldest
	// of one that runs upwards; the first of short beginnings).
	found int
	among int // how many rows of a set are looked at one after the other
	// counted bounds how far sets are counted to find the smallest.
	counted int
}

var usualBounds = bounds{found: 2_000, among: 8_000, counted: 20_000}

// smallest is the smallest of the sets that the query names, and whether it is
// small. How many are banned or wait is known; others are counted, where there is
// something to compare them with.
func (tx *Tx) smallest(ctx context.Context, appID string, q *UserQuery) (least userSet, small bool, err error) {
	sets := q.sets()
	if len(sets) == 0 {
		return allUsers, false, nil
	}
	if len(sets) == 1 && q.Search == "" && q.Order == UsersByCreation {
		return sets[0], true, nil
	}
	counts, err := tx.Counts(ctx, appID)
	if err != nil {
		return allUsers, false, err
	}
	least = sets[0]
	fewest := int64(tx.db.bounds.counted)
	for _, s := range sets {
		var n int64
		switch s {
		case waitingUsers:
			n = counts.ResetRequests
		case bannedUsers:
			n = counts.UsersBanned
		case emptyUsers:
			n, err = tx.counted(ctx, ` FROM users u`, s.where(appID, q), fewest)
		case holders:
			n, err = tx.counted(ctx, ` FROM user_subscriptions us`, s.where(appID, q), fewest)
		}
		if err != nil {
			return least, false, err
		}
		if n < fewest {
			least, fewest = s, n
		}
	}
	return least, fewest < int64(tx.db.bounds.among), nil
}

// counted counts rows up to a limit.
func (tx *Tx) counted(ctx context.Context, from string, w *where, limit int64) (n int64, err error) {
	text, args := w.any(`SELECT 1 AS one`+from, int(limit))
	err = tx.queryRow(ctx, `SELECT COUNT(*) FROM (`+text+`) counted`, tx.db.engine.planned(args)...).Scan(&n)
	return n, wrap("count rows", err)
}

// usersInSet returns where all those of a small set stand that the query leaves.
func (tx *Tx) usersInSet(ctx context.Context, appID string, q *UserQuery, of userSet) ([]userAt, error) {
	if q.Order == UsersByEnd {
		return tx.endsInSet(ctx, appID, q, of)
	}
	w := of.where(appID, q)
	of.join(w)
	q.narrow(tx, w, of)
	q.anywhere(tx, appID, w)
	return collect(tx, ctx, "list users", `SELECT u.id, u.canonical_name`+of.from()+` WHERE `+w.text.String(), tx.db.engine.planned(w.args), scanNamed)
}

func (tx *Tx) endsInSet(ctx context.Context, appID string, q *UserQuery, of userSet) ([]userAt, error) {
	w := of.where(appID, q)
	from := ` FROM users u CROSS JOIN user_subscriptions us`
	if of == holders {
		from = of.from()
		of.join(w)
	} else {
		w.add("us.app_id = u.app_id AND us.user_id = u.id")
	}
	if err := tx.endsWithin(ctx, appID, q, w, tx.db.engine.unindexed(holdingEnds)); err != nil {
		return nil, err
	}
	u := *q
	u.SubscriptionID = "" // endsWithin has it
	u.narrow(tx, w, of)
	q.anywhere(tx, appID, w)
	return collect(tx, ctx, "list users", `SELECT us.user_id, `+holdingEnds+from+` WHERE `+w.text.String(), tx.db.engine.planned(w.args), scanEnding)
}

// text is what the query searches for, without white space around it.
func (q *UserQuery) text() string { return strings.TrimSpace(q.Search) }
