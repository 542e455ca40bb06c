package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	// linkMemory is how long a copy of what a link leads to is good, and how
	// long a failure is: programs that ask all the time have the link followed
	// once in a while, and a download in parts gets all from one content.
	linkMemory  = time.Minute
	linkFailure = 10 * time.Second
	maxCopies   = 32
)

// linkCopies are the contents behind links that were fetched a moment ago. They
// lie on the local disk, so that memory holds none of them, and belong to no
// file: what is not dropped, because the process died or the link was changed
// while it was followed, the sweep takes.
type linkCopies struct {
	files  Files
	egress *egress.Client
	now    func() time.Time
	log    *slog.Logger
	limit  int64 // bytes

	mu     sync.Mutex
	copies map[string]*linkCopy // by the id of the file
}

// linkCopy is a content behind a link, or why there is none.
type linkCopy struct {
	link  latchkey.Secret
	ready chan struct{} // closed when it is fetched, or cannot be
	at    time.Time     // when it was ready
	done  bool
	blob.Stored
	err error
}

func newLinkCopies(s *Service, scratch Files) *linkCopies {
	return &linkCopies{files: scratch, egress: s.egress, now: s.now, log: s.log, limit: s.limits.FileSize, copies: map[string]*linkCopy{}}
}

// open opens what a file's link leads to. Errors: file.unavailable, server.busy.
func (l *linkCopies) open(ctx context.Context, f *latchkey.File) (*FileContent, error) {
	for {
		c, mine, err := l.claim(ctx, f)
		if err != nil {
			return nil, err
		}
		if mine {
			l.fetch(ctx, c)
		}
		select {
		case <-c.ready:
		case <-ctx.Done():
			return nil, latchkey.Fail(latchkey.CodeCanceled).Because(ctx.Err())
		}
		content, err := l.use(ctx, c)
		if errors.Is(err, blob.ErrNotFound) { // made room for another one
			continue
		}
		if err != nil {
			return nil, err
		}
		return &FileContent{ReadSeekCloser: content, Name: f.Name, Size: c.Size, SHA256: sumText(&c.Stored)}, nil
	}
}

// use opens a copy. Under the lock, nobody deletes it meanwhile.
func (l *linkCopies) use(ctx context.Context, c *linkCopy) (io.ReadSeekCloser, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	return openBlob(ctx, l.files, c.ID)
}

// claim returns the copy of a link, and whether the caller is to fetch it.
func (l *linkCopies) claim(ctx context.Context, f *latchkey.File) (c *linkCopy, mine bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(ctx)
	if c, ok := l.copies[f.ID]; ok {
		if c.link == f.Link {
			return c, false, nil
		}
		if c.done {
			l.drop(ctx, f.ID)
		}
	}
	if len(l.copies) >= maxCopies && !l.makeRoom(ctx) {
		return nil, false, busy()
	}
	c = &linkCopy{link: f.Link, ready: make(chan struct{})}
	l.copies[f.ID] = c
	return c, true, nil
}

// busy asks a caller to try again in a moment.
func busy() error {
	err := latchkey.Fail(latchkey.CodeBusy)
	err.RetryAfter = time.Second
	return err
}

// forget drops the copies that are not good any more.
func (l *linkCopies) forget(ctx context.Context) {
	now := l.now()
	for id, c := range l.copies {
		good := linkMemory
		if c.err != nil {
			good = linkFailure
		}
		if age := now.Sub(c.at); c.done && (age >= good || age < 0) {
			l.drop(ctx, id)
		}
	}
}

// makeRoom drops the oldest copy, if one is ready.
func (l *linkCopies) makeRoom(ctx context.Context) bool {
	oldest := ""
	for id, c := range l.copies {
		if c.done && (oldest == "" || c.at.Before(l.copies[oldest].at)) {
			oldest = id
		}
	}
	if oldest != "" {
		l.drop(ctx, oldest)
	}
	return oldest != ""
}

func (l *linkCopies) drop(ctx context.Context, id string) {
	c := l.copies[id]
	delete(l.copies, id)
	if c.err == nil {
		if err := l.files.Delete(ctx, c.ID); err != nil {
			l.log.WarnContext(ctx, "copy of a linked file stays until the next sweep", "error", err)
		}
	}
}

// fetch follows a link, for all who wait; also if the one who came first leaves.
func (l *linkCopies) fetch(ctx context.Context, c *linkCopy) {
	ctx = context.WithoutCancel(ctx)
	var stored blob.Stored
	err := l.egress.Fetch(ctx, egress.Request{Method: http.MethodGet, URL: c.link.Reveal()}, func(a *egress.Answer, body io.Reader) (err error) {
		if a.Status != http.StatusOK {
			return latchkey.FailWith(latchkey.CodeFileUnavailable, fmt.Sprintf("The address of the link answers with status %d.", a.Status))
		}
		stored, err = l.files.Put(ctx, body, l.limit)
		return err
	})
	switch e, refused := errors.AsType[*egress.Error](err); {
	case refused && e.Code == egress.CodeBusy:
		err = busy()
	case refused:
		err = latchkey.FailWith(latchkey.CodeFileUnavailable, e.Message).Because(e)
	case latchkey.CodeOf(err) == latchkey.CodeTooLarge:
		err = latchkey.FailWith(latchkey.CodeFileUnavailable, fmt.Sprintf("The address of the link gives more than %d bytes.", l.limit))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c.Stored, c.err, c.at, c.done = stored, err, l.now(), true
	close(c.ready)
}
