package web

import (
	"net/http"
	"strconv"
	"strings"
)

// Compressing is an answer that is compressed if its client wants that, and if
// there is enough of it. Close ends the answer; an answer that is broken off
// must not be closed, so that it cannot be taken for a whole one.
type Compressing struct {
	http.ResponseWriter
	pool    *Compressor
	coding  Coding
	status  int
	begun   []byte // of the body, until it is decided
	decided bool
	enc     encoder // nil: the body goes out as it is
}

// Compress returns an answer to r that goes out over w. It says that the
// answer varies with Accept-Encoding, whatever becomes of it.
//
// It is not for answers that are signed byte for byte, nor for those in which
// a secret stands beside text of an attacker who can have them made: from their
// sizes the secret could be guessed.
func (p *Compressor) Compress(w http.ResponseWriter, r *http.Request) *Compressing {
	w.Header().Add("Vary", "Accept-Encoding")
	return &Compressing{ResponseWriter: w, pool: p, coding: AcceptedCoding(r.Header)}
}

// WriteHeader notes the status; it goes out with the first bytes.
func (w *Compressing) WriteHeader(status int) {
	if status < 200 {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.status == 0 {
		w.status = status
	}
}

// Write adds to the body.
func (w *Compressing) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if !w.decided {
		w.begun = append(w.begun, p...)
		if len(w.begun) < minCompressed {
			return len(p), nil
		}
		return len(p), w.decide(true)
	}
	return w.send(p)
}

func (w *Compressing) send(p []byte) (int, error) {
	if w.enc != nil {
		return w.enc.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// decide sends the header and what there is of the body. large says that the
// body is worth it, or that nobody knows how long it will be.
func (w *Compressing) decide(large bool) error {
	w.decided = true
	h := w.Header()
	if large && w.coding != Identity && w.compressible() {
		var err error
		if w.enc, err = w.pool.encoder(w.coding, w.ResponseWriter); err != nil {
			return err
		}
		h.Set("Content-Encoding", string(w.coding))
		h.Del("Content-Length")
		if etag := h.Get("ETag"); etag != "" {
			h.Set("ETag", codedTag(etag, w.coding))
		}
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
	body := w.begun
	w.begun = nil
	if len(body) == 0 {
		return nil
	}
	_, err := w.send(body)
	return err
}

func (w *Compressing) compressible() bool {
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified || w.status == http.StatusPartialContent {
		return false
	}
	h := w.Header()
	media, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	// Events are small, and to be sent as they happen.
	return h.Get("Content-Encoding") == "" && media != "text/event-stream" &&
		(strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "json"))
}

// FlushError sends what has been written so far, for [http.ResponseController].
func (w *Compressing) FlushError() error {
	if !w.decided {
		if err := w.decide(true); err != nil {
			return err
		}
	}
	if w.enc != nil {
		if err := w.enc.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *Compressing) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Close ends the answer.
func (w *Compressing) Close() error {
	if !w.decided {
		if len(w.begun) > 0 {
			w.Header().Set("Content-Length", strconv.Itoa(len(w.begun)))
		}
		if err := w.decide(false); err != nil {
			return err
		}
	}
	if w.enc == nil {
		return nil
	}
	err := w.enc.Close()
	w.enc.Reset(nil) // it must not hold the connection
	w.pool.pool(w.coding).Put(w.enc)
	w.enc = nil
	return err
}
