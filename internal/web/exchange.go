package web

import (
	"context"

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
}

type exchangeKey struct{}

func withExchange(ctx context.Context, ex *Exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, ex)
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
