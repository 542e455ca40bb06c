package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Request is what is sent.
type Request struct {
	Method string // GET or POST
	URL    string
	Header http.Header // User-Agent is "Latchkey" unless set
	Body   []byte
}

// Answer is what came back. Header and body are not shown to whoever chose the
// URL, but where its owner wants that: they would let people read what URLs lead
// to. Status and duration may be.
type Answer struct {
	Status    int // also of a redirect, which is never followed
	Header    http.Header
	Body      []byte // at most 16 KiB, decompressed if it came as gzip
	Truncated bool   // there was more
	Duration  time.Duration
}

// Do makes one request: 5 seconds to connect, 15 for everything. The error is
// an [*Error]. The answer is there too if the status arrived before the failure.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	if _, err := c.parse(r.URL); err != nil {
		return nil, err
	}
	return c.do(ctx, r)
}

// do is Do without the check of the URL's text, on which no safety rests.
func (c *Client) do(ctx context.Context, r Request) (*Answer, error) {
	return c.exchange(ctx, r, c.total, func(a *Answer, body io.Reader) (err error) {
		a.Body, err = io.ReadAll(io.LimitReader(body, maxAnswer+1))
		a.Truncated = len(a.Body) > maxAnswer
		a.Body = a.Body[:min(len(a.Body), maxAnswer)]
		return err
	})
}

// Fetch gets what is behind a URL, which may be large: read is given the answer
// without its body, and the body, of which it takes as much as it wants. It has
// 45 seconds, and what it returns is returned; other errors are an [*Error].
// Nobody but read looks at the status.
func (c *Client) Fetch(ctx context.Context, r Request, read func(a *Answer, body io.Reader) error) error {
	if _, err := c.parse(r.URL); err != nil {
		return err
	}
	var own error
	_, err := c.exchange(ctx, r, c.fetch, func(a *Answer, body io.Reader) error {
		b := &broken{from: body}
		if err := read(a, b); b.err == nil {
			own = err
		}
		return b.err
	})
	return errors.Join(err, own) // one of them
}

// broken remembers that a body could not be read.
type broken struct {
	from io.Reader
	err  error
}

func (b *broken) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// exchange makes a request and has its answer read.
func (c *Client) exchange(parent context.Context, r Request, total time.Duration, read func(*Answer, io.Reader) error) (*Answer, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return nil, refuse(CodeRequest, "The method is neither GET nor POST.")
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	default:
		return nil, refuse(CodeBusy, "The server makes as many requests as it may; try again in a moment.")
	}
	ctx, cancel := context.WithTimeout(parent, total)
	defer cancel()
	var at progress
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, at.trace()), r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, refuse(CodeURLMalformed, "This is not a URL.")
	}
	if req.Header, err = header(r.Header); err != nil {
		return nil, err
	}
	start := c.now()
	// The transport itself, not an http.Client: nothing here can follow a
	// redirect or keep a cookie.
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, at.explain(parent, err)
	}
	defer resp.Body.Close()
	a := &Answer{Status: resp.StatusCode, Header: resp.Header}
	err = read(a, resp.Body)
	a.Duration = c.now().Sub(start)
	if err != nil {
		return a, at.explain(parent, err)
	}
	return a, nil
}

// header is a checked copy.
func header(given http.Header) (http.Header, error) {
	h := http.Header{"User-Agent": {"Latchkey"}}
	for name, values := range given {
		if !httpguts.ValidHeaderFieldName(name) || slices.ContainsFunc(values, func(v string) bool { return !httpguts.ValidHeaderFieldValue(v) }) {
			return nil, refuse(CodeRequest, "A header has a character that HTTP does not allow there.")
		}
		h[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	return h, nil
}

// progress is how far a request came, to say what went wrong.
type progress struct{ stage atomic.Int32 }

const (
	resolving = iota
	connecting
	handshaking
	waiting
)

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		ConnectStart:      func(string, string) { p.stage.Store(connecting) },
		TLSHandshakeStart: func() { p.stage.Store(handshaking) },
		GotConn:           func(httptrace.GotConnInfo) { p.stage.Store(waiting) },
	}
}

// explain turns what the transport says into what the owner is told.
func (p *progress) explain(parent context.Context, err error) *Error {
	code, message := p.blame(parent, err)
	if own, ok := errors.AsType[*Error](err); ok && code != CodeCanceled {
		return own
	}
	return &Error{Code: code, Message: message, err: fmt.Errorf("outbound request: %w", err)}
}

func (p *progress) blame(parent context.Context, err error) (Code, string) {
	if parent.Err() != nil {
		return CodeCanceled, "The request was given up before it was answered."
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return CodeDNS, "The URL's host name could not be resolved."
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return CodeTLS, "The receiver's certificate is not valid for the URL's host."
	}
	netErr, ok := errors.AsType[net.Error](err)
	late := errors.Is(err, context.DeadlineExceeded) || ok && netErr.Timeout()
	switch stage := p.stage.Load(); {
	case late && stage < waiting:
		return CodeConnectTimeout, "The receiver did not accept the connection in time."
	case late:
		return CodeAnswerTimeout, "The receiver did not answer in time."
	case stage == handshaking:
		return CodeTLS, "The receiver did not agree on a TLS connection."
	case stage < waiting:
		return CodeConnectFailed, "The receiver did not accept the connection."
	}
	return CodeAnswerBroken, "The receiver closed the connection, or its answer is not one of HTTP."
}
