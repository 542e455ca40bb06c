package service

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// FileContent is a content that is open for reading, from anywhere in it, for as
// long as the context it was opened with. While the file is replaced or deleted it
// stays what it is, or reading it fails: it never becomes another. Close it.
type FileContent struct {
	io.ReadSeekCloser
	Name   string
	Size   int64  // bytes
	SHA256 string // lower-case hex
}

// FileContent opens a file's content for its seller. Errors: file.not_found;
// file.unavailable, which says of a link why it could not be followed.
func (s *Service) FileContent(ctx context.Context, appID, id string) (*FileContent, error) {
	return s.openFile(ctx, func() (f latchkey.File, err error) {
		err = s.read(ctx, latchkey.PermFilesRead, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
			f, err = tx.File(ctx, appID, id)
			return err
		})
		return f, err
	})
}

// ClientFile is what a program learns of a file.
type ClientFile struct {
	ID     string
	Name   string // text from the seller, not a path to write to
	Size   int64  // bytes
	SHA256 string // lower-case hex
}

// ClientFileInfo describes a file. Errors: those of [Service.ClientCheck] but
// that nobody may have signed in, file.not_found, session.not_signed_in,
// subscription.level_too_low, file.unavailable.
func (s *Service) ClientFileInfo(ctx context.Context, app *ClientApp, ses *ClientSession, id string) (info ClientFile, err error) {
	f, err := s.clientFile(ctx, app, ses, id)
	if err != nil {
		return info, err
	}
	if !f.Linked() {
		return ClientFile{ID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256}, nil
	}
	content, err := s.ClientFileContent(ctx, app, ses, id)
	if err != nil {
		return info, err
	}
	return ClientFile{ID: f.ID, Name: content.Name, Size: content.Size, SHA256: content.SHA256}, content.Close()
}

// ClientFileContent opens a file's whole content for a program. Errors: those
// of [Service.ClientFileInfo].
func (s *Service) ClientFileContent(ctx context.Context, app *ClientApp, ses *ClientSession, id string) (*FileContent, error) {
	content, err := s.openFile(ctx, func() (latchkey.File, error) { return s.clientFile(ctx, app, ses, id) })
	if latchkey.CodeOf(err) == latchkey.CodeFileUnavailable {
		// Why is between the seller and the address.
		err = latchkey.Fail(latchkey.CodeFileUnavailable).Because(err)
	}
	return content, err
}

// ClientFilePart reads a part of a file, of exactly the content that a program
// has been told of. It reads no more than that. Errors: those of
// [Service.ClientFileInfo]; file.changed if the content is another one now;
// request.invalid.
func (s *Service) ClientFilePart(ctx context.Context, app *ClientApp, ses *ClientSession, id string, part latchkey.FilePart) ([]byte, error) {
	content, err := s.ClientOpenPart(ctx, app, ses, id, part)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	b := make([]byte, part.Length)
	if _, err := io.ReadFull(content, b); err != nil {
		return nil, latchkey.Fail(latchkey.CodeFileUnavailable).Because(fmt.Errorf("read file %s: %w", id, err))
	}
	return b, nil
}

// ClientOpenPart opens what [Service.ClientFilePart] reads, where the part
// begins, for who reads it twice rather than hold it in memory.
func (s *Service) ClientOpenPart(ctx context.Context, app *ClientApp, ses *ClientSession, id string, part latchkey.FilePart) (*FileContent, error) {
	content, err := s.ClientFileContent(ctx, app, ses, id)
	if err != nil {
		return nil, err
	}
	err = part.Check(content.Size, content.SHA256)
	if err == nil {
		if _, err = content.Seek(part.Offset, io.SeekStart); err != nil {
			err = fmt.Errorf("read file %s: %w", id, err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, content.Close())
	}
	return content, nil
}

// clientFile finds the file that a program asks for, if it may have it.
func (s *Service) clientFile(ctx context.Context, app *ClientApp, ses *ClientSession, id string) (f latchkey.File, err error) {
	c, err := s.anyone(ctx, app, ses)
	if err != nil {
		return f, err
	}
	if !latchkey.IsID(latchkey.KindFile, id) {
		return f, latchkey.Fail(latchkey.CodeFileNotFound)
	}
	err = s.db.Read(ctx, func(tx *store.Tx) (err error) {
		f, err = tx.File(ctx, app.ID, id)
		return err
	})
	if err != nil {
		return f, err
	}
	return f, c.reaches(f.NeedsSignIn, f.MinLevel)
}

// openFile opens the content of the file that find returns. A content that has
// been replaced or deleted in between is looked for once more.
func (s *Service) openFile(ctx context.Context, find func() (latchkey.File, error)) (*FileContent, error) {
	var missing string
	for {
		f, err := find()
		if err != nil {
			return nil, err
		}
		if f.Linked() {
			return s.links.open(ctx, &f)
		}
		content, err := openBlob(ctx, s.files, blob.ID(f.BlobID))
		switch {
		case err == nil:
			return &FileContent{ReadSeekCloser: content, Name: f.Name, Size: f.Size, SHA256: f.SHA256}, nil
		case !errors.Is(err, blob.ErrNotFound):
			return nil, err
		case missing == f.BlobID:
			s.log.ErrorContext(ctx, "the content of a file is missing", "app", f.AppID, "file", f.ID, "blob", f.BlobID)
			return nil, latchkey.Fail(latchkey.CodeFileUnavailable).Because(err)
		}
		missing = f.BlobID
	}
}

func openBlob(ctx context.Context, files Files, id blob.ID) (io.ReadSeekCloser, error) {
	content, _, err := files.Open(ctx, id)
	return content, err
}

// sumText is a hash as the wire has it.
func sumText(stored *blob.Stored) string { return hex.EncodeToString(stored.SHA256[:]) }
