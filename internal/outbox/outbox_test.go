package outbox_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/outbox"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// office is a service with one app, whose clock is the bubble's.
type office struct {
	*testing.T
	env *servicetest.Env
	app string

	mu    sync.Mutex
	calls []call
}

// call is one attempt.
type call struct {
	queue string
	at    time.Time
}

// inOffice runs a test in a bubble.
func inOffice(t *testing.T, run func(o *office)) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{T: t, env: servicetest.New(t)}
		o.env.Change(func(c *service.Config) { c.Now = time.Now })
		o.app = o.env.App("demo").ID
		run(o)
	})
}

func (o *office) promise(queue string) {
	o.Helper()
	now := time.Now()
	id, err := latchkey.NewID(latchkey.KindOutbox, now, rand.Reader)
	if err != nil {
		o.Fatal(err)
	}
	d := latchkey.Delivery{ID: id, AppID: o.app, Queue: queue, Kind: latchkey.DeliveryMail, DueAt: now, CreatedAt: now, GiveUpAt: now.Add(latchkey.DeliveryPatience)}
	err = o.env.DB.Write(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Enqueue(context.Background(), &d, 10_000)
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
}

// open starts a worker and returns what stops it.
func (o *office) open(handle outbox.Handler) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		outbox.Run(ctx, outbox.Config{Service: o.env.Service, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Handlers: map[latchkey.DeliveryKind]outbox.Handler{latchkey.DeliveryMail: func(ctx context.Context, d *latchkey.Delivery) latchkey.DeliveryResult {
				o.mu.Lock()
				o.calls = append(o.calls, call{d.Queue, time.Now()})
				o.mu.Unlock()
				return handle(ctx, d)
			}}})
	}()
	return sync.OnceFunc(func() { cancel(); <-ended })
}

// after returns the attempts that were made once so much time has passed.
func (o *office) after(d time.Duration) []call {
	<-time.After(d) // of the bubble
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	calls := o.calls
	o.calls = nil
	return calls
}

func (o *office) left() []latchkey.Delivery {
	o.Helper()
	list, err := o.env.Service.ListDeliveries(o.env.Ctx(), o.app, service.DeliveryFilter{})
	if err != nil {
		o.Fatal(err)
	}
	return list.Items
}

func fine(context.Context, *latchkey.Delivery) latchkey.DeliveryResult {
	return latchkey.DeliveryResult{}
}

func TestACommitWakes(t *testing.T) {
	inOffice(t, func(o *office) {
		defer o.open(fine)()
		synctest.Wait()
		for range 3 {
			began := time.Now()
			o.promise("mail")
			if calls := o.after(0); len(calls) != 1 || !calls[0].at.Equal(began) {
				t.Fatalf("attempts %v after a promise at %s", calls, began)
			}
		}
		if calls := o.after(24 * time.Hour); len(calls) != 0 || len(o.left()) != 0 {
			t.Errorf("afterwards %v", calls)
		}
	})
}

func TestWhatWaitsAtTheStartIsSent(t *testing.T) {
	inOffice(t, func(o *office) {
		o.promise("mail")
		o.promise("mail")
		defer o.open(fine)()
		if calls := o.after(0); len(calls) != 2 {
			t.Errorf("attempts %v", calls)
		}
	})
}

func TestAFailureIsTriedAgainInTime(t *testing.T) {
	inOffice(t, func(o *office) {
		var broken atomic.Bool
		broken.Store(true)
		defer o.open(func(context.Context, *latchkey.Delivery) latchkey.DeliveryResult {
			if broken.Load() {
				return latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Wait: 30 * time.Second, Error: "down"}
			}
			return latchkey.DeliveryResult{}
		})()
		o.promise("mail")
		if calls := o.after(29 * time.Second); len(calls) != 1 {
			t.Errorf("within 29 seconds %v", calls)
		}
		if calls := o.after(2 * time.Second); len(calls) != 1 {
			t.Errorf("at 30 seconds %v", calls)
		}
		broken.Store(false)
		if calls := o.after(30 * time.Second); len(calls) != 1 || len(o.left()) != 0 {
			t.Errorf("at a minute %v", calls)
		}
	})
}

func TestAPanicIsAFailure(t *testing.T) {
	inOffice(t, func(o *office) {
		first := true
		defer o.open(func(context.Context, *latchkey.Delivery) latchkey.DeliveryResult {
			if first {
				first = false
				panic("a bug")
			}
			return latchkey.DeliveryResult{}
		})()
		o.promise("mail")
		if calls := o.after(0); len(calls) != 1 || o.left()[0].Error != "internal" {
			t.Errorf("%v, left %v", calls, o.left())
		}
		if calls := o.after(time.Minute); len(calls) != 1 || len(o.left()) != 0 {
			t.Errorf("%v, left %v", calls, o.left())
		}
	})
}

func TestAnUnknownKindWaits(t *testing.T) {
	inOffice(t, func(o *office) {
		o.promise("mail")
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			outbox.Run(ctx, outbox.Config{Service: o.env.Service, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		}()
		o.after(0)
		cancel()
		<-ended
		if left := o.left(); len(left) != 1 || left[0].State != latchkey.DeliveryWaiting || left[0].Error != "unknown kind" {
			t.Errorf("left %+v", left)
		}
	})
}

// A hundred places with a hundred deliveries each, half of them dead: they
// accept a connection and say nothing.
func TestDeadPlacesDelayNobody(t *testing.T) {
	inOffice(t, func(o *office) {
		const places, each = 100, 20
		done := map[string][]time.Duration{}
		var mu sync.Mutex
		busy := map[string]int{}
		began := time.Now()
		for range each {
			for place := range places {
				name := fmt.Sprint("sound ", place)
				if place%2 == 0 {
					name = fmt.Sprint("dead ", place)
				}
				o.promise(name)
			}
		}
		stop := o.open(func(ctx context.Context, d *latchkey.Delivery) latchkey.DeliveryResult {
			mu.Lock()
			if busy[d.Queue]++; busy[d.Queue] > 1 {
				t.Errorf("two attempts at %s at once", d.Queue)
			}
			mu.Unlock()
			defer func() { mu.Lock(); busy[d.Queue]--; mu.Unlock() }()
			if d.Queue[0] == 'd' {
				<-time.After(15 * time.Second)
				return latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "timeout"}
			}
			<-time.After(20 * time.Millisecond)
			mu.Lock()
			done[d.Queue] = append(done[d.Queue], time.Since(began))
			mu.Unlock()
			return latchkey.DeliveryResult{}
		})
		defer stop()
		o.after(10 * time.Minute)
		var all []time.Duration
		for _, times := range done {
			all = append(all, times...)
		}
		slices.Sort(all)
		if len(all) != places/2*each {
			t.Fatalf("%d of %d were sent to sound places", len(all), places/2*each)
		}
		if p95 := all[len(all)*95/100]; p95 > 5*time.Second {
			t.Errorf("19 of 20 were sent after %s", p95)
		}
		// Later ones find the dead places known.
		began, done = time.Now(), map[string][]time.Duration{}
		for place := range places {
			if place%2 == 1 {
				o.promise(fmt.Sprint("sound ", place))
			}
		}
		o.after(time.Minute)
		for place, times := range done {
			if times[0] > time.Second {
				t.Errorf("%s waited %s", place, times[0])
			}
		}
	})
}

func TestTheStopWaitsForAttempts(t *testing.T) {
	inOffice(t, func(o *office) {
		stop := o.open(func(context.Context, *latchkey.Delivery) latchkey.DeliveryResult {
			<-time.After(3 * time.Second)
			return latchkey.DeliveryResult{}
		})
		o.promise("mail")
		o.promise("mail")
		o.after(time.Second)
		began := time.Now()
		stop()
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("the stop took %s", took)
		}
		if left := o.left(); len(left) != 1 || left[0].Attempts != 0 {
			t.Errorf("left %+v", left)
		}
	})
}

func TestTheStopBreaksOffWhatLasts(t *testing.T) {
	inOffice(t, func(o *office) {
		stop := o.open(func(ctx context.Context, _ *latchkey.Delivery) latchkey.DeliveryResult {
			<-ctx.Done()
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "canceled"}
		})
		o.promise("mail")
		o.after(time.Second)
		began := time.Now()
		stop()
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("the stop took %s", took)
		}
		if left := o.left(); len(left) != 1 || left[0].State != latchkey.DeliveryWaiting || left[0].Attempts != 0 {
			t.Errorf("left %+v", left)
		}
		defer o.open(fine)()
		if calls := o.after(0); len(calls) != 1 || len(o.left()) != 0 {
			t.Errorf("after the next start %v", calls)
		}
	})
}

func TestAnAttemptIsBounded(t *testing.T) {
	inOffice(t, func(o *office) {
		defer o.open(func(ctx context.Context, _ *latchkey.Delivery) latchkey.DeliveryResult {
			<-ctx.Done()
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "timeout"}
		})()
		o.promise("mail")
		o.after(41 * time.Second)
		if left := o.left(); len(left) != 1 || left[0].Error != "timeout" {
			t.Errorf("left %+v", left)
		}
	})
}
