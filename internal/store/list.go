package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Keyset is where a page of a list begins and how it runs. Lists are ordered by
// id, which is the order of creation.
type Keyset struct {
	After     string // id of the last item of the page before; "" for the first page
	Ascending bool   // oldest first
	Limit     int
}

// where collects conditions written with ? and turns them into numbered
// placeholders.
type where struct {
	text strings.Builder
	args []any
}

func newWhere(condition string, args ...any) *where {
	w := &where{}
	w.add(condition, args...)
	return w
}

func (w *where) add(condition string, args ...any) {
	if w.text.Len() > 0 {
		w.text.WriteString(" AND ")
	}
	for part := range strings.SplitSeq(condition, "?") {
		if len(args) > 0 {
			w.args = append(w.args, args[0])
			args = args[1:]
			part += "$" + strconv.Itoa(len(w.args))
		}
		w.text.WriteString(part)
	}
}

// addIn narrows to certain values of a column. The number of placeholders is
// rounded up, so that few query texts serve all lists.
func (w *where) addIn(column string, values []string) {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	w.addAny(column, list)
}

// addAny is addIn for values of any type.
func (w *where) addAny(column string, values []any) {
	n := 1
	for n < len(values) {
		n *= 2
	}
	args := make([]any, n)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	w.add(column+" IN (?"+strings.Repeat(", ?", n-1)+")", args...)
}

// page returns the whole query for one page, ordered by the column id.
func (w *where) page(selection, id string, k Keyset) (string, []any) {
	k.span().narrow(w, id)
	return w.ordered(selection, id, k.Ascending, k.Limit)
}

// ordered returns the whole query for the first rows in the order of the
// column id.
func (w *where) ordered(selection, id string, ascending bool, limit int) (string, []any) {
	order := " DESC"
	if ascending {
		order = " ASC"
	}
	w.args = append(w.args, limit)
	return selection + " WHERE " + w.text.String() + " ORDER BY " + id + order + " LIMIT $" + strconv.Itoa(len(w.args)), w.args
}

// any returns the whole query for so many rows, in no order.
func (w *where) any(selection string, limit int) (string, []any) {
	w.args = append(w.args, limit)
	return selection + " WHERE " + w.text.String() + " LIMIT $" + strconv.Itoa(len(w.args)), w.args
}

// sortByID puts rows that were read by their ids into the order of a list.
func sortByID[T any](rows []T, id func(*T) string, ascending bool) {
	slices.SortFunc(rows, func(a, b T) int {
		if !ascending {
			a, b = b, a
		}
		return strings.Compare(id(&a), id(&b))
	})
}

// ofUsers reads what belongs to any of certain users of an app, in no order.
func ofUsers[T any](tx *Tx, ctx context.Context, what, selection, table, appID string, userIDs []string, scan func(scanner) (T, error)) ([]T, error) {
	if len(userIDs) == 0 {
		return nil, nil
	}
	w := newWhere(table+".app_id = ?", appID)
	w.addIn(table+".user_id", userIDs)
	return collect(tx, ctx, what, selection+"WHERE "+w.text.String(), tx.db.engine.planned(w.args), scan)
}

// grouped keeps the order of what belongs together.
func grouped[T any](list []T, by func(*T) string) map[string][]T {
	groups := make(map[string][]T)
	for i := range list {
		of := by(&list[i])
		groups[of] = append(groups[of], list[i])
	}
	return groups
}

// contains is a LIKE pattern for text anywhere; the query must say ESCAPE '\'.
func contains(text string) string { return "%" + likeEscape(text) + "%" }

func likeEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// collect runs a query and scans every row.
func collect[T any](tx *Tx, ctx context.Context, what, query string, args []any, scan func(scanner) (T, error)) ([]T, error) {
	rows, err := tx.query(ctx, query, args...)
	if err != nil {
		return nil, wrap(what, err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, wrap(what, err)
		}
		out = append(out, item)
	}
	return out, wrap(what, rows.Err())
}

func (tx *Tx) ids(ctx context.Context, query string, args ...any) ([]string, error) {
	return collect(tx, ctx, "list ids", query, args, scanID)
}

// sweep deletes the oldest rows, until a moment and about limit of them: all that
// are no younger than the last of these, whose moment the query bound reads.
// PostgreSQL may join a table with itself badly, so nothing is deleted by a
// list of ids that the same statement finds.
func (tx *Tx) sweep(ctx context.Context, bound, del string, until time.Time, limit int) (int64, error) {
	last := ms(until)
	if err := tx.queryRow(ctx, bound, last, limit-1).Scan(&last); err != nil && !isNoRows(err) {
		return 0, err
	}
	return tx.exec(ctx, del, last)
}
