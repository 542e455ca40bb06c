package latchkey

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
)

const (
	typeJSON    = "application/json"
	typeContent = "application/octet-stream"
)

// answer is one that has proven itself.
type answer struct {
	asked  asked
	proof  proof
	status int
	kind   string // its content type
	body   []byte
}

// call makes a call, again with the very same request where no answer came, and
// reads the result into out.
func (c *Client) call(ctx context.Context, path string, in, out any) (*answer, error) {
	return c.callFor(ctx, path, in, func(a *answer) error {
		if err := a.expect(typeJSON); err != nil {
			return err
		}
		return decode(a.body, out)
	})
}

func (c *Client) callFor(ctx context.Context, path string, in any, read func(*answer) error) (*answer, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("latchkey: write request: %w", err)
	}
	if len(body) > client.MaxRequest {
		return nil, fmt.Errorf("latchkey: the request has %d bytes, at most %d", len(body), client.MaxRequest)
	}
	nonce, err := c.newNonce()
	if err != nil {
		return nil, err
	}
	learned := false
	for attempt := 0; ; attempt++ {
		a, err := c.exchange(ctx, path, nonce, body)
		if errors.Is(err, errUnknownKey) && !learned {
			if learned = true; c.learnKeys(ctx) {
				a, err = c.exchange(ctx, path, nonce, body)
			}
		}
		if err == nil {
			err = a.result(read)
		}
		pause, helps := again(err, attempt)
		if !helps || attempt >= c.retries || ctx.Err() != nil {
			return a, err
		}
		if waited := c.env.wait(ctx, pause); waited != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, waited)
		}
	}
}

func (c *Client) newNonce() (string, error) {
	var nonce [nonceSize]byte
	if _, err := io.ReadFull(c.env.rand, nonce[:]); err != nil {
		return "", fmt.Errorf("latchkey: read randomness: %w", err)
	}
	return hex.EncodeToString(nonce[:]), nil
}

// longestPause bounds what a call waits by itself; longer waits are for the
// program to decide.
const longestPause = 3 * time.Second

// again reports whether sending the same request again can help, and after what
// pause.
func again(err error, attempt int) (pause time.Duration, helps bool) {
	pause = 200 * time.Millisecond << min(attempt, 4)
	switch CodeOf(err) {
	case CodeBusy, CodeUnavailable, CodeRepeatRunning:
		e, _ := errors.AsType[*Error](err)
		pause = max(pause, e.RetryAfter)
		return pause, pause <= longestPause
	}
	return min(pause, longestPause), errors.Is(err, ErrUnavailable)
}

// result reads a proven answer: what was asked for, or the refusal.
func (a *answer) result(read func(*answer) error) error {
	if a.status == http.StatusOK {
		return read(a)
	}
	if err := a.expect(typeJSON); err != nil {
		return err
	}
	var refused client.Refusal
	if err := decode(a.body, &refused); err != nil {
		return err
	}
	if refused.Error.Code == "" {
		return fmt.Errorf("%w: a refusal without a code", ErrUnverified)
	}
	return refusal(a.status, refused.Error)
}

// expect refuses an answer of another content type than the protocol has here.
func (a *answer) expect(kind string) error {
	if a.kind != kind {
		return fmt.Errorf("%w: its content type is not %s", ErrUnverified, kind)
	}
	return nil
}

// decode reads one JSON value.
func decode(body []byte, out any) error {
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%w: it is not the JSON that it should be", ErrUnverified)
	}
	return nil
}

// exchange sends a request once and proves the answer.
func (c *Client) exchange(ctx context.Context, path, nonce string, body []byte) (*answer, error) {
	trusted := c.trust()
	got, err := c.send(ctx, path, nonce, body, trusted)
	if err != nil {
		return nil, err
	}
	a := &answer{asked: asked{app: c.appID, method: http.MethodPost, target: client.Prefix + path, nonce: nonce, body: sha256.Sum256(body)},
		status: got.status, body: got.body}
	if a.proof, err = readProof(got.header); err != nil {
		if got.status >= http.StatusInternalServerError && len(got.header.Values(headerSignature)) == 0 {
			return nil, fmt.Errorf("%w: HTTP status %d from what stands before it", ErrUnavailable, got.status)
		}
		return nil, err
	}
	if got.status != http.StatusOK && (got.status < 400 || got.status > 599) {
		return nil, errStatus(got.status)
	}
	if err := verify(trusted, &a.asked, a.proof, a.status, a.body); err != nil {
		return nil, err
	}
	if a.kind, err = contentType(got.header); err != nil {
		return nil, err
	}
	c.clock.note(a.proof.ms)
	return a, nil
}

// exchangeUnproven sends a request once and returns what came, whoever sent it.
func (c *Client) exchangeUnproven(ctx context.Context, path string, body []byte) ([]byte, error) {
	nonce, err := c.newNonce()
	if err != nil {
		return nil, err
	}
	got, err := c.send(ctx, path, nonce, body, c.trust())
	if err != nil {
		return nil, err
	}
	if got.status != http.StatusOK {
		return nil, errStatus(got.status)
	}
	return got.body, nil
}

type received struct {
	status int
	header http.Header
	body   []byte
}

func (c *Client) send(ctx context.Context, path, nonce string, body []byte, trusted []ed25519.PublicKey) (*received, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+client.Prefix+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("latchkey: make request: %w", err)
	}
	for name, value := range map[string]string{"Content-Type": typeJSON, "Accept-Encoding": "identity", "User-Agent": "latchkey-go/1",
		headerApp: c.appID, headerNonce: nonce, headerKeys: trustedIDs(trusted)} {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer func() { _ = resp.Body.Close() }() // it has been read, or is of no use
	got := &received{status: resp.StatusCode, header: resp.Header}
	got.body, err = io.ReadAll(io.LimitReader(resp.Body, client.MaxAnswer+1))
	// A server that sees the connection close may end its answer in the same
	// moment, so that one cut short looks whole.
	if err = cmp.Or(err, ctx.Err()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if len(got.body) > client.MaxAnswer {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrUnverified, client.MaxAnswer)
	}
	return got, nil
}

// contentType returns the answer's media type: one, unencoded, in UTF-8 if it
// is text.
func contentType(h http.Header) (string, error) {
	if e := h.Values("Content-Encoding"); len(e) > 0 && !(len(e) == 1 && strings.EqualFold(e[0], "identity")) {
		return "", fmt.Errorf("%w: it is encoded", ErrUnverified)
	}
	values := h.Values("Content-Type")
	if len(values) != 1 {
		return "", fmt.Errorf("%w: header Content-Type stands there %d times", ErrUnverified, len(values))
	}
	kind, params, err := mime.ParseMediaType(values[0])
	charset, named := params["charset"]
	if err != nil || len(params) > 1 || len(params) == 1 && !named || named && !strings.EqualFold(charset, "utf-8") {
		return "", fmt.Errorf("%w: its content type cannot be read", ErrUnverified)
	}
	return kind, nil
}
