package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Options is what [Wrap] stands on. All fields but TrustedProxies, HTTPS
// and Observe are needed.
type Options struct {
	Log            *slog.Logger
	Now            func() time.Time
	Rand           io.Reader      // a cryptographic source, safe for concurrent use
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	HTTPS          bool           // the public address is https: browsers are told to stay there

	// Observe, if set, is told of each request once it has been answered.
	Observe func(*http.Request, Answered)
}

// Answered is what became of a request. None of its texts is the client's own.
type Answered struct {
	Route  string // pattern of the route
	Call   string // see [Exchange]
	Status int
	Code   latchkey.Code // of a refusal
	App    string        // id of the app
	Took   time.Duration
}

// Wrap returns a handler that serves next with a request id (answered in
// X-Request-Id), the client's address, both in the context as an [Exchange]
// and a [service.Origin], and that writes one access line per request. A panic
// in next becomes a 500 with the request id; its stack goes to the log only.
func Wrap(o Options, next http.Handler) http.Handler {
	return &wrapper{Options: o, next: next, headers: securityHeaders(o.HTTPS), access: newAccessLog(o.Log)}
}

type wrapper struct {
	Options
	next    http.Handler
	headers []fixedHeader
	access  *accessLog
	warning sync.Once // of a proxy that nobody named
}

func (wr *wrapper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := wr.begin(w, r)
	r = r.WithContext(s)
	defer func() {
		abort := wr.recovered(s, r, recover())
		a := s.answered(r)
		ended := wr.Now()
		a.Took = ended.Sub(s.began)
		wr.access.write(access{r: r, ex: &s.exchange, Answered: a, at: ended})
		if wr.Observe != nil {
			wr.Observe(r, a)
		}
		if abort {
			// Part of an answer is out: only a broken connection tells the client.
			panic(http.ErrAbortHandler)
		}
	}()
	wr.next.ServeHTTP(&s.answer, r)
}

// begin gives a request its id and address and its answer the headers of every
// answer.
func (wr *wrapper) begin(w http.ResponseWriter, r *http.Request) *serving {
	s := &serving{Context: r.Context(), began: wr.Now(), answer: recorder{ResponseWriter: w}}
	id, err := latchkey.NewID(latchkey.KindRequest, s.began, wr.Rand)
	if err != nil {
		// Without randomness no session or key is safe either.
		panic(fmt.Sprintf("make request id: %v", err))
	}
	s.origin = service.Origin{RequestID: id, IP: ClientIP(r, wr.TrustedProxies).String()}
	s.exchange.RequestID, s.exchange.IP = id, s.origin.IP
	if behindUnnamedProxy(r, wr.TrustedProxies) {
		wr.warning.Do(func() {
			wr.Log.WarnContext(s, "a proxy that is not trusted passes requests on; all its clients count as one address", "proxy", s.origin.IP)
		})
	}
	h := w.Header()
	for _, header := range wr.headers {
		h[header.name] = header.value
	}
	h["X-Request-Id"] = []string{id}
	return s
}

// recovered turns a panic into an answer, if one can still be given, and
// reports whether the connection has to be broken instead.
func (wr *wrapper) recovered(s *serving, r *http.Request, p any) (abort bool) {
	if p == nil {
		return false
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	wr.Log.ErrorContext(s, "panic", "request_id", s.exchange.RequestID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if s.answer.status != 0 {
		return true
	}
	err := latchkey.Fail(latchkey.CodeInternal)
	if s.exchange.Refuser != nil {
		s.exchange.Refuser.Refuse(&s.answer, err)
	} else {
		WriteProblem(&s.answer, r, err)
	}
	return false
}

// answered is what became of the request. Whoever hung up got no answer, and
// that is no fault of the server.
func (s *serving) answered(r *http.Request) Answered {
	ex := &s.exchange
	a := Answered{Route: ex.Route, Call: ex.Call, Status: s.answer.status, Code: ex.Code, App: ex.App}
	if a.Route == "" {
		a.Route = r.Pattern
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if errors.Is(ex.Cause, context.Canceled) && errors.Is(s.Err(), context.Canceled) {
		a.Status, a.Code = StatusCanceled, latchkey.CodeCanceled
	}
	return a
}
