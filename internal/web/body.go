package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// MaxBody bounds the body of a request, in bytes, where a route says nothing else.
const MaxBody = 64 << 10

// ReadBody reads a whole body of at most limit bytes. Compressed bodies are
// refused: a small one could grow without bound.
// Errors: request.media_type, request.too_large, request.malformed.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if len(r.Header["Content-Encoding"]) > 0 {
		return nil, latchkey.Fail(latchkey.CodeMediaType)
	}
	body, err := readAll(w, r, limit)
	if err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return nil, latchkey.Fail(latchkey.CodeTooLarge)
		}
		return nil, latchkey.Fail(latchkey.CodeMalformed).Because(err)
	}
	return body, nil
}

// readAll reads a body whose length is known into just as much memory: the
// server gives no more of it than was announced.
func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength <= 0 || r.ContentLength > limit {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	}
	body := make([]byte, r.ContentLength)
	n, err := io.ReadFull(r.Body, body)
	return body[:n], err
}

// HasJSONType reports whether a request says that its body is JSON in UTF-8.
func HasJSONType(r *http.Request) bool {
	values := r.Header.Values("Content-Type")
	if len(values) != 1 {
		return false
	}
	if values[0] == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(values[0])
	if err != nil || media != "application/json" {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}
