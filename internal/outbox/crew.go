package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// job is what one place takes up.
type job struct {
	failing bool // the last attempt there failed
	// work does it. Attempts may go on for a while after ctx has ended, as
	// attempts says.
	work func(ctx, attempts context.Context)
}

// crew works off jobs: whatever claim gives out, as many at once as there is
// room for.
type crew struct {
	what  string // for the log
	now   func() time.Time
	log   *slog.Logger
	woken <-chan struct{}
	// rest is how long woken is not looked at after it was: what comes meanwhile
	// is found together.
	rest time.Duration
	// claim takes up to free jobs, of them up to failing where attempts failed. next
	// is when more becomes due, zero for never.
	claim func(ctx context.Context, free, failing int) (jobs []job, next time.Time, err error)

	freed    chan bool // a job is done; whether it was one of those that failed
	running  sync.WaitGroup
	busy     int
	failing  int // of those busy
	restedAt time.Time
}

// run works until ctx ends, and then until the attempts that have begun are
// over, or broken off after a few seconds.
func (c *crew) run(ctx context.Context) {
	c.freed = make(chan bool, atOnce)
	// Attempts outlive ctx by the grace.
	attempts, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	c.loop(ctx, attempts)
	stop := time.AfterFunc(grace, cut)
	defer stop.Stop()
	c.running.Wait()
}

// loop takes up jobs whenever there is something to do and room for it.
func (c *crew) loop(ctx, attempts context.Context) {
	for {
		wait := c.take(ctx, attempts)
		woken := c.woken
		if left := c.restedAt.Sub(c.now()); left > 0 {
			woken, wait = nil, min(wait, left)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-woken:
			c.restedAt = c.now().Add(c.rest)
		case <-timer.C:
		case failing := <-c.freed:
			c.free(failing)
		}
		timer.Stop()
		c.collect()
	}
}

// collect notes everybody who has become free meanwhile.
func (c *crew) collect() {
	for {
		select {
		case failing := <-c.freed:
			c.free(failing)
		default:
			return
		}
	}
}

func (c *crew) free(failing bool) {
	c.busy--
	if failing {
		c.failing--
	}
}

// take begins jobs that are due, and says for how long there is nothing else to
// do.
func (c *crew) take(ctx, attempts context.Context) (wait time.Duration) {
	if c.busy >= atOnce {
		return longestSleep // whoever becomes free ends it
	}
	jobs, next, err := c.claim(ctx, atOnce-c.busy, atOnceFailing-c.failing)
	if err != nil {
		if ctx.Err() == nil {
			c.log.WarnContext(ctx, c.what+" not found", "error", err)
		}
		return afterError
	}
	for _, j := range jobs {
		c.busy++
		if j.failing {
			c.failing++
		}
		c.running.Go(func() {
			defer func() { c.freed <- j.failing }()
			j.work(ctx, attempts)
		})
	}
	if next.IsZero() {
		return longestSleep
	}
	return min(max(next.Sub(c.now()), 0), longestSleep)
}
