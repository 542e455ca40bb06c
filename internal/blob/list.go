package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"time"
)

// All lists the files, in the order of their ids, for whoever compares them
// with the database: without their SHA-256, which would read every byte. What
// is put or deleted meanwhile may be listed or not. It ends at an error.
func (s *Store) All(ctx context.Context) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		shards, err := fs.ReadDir(s.root.FS(), ".")
		if err != nil {
			yield(Stored{}, fmt.Errorf("list files: %w", err))
			return
		}
		for _, shard := range shards {
			if err := ctx.Err(); err != nil {
				yield(Stored{}, fmt.Errorf("list files: %w", err))
				return
			}
			if len(shard.Name()) == 2 && shard.IsDir() && !s.list(shard.Name(), yield) {
				return
			}
		}
	}
}

// list yields the files of a shard and says whether to go on.
func (s *Store) list(shard string, yield func(Stored, error) bool) bool {
	entries, err := fs.ReadDir(s.root.FS(), shard)
	if err != nil {
		yield(Stored{}, fmt.Errorf("list files: %w", err))
		return false
	}
	for _, entry := range entries {
		id, err := ParseID(entry.Name())
		if err != nil || id.shard() != shard || !entry.Type().IsRegular() {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
			continue
		}
		if err != nil {
			yield(Stored{}, fmt.Errorf("list files: %w", err))
			return false
		}
		if !yield(Stored{ID: id, Size: info.Size(), At: info.ModTime()}, nil) {
			return false
		}
	}
	return true
}

// Sweep removes temporary files that nothing was written to for the time
// given, and says how many. They are left by crashes; the time must be longer
// than a client may be silent during an upload.
func (s *Store) Sweep(ctx context.Context, idle time.Duration) (int, error) {
	entries, err := fs.ReadDir(s.root.FS(), temporary)
	if err != nil {
		return 0, fmt.Errorf("sweep files: %w", err)
	}
	removed := 0
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return removed, fmt.Errorf("sweep files: %w", err)
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // finished meanwhile
			continue
		}
		if err != nil {
			return removed, fmt.Errorf("sweep files: %w", err)
		}
		if s.cfg.Now().Sub(info.ModTime()) < idle {
			continue
		}
		if err := s.discard(temporary + "/" + entry.Name()); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// SweepAll is Sweep for a store of passing files: it removes the whole ones of
// that age as well.
func (s *Store) SweepAll(ctx context.Context, idle time.Duration) (int, error) {
	removed, err := s.Sweep(ctx, idle)
	if err != nil {
		return removed, err
	}
	for stored, err := range s.All(ctx) {
		if err != nil {
			return removed, err
		}
		if s.cfg.Now().Sub(stored.At) < idle {
			continue
		}
		if err := s.Delete(ctx, stored.ID); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
