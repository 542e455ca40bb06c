// Package logs writes the server's log as lines of JSON. It owns when a line
// reaches the operating system; what is logged is decided elsewhere.
package logs

import (
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// linger is the longest that a line of [Handler.Line] waits for others.
	linger = 100 * time.Millisecond
	// enough is how much may wait, in bytes, before it is written at once.
	enough = 32 << 10
)

// Handler writes records and lines of JSON in the order in which they come.
// Records are written at once: warnings, errors and all that is rare. A line
// of [Handler.Line] may wait for up to 100 ms, so that a busy server does not
// ask the operating system for each of its requests. What waits is lost when
// the process is killed. A Handler is safe for concurrent use.
type Handler struct {
	slog.Handler
	out *writer
}

// NewHandler returns a handler that writes to w, one call of Write at a time.
func NewHandler(w io.Writer) *Handler {
	out := &writer{to: w}
	out.timer = time.AfterFunc(linger, out.flushLater)
	out.timer.Stop() // nothing waits yet
	return &Handler{Handler: slog.NewJSONHandler(out, nil), out: out}
}

// Line writes a line that the caller has made, with the line end. It keeps
// nothing of it.
func (h *Handler) Line(line []byte) { h.out.add(line) }

// Flush writes what waits. Its error is the operating system's.
func (h *Handler) Flush() error {
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	return h.out.flush()
}

// writer gathers lines.
type writer struct {
	mu      sync.Mutex
	to      io.Writer
	waiting []byte
	timer   *time.Timer // runs from the first line that waits
}

// Write writes a record and all that waits before it.
func (w *writer) Write(record []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = append(w.waiting, record...)
	return len(record), w.flush()
}

func (w *writer) add(line []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		w.timer.Reset(linger)
	}
	w.waiting = append(w.waiting, line...)
	if len(w.waiting) >= enough {
		_ = w.flush() // there is no other place to complain in
	}
}

func (w *writer) flushLater() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.flush() // as above
}

// flush needs the lock. What cannot be written is given up: a full disk must
// not become full memory.
func (w *writer) flush() error {
	if len(w.waiting) == 0 {
		return nil
	}
	_, err := w.to.Write(w.waiting)
	w.waiting = w.waiting[:0]
	return err
}
