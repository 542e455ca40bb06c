package clientapi

import (
	"crypto/sha256"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// answer answers a call that did what it was asked.
func (c *call) answer(w http.ResponseWriter, done any) {
	if p, isPart := done.(*part); isPart {
		c.writePart(w, p)
		return
	}
	c.write(w, http.StatusOK, done)
}

// write sends an answer as JSON.
func (c *call) write(w http.ResponseWriter, status int, v any) {
	space := c.api.bodies.Get().(*[]byte)
	defer c.api.bodies.Put(space)
	body := appendBody((*space)[:0], v)
	*space = body[:0]
	if c.r.Method == http.MethodHead {
		body = nil // as it is sent
	}
	h := w.Header()
	h["Content-Type"] = c.api.headers.json
	if len(body) > unchunked {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	c.sign(h, status, sha256.Sum256(body))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone; there is nobody to tell
}

// writePart sends a part of a file. It is read twice, to be signed and to be
// sent, so that thousands who fetch files slowly take no memory.
func (c *call) writePart(w http.ResponseWriter, p *part) {
	defer func() { _ = p.content.Close() }() // it was only read
	sum := sha256.New()
	_, err := io.CopyN(sum, p.content, p.length)
	if err == nil {
		_, err = p.content.Seek(p.offset, io.SeekStart)
	}
	if err != nil {
		c.Refuse(w, latchkey.Fail(latchkey.CodeFileUnavailable).Because(err))
		return
	}
	h := w.Header()
	h["Content-Type"] = c.api.headers.content
	h["Content-Length"] = []string{strconv.FormatInt(p.length, 10)}
	c.sign(h, http.StatusOK, [sha256.Size]byte(sum.Sum(nil)))
	w.WriteHeader(http.StatusOK)
	// What breaks off here is shorter than announced, and nobody takes it.
	_, _ = io.CopyN(w, p.content, p.length)
}

// unchunked is the length up to which net/http counts an answer by itself, in
// bytes. Longer ones it would send in chunks.
const unchunked = 2048

// sign adds the headers of every answer: of those to requests that name an
// app, the signature of the exact body bytes over the request.
func (c *call) sign(h http.Header, status int, body [sha256.Size]byte) {
	h["Cache-Control"] = c.api.headers.noStore
	if c.app == nil {
		return
	}
	n := sign.NativeAnswer{AppID: c.app.ID, Method: strings.ToUpper(c.r.Method), Target: c.target(), Nonce: c.nonce,
		Time: c.api.opts.Now().UnixMilli(), Status: status, BodyHash: body}
	if c.read {
		n.RequestHash = c.hash[:]
	}
	values := [3]string{c.key.Sign(&n), c.key.ID, strconv.FormatInt(n.Time, 10)}
	h[sign.HeaderNativeSignature], h[sign.HeaderNativeKey], h[sign.HeaderNativeTime] = values[:1:1], values[1:2:2], values[2:]
}
