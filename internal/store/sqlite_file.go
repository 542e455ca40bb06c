package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// applicationID marks a SQLite file as ours: "Ltch". It is in the file's header,
// where file(1) and SQLite look for it.
const applicationID = 0x4c746368

// prepareFile makes sure that there is a SQLite file of ours, so that every
// later connection can refuse to create one.
func prepareFile(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return createFile(ctx, path)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w: %s is not a file", ErrUnreadable, path)
	}
	if _, _, err := readHeader(path); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
	}
	return inspect(ctx, path)
}

// readHeader tells what is obvious before SQLite touches the file: SQLite takes
// an empty one for a new database.
func readHeader(path string) (header [100]byte, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return header, 0, err
	}
	defer f.Close()
	if _, err := io.ReadFull(f, header[:]); err != nil {
		return header, 0, errors.New("it is empty or cut off")
	}
	if string(header[:16]) != "SQLite format 3\x00" {
		return header, 0, errors.New("it is not a SQLite database")
	}
	info, err := f.Stat()
	if err != nil {
		return header, 0, err
	}
	return header, info.Size(), nil
}

// inspect has SQLite read the schema, which also recovers the log after a crash
// and notices a file that is shorter than it says.
func inspect(ctx context.Context, path string) error {
	pool, err := openFile(path, 1)
	if err != nil {
		return err
	}
	var id, tables int64
	err = pool.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id)
	if err == nil {
		err = pool.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&tables)
	}
	err = errors.Join(err, pool.Close())
	switch {
	case isDamage(err):
		return fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
	case err != nil:
		return wrap("inspect "+path, err)
	case id != applicationID:
		return fmt.Errorf("%w: %s belongs to another program", ErrUnreadable, path)
	}
	return measure(path)
}

// measure compares the file's size with the one in its header; SQLite itself
// overlooks a last page that is cut off. While there is a log the two may
// differ: closing the last connection has moved it into the file.
func measure(path string) error {
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return nil
	}
	header, size, err := readHeader(path)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
	}
	pageSize := int64(binary.BigEndian.Uint16(header[16:]))
	if pageSize == 1 {
		pageSize = 65_536
	}
	if pages := int64(binary.BigEndian.Uint32(header[28:])); size < pages*pageSize {
		return fmt.Errorf("%w: %s is cut off: %d of %d bytes", ErrUnreadable, path, size, pages*pageSize)
	}
	return nil
}

// createFile makes a new database beside its place and then links it there: a
// crash leaves no half file in its place, and a file that has appeared
// meanwhile is not replaced.
func createFile(ctx context.Context, path string) error {
	for _, leftover := range []string{"-wal", "-journal"} {
		if _, err := os.Stat(path + leftover); err == nil {
			return fmt.Errorf("%w: %s is missing, but %s is there", ErrUnreadable, path, filepath.Base(path)+leftover)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return fmt.Errorf("create database file: %w", err)
	}
	temp := f.Name()
	defer os.Remove(temp)
	if err := f.Close(); err != nil {
		return fmt.Errorf("create database file: %w", err)
	}
	pool, err := openFile(temp, 1, "application_id("+strconv.Itoa(applicationID)+")")
	if err != nil {
		return err
	}
	// The first write makes the empty file a database.
	_, err = pool.ExecContext(ctx, "VACUUM")
	if err := errors.Join(err, pool.Close()); err != nil {
		return wrap("create database file", err)
	}
	if err := syncFile(temp); err != nil {
		return err
	}
	if err := place(temp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("create database file: %w", err)
	}
	return syncFile(filepath.Dir(path))
}

// place gives a finished file its name and never replaces another:
// [fs.ErrExist] if there is one.
func place(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links.
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	return os.Rename(temp, path)
}

// syncFile makes a file, or a folder's entries, durable.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
