package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/blob/s3"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// filesAtOnce is how many contents of files a query asks for.
const filesAtOnce = 1000

// examineFiles looks for the contents of all files. That those are what was
// uploaded is seen when they are read.
func (c Config) examineFiles(ctx context.Context, db *store.DB, box *secretbox.Box) Finding {
	files, place, err := c.filesToExamine(ctx, box)
	if err != nil {
		return finding("files", err, "")
	}
	if files != nil {
		defer files.Close()
	}
	checked, missing, err := missingFiles(ctx, db, files)
	if err == nil && missing > 0 {
		err = fmt.Errorf("the contents of %d files, of %d, are not in %s, or shorter or longer than they were; put them back from a backup, or upload them again", missing, checked, place)
	}
	return finding("files", err, fmt.Sprintf("the contents of %d are there", checked))
}

// filesToExamine opens the store of files without changing it; nil if nobody has
// ever stored one.
func (c Config) filesToExamine(ctx context.Context, box *secretbox.Box) (files contents, place string, err error) {
	if c.S3.Bucket != "" {
		if box == nil {
			return nil, "", errors.New("not looked for, because there is no usable key file")
		}
		if files, _, err = c.openFiles(box); err != nil {
			return nil, "", err
		}
		bucket := files.(*s3.Store)
		if err := bucket.Examine(ctx); err != nil {
			return nil, "", errors.Join(err, files.Close())
		}
		return files, "the " + bucket.String(), nil
	}
	switch _, err := os.Stat(c.FilesDir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, c.FilesDir, nil
	case err != nil:
		return nil, "", err
	}
	files, _, err = c.openFiles(box)
	return files, c.FilesDir, err
}

// missingFiles compares the database with the list of what is kept. A content
// that is not in the list may have come since it was made, so it is asked for.
func missingFiles(ctx context.Context, db *store.DB, files contents) (checked, missing int, err error) {
	kept := map[string]int64{}
	if files != nil {
		for stored, err := range files.All(ctx) {
			if err != nil {
				return 0, 0, err
			}
			kept[string(stored.ID)] = stored.Size
		}
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
			if size, ok := kept[b.ID]; (!ok || size != b.Size) && !holds(ctx, files, b) {
				missing++
			}
			after = b.ID
		}
		if checked += len(page); len(page) < filesAtOnce {
			return checked, missing, nil
		}
	}
}

// holds reports whether a content is there, in its length. Without a store
// nothing is.
func holds(ctx context.Context, files contents, b store.Blob) bool {
	if files == nil {
		return false
	}
	content, size, err := files.Open(ctx, blob.ID(b.ID))
	return err == nil && content.Close() == nil && size == b.Size
}
