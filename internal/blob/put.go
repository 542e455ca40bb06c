package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	chunk      = 64 << 10
	spaceEvery = 8 << 20 // bytes between two looks at the free space
)

// Put stores what src holds, up to limit bytes, under a new id. When it
// returns without an error the file survives a power cut; with one there is
// none. More than limit bytes is [latchkey.CodeTooLarge], a disk that is almost
// full [latchkey.CodeUnavailable]; errors of src come through as they are.
func (s *Store) Put(ctx context.Context, src io.Reader, limit int64) (Stored, error) {
	id, err := s.newID()
	if err != nil {
		return Stored{}, err
	}
	if err := s.checkSpace(); err != nil {
		return Stored{}, err
	}
	name := temporary + "/" + string(id)
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Stored{}, fmt.Errorf("store file: %w", err)
	}
	stored := Stored{ID: id}
	err = s.fill(ctx, f, src, limit, &stored)
	if err == nil && !s.cfg.Fleeting {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = s.publish(id, name)
	}
	if err != nil {
		return Stored{}, errors.Join(err, s.discard(name))
	}
	return stored, nil
}

// fill copies src into f and notes what it was.
func (s *Store) fill(ctx context.Context, f *os.File, src io.Reader, limit int64, stored *Stored) error {
	sum := sha256.New()
	buf := make([]byte, chunk)
	for sinceLook := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("store file: %w", err)
		}
		n, readErr := src.Read(buf)
		if stored.Size += int64(n); stored.Size > limit {
			return latchkey.Fail(latchkey.CodeTooLarge)
		}
		sum.Write(buf[:n])
		if _, err := f.Write(buf[:n]); err != nil {
			return fmt.Errorf("store file: %w", err)
		}
		if sinceLook += int64(n); sinceLook >= spaceEvery {
			if err := s.checkSpace(); err != nil {
				return err
			}
			sinceLook = 0
		}
		if readErr == io.EOF {
			stored.SHA256 = [sha256.Size]byte(sum.Sum(nil))
			return nil
		}
		if readErr != nil {
			return fmt.Errorf("store file: %w", readErr)
		}
	}
}

// publish gives a whole file its name. Its bytes are on the disk before, so
// that a power cut leaves no name without them.
func (s *Store) publish(id ID, name string) error {
	if _, err := s.root.Lstat(id.Path()); err == nil { // a rename would replace it
		return errors.New("store file: the id is taken; the source of randomness repeats itself")
	}
	err := s.root.Rename(name, id.Path())
	if errors.Is(err, fs.ErrNotExist) { // the first of its folder
		if err = s.makeFolder(id.shard()); err == nil {
			err = s.root.Rename(name, id.Path())
		}
	}
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	if err := s.sync(id.shard()); err != nil {
		// Nobody will learn the id, so the file would stay forever.
		return errors.Join(err, s.root.Remove(id.Path()))
	}
	return nil
}

// discard removes a temporary file that may have been renamed already.
func (s *Store) discard(name string) error {
	if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("discard file: %w", err)
	}
	return nil
}
