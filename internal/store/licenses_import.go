package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// An import is a batch whose size is not known before its end: its amount grows
// with what is stored, and each of its rows has a number of the batch, also one
// that becomes no license.

const (
	qImportAdvance = `UPDATE license_batches SET made = made + $3, amount = amount + $3, lease_until = $4
		WHERE id = $1 AND state = 'open' AND made = $2`
	qImportFinish = `DELETE FROM license_batches WHERE id = $1 AND state = 'open' AND made = $2`
)

// keysAtOnce is how many keys one query looks for.
const keysAtOnce = 500

// ImportChunk is licenses that differ in everything, sealed and sorted to be
// stored in one transaction.
type ImportChunk struct {
	rows []importRow
	size int // rows that it was made of
}

type importRow struct {
	at int // its place in the list that the chunk was made of
	latchkey.License
	licenseRow
}

// NewImportChunk makes a chunk of licenses with ids. It touches no database.
// repeated are the places of those whose key stands earlier in the list; they
// are not part of the chunk.
func (db *DB) NewImportChunk(list []latchkey.License) (c *ImportChunk, repeated []int, err error) {
	c = &ImportChunk{rows: make([]importRow, len(list)), size: len(list)}
	for i := range list {
		c.rows[i] = importRow{at: i, License: list[i], licenseRow: licenseRow{hash: licenseHash(db.box, list[i].AppID, list[i].Key), last4: list[i].Key.Last4()}}
	}
	slices.SortStableFunc(c.rows, func(a, b importRow) int { return bytes.Compare(a.hash, b.hash) })
	for i := len(c.rows) - 1; i > 0; i-- {
		if bytes.Equal(c.rows[i].hash, c.rows[i-1].hash) {
			repeated = append(repeated, c.rows[i].at)
			c.rows[i].hash = nil
		}
	}
	c.rows = slices.DeleteFunc(c.rows, func(r importRow) bool { return r.hash == nil })
	for i := range c.rows {
		r := &c.rows[i]
		if r.sealed, err = db.box.Seal(licensePlace(r.ID), []byte(r.Key.Reveal())); err != nil {
			return nil, nil, fmt.Errorf("seal license: %w", err)
		}
	}
	return c, repeated, nil
}

// Marks are hashes of the chunk's keys, short and as good as unique, by the
// places of their licenses: for who has to know keys again and not hold them.
func (c *ImportChunk) Marks() map[int]uint64 {
	marks := make(map[int]uint64, len(c.rows))
	for i := range c.rows {
		var mark uint64
		for _, b := range c.rows[i].hash[len(c.rows[i].hash)-8:] {
			mark = mark<<8 | uint64(b)
		}
		marks[c.rows[i].at] = mark
	}
	return marks
}

// Clash is a license of a chunk whose key the app has already.
type Clash struct {
	At int    // place in the list that the chunk was made of
	ID string // of the license that has the key; it may be one of a batch that is not done
}

// Clashes finds the licenses of a chunk whose keys the app has.
func (tx *Tx) Clashes(ctx context.Context, appID string, c *ImportChunk) (found []Clash, err error) {
	for rows := range slices.Chunk(c.rows, keysAtOnce) {
		// Always as many, so that there is one text to prepare.
		args := []any{appID}
		for i := range keysAtOnce {
			args = append(args, rows[min(i, len(rows)-1)].hash)
		}
		text, args := keysQuery(args)
		at := map[string]int{}
		for i := range rows {
			at[string(rows[i].hash)] = rows[i].at
		}
		clashes, err := collect(tx, ctx, "look for keys", text, tx.db.engine.planned(args), func(row scanner) (clash Clash, err error) {
			var hash []byte
			err = row.Scan(&hash, &clash.ID)
			clash.At = at[string(hash)]
			return clash, err
		})
		if found = append(found, clashes...); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func keysQuery(args []any) (string, []any) {
	w := newWhere("l.app_id = ?", args[0])
	w.add("l.key_hash IN (?"+strings.Repeat(", ?", len(args)-2)+")", args[1:]...)
	return `SELECT l.key_hash, l.id FROM licenses l WHERE ` + w.text.String(), w.args
}

// AdvanceImport records that n more rows of an import have been dealt with in
// this transaction. ok is false if it is not open, or not at made any more.
func (tx *Tx) AdvanceImport(ctx context.Context, id string, made, n int64, until time.Time) (ok bool, err error) {
	changed, err := tx.exec(ctx, qImportAdvance, id, made, n, ms(until))
	return changed == 1, wrap("advance import", err)
}

// InsertImport stores a chunk without the licenses in clashes. If another of
// its keys has appeared meanwhile that is license.exists, and the transaction
// is over.
func (tx *Tx) InsertImport(ctx context.Context, c *ImportChunk, clashes []Clash) error {
	left := make(map[int]bool, len(clashes))
	for _, clash := range clashes {
		left[clash.At] = true
	}
	rows := make([]*importRow, 0, len(c.rows))
	for i := range c.rows {
		if !left[c.rows[i].at] {
			rows = append(rows, &c.rows[i])
		}
	}
	if err := tx.storeNotes(ctx, rows); err != nil {
		return err
	}
	values := func(i int) []any { return rows[i].values(&rows[i].License) }
	if tx.copyRows != nil {
		err := tx.note(tx.copyRows("licenses", licenseInsertColumns(), len(rows), values))
		if isUnique(err) {
			return latchkey.Fail(latchkey.CodeLicenseExists)
		}
		return wrap("copy licenses", err)
	}
	for i := range rows {
		n, err := tx.exec(ctx, qLicenseInsert, values(i)...)
		if err != nil {
			return wrap("insert license", err)
		}
		if n == 0 {
			return latchkey.Fail(latchkey.CodeLicenseExists)
		}
	}
	return nil
}

// storeNotes stores the notes of licenses in the order of their texts: two
// imports at once then wait for each other and do not lock each other out.
func (tx *Tx) storeNotes(ctx context.Context, rows []*importRow) error {
	byNote := slices.Clone(rows)
	slices.SortFunc(byNote, func(a, b *importRow) int { return strings.Compare(foldNote(a.Note), foldNote(b.Note)) })
	for _, r := range byNote {
		var err error
		if r.noteID, err = tx.noteID(ctx, r.AppID, r.Note); err != nil {
			return err
		}
	}
	return nil
}

// FinishImport brings the licenses of an import into being, so many of each
// status. ok is false if it is not open, or not as it was left.
func (tx *Tx) FinishImport(ctx context.Context, b *LicenseBatch, counts map[latchkey.LicenseStatus]int64) (ok bool, err error) {
	n, err := tx.exec(ctx, qImportFinish, b.ID, b.Made)
	if err != nil || n != 1 {
		return false, wrap("finish import", err)
	}
	for status, n := range counts {
		tx.countLicense(b.AppID, status, n)
	}
	return true, nil
}
