package web

import (
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
	Took   time.Duration
}

// Wrap returns a handler that serves next with a request id (answered in
// X-Request-Id), the client's address, both in the context as an [Exchange]
// and a [service.Origin], and that writes one access line per request. A panic
// in next becomes a 500 with the request id; its stack goes to the log only.
func Wrap(o Options, next http.Handler) http.Handler {
	var warning sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := o.Now()
		id, err := latchkey.NewID(latchkey.KindRequest, began, o.Rand)
		if err != nil {
			// Without randomness no session or key is safe either.
			panic(fmt.Sprintf("make request id: %v", err))
		}
		ex := &Exchange{RequestID: id, IP: ClientIP(r, o.TrustedProxies).String()}
		ctx := withExchange(r.Context(), ex)
		r = r.WithContext(service.WithOrigin(ctx, service.Origin{RequestID: id, IP: ex.IP}))

		if behindUnnamedProxy(r, o.TrustedProxies) {
			warning.Do(func() {
				o.Log.WarnContext(ctx, "a proxy that is not trusted passes requests on; all its clients count as one address", "proxy", ex.IP)
			})
		}
		rec := &recorder{ResponseWriter: w}
		securityHeaders(rec.Header(), o.HTTPS)
		rec.Header().Set("X-Request-Id", id)
		defer func() {
			abort := o.recovered(rec, r, ex, recover())
			a := answered(r, ex, rec)
			a.Took = o.Now().Sub(began)
			o.logAccess(r, ex, a)
			if o.Observe != nil {
				o.Observe(r, a)
			}
			if abort {
				// Part of an answer is out: only a broken connection tells the client.
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// recovered turns a panic into an answer, if one can still be given, and
// reports whether the connection has to be broken instead.
func (o Options) recovered(rec *recorder, r *http.Request, ex *Exchange, p any) (abort bool) {
	if p == nil {
		return false
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	o.Log.ErrorContext(r.Context(), "panic", "request_id", ex.RequestID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if rec.status != 0 {
		return true
	}
	WriteProblem(rec, r, latchkey.Fail(latchkey.CodeInternal))
	return false
}

func answered(r *http.Request, ex *Exchange, rec *recorder) Answered {
	a := Answered{Route: ex.Route, Call: ex.Call, Status: rec.status, Code: ex.Code}
	if a.Route == "" {
		a.Route = r.Pattern
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	return a
}

func (o Options) logAccess(r *http.Request, ex *Exchange, a Answered) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("method", knownMethod(r.Method)), slog.String("route", a.Route), slog.Int("status", a.Status),
		slog.String("code", string(ex.Code)), slog.Int64("ms", a.Took.Milliseconds()),
		slog.String("actor", ex.Actor), slog.String("app", ex.App), slog.String("request_id", ex.RequestID),
	}
	if a.Call != "" {
		attrs = append(attrs, slog.String("call", a.Call))
	}
	if ex.Cause != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", ex.Cause.Error()))
	}
	o.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// knownMethod keeps text of the client's own choosing out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "OTHER"
}
