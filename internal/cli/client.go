package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

const (
	// callTimeout is above the server's own, which is then the one to answer.
	callTimeout = 90 * time.Second
	// maxProblem bounds the body of a refusal, in bytes.
	maxProblem = 1 << 20
)

// client calls the management API.
type client struct {
	base string // ends in /api/v1
	key  string
	http *http.Client
}

func newClient(base, key string) (*client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, usageError("The URL of the server is http:// or https:// and a host, such as http://127.0.0.1:8080")
	}
	return &client{base: strings.TrimRight(base, "/") + "/api/v1", key: key, http: &http.Client{
		Transport: transport(u.Hostname()),
		// The key goes to the server that was named, and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// transport reaches a host. On this machine bytes are cheaper than to compress
// them.
func transport(host string) http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if addr, err := netip.ParseAddr(host); !ok || host != "localhost" && (err != nil || !addr.IsLoopback()) {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.DisableCompression = true
	return t
}

// apiError is a refusal of the server.
type apiError struct {
	status  int
	problem api.Problem
	wait    time.Duration // before the call may succeed; 0: the server says nothing
}

func (e *apiError) Error() string {
	text := fmt.Sprintf("%s (%s)", e.problem.Detail, e.problem.Code)
	for _, f := range e.problem.Errors {
		if f.Message != e.problem.Detail {
			text += fmt.Sprintf(" %s: %s", f.Field, f.Message)
		}
	}
	return plain(text)
}

// route fills a path's elements into a pattern such as /apps/%s/licenses.
func route(pattern string, elements ...string) string {
	args := make([]any, len(elements))
	for i, e := range elements {
		args[i] = url.PathEscape(e)
	}
	return fmt.Sprintf(pattern, args...)
}

// request is a call before it is made.
type request struct {
	method, path string
	header       http.Header // beside those that every call has
	in           any         // the body; nil: none
	file         io.Reader   // instead of in: a body that is sent as it is, and closed if it can be
	size         int64       // of file, in bytes; 0: unknown
}

func (c *client) get(ctx context.Context, path string, query url.Values, out any) error {
	return c.call(ctx, request{method: http.MethodGet, path: withQuery(path, query)}, out)
}

func (c *client) post(ctx context.Context, path string, in, out any) error {
	return c.call(ctx, request{method: http.MethodPost, path: path, in: in}, out)
}

func (c *client) patch(ctx context.Context, path string, in, out any) error {
	return c.call(ctx, request{method: http.MethodPatch, path: path, in: in}, out)
}

func (c *client) delete(ctx context.Context, path string, query url.Values, out any) error {
	return c.call(ctx, request{method: http.MethodDelete, path: withQuery(path, query)}, out)
}

func withQuery(path string, query url.Values) string {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// call makes a call and decodes its answer; out may be nil.
func (c *client) call(ctx context.Context, q request, out any) (err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, err := c.open(ctx, q)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if out == nil {
		return nil
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return &lostError{err}
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// open makes a call and returns the body of its success. How long that may
// take is for ctx to say.
func (c *client) open(ctx context.Context, q request) (io.ReadCloser, error) {
	body := q.file
	if q.in != nil {
		content, err := json.Marshal(q.in)
		if err != nil {
			return nil, fmt.Errorf("write request: %w", err)
		}
		body = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, body)
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	if q.size > 0 {
		req.ContentLength = q.size
	}
	if q.header != nil {
		req.Header = q.header.Clone()
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if q.in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
			return nil, fmt.Errorf("reach the server: %w", err) // it has not been asked anything
		}
		return nil, &lostError{err}
	}
	if res.StatusCode/100 == 2 {
		return res.Body, nil
	}
	defer res.Body.Close()
	return nil, refusal(res)
}

func refusal(res *http.Response) error {
	e := &apiError{status: res.StatusCode}
	err := json.NewDecoder(io.LimitReader(res.Body, maxProblem)).Decode(&e.problem)
	if err != nil || e.problem.Code == "" {
		return fmt.Errorf("the server answered with status %d and not as Latchkey does; check --url", res.StatusCode)
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		e.wait = time.Duration(seconds) * time.Second
	}
	return e
}
