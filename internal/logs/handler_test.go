package logs_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-dev/latchkey/internal/logs"
)

// sink counts what reaches the operating system.
type sink struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
	err    error
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	s.text.Write(p)
	return len(p), s.err
}

func (s *sink) got() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestLinesWaitForEachOtherATenthOfASecond(t *testing.T) {
	after := func(d time.Duration) { <-time.After(d); synctest.Wait() } // of the bubble
	synctest.Test(t, func(t *testing.T) {
		var out sink
		h := logs.NewHandler(&out)
		for range 2 { // the second time as the first
			out.text.Reset()
			h.Line([]byte("one\n"))
			after(60 * time.Millisecond)
			h.Line([]byte("two\n"))
			if out.got() != "" {
				t.Errorf("too early: %q", out.got())
			}
			after(41 * time.Millisecond)
			if out.got() != "one\ntwo\n" {
				t.Errorf("got %q", out.got())
			}
		}
		if out.writes != 2 {
			t.Errorf("%d writes", out.writes)
		}
	})
}

func TestARecordIsWrittenAtOnceAndInItsOrder(t *testing.T) {
	var out sink
	h := logs.NewHandler(&out)
	h.Line([]byte("one\n"))
	slog.New(h).With("a", 1).Error("two")
	lines := strings.SplitAfter(out.got(), "\n")
	if len(lines) != 3 || lines[0] != "one\n" || !strings.Contains(lines[1], `"level":"ERROR","msg":"two","a":1}`) || out.writes != 1 {
		t.Errorf("%d writes: %q", out.writes, lines)
	}
}

func TestManyLinesDoNotWait(t *testing.T) {
	var out sink
	h := logs.NewHandler(&out)
	line := []byte(strings.Repeat("x", 1023) + "\n")
	for range 32 {
		h.Line(line)
	}
	if len(out.got()) != 32<<10 || out.writes != 1 {
		t.Errorf("%d bytes in %d writes", len(out.got()), out.writes)
	}
}

func TestFlush(t *testing.T) {
	full := errors.New("no space left on device")
	out := sink{err: full}
	h := logs.NewHandler(&out)
	h.Line([]byte("one\n"))
	if err := h.Flush(); !errors.Is(err, full) {
		t.Errorf("a full disk: %v", err)
	}
	out.err = nil
	if err := h.Flush(); err != nil || out.got() != "one\n" {
		t.Errorf("nothing waits: %v, %q", err, out.got())
	}
}

func BenchmarkLine(b *testing.B) {
	h := logs.NewHandler(new(discard))
	line := []byte(strings.Repeat("x", 299) + "\n")
	b.ReportAllocs()
	for b.Loop() {
		h.Line(line)
	}
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }
