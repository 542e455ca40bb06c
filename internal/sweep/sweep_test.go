package sweep

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// running starts a sweep every minute and returns how often it deleted, a way
// to move its clock, and a way to stop it.
func running(t *testing.T, remove func() error) (count func() int, jump func(time.Duration), stop func()) {
	t.Helper()
	var deletions atomic.Int64
	var offset atomic.Int64 // of the clock, in nanoseconds
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		Run(ctx, Config{
			Delete: func(context.Context) (int64, error) {
				deletions.Add(1)
				return 1, remove()
			},
			Every: time.Minute,
			Now:   func() time.Time { return time.Now().Add(time.Duration(offset.Load())) },
			Log:   slog.New(slog.DiscardHandler),
		})
	}()
	synctest.Wait()
	after := func(d time.Duration) { <-time.After(d); synctest.Wait() } // of the bubble
	return func() int { after(time.Minute); return int(deletions.Load()) },
		func(d time.Duration) { offset.Add(int64(d)) },
		func() { cancel(); <-ended }
}

func TestEveryIntervalIsSwept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		count, _, stop := running(t, func() error { return nil })
		for want := 1; want <= 3; want++ {
			if got := count(); got != want {
				t.Errorf("%d sweeps, want %d", got, want)
			}
		}
		stop()
	})
}

func TestASweepThatFailsIsTriedAgain(t *testing.T) {
	for name, failure := range map[string]func() error{
		"with an error": func() error { return errors.New("no database") },
		"with a panic":  func() error { panic("surprise") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				count, _, stop := running(t, failure)
				if a, b := count(), count(); a != 1 || b != 2 {
					t.Errorf("%d and then %d sweeps", a, b)
				}
				stop()
			})
		})
	}
}

func TestNothingIsSweptWhileTheClockIsADayAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		count, jump, stop := running(t, func() error { return nil })
		if got := count(); got != 1 {
			t.Fatalf("%d sweeps before the jump", got)
		}
		jump(30 * time.Hour)
		if count(); count() != 1 {
			t.Error("something was swept by a clock that had jumped")
		}
		jump(-30 * time.Hour)
		if got := count(); got != 2 {
			t.Errorf("%d sweeps after the clock was back", got)
		}
		stop()
	})
}

func TestASweepAtTheStartComesBeforeTheFirstInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var swept atomic.Int64
		ctx, cancel := context.WithCancel(t.Context())
		go Run(ctx, Config{Delete: func(context.Context) (int64, error) { swept.Add(1); return 0, nil }, Every: time.Minute, AtStart: true,
			Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		synctest.Wait()
		if n := swept.Load(); n != 1 {
			t.Errorf("%d sweeps at the start", n)
		}
		<-time.After(time.Minute) // of the bubble
		synctest.Wait()
		if n := swept.Load(); n != 2 {
			t.Errorf("%d sweeps after an interval", n)
		}
		cancel()
	})
}
