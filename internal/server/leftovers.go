package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/latchkey-dev/latchkey/internal/store"
)

// Files that nobody has touched for so long are no longer being written: a key
// file takes milliseconds, reading a large backup back may take hours.
const (
	keyDraftAge    = time.Hour
	backupDraftAge = 24 * time.Hour
)

// clearLeftovers finishes a restore that was interrupted after it was decided,
// and removes the drafts that killed processes left. The folder must be held.
func (c Config) clearLeftovers(ctx context.Context) error {
	c.removeOld(ctx, filepath.Join(filepath.Dir(c.KeyFile), keyDrafts), keyDraftAge)
	path := c.databasePath()
	if path == "" {
		return nil
	}
	finished, replaced, err := store.FinishRestore(path)
	if err != nil {
		return fmt.Errorf("finish restore: %w", err)
	}
	if finished {
		c.Log.WarnContext(ctx, "finished a restore that was interrupted", "replaced", replaced)
	}
	return store.RemoveDrafts(path, c.backupDir())
}

// removeOld deletes the files of a pattern that have not changed for an age.
// Others work beside it, and a file that stays costs only its space.
func (c Config) removeOld(ctx context.Context, pattern string, age time.Duration) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return // a folder whose name is a pattern itself
	}
	for _, name := range names {
		info, err := os.Lstat(name)
		if err != nil || !info.Mode().IsRegular() || c.Now().Sub(info.ModTime()) < age {
			continue
		}
		if err := os.Remove(name); err != nil {
			c.Log.WarnContext(ctx, "a draft stays", "path", name, "error", err)
		}
	}
}
