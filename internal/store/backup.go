package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
)

// ErrNotEmbedded reports that a database server keeps the data, which has
// backups of its own.
var ErrNotEmbedded = errors.New("only a SQLite database is copied by Latchkey; use the backups of the database server")

// BackupDrafts is the pattern of the files that [DB.Backup] leaves beside its
// target when it is killed.
const BackupDrafts = ".latchkey-backup-*"

// Backup writes a copy of the whole SQLite database to path, while others write:
// it holds everything that was committed before the call. It is durable, readable
// by its owner only, and has been read back (damage, audit chains), or it is not
// there. An existing file is [fs.ErrExist] and left alone; on PostgreSQL the
// error is [ErrNotEmbedded].
func (db *DB) Backup(ctx context.Context, path string) error {
	leave, err := db.enter()
	if err != nil {
		return err
	}
	defer leave()
	e, ok := db.engine.(*sqliteEngine)
	if !ok {
		return ErrNotEmbedded
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("back up to %s: %w", path, fs.ErrExist)
	}
	dir := filepath.Dir(path)
	temp, err := e.draft(ctx, dir, BackupDrafts)
	if err != nil {
		return wrap("back up", err)
	}
	defer os.Remove(temp)
	if err := verifyChains(ctx, temp, e.log); err != nil {
		return fmt.Errorf("verify the copy: %w", err)
	}
	if err := place(temp, path); err != nil {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	return syncFile(dir)
}

// backup writes a copy of the whole database as dir/name.db, or name-2.db and
// so on if that exists. It is complete, verified and durable, or not there.
func (e *sqliteEngine) backup(ctx context.Context, dir, name string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := e.draft(ctx, dir, name+".partial-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	path := filepath.Join(dir, name+".db")
	for n := 2; ; n++ {
		err := place(temp, path)
		if errors.Is(err, fs.ErrExist) {
			path = filepath.Join(dir, name+"-"+strconv.Itoa(n)+".db")
			continue
		}
		if err != nil {
			return err
		}
		e.log.InfoContext(ctx, "backup written", "path", path)
		return syncFile(dir)
	}
}

// draft writes a copy of the whole database to a new file in dir, makes it
// durable and looks it over for damage.
func (e *sqliteEngine) draft(ctx context.Context, dir, pattern string) (temp string, err error) {
	if dir, err = filepath.Abs(dir); err != nil { // SQLite is given URLs, which have no relative form
		return "", err
	}
	f, err := os.CreateTemp(dir, pattern) // 0600, and VACUUM INTO accepts an empty file
	if err != nil {
		return "", err
	}
	temp = f.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(temp) // the copy's error is the one to report
		}
	}()
	if err := f.Close(); err != nil {
		return "", err
	}
	source, err := openFile(e.path, 1)
	if err != nil {
		return "", err
	}
	_, err = source.ExecContext(ctx, "VACUUM INTO $1", temp)
	if err := errors.Join(err, source.Close()); err != nil {
		return "", err
	}
	if err := syncFile(temp); err != nil {
		return "", err
	}
	made, err := openStill(temp)
	if err != nil {
		return "", err
	}
	if err := errors.Join(integrity(ctx, made), made.Close()); err != nil {
		return "", fmt.Errorf("verify the copy: %w", err)
	}
	return temp, nil
}

// verifyChains recomputes the audit chains of a file that nobody changes.
func verifyChains(ctx context.Context, path string, log *slog.Logger) error {
	pool, err := openStill(path)
	if err != nil {
		return err
	}
	e := &sqliteEngine{path: path, log: log, readers: pool, stmts: newStatements(pool)}
	db := &DB{engine: e, log: log, stamps: newStamps()}
	err = db.VerifyAudit(ctx)
	e.stmts.close()
	return errors.Join(err, pool.Close())
}
