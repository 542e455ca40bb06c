package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	// deliveryLease is for how long a server has a queue to itself since it
	// began with a delivery: longer than any attempt may take.
	deliveryLease = time.Minute
	// expiredPerStep bounds how many overdue deliveries one transaction gives up.
	expiredPerStep = 200
)

// DeliveryClaim is a queue of deliveries that this server has to itself.
type DeliveryClaim struct {
	queue   store.Queue
	failing bool
	last    *latchkey.Delivery // begun, and not yet ended
}

// Failing reports that the last attempt at the queue's place failed.
func (c *DeliveryClaim) Failing() bool { return c.failing }

// soundFirst takes up to free of what is due: those whose places are in good
// standing, then up to failing of those that failed last. take says how many of
// a kind it has taken.
func soundFirst(free, failing int, take func(late bool, limit int) (int, error)) error {
	n, err := 0, error(nil)
	if free > 0 {
		n, err = take(false, free)
	}
	if limit := min(free-n, failing); err == nil && limit > 0 {
		_, err = take(true, limit)
	}
	return err
}

// ClaimDeliveries takes queues that are due: up to free of them, and among these
// up to failing whose places failed last, so that dead places never take what
// sound ones need. Each claim is then worked off by [Service.NextDelivery]. next is when
// more becomes due, zero for never.
func (s *Service) ClaimDeliveries(ctx context.Context, free, failing int) (claims []*DeliveryClaim, next time.Time, err error) {
	now := s.now()
	var due []DeliveryClaim
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		due = nil
		err := soundFirst(free, failing, func(late bool, limit int) (int, error) {
			queues, err := tx.QueuesDue(ctx, late, limit, now)
			for _, q := range queues {
				due = append(due, DeliveryClaim{queue: q, failing: late})
			}
			return len(queues), err
		})
		if err != nil {
			return err
		}
		next, err = tx.NextQueueDue(ctx, now)
		return err
	})
	if err != nil || len(due) == 0 {
		return nil, next, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		claims = nil
		for _, c := range due {
			_, held, err := tx.LeaseQueue(ctx, &c.queue, now.Add(deliveryLease))
			if err != nil {
				return err
			}
			if held {
				claims = append(claims, &c)
			}
		}
		return nil
	})
	return claims, next, err
}

// NextDelivery stores how the claim's last delivery ended, if it has one, and
// begins the next: nil if the claim is over. It must not be called again then.
func (s *Service) NextDelivery(ctx context.Context, c *DeliveryClaim, last latchkey.DeliveryResult) (*latchkey.Delivery, error) {
	var random [4]byte
	if _, err := io.ReadFull(s.rand, random[:]); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	var step deliveryStep
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		step = deliveryStep{tx: tx, queue: c.queue, now: s.now(), random: binary.BigEndian.Uint32(random[:])}
		return step.run(ctx, c.last, last)
	})
	if err != nil {
		return nil, err
	}
	c.queue, c.last = step.queue, step.next
	return step.next, nil
}

// deliveryStep is one transaction of the work on a queue.
type deliveryStep struct {
	tx     *store.Tx
	queue  store.Queue
	now    time.Time
	random uint32
	change store.QueueChange
	next   *latchkey.Delivery
}

func (d *deliveryStep) run(ctx context.Context, last *latchkey.Delivery, result latchkey.DeliveryResult) error {
	failures, held, err := d.tx.LeaseQueue(ctx, &d.queue, d.now.Add(deliveryLease))
	if err != nil {
		return err
	}
	d.change.Failures = failures
	if !held { // it took too long, or the queue is gone
		if last == nil || result.Outcome != latchkey.DeliveryMade {
			return nil
		}
		if err := d.made(ctx, last); err != nil || d.change.Waiting == 0 {
			return err
		}
		return d.tx.KeepQueue(ctx, &d.queue, d.change)
	}
	if last != nil {
		leaveUntil, err := d.end(ctx, last, result)
		if err != nil {
			return err
		}
		if !leaveUntil.IsZero() {
			return d.tx.LeaveQueue(ctx, &d.queue, d.change, leaveUntil)
		}
	}
	return d.begin(ctx)
}

// end stores how a delivery ended, and until when its queue is left alone:
// zero if it is gone on with.
func (d *deliveryStep) end(ctx context.Context, last *latchkey.Delivery, result latchkey.DeliveryResult) (leaveUntil time.Time, err error) {
	why := latchkey.DeliveryError(result.Error)
	switch result.Outcome {
	case latchkey.DeliveryMade:
		if result.Wait > 0 {
			leaveUntil = result.After(d.now, 0, 0)
		}
		return leaveUntil, d.made(ctx, last)
	case latchkey.DeliveryRefused:
		d.change.Failures = 0
		return time.Time{}, d.fail(ctx, last, why)
	case latchkey.DeliveryPutOff:
		d.change.Failures = 0
		return time.Time{}, d.putOff(ctx, last, result.After(d.now, last.Attempts, d.random), why)
	case latchkey.DeliveryUnreachable:
		d.change.Failures++
		again := result.After(d.now, d.change.Failures, d.random)
		return again, d.putOff(ctx, last, again, why)
	}
	return d.now, d.tx.UndoDelivery(ctx, last)
}

func (d *deliveryStep) made(ctx context.Context, last *latchkey.Delivery) error {
	n, err := d.tx.EndDelivery(ctx, last)
	d.change.Failures = 0
	d.change.Waiting -= n
	return err
}

func (d *deliveryStep) fail(ctx context.Context, last *latchkey.Delivery, why string) error {
	n, err := d.tx.FailDelivery(ctx, last, why, d.now)
	d.change.Waiting -= n
	d.change.Failed += n
	return err
}

func (d *deliveryStep) putOff(ctx context.Context, last *latchkey.Delivery, again time.Time, why string) error {
	if !again.Before(last.GiveUpAt) {
		return d.fail(ctx, last, why)
	}
	return d.tx.PutOffDelivery(ctx, last, again, why)
}

// begin begins the next delivery, or leaves the queue.
func (d *deliveryStep) begin(ctx context.Context) error {
	for range expiredPerStep {
		next, found, err := d.tx.FirstDelivery(ctx, &d.queue)
		switch {
		case err != nil:
			return err
		case !found:
			return d.tx.LeaveQueue(ctx, &d.queue, d.change, time.Time{})
		case next.GiveUpAt.After(d.now) && next.DueAt.After(d.now):
			return d.tx.LeaveQueue(ctx, &d.queue, d.change, next.DueAt)
		case next.GiveUpAt.After(d.now):
			d.next = &next
			if err := d.tx.BeginDelivery(ctx, d.next); err != nil {
				return err
			}
			return d.tx.KeepQueue(ctx, &d.queue, d.change)
		}
		if err := d.fail(ctx, &next, deliveryExpired); err != nil {
			return err
		}
	}
	return d.tx.LeaveQueue(ctx, &d.queue, d.change, d.now)
}

// deliveryExpired is kept of deliveries that waited too long for a place that
// takes nothing.
const deliveryExpired = "expired"

// DeliveriesWoken has a value when there may be something to deliver, one for
// however much.
func (s *Service) DeliveriesWoken() <-chan struct{} { return s.db.Woken() }

// DeliveryLoad is how many deliveries of all apps wait and how many were given up.
func (s *Service) DeliveryLoad(ctx context.Context) (waiting, failed int64, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		waiting, failed, err = tx.DeliveryCounts(ctx)
		return err
	})
	return waiting, failed, err
}

// SweepDeliveries deletes what was given up long ago, in chunks, and returns how
// many.
func (s *Service) SweepDeliveries(ctx context.Context) (total int64, err error) {
	if err := s.db.Write(ctx, func(tx *store.Tx) error { return tx.SweepQueues(ctx) }); err != nil {
		return 0, err
	}
	for {
		var n int64
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.SweepDeliveries(ctx, s.now().Add(-latchkey.DeliveryMemory), sweepChunk)
			return err
		})
		if total += n; err != nil || n < sweepChunk {
			return total, err
		}
	}
}
