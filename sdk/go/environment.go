package latchkey

import (
	"context"
	"crypto/rand"
	"io"
	"time"
)

// environment is what a client takes from its machine, so that tests decide it.
type environment struct {
	rand    io.Reader
	wall    func() time.Time     // what the clock says, which anyone can set
	elapsed func() time.Duration // since the start, which nobody can set
	wait    func(ctx context.Context, d time.Duration) error
}

func machine() environment {
	start := time.Now()
	return environment{
		rand:    rand.Reader,
		wall:    func() time.Time { return time.Now().Round(0) },
		elapsed: func() time.Duration { return time.Since(start) },
		wait:    wait,
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
