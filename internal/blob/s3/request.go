package s3

import (
	"context"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7/pkg/signer"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// emptySum is the SHA-256 of no body, in hex.
const emptySum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// maxAnswer is how much of an answer that is no file is read: 1000 keys are less.
const maxAnswer = 4 << 20

// Codes of errors that are told apart; the rest are told by their status.
const (
	noBucket = "NoSuchBucket"
	clock    = "RequestTimeTooSkewed"
)

// Error is an answer of the service that is no success.
type Error struct {
	Method  string
	Status  int
	Code    string // as the service has it; "" if it gave none
	Message string
}

// Error says what was asked and answered.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: status %d %s %s", e.Method, e.Status, e.Code, e.Message)
}

func isStatus(err error, status int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == status
}

func isCode(err error, code string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}

// request is what is asked of the bucket.
type request struct {
	method string
	key    string // "": the bucket itself
	query  url.Values
	header map[string]string
	body   func() (io.ReadCloser, error) // opened anew for each attempt; nil: none
	size   int64
	sum    [32]byte      // of the body
	within time.Duration // for an attempt; 0: [Timing.Attempt]
}

// answer is what the service said, without its body but for lists.
type answer struct {
	header http.Header
	size   int64
	body   []byte
}

// call makes a request, again if it fails for a reason that may pass, and reads
// the answer.
func (s *Store) call(ctx context.Context, r request) (a answer, err error) {
	err = s.repeat(ctx, func(int) error {
		within := r.within
		if within == 0 {
			within = s.cfg.Timing.Attempt
		}
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		res, err := s.send(ctx, r)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		a = answer{header: res.Header, size: res.ContentLength}
		a.body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
		return err
	})
	return a, err
}

// repeat calls try until it succeeds, fails for good, or has failed often enough.
func (s *Store) repeat(ctx context.Context, try func(attempt int) error) error {
	pause := s.cfg.Timing.Pause
	for attempt := 1; ; attempt++ {
		err := try(attempt)
		if err == nil || attempt == attempts || !passes(err) || ctx.Err() != nil {
			return err
		}
		if err := s.wait(ctx, pause); err != nil {
			return err
		}
		pause *= 4
	}
}

func (s *Store) wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// passes reports whether an error may be gone at the next attempt: what was
// answered is judged by its status, and what was not is the network's fault.
func passes(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		switch e.Status {
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	_, ours := errors.AsType[*latchkey.Error](err)
	return !ours
}

// send sends a signed request once. The caller closes the body of the answer.
func (s *Store) send(ctx context.Context, r request) (*http.Response, error) {
	u := *s.base
	u.Path += r.key
	u.RawQuery = r.query.Encode()
	var body io.ReadCloser
	sum := emptySum
	if r.body != nil {
		var err error
		if body, err = r.body(); err != nil {
			return nil, err
		}
		sum = hex.EncodeToString(r.sum[:])
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), nil)
	if err != nil {
		if body != nil {
			err = errors.Join(err, body.Close())
		}
		return nil, fmt.Errorf("build request: %w", err)
	}
	if body != nil && r.size > 0 {
		req.Body, req.ContentLength = body, r.size // which closes it
	} else if body != nil {
		if err := body.Close(); err != nil {
			return nil, err
		}
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	req.Header.Set("X-Amz-Content-Sha256", sum)
	req = signer.SignV4(*req, s.cfg.AccessKey, s.cfg.SecretKey.Reveal(), "", s.cfg.Region)
	res, err := s.client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the URL, which has the ids of files
		}
		return nil, fmt.Errorf("%s: %w", r.method, err)
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, readError(r.method, res)
}

// readError reads what the service says of a failure.
func readError(method string, res *http.Response) *Error {
	e := &Error{Method: method, Status: res.StatusCode}
	var said struct {
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
	}
	if text, err := io.ReadAll(io.LimitReader(res.Body, 16<<10)); err == nil && xml.Unmarshal(text, &said) == nil {
		e.Code, e.Message = printable(said.Code), printable(said.Message)
	}
	return e
}

// printable keeps a text of the service on one short line.
func printable(text string) string {
	text = strconv.QuoteToASCII(text)
	text = text[1 : len(text)-1]
	if len(text) > 200 {
		text = text[:200]
	}
	return text
}
