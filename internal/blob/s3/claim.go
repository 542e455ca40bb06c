package s3

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/blob"
)

// ownerKey is where a prefix says whose it is. It is no key of a file.
const ownerKey = "latchkey-installation"

// ErrForeign says that the files below a prefix belong to another installation,
// whose files the sweep of this one would take for leftovers.
var ErrForeign = errors.New("they belong to another installation of Latchkey; give each a bucket or a prefix of its own")

// Claim makes sure that files can be stored, read, listed and deleted, and that
// the prefix belongs to this installation, as which it is marked if it has no
// mark. The error says what is wrong.
func (s *Store) Claim(ctx context.Context) error {
	marked, err := s.owned(ctx)
	if err != nil {
		return err
	}
	if !marked {
		if err := s.mark(ctx); err != nil {
			return s.explain("write to", err)
		}
		if err := s.Examine(ctx); err != nil { // of two that claim at once one is late
			return err
		}
	}
	const text = "latchkey"
	stored, err := s.Put(ctx, strings.NewReader(text), int64(len(text)))
	if err != nil {
		return s.explain("write to", err)
	}
	content, _, err := s.Open(ctx, stored.ID)
	if err == nil {
		var b []byte
		b, err = io.ReadAll(content)
		if err = errors.Join(err, content.Close()); err == nil && string(b) != text {
			err = errors.New("it gives back something else than was stored")
		}
	}
	return errors.Join(s.explain("read from", err), s.explain("delete from", s.Delete(ctx, stored.ID)))
}

// Examine makes sure, without changing anything, that the bucket answers, can be
// listed, and is marked as this installation's.
func (s *Store) Examine(ctx context.Context) error {
	marked, err := s.owned(ctx)
	if err == nil && !marked {
		err = fmt.Errorf("no server has stored files in the %s yet", s)
	}
	return err
}

func (s *Store) owned(ctx context.Context) (marked bool, err error) {
	if _, err := s.list(ctx, "", 1); err != nil {
		return false, s.explain("list", err)
	}
	a, err := s.call(ctx, request{method: http.MethodGet, key: s.cfg.Prefix + ownerKey})
	switch {
	case isStatus(err, http.StatusNotFound) && !isCode(err, noBucket):
		return false, nil
	case err != nil:
		return false, s.explain("read from", err)
	case strings.TrimSpace(string(a.body)) != s.cfg.Installation:
		return false, fmt.Errorf("the files in the %s: %w", s, ErrForeign)
	}
	return true, nil
}

func (s *Store) mark(ctx context.Context) error {
	text := s.cfg.Installation + "\n"
	_, err := s.call(ctx, request{method: http.MethodPut, key: s.cfg.Prefix + ownerKey, size: int64(len(text)), sum: sha256.Sum256([]byte(text)),
		// Services that do not know the condition store it anyway.
		header: map[string]string{"Content-Type": "text/plain", "If-None-Match": "*"},
		body:   func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }})
	if isStatus(err, http.StatusPreconditionFailed) {
		return nil
	}
	return err
}

// explain says what could not be done with the bucket, and what to look at.
func (s *Store) explain(verb string, err error) error {
	if err == nil {
		return nil
	}
	e, answered := errors.AsType[*Error](err)
	hint := "the service cannot be reached"
	switch {
	case !answered && errors.Is(err, blob.ErrNotFound):
		hint = "what was stored is not there"
	case !answered:
	case e.Code == noBucket:
		hint = "there is no such bucket; make it first"
	case e.Code == clock:
		hint = "the clocks of this machine and of the service differ too much"
	case e.Status == http.StatusMovedPermanently, e.Status == http.StatusTemporaryRedirect, e.Code == "AuthorizationHeaderMalformed":
		hint = "it is in another region, or at another endpoint"
	case e.Status == http.StatusForbidden, e.Status == http.StatusUnauthorized:
		hint = "the service refuses the access key, or what it may do; it has to get, put, delete and list objects"
	default:
		hint = "the service refuses"
	}
	return fmt.Errorf("cannot %s the %s: %s (%w)", verb, s, hint, err)
}
