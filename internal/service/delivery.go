package service

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// maxQueue bounds what waits for one place: what comes on top is not sent.
const maxQueue = 1000

// enqueue stores something to be sent after the commit; queued is false if too
// much waits for the same place already. It locks the queue, so it comes late in
// a transaction.
func (s *Service) enqueue(ctx context.Context, tx *store.Tx, appID, queue string, kind latchkey.DeliveryKind, payload any, patience time.Duration, now time.Time) (queued bool, err error) {
	d := latchkey.Delivery{AppID: appID, Queue: queue, Kind: kind, DueAt: now, GiveUpAt: now.Add(patience), CreatedAt: now}
	if d.Payload, err = json.Marshal(payload); err != nil {
		return false, fmt.Errorf("write delivery: %w", err)
	}
	if d.ID, err = s.newID(latchkey.KindOutbox, now); err != nil {
		return false, err
	}
	return tx.Enqueue(ctx, &d, maxQueue)
}

// DeliveryFilter narrows a list of deliveries; zero fields do not.
type DeliveryFilter struct {
	State latchkey.DeliveryState
	Page
}

// ListDeliveries lists what of an app waits to be sent and what was given up,
// newest first, without what it says.
func (s *Service) ListDeliveries(ctx context.Context, appID string, f DeliveryFilter) (list List[latchkey.Delivery], err error) {
	switch f.State {
	case "", latchkey.DeliveryWaiting, latchkey.DeliveryFailed:
	default:
		return list, latchkey.Invalid("state", "The states are waiting and failed.")
	}
	k, err := s.keyset(f.Page, false, "deliveries", appID, f.State)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermAppsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		items, err := tx.Deliveries(ctx, appID, store.DeliveryQuery{State: f.State, Keyset: k})
		if err != nil {
			return err
		}
		list, err = page(s, items, k, func(d *latchkey.Delivery) string { return d.ID }, "deliveries", appID, f.State)
		return err
	})
	return list, err
}

// RetryDelivery has a failed delivery tried again, from now on for as long as
// a new one; delivery.not_found.
func (s *Service) RetryDelivery(ctx context.Context, appID, id string) (d latchkey.Delivery, err error) {
	err = s.change(ctx, latchkey.PermAppsUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if err := tx.RetryDelivery(ctx, appID, id, now, now.Add(latchkey.DeliveryPatience)); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "delivery.retry", id, nil)
		d, err = tx.Delivery(ctx, appID, id)
		return err
	})
	return d, err
}

// DeleteDelivery deletes a failed delivery; delivery.not_found.
func (s *Service) DeleteDelivery(ctx context.Context, appID, id string) error {
	return s.change(ctx, latchkey.PermAppsUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		audit(ctx, tx, now, appID, "delivery.delete", id, nil)
		return tx.DeleteDelivery(ctx, appID, id)
	})
}

// RetryDeliveries has all failed deliveries of an app tried again.
func (s *Service) RetryDeliveries(ctx context.Context, appID string) (Change, error) {
	return s.eachFailed(ctx, appID, "deliveries.retry", func(tx *store.Tx, id string, now time.Time) error {
		return tx.RetryDelivery(ctx, appID, id, now, now.Add(latchkey.DeliveryPatience))
	})
}

// DeleteDeliveries deletes all failed deliveries of an app.
func (s *Service) DeleteDeliveries(ctx context.Context, appID string) (Change, error) {
	return s.eachFailed(ctx, appID, "deliveries.delete", func(tx *store.Tx, id string, _ time.Time) error {
		return tx.DeleteDelivery(ctx, appID, id)
	})
}

// eachFailed does something with all failed deliveries, in chunks. What fails
// again meanwhile is not met again.
func (s *Service) eachFailed(ctx context.Context, appID, action string, do func(tx *store.Tx, id string, now time.Time) error) (change Change, err error) {
	for after := ""; ; {
		var ids []string
		var done int64
		err := s.change(ctx, latchkey.PermAppsUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
			found, err := tx.FailedDeliveryIDs(ctx, appID, after, s.bulkChunk)
			if ids, done = found, 0; err != nil || len(ids) == 0 {
				return err
			}
			for _, id := range ids {
				switch err := do(tx, id, now); latchkey.CodeOf(err) {
				case "":
					done++
				case latchkey.CodeDeliveryNotFound: // somebody else was faster
				default:
					return err
				}
			}
			audit(ctx, tx, now, appID, action, appID, map[string]any{"changed": done})
			return nil
		})
		if err != nil || len(ids) == 0 {
			return change, err
		}
		change.Matched += int64(len(ids))
		change.Changed += done
		after = ids[len(ids)-1]
	}
}
