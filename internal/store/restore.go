package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A restore happens in two steps, so that whatever interrupts it, either the
// old database is in its place or the new one. First the copy is made ready
// under a name of its own (path.staged). Renaming it to path.restored-TIME
// decides: from then on [FinishRestore] moves the old files to path.replaced-TIME
// and the new one into its place, again and again until it has been done.
//
// All of this is for whoever holds the database's folder.

const (
	stagedSuffix   = ".staged"
	restoredSuffix = ".restored-"
	replacedSuffix = ".replaced-"
)

// besides are the files that SQLite keeps beside a database.
func besides() []string { return []string{"-wal", "-shm", "-journal"} }

// Stage copies the SQLite file from, with the log beside it if it has one, to
// where a restore of the database at path is made ready, and returns that
// place: open it, change it, close it, then call [Promote].
func Stage(from, path string) (staged string, err error) {
	if err := removeStaged(path); err != nil {
		return "", err
	}
	staged = path + stagedSuffix
	for _, part := range []string{"-wal", "-journal", ""} {
		err := copyFile(from+part, staged+part)
		if errors.Is(err, fs.ErrNotExist) && part != "" {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("copy backup: %w", err)
		}
	}
	return staged, nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", from)
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, source)
	return errors.Join(err, f.Close())
}

// Promote decides for the staged copy, which must be closed; now becomes part
// of the name that the old database gets. [FinishRestore] does the rest.
func Promote(path string, now time.Time) error {
	staged := path + stagedSuffix
	for _, beside := range besides() {
		if info, err := os.Stat(staged + beside); err == nil && info.Size() > 0 {
			return fmt.Errorf("%s is still open", staged)
		}
	}
	if err := syncFile(staged); err != nil {
		return err
	}
	stamp := now.UTC().Format("20060102T150405.000Z")
	if err := os.Rename(staged, path+restoredSuffix+stamp); err != nil {
		return fmt.Errorf("place restored database: %w", err)
	}
	return syncFile(filepath.Dir(path))
}

// FinishRestore puts a promoted copy into its place, if there is one, and
// returns where the database that was there is kept: "" if there was none.
func FinishRestore(path string) (finished bool, replaced string, err error) {
	promoted, err := siblings(path, restoredSuffix)
	if err != nil || len(promoted) == 0 {
		return false, "", err
	}
	newest := promoted[len(promoted)-1]
	aside := path + replacedSuffix + strings.TrimPrefix(newest, path+restoredSuffix)
	for _, part := range append(besides(), "") {
		err := os.Rename(path+part, aside+part)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, "", fmt.Errorf("set old database aside: %w", err)
		}
	}
	if err := syncFile(filepath.Dir(path)); err != nil {
		return false, "", err
	}
	if err := os.Rename(newest, path); err != nil {
		return false, "", fmt.Errorf("place restored database: %w", err)
	}
	if err := syncFile(filepath.Dir(path)); err != nil {
		return false, "", err
	}
	if _, err := os.Lstat(aside); err != nil {
		aside = ""
	}
	return true, aside, nil
}

// RemoveDrafts deletes what a killed process left of a new database at path, of
// a restore that was not decided, and of backups before migrations in backupDir.
func RemoveDrafts(path, backupDir string) error {
	drafts, err := siblings(path, ".new-")
	if err != nil {
		return err
	}
	partial, err := siblings(filepath.Join(backupDir, migrationBackup), "")
	if err != nil {
		return err
	}
	for _, name := range partial {
		if strings.Contains(filepath.Base(name), ".partial-") {
			drafts = append(drafts, name)
		}
	}
	for _, draft := range drafts {
		if err := os.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove draft: %w", err)
		}
	}
	return removeStaged(path)
}

func removeStaged(path string) error {
	for _, part := range append(besides(), "") {
		if err := os.Remove(path + stagedSuffix + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove draft: %w", err)
		}
	}
	return nil
}

// siblings returns the files beside path whose names go on after it with
// suffix, in the order of their names.
func siblings(path, suffix string) (found []string, err error) {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for drafts: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), base+suffix) {
			found = append(found, dir+e.Name())
		}
	}
	return found, nil
}
