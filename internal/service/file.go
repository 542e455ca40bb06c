package service

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Files keeps contents, whole or not at all, under ids that it draws: on the
// local disk ([blob.Store]) or in a bucket of an S3-compatible service. It is
// safe for concurrent use, also by several servers that share it. What cannot be
// reached at the moment is [latchkey.CodeUnavailable].
type Files interface {
	// Put stores what src holds, up to limit bytes; more is [latchkey.CodeTooLarge].
	Put(ctx context.Context, src io.Reader, limit int64) (blob.Stored, error)
	// Open opens a content and tells its size; [blob.ErrNotFound]. It is read
	// with the same context.
	Open(ctx context.Context, id blob.ID) (io.ReadSeekCloser, int64, error)
	// Delete removes a content; one that is not there is no error.
	Delete(ctx context.Context, id blob.ID) error
	// All lists the contents in the order of their ids, and when each was stored.
	All(ctx context.Context) iter.Seq2[blob.Stored, error]
	// Sweep removes what interrupted uploads have left, if idle for so long.
	Sweep(ctx context.Context, idle time.Duration) (int, error)
}

// FileView is a file as its seller sees it.
type FileView struct{ latchkey.File }

// NewFile asks for a file.
type NewFile struct {
	Name        string
	Link        latchkey.Secret // URL of the content; "" for an upload
	NeedsSignIn bool
	MinLevel    int64
}

// FileEdit is what to change of a file; nil leaves a field. A link takes the
// place of whatever the content was.
type FileEdit struct {
	Name        *string
	Link        *latchkey.Secret
	NeedsSignIn *bool
	MinLevel    *int64
	InPanel     *bool
}

// ListFiles lists an app's files, newest first: those whose names contain
// search, or all.
func (s *Service) ListFiles(ctx context.Context, appID string, f NamedFilter) (list List[FileView], err error) {
	q, binding, err := s.named(f, []string{"-created", "created"}, "files", appID)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermFilesRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		files, err := tx.Files(ctx, appID, q)
		if err != nil {
			return err
		}
		cut, err := page(s, files, q.Keyset, func(f *latchkey.File) string { return f.ID }, binding...)
		list = List[FileView]{Items: make([]FileView, len(cut.Items)), Next: cut.Next}
		for i, f := range cut.Items {
			list.Items[i] = FileView{f}
		}
		return err
	})
	return list, err
}

// File returns one; file.not_found.
func (s *Service) File(ctx context.Context, appID, id string) (view FileView, err error) {
	err = s.read(ctx, latchkey.PermFilesRead, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
		view.File, err = tx.File(ctx, appID, id)
		return err
	})
	return view, err
}

// LinkFile adds a file whose content lies behind a link. Errors:
// request.invalid, also for a link that this server does not follow;
// file.quota_exceeded.
func (s *Service) LinkFile(ctx context.Context, appID string, in NewFile) (FileView, error) {
	f := latchkey.File{AppID: appID, Name: in.Name, Link: in.Link, NeedsSignIn: in.NeedsSignIn, MinLevel: in.MinLevel}
	if err := f.Check(); err != nil {
		return FileView{}, err
	}
	if err := s.checkURL("link", f.Link); err != nil {
		return FileView{}, err
	}
	return s.addFile(ctx, f, nil)
}

// addFile stores a new file, in the place of an upload if there is one.
func (s *Service) addFile(ctx context.Context, f latchkey.File, staged *StagedFile) (view FileView, err error) {
	err = s.change(ctx, latchkey.PermFilesWrite, f.AppID, func(tx *store.Tx, _ *latchkey.App, now time.Time) (err error) {
		if f.ID, err = s.newID(latchkey.KindFile, now); err != nil {
			return err
		}
		f.ContentAt, f.CreatedAt, f.UpdatedAt = now, now, now
		if staged != nil {
			if err := staged.fresh(now); err != nil {
				return err
			}
		}
		if err := s.countFiles(ctx, tx, f.AppID, store.FileTotals{Files: 1, Bytes: f.Size}); err != nil {
			return err
		}
		if err := tx.InsertFile(ctx, &f); err != nil {
			return err
		}
		audit(ctx, tx, now, f.AppID, "file.create", f.ID, fileDetails(&f))
		view = FileView{f}
		return made(ctx, view)
	})
	return view, err
}

// fileDetails tell of a file in the audit log. A link may hold a secret.
func fileDetails(f *latchkey.File) map[string]any {
	return map[string]any{"name": f.Name, "size": f.Size, "sha256": f.SHA256, "linked": f.Linked(), "needs_sign_in": f.NeedsSignIn, "min_level": f.MinLevel, "in_panel": f.InPanel}
}

// countFiles changes an app's totals; file.quota_exceeded.
func (s *Service) countFiles(ctx context.Context, tx *store.Tx, appID string, more store.FileTotals) error {
	within, err := tx.AddFiles(ctx, appID, more, store.FileTotals{Files: s.limits.FilesPerApp, Bytes: s.limits.AppStorage})
	if err == nil && !within {
		return latchkey.Fail(latchkey.CodeFileQuota)
	}
	return err
}

// UpdateFile changes a file. Errors: request.invalid, file.not_found.
func (s *Service) UpdateFile(ctx context.Context, appID, id string, edit FileEdit) (FileView, error) {
	if edit.Link != nil {
		if err := s.checkURL("link", *edit.Link); err != nil {
			return FileView{}, err
		}
	}
	return s.changeFile(ctx, appID, id, "file.update", func(f *latchkey.File, now time.Time) error {
		set(&f.Name, edit.Name)
		set(&f.NeedsSignIn, edit.NeedsSignIn)
		set(&f.MinLevel, edit.MinLevel)
		set(&f.InPanel, edit.InPanel)
		if edit.Link != nil {
			f.Link, f.BlobID, f.Size, f.SHA256, f.ContentAt = *edit.Link, "", 0, "", now
		}
		return f.Check()
	})
}

// changeFile locks a file, lets body change it, and stores and audits it. The
// content that it had before, if it has another now, is dropped afterwards.
func (s *Service) changeFile(ctx context.Context, appID, id, action string, body func(f *latchkey.File, now time.Time) error) (view FileView, err error) {
	var before latchkey.File
	err = s.change(ctx, latchkey.PermFilesWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		f, err := s.lockFile(ctx, tx, appID, id)
		if err != nil {
			return err
		}
		before = f
		if err := body(&f, now); err != nil {
			return err
		}
		f.UpdatedAt = now
		if more := f.Size - before.Size; more != 0 {
			if err := s.countFiles(ctx, tx, appID, store.FileTotals{Bytes: more}); err != nil {
				return err
			}
		}
		if err := tx.UpdateFile(ctx, &f); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, action, id, edited(fileDetails(&f), fileFields(&before), fileFields(&f)))
		view = FileView{f}
		return made(ctx, view)
	})
	if err == nil && before.BlobID != "" && before.BlobID != view.BlobID {
		s.dropContents(ctx, before.BlobID)
	}
	return view, err
}

// lockFile locks a file and judges what the caller expects of it.
func (s *Service) lockFile(ctx context.Context, tx *store.Tx, appID, id string) (latchkey.File, error) {
	f, err := tx.LockFile(ctx, appID, id)
	if err != nil {
		return f, err
	}
	return f, s.expected(ctx, func() (Tagged, error) { return FileView{f}, nil })
}

// DeleteFile deletes a file and its content; file.not_found.
func (s *Service) DeleteFile(ctx context.Context, appID, id string) error {
	var f latchkey.File
	err := s.change(ctx, latchkey.PermFilesWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) (err error) {
		if f, err = s.lockFile(ctx, tx, appID, id); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "file.delete", id, fileDetails(&f))
		if err := s.countFiles(ctx, tx, appID, store.FileTotals{Files: -1, Bytes: -f.Size}); err != nil {
			return err
		}
		return tx.DeleteFile(ctx, appID, id)
	})
	if err == nil && f.BlobID != "" {
		s.dropContents(ctx, f.BlobID)
	}
	return err
}

// dropTime is how long contents may take to be deleted at once.
const dropTime = 5 * time.Second

// dropContents deletes contents that no file has any more. What cannot be
// deleted now is left to the sweep.
func (s *Service) dropContents(ctx context.Context, ids ...string) {
	// What is decided is done, whoever hung up, but nobody waits long for it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
	defer cancel()
	for _, id := range ids {
		if err := s.files.Delete(ctx, blob.ID(id)); err != nil {
			s.log.WarnContext(ctx, "content of a file stays until the next sweep", "error", err)
		}
	}
}

// checkURL refuses a URL that this server does not request.
func (s *Service) checkURL(field string, url latchkey.Secret) error {
	err := s.egress.CheckURL(url.Reveal())
	if e, ok := errors.AsType[*egress.Error](err); ok {
		return e.Invalid(field)
	}
	return err
}
