package legacyapi

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// fail answers a call that ended in an error.
func (a *api) fail(w http.ResponseWriter, r *http.Request, v version, c *call, err error) {
	rep := refused(c.app, err)
	ex := web.ExchangeFrom(r.Context())
	ex.Code = codeOf(err)
	if rep.status >= http.StatusInternalServerError {
		ex.Cause = err
	}
	a.write(w, r, v, c, rep)
}

// codeOf is the code for the access line: what the wire itself refuses is
// always about a parameter.
func codeOf(err error) latchkey.Code {
	if _, isRefusal := errors.AsType[refusal](err); isRefusal {
		return latchkey.CodeInvalid
	}
	return latchkey.CodeOf(err)
}

// maxKept bounds, in bytes, what is kept to read requests and write answers in:
// nearly all are short, and the one that holds a large variable is not to stay
// in memory.
const maxKept = 16 << 10

// write completes a reply as its version wants it, signs it where the app is
// known, and sends it: the signed bytes are the bytes sent.
func (a *api) write(w http.ResponseWriter, r *http.Request, v version, c *call, rep reply) {
	c.space.reply = rep
	body, err := a.appendBody(c.space.answer[:0], v, c, &c.space.reply)
	if err != nil { // of a success only: a refusal needs no randomness
		a.fail(w, r, v, c, err)
		return
	}
	if cap(body) <= maxKept {
		c.space.answer = body[:0]
	}
	h := w.Header()
	h["Content-Type"] = a.headers.json
	body = v.seal(h, c, body)
	h["Cache-Control"] = a.headers.noStore
	if len(body) > unchunked {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	if rep.retryAfter > 0 {
		h.Set("Retry-After", web.RetryAfter(rep.retryAfter))
	}
	if c.app != nil {
		web.ExchangeFrom(r.Context()).App = c.app.ID
		v.sign(h, c, a.opts.Now(), body)
	}
	if a.opts.KeepOpen != nil && len(body) > large {
		// If it cannot be kept open, it is cut off at the usual time.
		_ = a.opts.KeepOpen(http.NewResponseController(w), slowest(len(body)))
	}
	w.WriteHeader(rep.status)
	_, _ = w.Write(body) // the client may have gone; there is nobody to tell
}

// large is the length from which on an answer has time of its own to be taken,
// in bytes.
const large = 256 << 10

// slowest is how long a client may take for an answer: half a minute, and a
// second for each 64 KiB. Whoever takes it more slowly keeps others from theirs.
func slowest(length int) time.Duration {
	return 30*time.Second + time.Duration(length>>16)*time.Second
}

// putBack keeps memory for later calls.
func (a *api) putBack(s *space) {
	s.clear()
	a.spaces.Put(s)
}

// unchunked is the length up to which net/http counts an answer by itself, in
// bytes. Longer ones it would send in chunks.
const unchunked = 2048

// besideContents is more than an answer has beside the contents of a file, and
// 1.0 adds to encrypt it, in bytes.
const besideContents = 1024

// appendBody encodes a reply; server.internal if there is no randomness for a
// nonce, file.unavailable if the contents of a file cannot be read.
func (a *api) appendBody(b []byte, v version, c *call, rep *reply) ([]byte, error) {
	if rep.bare != "" {
		return append(b, rep.bare...), nil
	}
	var random [16]byte
	if rep.answer.Success {
		if _, err := io.ReadFull(a.opts.Rand, random[:]); err != nil {
			return nil, latchkey.Fail(latchkey.CodeInternal).Because(err)
		}
	}
	v.complete(&rep.answer, c, random)
	if rep.answer.Contents != nil {
		b = slices.Grow(b, int(2*rep.answer.Contents.size)+besideContents)
	}
	b = appendAnswer(b, &rep.answer)
	if rep.answer.Contents != nil && rep.answer.Contents.err != nil {
		return nil, rep.answer.Contents.err
	}
	return b, nil
}
