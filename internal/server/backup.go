package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/latchkey-dev/latchkey/internal/store"
)

// BackupDone says what a backup is worth.
type BackupDone struct {
	File           string `json:"file"`
	Bytes          int64  `json:"bytes"`
	KeyFile        string `json:"key_file"` // is not in it, and without it nobody can read it
	KeyFingerprint string `json:"key_fingerprint"`
}

// Backup writes a copy of an embedded database to a file that does not exist
// yet. It may run beside the server and needs no key file. What was committed
// before the call is in the copy, which is durable and has been read back when
// Backup returns. A database that cannot be copied is a [*Refusal]; on
// PostgreSQL the error is [store.ErrNotEmbedded].
func Backup(ctx context.Context, c Config, file string) (done BackupDone, err error) {
	c = c.withDefaults()
	path := c.databasePath()
	if path == "" {
		return done, store.ErrNotEmbedded
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return done, refuse(err, "There is no database at %s; name its folder with --data.", path)
	}
	c.removeOld(ctx, filepath.Join(filepath.Dir(file), store.BackupDrafts), backupDraftAge)
	db, err := c.openStore(ctx, nil)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// An older schema is welcome: the copy from before an upgrade.
	if err := db.CheckSchema(ctx); errors.Is(err, store.ErrNewerSchema) {
		return done, c.explain(err)
	}
	if done.KeyFingerprint, err = storedFingerprint(ctx, db); err != nil {
		return done, err
	}
	if err := db.Backup(ctx, file); err != nil {
		return done, c.explain(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return done, fmt.Errorf("look at backup: %w", err)
	}
	done.File, done.Bytes, done.KeyFile = file, info.Size(), c.KeyFile
	return done, nil
}
