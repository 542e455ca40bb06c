package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// usedAt is where a license stands in the order of redemptions, or a token in that
// of first uses.
type usedAt struct {
	id string
	at int64 // ms
}

// UsePlace is where a license stands in that order: the After of a page that goes
// on behind it.
func UsePlace(l *latchkey.License) string { return usedAt{l.ID, ms(l.UsedAt)}.place() }

func (u usedAt) place() string { return u.id + "." + strconv.FormatInt(u.at, 10) }

func readUsePlace(place string) (u usedAt, err error) {
	var at string
	u.id, at, _ = strings.Cut(place, ".")
	if u.at, err = strconv.ParseInt(at, 10, 64); err != nil {
		return u, latchkey.Fail(latchkey.CodeCursorInvalid)
	}
	return u, nil
}

// licensesByUse returns a page of used licenses in the order of their
// redemptions. What a small set or a search leaves is read and sorted here; if that
// is much, the index of that order is walked.
func (tx *Tx) licensesByUse(ctx context.Context, appID string, q *LicenseQuery) ([]LicenseRow, error) {
	if q.Search != "" && strings.TrimSpace(q.Search) == "" {
		return nil, nil
	}
	places, few, err := tx.fewLicensesByUse(ctx, appID, q)
	switch {
	case err != nil:
	case few:
		places, err = q.sorted(places)
	default:
		places, err = tx.manyLicensesByUse(ctx, appID, q)
	}
	if err != nil || len(places) == 0 {
		return nil, err
	}
	ids := make([]string, len(places))
	at := make(map[string]int, len(places))
	for i, p := range places {
		ids[i], at[p.id] = p.id, i
	}
	list, err := tx.licensesByID(ctx, appID, ids, q.Ascending)
	slices.SortFunc(list, func(a, b LicenseRow) int { return at[a.ID] - at[b.ID] })
	return list, err
}

const usedSelect = `SELECT l.id, l.used_at FROM licenses l`

func scanUsedAt(row scanner) (u usedAt, err error) {
	err = row.Scan(&u.id, &u.at)
	return u, err
}

// fewLicensesByUse returns where all stand that are left, in no order, if a set
// or a search leaves few.
func (tx *Tx) fewLicensesByUse(ctx context.Context, appID string, q *LicenseQuery) (places []usedAt, few bool, err error) {
	of, small, err := tx.smallestOf(ctx, appID, q)
	switch {
	case err != nil:
		return nil, false, err
	case small:
		w := of.where(appID, q)
		if err := tx.licenseAnywhere(ctx, appID, q.Search, w); err != nil {
			return nil, false, err
		}
		places, err = tx.usedAmong(ctx, q, of, w)
		return places, true, err
	case q.Search == "":
		return nil, false, nil
	}
	ids, notes, few, err := tx.allLicensesFound(ctx, appID, strings.TrimSpace(q.Search))
	if err != nil || !few {
		return nil, false, err
	}
	if len(ids) > 0 {
		w := newWhere("l.app_id = ?", appID)
		w.addIn("l.id", ids)
		places, err = tx.usedAmong(ctx, q, allLicenses, w)
	}
	if err == nil && len(notes) > 0 {
		var noted []usedAt
		noted, err = tx.usedAmong(ctx, q, allLicenses, licensesNoted(appID, notes))
		places = append(places, noted...)
	}
	return places, true, err
}

// usedAmong returns where those stand, of the licenses that w reads, that the
// query leaves, its search apart.
func (tx *Tx) usedAmong(ctx context.Context, q *LicenseQuery, of licenseSet, w *where) ([]usedAt, error) {
	q.narrow(tx, w, of)
	if of != ofTime {
		q.made().narrow(w, tx.db.engine.unindexed("l.id"))
	}
	w.add(tx.db.engine.unindexed("l.used_at") + " IS NOT NULL") // or SQLite walks the index of these
	w.add(licenseExists)
	return collect(tx, ctx, "list licenses", usedSelect+" WHERE "+w.text.String(), tx.db.engine.planned(w.args), scanUsedAt)
}

// allLicensesFound returns what a search finds, if that is few licenses: ids and
// the numbers of notes. Among them are licenses that do not exist yet.
func (tx *Tx) allLicensesFound(ctx context.Context, appID, text string) (ids []string, notes []any, few bool, err error) {
	branches, err := tx.licenseBranches(ctx, appID, text)
	if err != nil {
		return nil, nil, false, err
	}
	query, args := tx.notesQuery(appID, foldNote(text), false)
	found, err := collect(tx, ctx, "find notes", query, tx.db.engine.planned(args), scanNote)
	if err != nil || len(found) == tx.db.bounds.found {
		return nil, nil, false, err
	}
	most := 2 * tx.db.bounds.found
	ids, err = tx.union(ctx, licenseIDSelect, "l.id", branches, Keyset{Limit: most}, func(w *where) { w.add("l.app_id = ?", appID) })
	if err != nil || len(ids) == most || len(found) == 0 {
		return ids, nil, len(ids) < most, err
	}
	for i := range found {
		notes = append(notes, found[i].id)
	}
	n, err := tx.counted(ctx, ` FROM licenses l`, licensesNoted(appID, notes), int64(most))
	return ids, notes, n < int64(most), err
}

// licensesNoted begins a query that reads the licenses of certain notes.
func licensesNoted(appID string, notes []any) *where {
	w := newWhere("l.app_id = ? AND l.note_id IS NOT NULL", appID)
	w.addAny("l.note_id", notes)
	return w
}

// sorted cuts all that there is to the page.
func (q *LicenseQuery) sorted(places []usedAt) ([]usedAt, error) {
	order := func(a, b usedAt) int {
		by := cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.id, b.id))
		if q.Ascending {
			return by
		}
		return -by
	}
	if q.After != "" {
		after, err := readUsePlace(q.After)
		if err != nil {
			return nil, err
		}
		places = slices.DeleteFunc(places, func(u usedAt) bool { return order(u, after) <= 0 })
	}
	slices.SortFunc(places, order)
	places = slices.Compact(places) // found by a note and by a key
	return places[:min(len(places), q.Limit)], nil
}

func (tx *Tx) manyLicensesByUse(ctx context.Context, appID string, q *LicenseQuery) ([]usedAt, error) {
	w := newWhere("l.app_id = ? AND l.used_at IS NOT NULL", appID)
	q.narrow(tx, w, allLicenses)
	q.made().narrow(w, "l.id")
	w.add(licenseExists)
	if err := tx.licenseAnywhere(ctx, appID, q.Search, w); err != nil {
		return nil, err
	}
	if q.After != "" {
		after, err := readUsePlace(q.After)
		if err != nil {
			return nil, err
		}
		w.add("(l.used_at, l.id) "+q.than()+" (?, ?)", after.at, after.id)
	}
	text, args := w.orderedBy(usedSelect, "l.used_at", "l.id", q.Keyset)
	return collect(tx, ctx, "list licenses", text, tx.db.engine.planned(args), scanUsedAt)
}

// licenseAnywhere adds a search as a condition that no index answers.
func (tx *Tx) licenseAnywhere(ctx context.Context, appID, search string, w *where) error {
	text := strings.TrimSpace(search)
	if search == "" {
		return nil
	}
	branches, err := tx.licenseBranches(ctx, appID, text)
	if err != nil {
		return err
	}
	note, args := `n.folded LIKE ? ESCAPE '\'`, []any{contains(foldNote(text))}
	if utf8.RuneCountInString(foldNote(text)) < trigram {
		note, args = "n.folded >= ? AND n.folded < ?", []any{foldNote(text), foldNote(text) + string(utf8.MaxRune)}
	}
	conditions := []string{"(SELECT COUNT(*) FROM license_notes n WHERE n.app_id = l.app_id AND n.id = l.note_id AND " + note + ") = 1"}
	for _, b := range branches {
		conditions, args = append(conditions, b.condition), append(args, b.args...)
	}
	w.add("("+strings.Join(conditions, " OR ")+")", args...)
	return nil
}
