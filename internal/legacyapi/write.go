package legacyapi

import (
	"errors"
	"io"
	"net/http"

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

// write completes a reply as its version wants it, signs it where the app is
// known, and sends it: the signed bytes are the bytes sent.
func (a *api) write(w http.ResponseWriter, r *http.Request, v version, c *call, rep reply) {
	body, err := a.body(v, c, rep)
	if err != nil { // of a success only: a refusal needs no randomness
		a.fail(w, r, v, c, err)
		return
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/json; charset=utf-8"}
	h["Cache-Control"] = []string{"no-store"}
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

// body encodes a reply; server.internal if there is no randomness for a nonce.
func (a *api) body(v version, c *call, rep reply) ([]byte, error) {
	if rep.bare != "" {
		return []byte(rep.bare), nil
	}
	var random [16]byte
	if rep.answer.Success {
		if _, err := io.ReadFull(a.opts.Rand, random[:]); err != nil {
			return nil, latchkey.Fail(latchkey.CodeInternal).Because(err)
		}
	}
	v.complete(&rep.answer, c, random)
	return encode(rep.answer), nil
}
