package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// RestoreDone says what a restore did.
type RestoreDone struct {
	Replaced        string `json:"replaced,omitempty"` // where the old database is kept; "" if there was none
	Apps            int    `json:"apps"`               // whose customers sign in again
	AccountSessions int64  `json:"account_sessions"`   // dashboard sessions that were ended
}

// Restore puts a backup in the place of the embedded database. Before anything
// changes there, the copy is looked over (schema, damage, audit chains, key
// file), migrated, rid of all sessions and made durable. An existing database
// is replaced only with force, and kept beside the new one. What is unsafe is a
// [*Refusal], a running server [*InUse]. Interrupted at any moment, the folder
// has the old database or, once it is opened again, the new one.
func Restore(ctx context.Context, c Config, file string, force bool) (done RestoreDone, err error) {
	c = c.withDefaults()
	path := c.databasePath()
	if path == "" {
		return done, store.ErrNotEmbedded
	}
	if _, err := os.Stat(file); err != nil {
		return done, fmt.Errorf("look at backup: %w", err)
	}
	lock, err := c.enter(ctx)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	if err := c.mayReplace(force); err != nil {
		return done, err
	}
	box, err := c.keyForRestore()
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, store.RemoveDrafts(path, c.backupDir())) }()
	staged, err := store.Stage(file, path)
	if err != nil {
		return done, err
	}
	ended, err := c.makeReady(ctx, staged, filepath.Base(file), box)
	if err != nil {
		return done, err
	}
	done.Apps, done.AccountSessions = ended.Apps, ended.AccountSessions
	if err := store.Promote(path, c.Now()); err != nil {
		return done, err
	}
	_, done.Replaced, err = store.FinishRestore(path)
	return done, err
}

func (c Config) mayReplace(force bool) error {
	if force {
		return nil
	}
	for _, suffix := range []string{"", "-wal"} {
		path := c.databasePath() + suffix
		if _, err := os.Lstat(path); err == nil {
			return refuse(nil, "There is a database already: %s. With --force it is set aside and kept, and the backup takes its place.", path)
		}
	}
	return nil
}

// keyForRestore opens the key file: a new one would be of no use.
func (c Config) keyForRestore() (*secretbox.Box, error) {
	box, err := loadKeyFile(c.KeyFile, c.Rand)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuse(err, "The key file %s is missing, and a backup cannot be read without the one of its server; put it there, or name its place with --key-file.", c.KeyFile)
	}
	return box, err
}

// makeReady makes the staged copy what a server can start on.
func (c Config) makeReady(ctx context.Context, staged, source string, box *secretbox.Box) (ended service.Ended, err error) {
	db, err := store.Open(ctx, store.Config{Database: c.Database, Path: staged, Box: box, Log: c.Log})
	if err != nil {
		return ended, explainBackup(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	switch err := db.CheckSchema(ctx); {
	case errors.Is(err, store.ErrOldSchema):
	case err != nil:
		return ended, explainBackup(err)
	}
	if err := errors.Join(db.Check(ctx), db.VerifyAudit(ctx)); err != nil {
		return ended, refuse(err, "The backup is damaged: %v. Nothing was changed.", err)
	}
	return c.endSessions(ctx, db, source, box)
}

// endSessions is the end of every restore: the key file is the database's, the
// clock is plausible, the schema this version's, and no session lives on.
func (c Config) endSessions(ctx context.Context, db *store.DB, source string, box *secretbox.Box) (ended service.Ended, err error) {
	fingerprint, err := storedFingerprint(ctx, db)
	if err != nil {
		return ended, err
	}
	if fingerprint == "" {
		return ended, refuse(nil, "The backup is of a database that no server has ever used. Nothing was changed.")
	}
	if err := c.compare(fingerprint, box); err != nil {
		return ended, err
	}
	// Sessions end at a moment; by a clock that is behind some would live on.
	if err := c.examineClock(ctx, db); err != nil {
		return ended, refuse(err, "The sessions in the backup cannot be ended: %v. Nothing was changed.", err)
	}
	if err := db.Migrate(ctx, c.backupDir()); err != nil {
		return ended, c.explain(err)
	}
	data, err := c.useCases(db, box)
	if err != nil {
		return ended, err
	}
	ended, err = data.Service.EndRestoredSessions(ctx, source)
	return ended, errors.Join(err, data.Close())
}

// RestoredElsewhere finishes a restore that the tools of a PostgreSQL server
// did: it makes the same checks as [Restore], brings the database to this
// version and ends all sessions. No server may run meanwhile.
func RestoredElsewhere(ctx context.Context, c Config) (done RestoreDone, err error) {
	c = c.withDefaults()
	box, err := c.keyForRestore()
	if err != nil {
		return done, err
	}
	db, err := c.openStore(ctx, box)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.CheckSchema(ctx); err != nil && !errors.Is(err, store.ErrOldSchema) {
		return done, c.explain(err)
	}
	if empty, err := db.Empty(ctx); err != nil {
		return done, err
	} else if empty {
		return done, refuse(nil, "The database is empty; restore it with pg_restore first.")
	}
	if err := db.VerifyAudit(ctx); err != nil {
		return done, refuse(err, "The database is damaged: %v.", err)
	}
	ended, err := c.endSessions(ctx, db, "postgres", box)
	return RestoreDone{Apps: ended.Apps, AccountSessions: ended.AccountSessions}, err
}

// explainBackup turns what the store says of a backup into a refusal.
func explainBackup(err error) error {
	switch {
	case errors.Is(err, store.ErrUnreadable):
		return refuse(err, "The backup cannot be read as a Latchkey database: it is damaged, empty, cut off or another program's. Nothing was changed. (%v)", err)
	case errors.Is(err, store.ErrNewerSchema):
		return refuse(err, "The backup was made by a newer version of Latchkey; restore it with that version. Nothing was changed.")
	}
	return err
}
