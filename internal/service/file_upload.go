package service

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// A content becomes part of a file within stagedFor of its upload, or never:
// the sweep takes what nobody knows and is older than orphanAge. In between lies
// room for clocks that differ.
const (
	stagedFor = 5 * time.Minute
	orphanAge = 30 * time.Minute
)

// StagedFile is an uploaded content that belongs to no file yet. Drop it in any
// case; what has become part of a file stays.
type StagedFile struct {
	svc    *Service
	stored blob.Stored
	at     time.Time // when the upload ended
	kept   bool      // it is part of a file, or may be
}

// SHA256 is the hash of the content, in lower-case hex.
func (f *StagedFile) SHA256() string { return hex.EncodeToString(f.stored.SHA256[:]) }

// Drop deletes the content unless it has become part of a file.
func (f *StagedFile) Drop(ctx context.Context) {
	if !f.kept {
		f.svc.dropContents(ctx, string(f.stored.ID))
	}
}

// fresh refuses a content that a sweep may be about to delete.
func (f *StagedFile) fresh(now time.Time) error {
	if now.Sub(f.at) > stagedFor {
		return latchkey.Fail(latchkey.CodeUnavailable).Because(fmt.Errorf("an upload that ended at %s has waited too long", f.at.Format(time.RFC3339)))
	}
	return nil
}

// ended notes what became of the change that was to make the content part of a
// file. If that is not known, the sweep finds out.
func (f *StagedFile) ended(err error) {
	switch latchkey.CodeOf(err) {
	case "", latchkey.CodeUnavailable, latchkey.CodeInternal:
		f.kept = true
	}
}

// Upload is a content that arrives, for a new file or, with File, in the place of
// that file's.
type Upload struct {
	App  string
	File string // id; "": a new one
	Size int64  // as announced; -1: unknown
}

// StageFile stores what src holds, for [Service.UploadFile] or
// [Service.ReplaceFile]. It reads no further than there is room. Errors:
// file.not_found; request.too_large; file.quota_exceeded; server.unavailable
// while the disk is almost full; those of src.
func (s *Service) StageFile(ctx context.Context, up Upload, src io.Reader) (*StagedFile, error) {
	var room int64
	err := s.read(ctx, latchkey.PermFilesWrite, up.App, func(tx *store.Tx, _ *latchkey.App) (err error) {
		room, err = s.roomFor(ctx, tx, up)
		return err
	})
	if err != nil {
		return nil, err
	}
	limit := min(room, s.limits.FileSize)
	if up.Size > limit {
		return nil, s.tooLarge(limit)
	}
	stored, err := s.files.Put(ctx, src, limit)
	if latchkey.CodeOf(err) == latchkey.CodeTooLarge {
		return nil, s.tooLarge(limit)
	}
	if err != nil {
		return nil, err
	}
	return &StagedFile{svc: s, stored: stored, at: s.now()}, nil
}

// roomFor is how large a content may be by the app's quota as it is now. It
// decides nothing: others may take the room meanwhile.
func (s *Service) roomFor(ctx context.Context, tx *store.Tx, up Upload) (int64, error) {
	totals, err := tx.FileTotals(ctx, up.App)
	if err != nil {
		return 0, err
	}
	room := s.limits.AppStorage - totals.Bytes
	if up.File != "" {
		f, err := tx.File(ctx, up.App, up.File)
		// What does not grow is always welcome.
		return max(room+f.Size, f.Size), err
	}
	if totals.Files >= s.limits.FilesPerApp {
		return 0, latchkey.Fail(latchkey.CodeFileQuota)
	}
	return max(0, room), nil
}

func (s *Service) tooLarge(limit int64) error {
	if limit < s.limits.FileSize {
		return latchkey.Fail(latchkey.CodeFileQuota)
	}
	return latchkey.FailWith(latchkey.CodeTooLarge, fmt.Sprintf("The file is larger than this server accepts: %d bytes.", limit))
}

// UploadFile makes a file of a staged content. Errors: request.invalid,
// file.quota_exceeded.
func (s *Service) UploadFile(ctx context.Context, appID string, in NewFile, staged *StagedFile) (view FileView, err error) {
	defer func() { staged.ended(err) }()
	f := latchkey.File{AppID: appID, Name: in.Name, BlobID: string(staged.stored.ID), Size: staged.stored.Size, SHA256: staged.SHA256(),
		NeedsSignIn: in.NeedsSignIn, MinLevel: in.MinLevel}
	if err := f.Check(); err != nil {
		return view, err
	}
	return s.addFile(ctx, f, staged)
}

// ReplaceFile gives a file another content: who asks gets the old one or the
// new one, whole. Errors: file.not_found, file.quota_exceeded.
func (s *Service) ReplaceFile(ctx context.Context, appID, id string, staged *StagedFile) (view FileView, err error) {
	defer func() { staged.ended(err) }()
	return s.changeFile(ctx, appID, id, "file.replace", func(f *latchkey.File, now time.Time) error {
		f.Link, f.BlobID, f.Size, f.SHA256, f.ContentAt = "", string(staged.stored.ID), staged.stored.Size, staged.SHA256(), now
		return staged.fresh(now)
	})
}

// SweepFiles deletes what interrupted uploads have left and contents that no
// file has, in chunks, and says how many.
func (s *Service) SweepFiles(ctx context.Context) (total int64, err error) {
	n, err := s.files.Sweep(ctx, orphanAge)
	total = int64(n)
	if err != nil {
		return total, err
	}
	var old []string
	sweep := func() error {
		orphans, err := s.orphans(ctx, old)
		for _, id := range orphans {
			if err := s.files.Delete(ctx, blob.ID(id)); err != nil {
				return err
			}
			total++
		}
		old = old[:0]
		return err
	}
	before := s.now().Add(-orphanAge)
	for stored, err := range s.files.All(ctx) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return total, err
		}
		if stored.At.After(before) {
			continue
		}
		if old = append(old, string(stored.ID)); len(old) == sweepChunk {
			if err := sweep(); err != nil {
				return total, err
			}
		}
	}
	return total, sweep()
}

// orphans are those of the contents that no file has.
func (s *Service) orphans(ctx context.Context, ids []string) (orphans []string, err error) {
	known := map[string]bool{}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		found, err := tx.KnownBlobs(ctx, ids)
		for _, id := range found {
			known[id] = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !known[id] {
			orphans = append(orphans, id)
		}
	}
	return orphans, nil
}
