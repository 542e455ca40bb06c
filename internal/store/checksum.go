package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// The meta table holds the checksum of each migration that has run, so that a
// database whose schema was made by other files of the same numbers is noticed.

// checksums returns the meta name and checksum of each of this program's migrations.
func (db *DB) checksums() (map[string]string, error) {
	files := db.engine.migrations()
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		// The same text whatever line ends it was checked out with.
		sum := sha256.Sum256(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
		sums["migration."+name] = hex.EncodeToString(sum[:])
	}
	return sums, nil
}

// recordChecksums stores those that are not there yet and compares all.
func (db *DB) recordChecksums(ctx context.Context) error {
	sums, err := db.checksums()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	missing := false
	err = db.Read(ctx, func(tx *Tx) error {
		for name := range sums {
			_, found, err := tx.Meta(ctx, name)
			if err != nil {
				return err
			}
			missing = missing || !found
		}
		return nil
	})
	if err == nil && missing {
		err = db.Write(ctx, func(tx *Tx) error {
			for _, name := range slices.Sorted(maps.Keys(sums)) { // one order everywhere: no deadlock
				if _, err := tx.InsertMeta(ctx, name, sums[name]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return err
	}
	return db.compareChecksums(ctx)
}

func (db *DB) compareChecksums(ctx context.Context) error {
	sums, err := db.checksums()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	return db.Read(ctx, func(tx *Tx) error {
		for name, sum := range sums {
			recorded, found, err := tx.Meta(ctx, name)
			if err != nil {
				return err
			}
			if found && recorded != sum {
				return fmt.Errorf("%w (%s)", ErrOtherSchema, name)
			}
		}
		return nil
	})
}
