package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// bulkFlags are those of every bulk action.
type bulkFlags struct {
	DryRun bool   `help:"Change nothing, and say what would be changed."`
	Repeat string `name:"idempotency-key" help:"A name for this call: made again with it, the call goes on where it was cut off and changes nothing twice. A random one if not given." placeholder:"KEY"`
}

// bulkCall is a bulk action before it is called.
type bulkCall struct {
	path   string
	in     any
	dryRun bool
	what   string // is done, for the bar
}

// send makes the call and decodes its outcome; if it may take long, it shows how
// far it is.
func (b *bulkFlags) send(ctx context.Context, c *call, in bulkCall, long bool, out any) error {
	if b.Repeat == "" {
		b.Repeat = rand.Text()
	}
	q := request{method: http.MethodPost, path: in.path, header: http.Header{"Idempotency-Key": {b.Repeat}}, in: in.in}
	if !long {
		return c.call(ctx, q, out)
	}
	err := c.streamOutcome(ctx, q, in.what, out)
	var refused *apiError
	if err != nil && !in.dryRun && !(errors.As(err, &refused) && refused.status < 500) {
		err = fmt.Errorf("%w; the same command with --idempotency-key %s goes on with it", err, b.Repeat)
	}
	return err
}

// streamOutcome reads the outcome of a bulk action from a stream.
func (c *call) streamOutcome(ctx context.Context, q request, what string, out any) (err error) {
	lines, err := c.stream(ctx, q)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lines.close()) }()
	bar := newBar(c.std.Err)
	defer bar.clear()
	for {
		text, line, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case line.Progress != nil:
			bar.show(what, line.Progress.Made, line.Progress.Amount)
		default:
			if err := json.Unmarshal(text, out); err != nil {
				return fmt.Errorf("read the server's answer: %w", err)
			}
		}
	}
}
