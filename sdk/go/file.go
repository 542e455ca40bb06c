package latchkey

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/latchkey-dev/latchkey/api/client"
)

// File is what the server says of a file.
type File = client.File

// FileInfo returns a file's name, size and hash.
func (c *Client) FileInfo(ctx context.Context, id string) (*File, error) {
	token, err := c.anyToken(ctx)
	if err != nil {
		return nil, err
	}
	var out client.File
	if _, err := c.call(ctx, client.PathFileInfo, client.FileRequest{Session: token, File: id}, &out); err != nil {
		return nil, c.refusedLater(err)
	}
	if _, ok := lowerHex(out.SHA256, sha256.Size); !ok || out.Size < 0 {
		return nil, fmt.Errorf("%w: it describes no file", ErrUnverified)
	}
	return &out, nil
}

// WriteFile fetches a file and writes it to w. Each part is proven before a
// byte of it is written; a file that the seller replaces meanwhile ends with
// [CodeFileChanged], and what has been written is then of no use.
func (c *Client) WriteFile(ctx context.Context, id string, w io.Writer) (*File, error) {
	file, err := c.FileInfo(ctx, id)
	if err != nil {
		return nil, err
	}
	return file, c.fetch(ctx, file, 0, sha256.New(), w)
}

// DownloadFile fetches a file to path, which holds the whole, proven content or
// what it held before. What an earlier call left in path + ".part" when it was
// interrupted is not fetched again.
func (c *Client) DownloadFile(ctx context.Context, id, path string) (*File, error) {
	file, err := c.FileInfo(ctx, id)
	if err != nil {
		return nil, err
	}
	err = c.resume(ctx, file, path)
	if errors.Is(err, errOtherContent) {
		// The part was of another content, or not of this program's making.
		if err = os.Remove(path + ".part"); err == nil {
			err = c.resume(ctx, file, path)
		}
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

var errOtherContent = fmt.Errorf("%w: the file's content is not the one announced", ErrUnverified)

// resume goes on with the part that there is, and puts the whole in its place.
func (c *Client) resume(ctx context.Context, file *File, path string) (err error) {
	part, err := os.OpenFile(path+".part", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("latchkey: open file: %w", err)
	}
	defer func() { err = errors.Join(err, closeOnce(part)) }()
	sum := sha256.New()
	have, err := io.Copy(sum, part)
	if err != nil {
		return fmt.Errorf("latchkey: read file: %w", err)
	}
	if have > file.Size {
		return errOtherContent
	}
	if err := c.fetch(ctx, file, have, sum, part); err != nil {
		return err
	}
	if err := errors.Join(part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("latchkey: write file: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("latchkey: write file: %w", err)
	}
	return nil
}

func closeOnce(f *os.File) error {
	if err := f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("latchkey: write file: %w", err)
	}
	return nil
}

// fetch writes the file's content from offset on to w; sum has that before it.
func (c *Client) fetch(ctx context.Context, file *File, offset int64, sum hash.Hash, w io.Writer) error {
	for offset < file.Size {
		part, err := c.content(ctx, file, offset, min(client.MaxContent, file.Size-offset))
		if err != nil {
			return err
		}
		sum.Write(part)
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("latchkey: write file: %w", err)
		}
		offset += int64(len(part))
	}
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum.Sum(nil))), []byte(file.SHA256)) != 1 {
		return errOtherContent
	}
	return nil
}

// content returns a part of a file.
func (c *Client) content(ctx context.Context, file *File, offset, length int64) (part []byte, err error) {
	token, err := c.anyToken(ctx)
	if err != nil {
		return nil, err
	}
	in := client.Content{Session: token, File: file.ID, SHA256: file.SHA256, Offset: offset, Length: length}
	_, err = c.callFor(ctx, client.PathFileContent, in, func(a *answer) error {
		if err := a.expect(typeContent); err != nil {
			return err
		}
		if int64(len(a.body)) != length {
			return fmt.Errorf("%w: it has %d bytes of the file, not %d", ErrUnverified, len(a.body), length)
		}
		part = a.body
		return nil
	})
	return part, c.refusedLater(err)
}

// ExecutableHash returns the SHA-256 of the running program's file in hex, for
// Config.Hash.
func ExecutableHash() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("latchkey: find executable: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("latchkey: read executable: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("latchkey: read executable: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
