// Package blob keeps files on the local disk under random ids. It owns where
// their bytes lie and that a file is there as a whole or not at all, also after
// the machine lost power; every path goes through an [os.Root]. Its ids and
// [Stored] are those of every store of files; package s3 below it is another.
//
// It knows no names, owners, quotas or permissions: who has an id is given the
// file. Ids have 128 random bits, so they are not guessed.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// ErrNotFound says that no file has the id.
var ErrNotFound = errors.New("no file has this id")

// ID names a file: 32 lower-case hexadecimal digits. Make one with [ParseID].
type ID string

// ParseID accepts the text of an id. Anything else is [ErrNotFound], since no
// file can have it.
func ParseID(text string) (ID, error) {
	if len(text) != 32 {
		return "", ErrNotFound
	}
	for _, r := range text {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return "", ErrNotFound
		}
	}
	return ID(text), nil
}

// shard is the folder of an id: 256 of them keep each one short.
func (id ID) shard() string { return string(id[:2]) }

// Path is where a store keeps the file, below its root and with slashes: the
// same in all of them, so that files can be carried from one to another.
func (id ID) Path() string { return id.shard() + "/" + string(id) }

// temporary is where files lie until they are whole.
const temporary = "tmp"

// Config is what a store needs of its surroundings.
type Config struct {
	Now  func() time.Time // required
	Rand io.Reader        // required: a cryptographic source
	// Floor is how many bytes of the disk stay free: the database needs them
	// more. It is kept if FreeSpace measures how many there are.
	Floor     uint64
	FreeSpace func() (uint64, error)
	// Fleeting files need not survive a power cut: nobody waits for the disk.
	Fleeting bool
}

// Store is a folder of files. Its methods are safe for concurrent use, also by
// several processes, if rand is.
type Store struct {
	cfg  Config
	root *os.Root
}

// Open opens the folder, making it if it is not there.
func Open(dir string, cfg Config) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open file store: %w", err)
	}
	if err := syncFolder(os.Open(filepath.Dir(dir))); err != nil {
		return nil, fmt.Errorf("open file store: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open file store: %w", err)
	}
	s := &Store{cfg: cfg, root: root}
	if err := s.makeFolder(temporary); err != nil {
		return nil, errors.Join(fmt.Errorf("open file store: %w", err), root.Close())
	}
	return s, nil
}

// Close lets go of the folder; files that are open stay so.
func (s *Store) Close() error { return s.root.Close() }

// Open opens a file for reading, from anywhere in it, and tells its size in
// bytes. The error is [ErrNotFound] if there is none. A file that is deleted
// while it is open is read to its end.
func (s *Store) Open(_ context.Context, id ID) (io.ReadSeekCloser, int64, error) {
	if _, err := ParseID(string(id)); err != nil {
		return nil, 0, err
	}
	f, err := s.root.Open(id.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, ErrNotFound
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open file %s: %w", id, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open file %s: %w", id, err), f.Close())
	}
	return f, info.Size(), nil
}

// Delete removes a file for good. One that is not there is no error, so that a
// deletion may be repeated.
func (s *Store) Delete(_ context.Context, id ID) error {
	if _, err := ParseID(string(id)); err != nil {
		return nil
	}
	switch err := s.root.Remove(id.Path()); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("delete file %s: %w", id, err)
	}
	return s.sync(id.shard())
}

// makeFolder makes a folder durably. One that is there is no error: another
// process may be as fast, and its name is on the disk when this returns.
func (s *Store) makeFolder(name string) error {
	if err := s.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return s.sync(".")
}

// sync makes the names in a folder durable.
func (s *Store) sync(folder string) error {
	if s.cfg.Fleeting {
		return nil
	}
	return syncFolder(s.root.Open(folder))
}

func syncFolder(d *os.File, err error) error {
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if runtime.GOOS != "windows" { // which keeps names by itself, and syncs no folders
		err = d.Sync()
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// checkSpace refuses what would take the space that must stay free.
func (s *Store) checkSpace() error {
	if s.cfg.FreeSpace == nil {
		return nil
	}
	free, err := s.cfg.FreeSpace()
	if err != nil {
		return fmt.Errorf("measure free disk space: %w", err)
	}
	if free < s.cfg.Floor {
		return latchkey.FailWith(latchkey.CodeUnavailable, "The server's disk is almost full; no file can be stored until there is room.").
			Because(fmt.Errorf("%d bytes are free, %d must stay so", free, s.cfg.Floor))
	}
	return nil
}

// newID draws an id.
func (s *Store) newID() (ID, error) {
	var b [16]byte
	if _, err := io.ReadFull(s.cfg.Rand, b[:]); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return ID(hex.EncodeToString(b[:])), nil
}

// Stored describes a file that is in the store.
type Stored struct {
	ID     ID
	Size   int64 // bytes
	SHA256 [sha256.Size]byte
	At     time.Time // of the last byte that was written, by the store's own clock; of listings only
}
