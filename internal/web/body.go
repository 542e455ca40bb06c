package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// MaxBody bounds the body of a request, in bytes, where a route says nothing else.
const MaxBody = 64 << 10

// ReadBody reads a whole body of at most limit bytes. Compressed bodies are
// refused: a small one could grow without bound.
// Errors: request.media_type, request.too_large, request.malformed.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	return AppendBody(nil, w, r, limit)
}

// AppendBody is [ReadBody] into memory that the caller has. With an error it
// returns that memory as it was.
func AppendBody(b []byte, w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if len(r.Header["Content-Encoding"]) > 0 {
		return b, latchkey.Fail(latchkey.CodeMediaType)
	}
	body, err := readAll(b, w, r, limit)
	if err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return b, latchkey.Fail(latchkey.CodeTooLarge)
		}
		return b, latchkey.Fail(latchkey.CodeMalformed).Because(err)
	}
	return body, nil
}

// readAll reads a body whose length is known into just as much memory: the
// server gives no more of it than was announced.
func readAll(b []byte, w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength <= 0 || r.ContentLength > limit {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		return append(b, body...), err
	}
	body := slices.Grow(b, int(r.ContentLength))
	body = body[:len(b)+int(r.ContentLength)]
	n, err := io.ReadFull(r.Body, body[len(b):])
	return body[:len(b)+n], err
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
