package store

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const qUserIDByName = `SELECT u.id FROM users u WHERE u.app_id = $1 AND u.name_hash = $2`

// licensesFound returns the ids of the page of licenses that a search finds: by
// the whole key, its last four characters, the exact name of the user, or text
// anywhere in the note, at its beginning if that is shorter than a trigram.
func (tx *Tx) licensesFound(ctx context.Context, appID string, q *LicenseQuery) ([]string, error) {
	text := strings.TrimSpace(q.Search)
	if text == "" {
		return nil, nil
	}
	of, small, err := tx.smallestOf(ctx, appID, q)
	if err != nil {
		return nil, err
	}
	if small {
		return licensesOfSet(tx, ctx, appID, q, of, licenseIDSelect, scanID)
	}
	branches, err := tx.licenseBranches(ctx, appID, text)
	if err != nil {
		return nil, err
	}
	spans, err := tx.licenseSpans(ctx, appID, q)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, s := range spans {
		narrow := func(w *where) {
			w.add("l.app_id = ?", appID)
			q.narrow(tx, w, allLicenses)
			s.narrow(w, "l.id")
			w.add(licenseExists)
		}
		notes, err := tx.notesFound(ctx, appID, foldNote(text), q.Keyset, narrow)
		if err != nil {
			return nil, err
		}
		more, err := tx.union(ctx, licenseIDSelect, "l.id", slices.Concat(branches, notes), q.Keyset, narrow)
		if found = append(found, more...); err != nil || len(found) >= q.Limit {
			return found[:min(len(found), q.Limit)], err
		}
	}
	return found, nil
}

// licenseBranches are the ways to find a license that are not its note.
func (tx *Tx) licenseBranches(ctx context.Context, appID, text string) ([]branch, error) {
	branches := []branch{{"l.key_hash = ?", []any{licenseHash(tx.box(), appID, latchkey.Secret(text))}}}
	if utf8.RuneCountInString(text) == 4 {
		branches = append(branches, branch{"l.key_last4 = ?", []any{text}})
	}
	users, err := tx.ids(ctx, qUserIDByName, appID, usernameHash(tx.box(), appID, text))
	for _, id := range users {
		branches = append(branches, branch{"l.used_by <> '' AND l.used_by = ?", []any{id}})
	}
	return branches, err
}

// notesFound returns a branch for every note that has the text, or, if those
// are more than the page has lines, for the notes of its first licenses.
func (tx *Tx) notesFound(ctx context.Context, appID, text string, k Keyset, narrow func(*where)) ([]branch, error) {
	query, args := tx.notesQuery(appID, text, k.Ascending)
	notes, err := collect(tx, ctx, "find notes", query, tx.db.engine.planned(args), scanNote)
	if err == nil && len(notes) > k.Limit {
		notes, err = tx.firstNotes(ctx, query, args, k, narrow)
	}
	if err != nil {
		return nil, err
	}
	branches := make([]branch, len(notes), 2*len(notes))
	for i, n := range notes {
		branches[i] = branch{"l.note_id IS NOT NULL AND l.note_id = ?", []any{n.id}}
	}
	// A power of two of them, so that few query texts serve all searches.
	for n := len(branches); n&(n-1) != 0; n++ {
		branches = append(branches, branches[0])
	}
	return branches, nil
}

// notesQuery finds the notes that have the text, at most [bounds] of them.
func (tx *Tx) notesQuery(appID, text string, ascending bool) (string, []any) {
	if utf8.RuneCountInString(text) >= trigram {
		return tx.db.engine.notesIndex().containing(appID, text, ascending, tx.db.bounds.found, nil)
	}
	w := newWhere("n.app_id = ?", appID)
	beginning(w, "n.folded", text)
	return w.ordered(`SELECT n.id FROM license_notes n`, "n.folded", true, tx.db.bounds.found)
}

// note is a note with the id of the first license of the list that has it.
type note struct {
	id    int64
	first string
}

func scanNote(row scanner) (n note, err error) {
	err = row.Scan(&n.id)
	return n, err
}

// firstNotes returns those of the notes found by a query whose first licenses
// come first: no other note can have a license on the page.
func (tx *Tx) firstNotes(ctx context.Context, query string, args []any, k Keyset, narrow func(*where)) ([]note, error) {
	w := &where{args: args}
	w.add("l.note_id IS NOT NULL AND l.note_id = n.id")
	narrow(w)
	first, args := w.ordered(licenseIDSelect, "l.id", k.Ascending, 1)
	notes, err := collect(tx, ctx, "find notes", `SELECT n.id, COALESCE((`+first+`), '') FROM (`+query+`) n`, tx.db.engine.planned(args),
		func(row scanner) (n note, err error) {
			err = row.Scan(&n.id, &n.first)
			return n, err
		})
	notes = slices.DeleteFunc(notes, func(n note) bool { return n.first == "" })
	slices.SortFunc(notes, func(a, b note) int {
		if k.Ascending {
			return strings.Compare(a.first, b.first)
		}
		return strings.Compare(b.first, a.first)
	})
	return notes[:min(len(notes), k.Limit)], err
}
