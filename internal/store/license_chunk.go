package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// LicenseChunk is licenses that differ in nothing but their keys, sealed and
// sorted to be stored in one transaction. Keys are random, and a random place
// in the indexes of all keys is what costs: neighbours cost half as much, and the
// more so the more chunks have been sorted together.
type LicenseChunk struct {
	model latchkey.License
	rows  []chunkRow
}

type chunkRow struct {
	id, last4    string
	hash, sealed []byte
}

// Len is the number of licenses.
func (c *LicenseChunk) Len() int { return len(c.rows) }

// NewLicenseChunks makes licenses with the fields of model, sorted, in chunks of
// size; id gives the n-th license its id. It touches no database. Two equal
// keys are license.exists.
func (db *DB) NewLicenseChunks(model latchkey.License, keys []latchkey.Secret, size int, id func(n int) string) ([]*LicenseChunk, error) {
	order := make([]int, len(keys))
	hashed := make([]chunkRow, len(keys))
	for i, key := range keys {
		order[i] = i
		hashed[i] = chunkRow{last4: key.Last4(), hash: licenseHash(db.box, model.AppID, key)}
	}
	slices.SortFunc(order, func(a, b int) int { return bytes.Compare(hashed[a].hash, hashed[b].hash) })
	rows := make([]chunkRow, len(keys))
	for n, i := range order {
		row := hashed[i]
		if n > 0 && bytes.Equal(row.hash, rows[n-1].hash) {
			return nil, latchkey.Fail(latchkey.CodeLicenseExists)
		}
		row.id = id(n)
		var err error
		if row.sealed, err = db.box.Seal(licensePlace(row.id), []byte(keys[i].Reveal())); err != nil {
			return nil, fmt.Errorf("seal license: %w", err)
		}
		rows[n] = row
	}
	var chunks []*LicenseChunk
	for part := range slices.Chunk(rows, size) {
		chunks = append(chunks, &LicenseChunk{model: model, rows: part})
	}
	return chunks, nil
}

// InsertChunk stores a chunk of a batch that is not done; license.exists if the
// app has one of its keys, after which the transaction is over.
func (tx *Tx) InsertChunk(ctx context.Context, c *LicenseChunk) error {
	note, err := tx.noteID(ctx, c.model.AppID, c.model.Note)
	if err != nil {
		return err
	}
	values := func(i int) []any {
		row := &c.rows[i]
		l := c.model
		l.ID = row.id
		sealed := licenseRow{hash: row.hash, sealed: row.sealed, last4: row.last4, noteID: note}
		return sealed.values(&l)
	}
	if tx.copyRows != nil {
		err := tx.note(tx.copyRows("licenses", licenseInsertColumns(), len(c.rows), values))
		if isUnique(err) {
			return latchkey.Fail(latchkey.CodeLicenseExists)
		}
		return wrap("copy licenses", err)
	}
	for i := range c.rows {
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
