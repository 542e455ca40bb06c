package service

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// SubscriptionView is a subscription with how many users hold it.
type SubscriptionView struct {
	latchkey.Subscription
	Holders int64
	Active  int64
	Expired int64
}

func (s *Service) subscriptionView(ctx context.Context, tx *store.Tx, app *latchkey.App, sub latchkey.Subscription) (SubscriptionView, error) {
	clock := latchkey.Frozen(s.now(), sub.PausedAt, app.PausedAt)
	holders, active, err := tx.HolderCount(ctx, app.ID, sub.ID, clock)
	return SubscriptionView{Subscription: sub, Holders: holders, Active: active, Expired: holders - active}, err
}

// CreateSubscription adds a tier. Errors: subscription.exists, request.invalid.
func (s *Service) CreateSubscription(ctx context.Context, appID, name string, level int64) (view SubscriptionView, err error) {
	if err := latchkey.CheckName("name", name); err != nil {
		return view, err
	}
	if err := latchkey.CheckLevel(level); err != nil {
		return view, err
	}
	err = s.change(ctx, latchkey.PermSubscriptionsWrite, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		id, err := s.newID(latchkey.KindSubscription, now)
		if err != nil {
			return err
		}
		sub := latchkey.Subscription{ID: id, AppID: appID, Name: name, Level: level, CreatedAt: now, UpdatedAt: now}
		audit(ctx, tx, now, appID, "subscription.create", id, map[string]any{"name": name, "level": level})
		view = SubscriptionView{Subscription: sub}
		if err := tx.InsertSubscription(ctx, &sub); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// ListSubscriptions lists an app's subscriptions, oldest first.
func (s *Service) ListSubscriptions(ctx context.Context, appID string, p Page) (list List[SubscriptionView], err error) {
	k, err := s.keyset(p, true, "subscriptions", appID)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermSubscriptionsRead, appID, func(tx *store.Tx, app *latchkey.App) error {
		subs, err := tx.Subscriptions(ctx, appID, k)
		if err != nil {
			return err
		}
		cut, err := page(s, subs, k, func(sub *latchkey.Subscription) string { return sub.ID }, "subscriptions", appID)
		if err != nil {
			return err
		}
		list = List[SubscriptionView]{Items: make([]SubscriptionView, len(cut.Items)), Next: cut.Next}
		for i, sub := range cut.Items {
			if list.Items[i], err = s.subscriptionView(ctx, tx, app, sub); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// Subscription returns one; subscription.not_found.
func (s *Service) Subscription(ctx context.Context, appID, id string) (view SubscriptionView, err error) {
	err = s.read(ctx, latchkey.PermSubscriptionsRead, appID, func(tx *store.Tx, app *latchkey.App) error {
		sub, err := tx.Subscription(ctx, appID, id)
		if err != nil {
			return err
		}
		view, err = s.subscriptionView(ctx, tx, app, sub)
		return err
	})
	return view, err
}

// changeSubscription locks a subscription, lets body change it, and stores and
// audits it.
func (s *Service) changeSubscription(ctx context.Context, appID, id, action string, details map[string]any, body func(tx *store.Tx, app *latchkey.App, sub *latchkey.Subscription, now time.Time) error) (view SubscriptionView, err error) {
	err = s.change(ctx, latchkey.PermSubscriptionsWrite, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		sub, err := tx.LockSubscription(ctx, appID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return SubscriptionView{Subscription: sub}, nil }); err != nil {
			return err
		}
		before := subscriptionFields(&sub)
		if err := body(tx, app, &sub, now); err != nil {
			return err
		}
		sub.UpdatedAt = now
		if err := tx.UpdateSubscription(ctx, &sub); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, action, id, edited(details, before, subscriptionFields(&sub)))
		if view, err = s.subscriptionView(ctx, tx, app, sub); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// UpdateSubscription renames it or moves it to another level; nil leaves a
// field. Errors: subscription.exists, request.invalid.
func (s *Service) UpdateSubscription(ctx context.Context, appID, id string, name *string, level *int64) (SubscriptionView, error) {
	details := map[string]any{}
	if name != nil {
		details["name"] = *name
	}
	if level != nil {
		details["level"] = *level
	}
	return s.changeSubscription(ctx, appID, id, "subscription.update", details, func(_ *store.Tx, _ *latchkey.App, sub *latchkey.Subscription, _ time.Time) error {
		set(&sub.Name, name)
		set(&sub.Level, level)
		if err := latchkey.CheckName("name", sub.Name); err != nil {
			return err
		}
		return latchkey.CheckLevel(sub.Level)
	})
}

// PauseSubscription keeps holders from signing in with it; they lose no time.
// Error: subscription.paused if it is paused already.
func (s *Service) PauseSubscription(ctx context.Context, appID, id string) (SubscriptionView, error) {
	return s.changeSubscription(ctx, appID, id, "subscription.pause", nil, func(_ *store.Tx, _ *latchkey.App, sub *latchkey.Subscription, now time.Time) error {
		if !sub.PausedAt.IsZero() {
			return latchkey.Fail(latchkey.CodeSubscriptionPaused)
		}
		sub.PausedAt = now
		return nil
	})
}

// ResumeSubscription ends a pause; holders get the frozen time back. Error:
// subscription.not_paused.
func (s *Service) ResumeSubscription(ctx context.Context, appID, id string) (SubscriptionView, error) {
	return s.changeSubscription(ctx, appID, id, "subscription.resume", nil, func(tx *store.Tx, app *latchkey.App, sub *latchkey.Subscription, now time.Time) error {
		if sub.PausedAt.IsZero() {
			return latchkey.Fail(latchkey.CodeSubscriptionNotPaused)
		}
		clock := latchkey.Frozen(now, app.PausedAt)
		if err := tx.ResumeSubscriptionHoldings(ctx, appID, id, sub.PausedAt, clock); err != nil {
			return err
		}
		sub.PausedAt = time.Time{}
		return nil
	})
}

// DeleteSubscription deletes a subscription. While users hold it this needs
// takeAway; without it the error, subscription.in_use, says how many do.
func (s *Service) DeleteSubscription(ctx context.Context, appID, id string, takeAway bool) error {
	return s.change(ctx, latchkey.PermSubscriptionsWrite, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		sub, err := tx.LockSubscription(ctx, appID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return SubscriptionView{Subscription: sub}, nil }); err != nil {
			return err
		}
		view, err := s.subscriptionView(ctx, tx, app, sub)
		if err != nil {
			return err
		}
		if view.Holders > 0 && !takeAway {
			return latchkey.FailWith(latchkey.CodeSubscriptionInUse,
				fmt.Sprintf("%d users hold this subscription, %d of them with time left; confirm that it is to be taken from them.", view.Holders, view.Active))
		}
		audit(ctx, tx, now, appID, "subscription.delete", id, map[string]any{"name": sub.Name, "level": sub.Level, "holders": view.Holders})
		return tx.DeleteSubscription(ctx, appID, id)
	})
}
