package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/logs"
)

// anAccess is a line with everything that a line may have but a cause.
func anAccess() access {
	return access{
		Answered: Answered{Route: "/api/1.3/", Call: "check", Status: 200, Code: latchkey.CodeSessionNotFound, Took: 3 * time.Millisecond},
		r:        &http.Request{Method: "POST"},
		ex:       &Exchange{RequestID: "req_06fs4kkq8vxg7m1x2ndn0k3b1r", Actor: "acc_1", App: "app_1"},
		at:       time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC),
	}
}

// TestAccessLinesAreWhatTheLogWouldWrite compares the line made by hand with
// the record's.
func TestAccessLinesAreWhatTheLogWouldWrite(t *testing.T) {
	for name, change := range map[string]func(*access){
		"all of it":            func(*access) {},
		"another kind of call": func(a *access) { a.Call, a.r.Method = "", "BREW" },
		"odd characters":       func(a *access) { a.Route, a.ex.Actor = "/\"quoted\\\n\t\x01", "Łódź" },
		"a zone":               func(a *access) { a.at = a.at.In(time.FixedZone("", -5400)) },
	} {
		t.Run(name, func(t *testing.T) {
			a := anAccess()
			change(&a)
			var record bytes.Buffer
			at := func(_ []string, attr slog.Attr) slog.Attr {
				if attr.Key == slog.TimeKey {
					return slog.Time(slog.TimeKey, a.at)
				}
				return attr
			}
			newAccessLog(slog.New(slog.NewJSONHandler(&record, &slog.HandlerOptions{ReplaceAttr: at}))).write(withContext(a))
			if diff := cmp.Diff(record.String(), string(appendAccess(nil, a))); diff != "" {
				t.Errorf("line (-record +by hand):\n%s", diff)
			}
		})
	}
}

func withContext(a access) access {
	a.r = a.r.WithContext(context.Background())
	return a
}

func TestOnlyLinesWithoutFaultsWait(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*access)
		want   string // level of the line that is there at once; "": it waits
	}{
		"as it should be":    {func(*access) {}, ""},
		"refused":            {func(a *access) { a.Status = 403 }, ""},
		"broken off":         {func(a *access) { a.Status = 500 }, "INFO"},
		"the server's fault": {func(a *access) { a.Status, a.ex.Cause = 503, errors.New("no disk") }, "ERROR"},
		"the client hung up": {func(a *access) {
			a.Status, a.Code, a.ex.Cause = StatusCanceled, latchkey.CodeCanceled, context.Canceled
		}, "INFO"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			h := logs.NewHandler(&out)
			a := anAccess()
			test.change(&a)
			newAccessLog(slog.New(h)).write(withContext(a))
			if test.want == "" && out.Len() > 0 || !strings.Contains(out.String(), test.want) {
				t.Errorf("at once: %q", out.String())
			}
			if err := h.Flush(); err != nil || strings.Count(out.String(), "\n") != 1 {
				t.Errorf("in the end: %v, %q", err, out.String())
			}
		})
	}
}

// BenchmarkAccessLine makes a line by hand, and by the log's own means.
func BenchmarkAccessLine(b *testing.B) {
	a := withContext(anAccess())
	for name, h := range map[string]slog.Handler{"by hand": logs.NewHandler(io.Discard), "record": slog.NewJSONHandler(io.Discard, nil)} {
		l := newAccessLog(slog.New(h))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.write(a)
			}
		})
	}
}
