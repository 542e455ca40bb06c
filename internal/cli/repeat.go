package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// patience is for how long a call is repeated that the server is still serving.
const patience = 30 * time.Second

// lostError reports that a call may have been done though no answer came.
type lostError struct{ cause error }

func (e *lostError) Error() string { return fmt.Sprintf("reach the server: %v", e.cause) }
func (e *lostError) Unwrap() error { return e.cause }

// create posts what makes something, under a name of its own, so that it is
// made once even if it has to be asked for twice.
func (c *client) create(ctx context.Context, path string, in, out any) error {
	return c.callOnce(ctx, request{method: http.MethodPost, path: path, header: named(rand.Text()), in: in}, out)
}

// named is the header of a call that can be made again.
func named(key string) http.Header { return http.Header{"Idempotency-Key": {key}} }

// callOnce makes a named call, and again if its answer was lost.
func (c *client) callOnce(ctx context.Context, q request, out any) error {
	return once(ctx, func() error { return c.call(ctx, q, out) })
}

// once makes a named call and, if its answer was lost, makes it again; then it
// also waits while the server is still serving the first one.
func once(ctx context.Context, call func() error) error {
	err := call()
	if _, lost := errors.AsType[*lostError](err); !lost || ctx.Err() != nil {
		return err
	}
	for waited := time.Duration(0); ; {
		err = call()
		refused, ok := errors.AsType[*apiError](err)
		if !ok || refused.problem.Code != string(latchkey.CodeRepeatRunning) || waited+refused.wait > patience {
			return err
		}
		waited += max(refused.wait, time.Second)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(refused.wait):
		}
	}
}
