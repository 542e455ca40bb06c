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
// redemptions. What a search or a filter leaves is sorted here if it is little; if
// it is much, the index of that order is walked.
func (tx *Tx) licensesByUse(ctx context.Context, appID string, q *LicenseQuery) ([]LicenseRow, error) {
	places, few, err := tx.fewLicensesByUse(ctx, appID, q)
	if err == nil && !few {
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

// fewLicensesByUse sorts and cuts to the page all that is left, if it is fewer
// than maxFound.
func (tx *Tx) fewLicensesByUse(ctx context.Context, appID string, q *LicenseQuery) (places []usedAt, few bool, err error) {
	if q.Search == "" && q.Level == 0 && q.CreatedBy == "" && q.CreatedAfter.IsZero() && q.CreatedBefore.IsZero() {
		return nil, false, nil
	}
	all := *q
	all.ByUse, all.Keyset = false, Keyset{Limit: maxFound}
	ids, err := tx.LicenseIDs(ctx, appID, all)
	if err != nil || len(ids) == maxFound || len(ids) == 0 {
		return nil, len(ids) == 0, err
	}
	w := newWhere("l.app_id = ? AND l.used_at IS NOT NULL", appID)
	w.addIn("l.id", ids)
	places, err = collect(tx, ctx, "list licenses", usedSelect+" WHERE "+w.text.String(), tx.db.engine.planned(w.args), scanUsedAt)
	if err != nil {
		return nil, false, err
	}
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
			return nil, false, err
		}
		places = slices.DeleteFunc(places, func(u usedAt) bool { return order(u, after) <= 0 })
	}
	slices.SortFunc(places, order)
	return places[:min(len(places), q.Limit)], true, nil
}

func (tx *Tx) manyLicensesByUse(ctx context.Context, appID string, q *LicenseQuery) ([]usedAt, error) {
	w := newWhere("l.app_id = ? AND l.used_at IS NOT NULL", appID)
	// Written so that no index answers them: much is left, and its order counts.
	w.add("l.status || '' = ?", string(q.Status))
	if q.Level != 0 {
		w.add("l.level + 0 = ?", q.Level)
	}
	if q.CreatedBy != "" {
		w.add("l.created_by || '' = ?", q.CreatedBy)
	}
	made := span{}
	if !q.CreatedAfter.IsZero() {
		made.from = latchkey.IDBound(latchkey.KindLicense, q.CreatedAfter)
	}
	if !q.CreatedBefore.IsZero() {
		made.to = latchkey.IDBound(latchkey.KindLicense, q.CreatedBefore)
	}
	made.narrow(w, "l.id")
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
