// Package sweep deletes what has expired by itself, again and again, while the
// server runs. Nothing depends on it but the size of the database: expiry is
// judged when something is used. It knows neither HTTP nor SQL.
package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// maxJump is how far the clock may run ahead between two sweeps. A wrong clock
// makes everything look expired, and what is deleted does not come back.
const maxJump = 24 * time.Hour

// Config is what a sweep stands on. All fields but AtStart are needed.
type Config struct {
	What   string                               // is deleted, for the log
	Delete func(context.Context) (int64, error) // deletes what has expired and says how many
	Every  time.Duration
	// AtStart sweeps once before the first interval, for what crashes leave: a
	// server that starts again and again would never come to it.
	AtStart bool
	Now     func() time.Time
	Log     *slog.Logger
}

// Run sweeps at every interval until ctx ends. After a jump of the clock by
// more than a day it deletes nothing until the clock is back or the program is
// started again, which confirms it.
func Run(ctx context.Context, c Config) {
	ticker := time.NewTicker(c.Every)
	defer ticker.Stop()
	last := c.wall()
	if c.AtStart {
		c.sweep(ctx)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := c.wall()
		if ahead := now.Sub(last) - c.Every; ahead > maxJump {
			c.Log.WarnContext(ctx, "clock jumped, nothing is swept until it is back or the server starts again", "ahead", ahead.String())
			continue
		}
		last = now
		c.sweep(ctx)
	}
}

// wall is the clock without the monotonic reading, which does not jump.
func (c Config) wall() time.Time { return c.Now().Round(0) }

// sweep deletes once. What goes wrong is tried again at the next interval.
func (c Config) sweep(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil {
			c.Log.ErrorContext(ctx, "sweep panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	n, err := c.Delete(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		c.Log.WarnContext(ctx, "sweep failed", "what", c.What, "error", err)
	case n > 0:
		c.Log.InfoContext(ctx, "swept", "what", c.What, "deleted", n)
	}
}
