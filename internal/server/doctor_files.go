package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// filesAtOnce is how many contents of files are looked for between two queries.
const filesAtOnce = 1000

// examineFiles looks for the contents of all files. That those are what was
// uploaded is seen when they are read.
func (c Config) examineFiles(ctx context.Context, db *store.DB) Finding {
	checked, missing, err := c.missingFiles(ctx, db)
	if err == nil && missing > 0 {
		err = fmt.Errorf("the contents of %d files, of %d, are not in %s, or shorter or longer than they were; put them back from a backup, or upload them again", missing, checked, c.FilesDir)
	}
	return finding("files", err, fmt.Sprintf("the contents of %d are there", checked))
}

func (c Config) missingFiles(ctx context.Context, db *store.DB) (checked, missing int, err error) {
	var files *blob.Store
	switch _, err := os.Stat(c.FilesDir); {
	case err == nil:
		if files, err = blob.Open(c.FilesDir, blob.Config{Now: c.Now, Rand: c.Rand}); err != nil {
			return 0, 0, err
		}
		defer files.Close()
	case !errors.Is(err, fs.ErrNotExist):
		return 0, 0, err
	}
	for after := ""; ; {
		var page []store.Blob
		err := db.Read(ctx, func(tx *store.Tx) (err error) {
			page, err = tx.Blobs(ctx, after, filesAtOnce)
			return err
		})
		if err != nil {
			return checked, missing, err
		}
		for _, b := range page {
			if !holds(files, b) {
				missing++
			}
			after = b.ID
		}
		if checked += len(page); len(page) < filesAtOnce {
			return checked, missing, nil
		}
	}
}

// holds reports whether a content is there, in its length. Without a folder
// nothing is.
func holds(files *blob.Store, b store.Blob) bool {
	if files == nil {
		return false
	}
	content, size, err := files.Open(blob.ID(b.ID))
	return err == nil && content.Close() == nil && size == b.Size
}
