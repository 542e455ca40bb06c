package web

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// accessLog writes the line of each request. Lines of requests that went as
// they should are many, so they are made by hand and handed over finished,
// where the log's handler takes them so.
type accessLog struct {
	log    *slog.Logger
	lines  lineWriter // nil: everything is a record
	spaces sync.Pool  // of *[]byte, in which lines are made
}

// lineWriter is a handler of a log that also takes finished lines of JSON. It
// may write them a moment later.
type lineWriter interface{ Line([]byte) }

func newAccessLog(log *slog.Logger) *accessLog {
	l := &accessLog{log: log, spaces: sync.Pool{New: func() any { return new([]byte) }}}
	l.lines, _ = log.Handler().(lineWriter)
	return l
}

// access is what an access line is about.
type access struct {
	Answered
	r  *http.Request
	ex *Exchange
	at time.Time // of the answer's end
}

func (l *accessLog) write(a access) {
	if l.lines == nil || a.ex.Cause != nil || a.Status >= http.StatusInternalServerError {
		l.record(a)
		return
	}
	space := l.spaces.Get().(*[]byte)
	defer l.spaces.Put(space)
	*space = appendAccess((*space)[:0], a)
	l.lines.Line(*space)
}

// record writes the line as a record, which is never delayed.
func (l *accessLog) record(a access) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("method", knownMethod(a.r.Method)), slog.String("route", a.Route), slog.Int("status", a.Status),
		slog.String("code", string(a.Code)), slog.Int64("ms", a.Took.Milliseconds()),
		slog.String("actor", a.ex.Actor), slog.String("app", a.ex.App), slog.String("request_id", a.ex.RequestID),
	}
	if a.Call != "" {
		attrs = append(attrs, slog.String("call", a.Call))
	}
	if a.ex.Cause != nil {
		if a.Code != latchkey.CodeCanceled {
			level = slog.LevelError
		}
		attrs = append(attrs, slog.String("error", a.ex.Cause.Error()))
	}
	l.log.LogAttrs(a.r.Context(), level, "request", attrs...)
}

// appendAccess appends the line that record would write of a request without a
// cause.
func appendAccess(b []byte, a access) []byte {
	b = a.at.AppendFormat(append(b, `{"time":"`...), time.RFC3339Nano)
	b = appendLogged(append(b, `","level":"INFO","msg":"request","method":`...), knownMethod(a.r.Method))
	b = appendLogged(append(b, `,"route":`...), a.Route)
	b = strconv.AppendInt(append(b, `,"status":`...), int64(a.Status), 10)
	b = appendLogged(append(b, `,"code":`...), string(a.Code))
	b = strconv.AppendInt(append(b, `,"ms":`...), a.Took.Milliseconds(), 10)
	b = appendLogged(append(b, `,"actor":`...), a.ex.Actor)
	b = appendLogged(append(b, `,"app":`...), a.ex.App)
	b = appendLogged(append(b, `,"request_id":`...), a.ex.RequestID)
	if a.Call != "" {
		b = appendLogged(append(b, `,"call":`...), a.Call)
	}
	return append(b, "}\n"...)
}

// appendLogged appends a JSON string. Nearly all are the server's own words.
func appendLogged(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			quoted, err := json.Marshal(text)
			if err != nil {
				panic(err) // a text always encodes
			}
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

// knownMethod keeps text of the client's own choosing out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "OTHER"
}
