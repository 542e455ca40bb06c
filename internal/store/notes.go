package store

import (
	"context"
	"database/sql"
	"strings"
)

// Notes stand twice in the database: as they were written, in their licenses,
// and folded, once for all licenses of an app that have the same, in
// license_notes, where they are searched.
const (
	// Writing the row also locks it, so that it is not dropped meanwhile.
	qNoteUpsert = `INSERT INTO license_notes (app_id, folded) VALUES ($1, $2)
		ON CONFLICT (app_id, folded) DO UPDATE SET folded = excluded.folded RETURNING id`
	qNoteLock = `UPDATE license_notes SET folded = folded WHERE app_id = $1 AND id = $2`
	qNoteDrop = `DELETE FROM license_notes WHERE app_id = $1 AND id = $2 AND NOT EXISTS
		(SELECT 1 FROM licenses l WHERE l.app_id = $1 AND l.note_id IS NOT NULL AND l.note_id = $2)`
)

// foldNote is the form in which notes are compared, without regard to case.
func foldNote(text string) string { return strings.ToLower(text) }

type noteKey struct{ appID, folded string }

// noteID returns the number of a note, nil for an empty one.
func (tx *Tx) noteID(ctx context.Context, appID, note string) (id any, err error) {
	if note == "" {
		return nil, nil
	}
	key := noteKey{appID, foldNote(note)}
	if n, known := tx.notes[key]; known {
		return n, nil
	}
	var n int64
	if err := tx.queryRow(ctx, qNoteUpsert, appID, key.folded).Scan(&n); err != nil {
		return nil, wrap("store note", err)
	}
	if tx.notes == nil {
		tx.notes = map[noteKey]int64{}
	}
	tx.notes[key] = n
	return n, nil
}

// dropNote deletes a note that no license has any more: what was written about
// customers does not outlive their licenses.
func (tx *Tx) dropNote(ctx context.Context, appID string, id sql.NullInt64) error {
	if !id.Valid {
		return nil
	}
	clear(tx.notes)
	// First the lock: the next statement then sees a license that was given the
	// same note at the same time.
	if _, err := tx.exec(ctx, qNoteLock, appID, id.Int64); err != nil {
		return wrap("lock note", err)
	}
	_, err := tx.exec(ctx, qNoteDrop, appID, id.Int64)
	return wrap("drop note", err)
}
