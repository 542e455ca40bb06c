package store

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	// fewNotes is how many notes a search of [Tx.SelectLicenses] may find
	// before it is cheaper to look at the licenses one after the other.
	fewNotes = 8
	// window is how many times more licenses are then looked at than wanted.
	window = 2
)

const licenseBriefSelect = `SELECT l.id, l.app_id, l.level, l.duration_amount, l.duration_unit, l.note, l.status, l.created_by, l.used_at, l.used_by,
	l.key_hash, l.key_last4 FROM licenses l`

// brief is a license without its key, with what it is found by.
type brief struct {
	latchkey.License
	hash  []byte
	last4 string
}

func scanBrief(row scanner) (b brief, err error) {
	var used sql.NullInt64
	err = row.Scan(&b.ID, &b.AppID, &b.Level, &b.Duration.Amount, &b.Duration.Unit, &b.Note, &b.Status, &b.CreatedBy, &used, &b.UsedBy, &b.hash, &b.last4)
	b.UsedAt = fromNullMs(used)
	return b, err
}

// SelectLicenses is [Tx.Licenses] for those who mean all that a query finds:
// oldest first, however many notes hold the text, and without keys, moments of
// creation and bans. next is where to go on, "" after the last; there may be
// more when none were found.
func (tx *Tx) SelectLicenses(ctx context.Context, appID string, q LicenseQuery) (list []latchkey.License, next string, err error) {
	q.Ascending = true
	if q.Search == "" {
		return tx.selectAll(ctx, appID, &q)
	}
	text := strings.TrimSpace(q.Search)
	if text == "" {
		return nil, "", nil
	}
	query, args := tx.notesQuery(appID, foldNote(text), true)
	notes, err := collect(tx, ctx, "find notes", query, tx.db.engine.planned(args), scanNote)
	if err != nil {
		return nil, "", err
	}
	if len(notes) > fewNotes {
		return tx.selectSlowly(ctx, appID, text, &q)
	}
	ids, err := tx.licensesFound(ctx, appID, &q)
	if err != nil || len(ids) == 0 {
		return nil, "", err
	}
	w := newWhere("l.app_id = ?", appID)
	w.addIn("l.id", ids)
	found, err := collect(tx, ctx, "list licenses", licenseBriefSelect+` WHERE `+w.text.String(), tx.db.engine.planned(w.args), scanBrief)
	sortByID(found, func(b *brief) string { return b.ID }, true)
	if len(ids) == q.Limit {
		next = ids[len(ids)-1]
	}
	return licensesOf(found), next, err
}

func licensesOf(list []brief) []latchkey.License {
	out := make([]latchkey.License, len(list))
	for i := range list {
		out[i] = list[i].License
	}
	return out
}

// selectAll reads what the query narrows to, its search apart.
func (tx *Tx) selectAll(ctx context.Context, appID string, q *LicenseQuery) (list []latchkey.License, next string, err error) {
	found, err := tx.briefs(ctx, appID, q)
	if err == nil && len(found) == q.Limit {
		next = found[len(found)-1].ID
	}
	return licensesOf(found), next, err
}

// selectSlowly looks at a window of what the query narrows to.
func (tx *Tx) selectSlowly(ctx context.Context, appID, text string, q *LicenseQuery) (list []latchkey.License, next string, err error) {
	users, err := tx.ids(ctx, qUserIDByName, appID, usernameHash(tx.box(), appID, text))
	if err != nil {
		return nil, "", err
	}
	f := finder{text: text, folded: foldNote(text), four: utf8.RuneCountInString(text) == 4, begins: utf8.RuneCountInString(text) < trigram,
		hash: licenseHash(tx.box(), appID, latchkey.Secret(text)), users: users}
	wide := *q
	wide.Limit *= window
	all, err := tx.briefs(ctx, appID, &wide)
	if err != nil {
		return nil, "", err
	}
	var found []brief
	for i := range all {
		if !f.finds(&all[i]) {
			continue
		}
		if found = append(found, all[i]); len(found) == q.Limit {
			return licensesOf(found), all[i].ID, nil
		}
	}
	if len(all) == wide.Limit {
		next = all[len(all)-1].ID
	}
	return licensesOf(found), next, nil
}

// finder finds what [Tx.licensesFound] finds, by looking at it.
type finder struct {
	text, folded string
	four, begins bool // the text has four characters; is too short to be found in the middle
	hash         []byte
	users        []string
}

func (f *finder) finds(b *brief) bool {
	switch {
	case bytes.Equal(b.hash, f.hash), f.four && b.last4 == f.text, b.UsedBy != "" && slices.Contains(f.users, b.UsedBy):
		return true
	case f.begins:
		return strings.HasPrefix(foldNote(b.Note), f.folded)
	}
	return strings.Contains(foldNote(b.Note), f.folded)
}

// briefs reads the page of what the query narrows to, its search apart.
func (tx *Tx) briefs(ctx context.Context, appID string, q *LicenseQuery) ([]brief, error) {
	all := *q
	all.Search = ""
	return licensesInTurn(tx, ctx, appID, &all, licenseBriefSelect, scanBrief)
}

// HiddenLicenses returns the ranges of ids in which licenses are being made,
// which do not exist yet.
func (tx *Tx) HiddenLicenses(ctx context.Context, appID string) ([]IDSpan, error) {
	return collect(tx, ctx, "list batches", qLicenseRangesHidden, []any{appID}, func(row scanner) (s IDSpan, err error) {
		err = row.Scan(&s.First, &s.Last)
		return s, err
	})
}
