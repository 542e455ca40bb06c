package server

import (
	"context"
	"net/http"

	"github.com/latchkey-dev/latchkey/internal/tracing"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// traced begins a span for each request, where traces are wanted; endSpan ends
// it, which knows what became of the request.
func (c Config) traced(next http.Handler) http.Handler {
	if c.tracer == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(c.tracer.Begin(r.Context())))
	})
}

func (c Config) endSpan(r *http.Request, a web.Answered) {
	ex := web.ExchangeFrom(r.Context())
	c.tracer.End(r.Context(), tracing.Request{ID: ex.RequestID, Route: a.Route, Call: a.Call, Code: string(a.Code), App: ex.App, Status: a.Status})
}

// onTransaction traces transactions; nil where nobody asks.
func (c Config) onTransaction() func(ctx context.Context, kind string) (done func(error)) {
	if c.tracer == nil {
		return nil
	}
	return c.tracer.Transaction
}

// endTraces sends what has been gathered. A collector that is away is no reason
// to fail: the log says so.
func (c Config) endTraces() {
	if c.tracer == nil {
		return
	}
	if err := c.tracer.Close(); err != nil {
		c.Log.WarnContext(context.Background(), "traces lost", "error", err)
	}
}
