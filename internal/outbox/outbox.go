// Package outbox sends what use cases have promised to others: it works off the
// deliveries that are stored with their causes, each by the handler of its kind.
//
// It owns how many attempts are made at once, and how it wakes and stops. When
// an attempt is due, and what becomes of it, is the service's. It knows neither
// SQL nor what a delivery is about; handlers do.
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Handler makes one attempt at a delivery. It may be given the same delivery
// again, after a crash also if it has made it.
type Handler func(context.Context, *latchkey.Delivery) latchkey.DeliveryResult

// Config is what a worker stands on. All fields but Observe are needed.
type Config struct {
	Service  *service.Service
	Handlers map[latchkey.DeliveryKind]Handler
	Now      func() time.Time
	Log      *slog.Logger
	// Observe, if set, is told of each attempt.
	Observe func(latchkey.DeliveryKind, latchkey.DeliveryOutcome)
}

const (
	// atOnce is how many queues are worked at, atOnceFailing how many of them
	// may be those whose place took nothing last time.
	atOnce        = 64
	atOnceFailing = 16
	// attemptTimeout is less than the lease of a queue.
	attemptTimeout = 40 * time.Second
	// longestSleep bounds how late work is found that a server left which died
	// before its own time came.
	longestSleep = time.Minute
	// afterError is the pause when the database cannot be asked.
	afterError = 5 * time.Second
	// grace is for how long attempts may go on when the server stops.
	grace = 5 * time.Second
)

// worker is what one Run keeps.
type worker struct{ Config }

// Run works until ctx ends, and then until the attempts that have begun are
// over, or broken off after a few seconds. What is not done by then is done by
// the next Run.
func Run(ctx context.Context, c Config) {
	w := &worker{c}
	crew := crew{what: "deliveries", now: c.Now, log: c.Log, woken: c.Service.DeliveriesWoken(), claim: w.claim}
	crew.run(ctx)
}

// claim takes queues that are due.
func (w *worker) claim(ctx context.Context, free, failing int) (jobs []job, next time.Time, err error) {
	claims, next, err := w.Service.ClaimDeliveries(ctx, free, failing)
	for _, claim := range claims {
		jobs = append(jobs, job{claim.Failing(), func(ctx, attempts context.Context) { w.workOff(ctx, attempts, claim) }})
	}
	return jobs, next, err
}

// workOff makes the deliveries of a queue one after the other.
func (w *worker) workOff(ctx, attempts context.Context, claim *service.DeliveryClaim) {
	// Its own writes are finished also when the server stops.
	store := context.WithoutCancel(ctx)
	var last latchkey.DeliveryResult
	for {
		d, err := w.Service.NextDelivery(store, claim, last)
		if err != nil {
			w.Log.WarnContext(store, "delivery not stored", "error", err)
			return // the lease ends by itself
		}
		if d == nil {
			return
		}
		if ctx.Err() != nil {
			last = latchkey.DeliveryResult{Outcome: latchkey.DeliveryInterrupted}
			continue
		}
		last = w.attempt(attempts, d)
		if w.Observe != nil {
			w.Observe(d.Kind, last.Outcome)
		}
	}
}

// attempt has a handler make a delivery.
func (w *worker) attempt(ctx context.Context, d *latchkey.Delivery) (result latchkey.DeliveryResult) {
	bounded, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			w.Log.ErrorContext(ctx, "delivery panicked", "app", d.AppID, "delivery", d.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			result = latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "internal"}
		}
	}()
	handler, known := w.Handlers[d.Kind]
	if !known { // of a newer version on the same database, perhaps
		return latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "unknown kind"}
	}
	result = handler(bounded, d)
	switch {
	case ctx.Err() != nil && result.Outcome != latchkey.DeliveryMade:
		return latchkey.DeliveryResult{Outcome: latchkey.DeliveryInterrupted}
	case result.Outcome == latchkey.DeliveryRefused || result.Outcome == latchkey.DeliveryUnreachable && d.Attempts == 1:
		w.Log.WarnContext(ctx, "delivery failed", "app", d.AppID, "delivery", d.ID, "kind", string(d.Kind), "error", latchkey.DeliveryError(result.Error))
	}
	return result
}
