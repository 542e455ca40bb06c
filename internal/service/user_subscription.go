package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AddUserSubscription gives a user a subscription for a duration, or more time
// on it. Errors: user.not_found, subscription.not_found, request.invalid.
func (s *Service) AddUserSubscription(ctx context.Context, appID, userID, subscriptionID string, d latchkey.Duration) (UserView, error) {
	if d == (latchkey.Duration{}) {
		return UserView{}, latchkey.Invalid("duration", "Say for how long the user gets the subscription.")
	}
	return s.changeHoldings(ctx, appID, userID, subscriptionID, "user.add_subscription", map[string]any{"subscription": subscriptionID, "duration": d.String()},
		func(tx *store.Tx, app *latchkey.App, now time.Time) error {
			return s.prolong(ctx, tx, app, userID, subscriptionID, d, "", now)
		})
}

// RemoveUserSubscription takes a subscription from a user. Errors:
// user.not_found, subscription.not_found, subscription.not_held.
func (s *Service) RemoveUserSubscription(ctx context.Context, appID, userID, subscriptionID string) (UserView, error) {
	return s.changeHoldings(ctx, appID, userID, subscriptionID, "user.remove_subscription", map[string]any{"subscription": subscriptionID},
		func(tx *store.Tx, _ *latchkey.App, _ time.Time) error {
			return tx.DeleteHolding(ctx, appID, userID, subscriptionID)
		})
}

// PauseUserSubscription keeps one user from signing in with a subscription;
// they lose no time. Errors: subscription.not_held, subscription.paused.
func (s *Service) PauseUserSubscription(ctx context.Context, appID, userID, subscriptionID string) (UserView, error) {
	return s.changeHoldings(ctx, appID, userID, subscriptionID, "user.pause_subscription", map[string]any{"subscription": subscriptionID},
		func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
			h, err := heldStill(ctx, tx, appID, userID, subscriptionID)
			if err != nil {
				return err
			}
			if !h.PausedAt.IsZero() {
				return latchkey.Fail(latchkey.CodeSubscriptionPaused)
			}
			h.PausedAt, h.UpdatedAt = now, now
			return tx.UpdateHolding(ctx, &h.UserSubscription)
		})
}

// ResumeUserSubscription ends a user's own pause; the frozen time is given
// back. Errors: subscription.not_held, subscription.not_paused.
func (s *Service) ResumeUserSubscription(ctx context.Context, appID, userID, subscriptionID string) (UserView, error) {
	return s.changeHoldings(ctx, appID, userID, subscriptionID, "user.resume_subscription", map[string]any{"subscription": subscriptionID},
		func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
			h, err := heldStill(ctx, tx, appID, userID, subscriptionID)
			if err != nil {
				return err
			}
			if h.PausedAt.IsZero() {
				return latchkey.Fail(latchkey.CodeSubscriptionNotPaused)
			}
			if !h.IsLifetime() && !h.Expired(now) {
				h.ExpiresAt = h.ExpiresAt.Add(latchkey.ResumeShift(h.PausedAt, now, h.SubscriptionPausedAt, h.AppPausedAt))
			}
			h.PausedAt, h.UpdatedAt = time.Time{}, now
			return tx.UpdateHolding(ctx, &h.UserSubscription)
		})
}

// changeHoldings locks a user, checks that the subscription is one of the app,
// and audits what body does.
func (s *Service) changeHoldings(ctx context.Context, appID, userID, subscriptionID, action string, details map[string]any, body func(tx *store.Tx, app *latchkey.App, now time.Time) error) (view UserView, err error) {
	err = s.change(ctx, latchkey.PermUsersUpdate, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		user, err := tx.LockUser(ctx, appID, userID)
		if err != nil {
			return err
		}
		if _, err := tx.Subscription(ctx, appID, subscriptionID); err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return userView(ctx, tx, user) }); err != nil {
			return err
		}
		if err := body(tx, app, now); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, action, userID, details)
		if view, err = userView(ctx, tx, user); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}
