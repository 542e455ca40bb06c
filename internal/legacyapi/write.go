package legacyapi

import (
	"errors"
	"io"
	"net/http"
	"strconv"

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

// maxKept bounds, in bytes, what is kept to write answers in: nearly all are
// short, and the one that holds a large variable is not to stay in memory.
const maxKept = 16 << 10

// write completes a reply as its version wants it, signs it where the app is
// known, and sends it: the signed bytes are the bytes sent.
func (a *api) write(w http.ResponseWriter, r *http.Request, v version, c *call, rep reply) {
	space := a.bodies.Get().(*[]byte)
	defer a.bodies.Put(space)
	body, err := a.appendBody((*space)[:0], v, c, &rep)
	if err != nil { // of a success only: a refusal needs no randomness
		a.fail(w, r, v, c, err)
		return
	}
	if cap(body) <= maxKept {
		*space = body[:0]
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
	w.WriteHeader(rep.status)
	_, _ = w.Write(body) // the client may have gone; there is nobody to tell
}

// unchunked is the length up to which net/http counts an answer by itself, in
// bytes. Longer ones it would send in chunks.
const unchunked = 2048

// appendBody encodes a reply; server.internal if there is no randomness for a
// nonce.
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
	return appendAnswer(b, &rep.answer), nil
}
