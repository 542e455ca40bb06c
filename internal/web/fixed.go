package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Fixed serves a body that changes only with the program, the same to
// everybody: it holds no secret. It is compressed once, as densely as possible,
// when somebody first asks for that. It has an ETag, and answers 304 to who has it.
func Fixed(contentType string, body []byte) http.Handler {
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:tagBytes])
	coded := map[Coding]func() []byte{Identity: func() []byte { return body }}
	if len(body) >= minCompressed {
		for _, c := range []Coding{Gzip, Zstd} {
			coded[c] = sync.OnceValue(func() []byte { return compressed(c, body) })
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		coding := Identity
		if len(coded) > 1 {
			h.Add("Vary", "Accept-Encoding")
			coding = AcceptedCoding(r.Header)
		}
		content := coded[coding]()
		if content == nil {
			coding, content = Identity, body
		}
		h.Set("ETag", codedTag(`"`+tag+`"`, coding))
		if had, given, err := ReadEntityTags(r.Header, "If-None-Match"); err == nil && given && had.Fresh(tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if coding != Identity {
			h.Set("Content-Encoding", string(coding))
		}
		h.Set("Content-Type", contentType)
		h.Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content) // a client that left is no error
	})
}

// tagBytes is long enough that two bodies never share a tag by chance.
const tagBytes = 10

// compressed returns body in a coding, nil if that is not smaller.
func compressed(c Coding, body []byte) []byte {
	var out bytes.Buffer
	e, err := newEncoder(c, gzip.BestCompression, zstd.SpeedBestCompression)
	if err != nil {
		return nil
	}
	e.Reset(&out)
	if _, err := e.Write(body); err != nil || e.Close() != nil || out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
}
