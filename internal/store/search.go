package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// trigram is how many characters it takes to find text in the middle of
	// another; shorter text is found at the beginning only.
	trigram = 3
	// maxBranches bounds the parts of one query.
	maxBranches = 64
)

// textIndex is an engine's own way to find text anywhere in a column: the
// trigrams of FTS5 on SQLite, those of pg_trgm on PostgreSQL.
type textIndex struct {
	selection string // of the ids wanted
	condition string // with one ? for the pattern
	order     string // a column that the index gives in order, or the id
	pattern   func(text string) string
}

func (e *sqliteEngine) notesIndex() textIndex {
	// CROSS JOIN keeps the order of the tables: the trigrams decide first.
	return textIndex{`SELECT n.id FROM search_notes CROSS JOIN license_notes n ON n.id = search_notes.rowid`,
		`n.app_id = ? AND search_notes MATCH ?`, `search_notes.rowid`, phrase}
}

func (e *sqliteEngine) namesIndex() textIndex {
	return textIndex{`SELECT u.id FROM search_names CROSS JOIN search_users s ON s.id = search_names.rowid CROSS JOIN users u ON u.id = s.user_id`,
		`u.app_id = ? AND search_names MATCH ?`, `search_names.rowid`, phrase}
}

func (e *postgresEngine) notesIndex() textIndex {
	return textIndex{`SELECT n.id FROM license_notes n`, `n.app_id = ? AND n.folded LIKE ? ESCAPE '\'`, `n.id`, contains}
}

func (e *postgresEngine) namesIndex() textIndex {
	return textIndex{`SELECT u.id FROM users u`, `u.app_id = ? AND u.canonical_name <> '' AND u.canonical_name LIKE ? ESCAPE '\'`, `u.id`, contains}
}

// phrase quotes text for FTS5, which then takes no character of it for an operator.
func phrase(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// branch is one way to be found: a condition that an index answers in the
// order of ids.
type branch struct {
	condition string
	args      []any
}

// union returns the ids that the branches find, each once, cut to the page.
// Every branch gives its first ones in the order of the list, so that none
// reads more than a page however much it holds.
func (tx *Tx) union(ctx context.Context, selection, id string, branches []branch, k Keyset, narrow func(*where)) ([]string, error) {
	var found []string
	for group := range slices.Chunk(branches, maxBranches) {
		var text strings.Builder
		var args []any
		for i, b := range group {
			w := &where{args: args}
			w.add(b.condition, b.args...)
			narrow(w)
			part, more := w.ordered(selection, id, k.Ascending, k.Limit)
			if i > 0 {
				text.WriteString(" UNION ALL ")
			}
			text.WriteString("SELECT id FROM (" + part + ") b" + strconv.Itoa(i))
			args = more
		}
		more, err := tx.ids(ctx, text.String(), tx.db.engine.planned(args)...)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return k.cut(found), nil
}

// cut sorts ids as the list is sorted, drops repetitions, and ends the page.
func (k Keyset) cut(ids []string) []string {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if !k.Ascending {
		slices.Reverse(ids)
	}
	return ids[:min(len(ids), k.Limit)]
}

// containing returns the query for what of an app contains text, at most
// limit of it; narrow adds conditions.
func (x textIndex) containing(appID, text string, ascending bool, limit int, narrow func(*where)) (string, []any) {
	w := newWhere(x.condition, appID, x.pattern(text))
	if narrow != nil {
		narrow(w)
	}
	return w.ordered(x.selection, x.order, ascending, limit)
}

// beginning is the condition that a column begins with text; an index on the
// column answers it.
func beginning(w *where, column, text string) {
	w.add(column+" >= ? AND "+column+" < ?", text, text+string(utf8.MaxRune))
}
