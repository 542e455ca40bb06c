package web

import (
	"context"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Exchange is what is known of one request and its answer while it runs: the
// access line is written from it. Only the goroutine that serves the request
// may touch it.
type Exchange struct {
	RequestID string
	IP        string        // of the client, as [ClientIP] finds it
	Route     string        // pattern of the route; "" leaves it to the mux
	Call      string        // what a route of many calls was asked for; "" for others
	Code      latchkey.Code // of a refusal
	Actor     string        // id of the account or API key
	App       string        // id of the app
	Cause     error         // of an answer 5xx, for the log
	// Refuser, if set, answers in place of a handler that panicked: a surface
	// whose every answer has a form of its own.
	Refuser Refuser
}

// Refuser answers a request with an error.
type Refuser interface {
	Refuse(w http.ResponseWriter, err error)
}

type exchangeKey struct{}

// serving is all that [Wrap] keeps of a request, in one piece, and the context
// in which the request is served.
type serving struct {
	context.Context
	began    time.Time
	exchange Exchange
	origin   service.Origin
	answer   recorder
}

// Value finds the exchange and the origin.
func (s *serving) Value(key any) any {
	switch key {
	case exchangeKey{}:
		return &s.exchange
	case service.OriginKey{}:
		return &s.origin
	}
	return s.Context.Value(key)
}

// ExchangeFrom returns the exchange of a request that [Wrap] serves, and an
// empty one elsewhere.
func ExchangeFrom(ctx context.Context) *Exchange {
	if ex, ok := ctx.Value(exchangeKey{}).(*Exchange); ok {
		return ex
	}
	return &Exchange{}
}

// WithActor returns a context in which the service knows who calls, and notes
// the actor for the access line.
func WithActor(ctx context.Context, a service.Actor) context.Context {
	ExchangeFrom(ctx).Actor = a.ID
	return service.WithActor(ctx, a)
}
