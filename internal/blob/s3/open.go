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

// window is how many bytes one request asks for: a part of the native protocol
// is one request, and a slow client does not keep one open for long.
const window = 4 << 20

// Open opens a file for reading, from anywhere in it, and tells its size in
// bytes; [blob.ErrNotFound]. What is read is fetched while it is read, no more
// than a window ahead, and again from where it broke off. A file that is deleted
// meanwhile gives an error, never anything else.
func (s *Store) Open(ctx context.Context, id blob.ID) (io.ReadSeekCloser, int64, error) {
	if _, err := blob.ParseID(string(id)); err != nil {
		return nil, 0, err
	}
	a, err := s.call(ctx, request{method: http.MethodHead, key: s.key(id)})
	switch {
	case isStatus(err, http.StatusNotFound):
		return nil, 0, blob.ErrNotFound
	case err != nil:
		return nil, 0, unavailable(ctx, fmt.Errorf("open file %s: %w", id, err))
	case a.size < 0:
		return nil, 0, unavailable(ctx, fmt.Errorf("open file %s: the service does not tell its size", id))
	}
	return &object{store: s, ctx: ctx, id: id, etag: a.header.Get("ETag"), size: a.size}, a.size, nil
}

// object is a file that is open.
type object struct {
	store  *Store
	ctx    context.Context // of the caller, who reads while it lasts
	id     blob.ID
	etag   string
	size   int64
	offset int64 // of the next byte

	body     io.ReadCloser // from offset on; nil: nothing is fetched
	cancel   context.CancelFunc
	stall    *time.Timer // cancels when a read takes too long
	failures int         // since the last byte
}

// errClosed is the error of a file that was closed.
var errClosed = errors.New("the file is closed")

// Read reads from where it is. It waits for the service, within bounds.
func (o *object) Read(p []byte) (int, error) {
	if o.store == nil {
		return 0, errClosed
	}
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if o.offset >= o.size {
			return 0, io.EOF
		}
		if err := o.ctx.Err(); err != nil {
			return 0, fmt.Errorf("read file %s: %w", o.id, err)
		}
		if o.body == nil {
			if err := o.fetch(); err != nil {
				return 0, o.explain(err)
			}
		}
		o.stall.Reset(o.store.cfg.Timing.Stall)
		n, err := o.body.Read(p)
		o.stall.Stop()
		o.offset += int64(n)
		if err != nil {
			o.drop()
		}
		if n > 0 {
			o.failures = 0
			return n, nil
		}
		if err != nil && err != io.EOF { // it broke off
			if o.failures++; o.failures == attempts {
				return 0, o.explain(err)
			}
			if err := o.store.wait(o.ctx, o.store.cfg.Timing.Pause<<(2*(o.failures-1))); err != nil {
				return 0, fmt.Errorf("read file %s: %w", o.id, err)
			}
		}
	}
}

// fetch asks for what follows the offset.
func (o *object) fetch() error {
	end := min(o.offset+window, o.size)
	r := request{method: http.MethodGet, key: o.store.key(o.id), header: map[string]string{"Range": fmt.Sprintf("bytes=%d-%d", o.offset, end-1)}}
	if o.etag != "" {
		r.header["If-Match"] = o.etag
	}
	return o.store.repeat(o.ctx, func(int) error {
		ctx, cancel := context.WithCancel(o.ctx)
		timer := time.AfterFunc(o.store.cfg.Timing.Attempt, cancel)
		res, err := o.store.send(ctx, r)
		if !timer.Stop() && err == nil {
			err = errors.Join(errors.New("the answer came too late"), res.Body.Close())
		}
		if err != nil {
			cancel()
			return err
		}
		// A service that does not know ranges gives all, which would be the wrong bytes.
		if whole := o.offset == 0 && end == o.size; res.StatusCode != http.StatusPartialContent && !whole || res.ContentLength != end-o.offset {
			cancel()
			return errors.Join(&Error{Method: r.method, Status: res.StatusCode, Message: "not the range that was asked for"}, res.Body.Close())
		}
		o.body, o.cancel = res.Body, cancel
		o.stall = time.AfterFunc(o.store.cfg.Timing.Stall, cancel)
		o.stall.Stop()
		return nil
	})
}

// explain gives a failure to read its error.
func (o *object) explain(err error) error {
	if isStatus(err, http.StatusNotFound) || isStatus(err, http.StatusPreconditionFailed) {
		return fmt.Errorf("read file %s, which is gone: %w", o.id, blob.ErrNotFound)
	}
	return unavailable(o.ctx, fmt.Errorf("read file %s: %w", o.id, err))
}

// Seek sets where the next Read begins; it asks nobody.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	if o.store == nil {
		return 0, errClosed
	}
	switch whence {
	case io.SeekCurrent:
		offset += o.offset
	case io.SeekEnd:
		offset += o.size
	case io.SeekStart:
	default:
		return 0, errors.New("seek: unknown whence")
	}
	if offset < 0 {
		return 0, errors.New("seek: before the beginning")
	}
	if offset != o.offset {
		o.drop()
		o.offset = offset
	}
	return offset, nil
}

// Close ends what is being fetched.
func (o *object) Close() error {
	o.drop()
	o.store = nil
	return nil
}

// drop ends a request. One that was read to its end leaves its connection for others.
func (o *object) drop() {
	if o.body == nil {
		return
	}
	_ = o.body.Close() // nothing more is read from it
	o.stall.Stop()
	o.cancel()
	o.body = nil
}
