package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
)

// An upload has so many seconds beside the time that every request has, and has
// to reach so many bytes a second.
const (
	uploadTime = 20 * time.Second
	slowest    = 256 << 10
)

// Put stores what src holds, up to limit bytes, under a new id. When it returns
// without an error the service has all of it; with one there is none, or one that
// nobody knows the id of. Errors are those of [blob.Store.Put].
func (s *Store) Put(ctx context.Context, src io.Reader, limit int64) (blob.Stored, error) {
	stored, err := s.cfg.Spool.Put(ctx, src, min(limit, MaxSize))
	if err != nil {
		return blob.Stored{}, err
	}
	err = s.upload(ctx, stored)
	// What cannot be deleted the sweep takes: the upload is not to fail for it.
	_ = s.cfg.Spool.Delete(ctx, stored.ID)
	if err != nil {
		return blob.Stored{}, err
	}
	return stored, nil
}

// upload brings a file into the bucket. The service is told the hash of what
// comes and refuses anything else.
func (s *Store) upload(ctx context.Context, stored blob.Stored) error {
	switch _, err := s.call(ctx, request{method: http.MethodHead, key: s.key(stored.ID)}); {
	case err == nil: // it would be replaced
		return errors.New("store file: the id is taken; the source of randomness repeats itself")
	case !isStatus(err, http.StatusNotFound):
		return unavailable(ctx, fmt.Errorf("store file: %w", err))
	}
	_, err := s.call(ctx, request{method: http.MethodPut, key: s.key(stored.ID), size: stored.Size, sum: stored.SHA256,
		header: map[string]string{"Content-Type": "application/octet-stream"},
		body: func() (io.ReadCloser, error) {
			content, _, err := s.cfg.Spool.Open(ctx, stored.ID)
			return content, err
		},
		within: s.cfg.Timing.Attempt + uploadTime + time.Duration(stored.Size/slowest)*time.Second})
	if err == nil {
		return nil
	}
	// It may have arrived although the answer was lost. If this fails too, the
	// sweep finds a content that no file has.
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Timing.Attempt)
	defer cancel()
	_ = s.Delete(late, stored.ID)
	return unavailable(ctx, fmt.Errorf("store file: %w", err))
}
