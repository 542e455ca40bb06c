package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// UserSelection names users for a bulk action. Exactly one of IDs and All is set.
type UserSelection struct {
	IDs     []string // at most 1,000
	All     bool
	Active  bool // narrows All to users with an active subscription
	Expired bool // narrows All to users who hold subscriptions, all of them expired
}

func (sel *UserSelection) check() error {
	if err := checkSelection(sel.IDs, sel.All); err != nil {
		return err
	}
	if sel.Active && sel.Expired || (sel.Active || sel.Expired) && !sel.All {
		return latchkey.Invalid("active", "Either active or expired narrows all; leave both out beside ids.")
	}
	return nil
}

func (sel *UserSelection) matches(holdings []latchkey.Holding, now time.Time) bool {
	active, expired := false, len(holdings) > 0
	for i := range holdings {
		active = active || holdings[i].Active(now)
		expired = expired && holdings[i].Expired(now)
	}
	return (!sel.Active || active) && (!sel.Expired || expired)
}

// eachUser calls do with every user of a selection that exists, locked.
func (s *Service) eachUser(ctx context.Context, tx *store.Tx, appID string, sel UserSelection, now time.Time, do func(user *latchkey.User, holdings []latchkey.Holding) error) error {
	return each(sel.IDs, sel.All, func(after string) ([]string, error) {
		return tx.UserIDs(ctx, appID, after, maxSelection)
	}, func(id string) error {
		user, err := tx.LockUser(ctx, appID, id)
		if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		holdings, err := tx.Holdings(ctx, appID, id)
		if err != nil || !sel.matches(holdings, now) {
			return err
		}
		return do(&user, holdings)
	})
}

// DeleteUsers deletes a selection of users with all that belongs to them.
func (s *Service) DeleteUsers(ctx context.Context, appID string, sel UserSelection) (change Change, err error) {
	if err := sel.check(); err != nil {
		return change, err
	}
	err = s.change(ctx, latchkey.PermUsersDelete, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		change = Change{}
		return s.eachUser(ctx, tx, appID, sel, now, func(user *latchkey.User, _ []latchkey.Holding) error {
			change.Matched++
			change.Changed++
			return deleteUser(ctx, tx, appID, user.ID, now)
		})
	})
	return change, err
}

// ResetDevices unbinds every device of a selection of users, who may then bind
// new ones, and ends their sessions. Users without a device count as matched,
// not as changed.
func (s *Service) ResetDevices(ctx context.Context, appID string, sel UserSelection) (change Change, err error) {
	if err := sel.check(); err != nil {
		return change, err
	}
	err = s.change(ctx, latchkey.PermUsersUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		change = Change{}
		return s.eachUser(ctx, tx, appID, sel, now, func(user *latchkey.User, _ []latchkey.Holding) error {
			change.Matched++
			n, err := tx.DeleteDevices(ctx, appID, user.ID)
			if err != nil || n == 0 {
				return err
			}
			change.Changed++
			user.AuthVersion++
			user.UpdatedAt = now
			audit(ctx, tx, now, appID, "user.reset_devices", user.ID, map[string]any{"devices": n})
			return tx.UpdateUser(ctx, user)
		})
	})
	return change, err
}

// TimeChange adds time to subscriptions or, with Subtract, takes it.
type TimeChange struct {
	SubscriptionID string // "": every subscription that the user holds
	Duration       latchkey.Duration
	Subtract       bool
}

// ChangeTime adds or takes time for a selection of users. Users who do not
// hold the subscription, or hold it for a lifetime when time is to be taken,
// count as matched, not as changed. Errors: request.invalid, subscription.not_found.
func (s *Service) ChangeTime(ctx context.Context, appID string, sel UserSelection, tc TimeChange) (change Change, err error) {
	if err := sel.check(); err != nil {
		return change, err
	}
	if tc.Duration == (latchkey.Duration{}) || tc.Subtract && tc.Duration.IsLifetime() {
		return change, latchkey.Invalid("duration", "Say how much time; a lifetime cannot be taken away.")
	}
	err = s.change(ctx, latchkey.PermUsersUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		change = Change{}
		if tc.SubscriptionID != "" {
			if _, err := tx.Subscription(ctx, appID, tc.SubscriptionID); err != nil {
				return err
			}
		}
		return s.eachUser(ctx, tx, appID, sel, now, func(user *latchkey.User, holdings []latchkey.Holding) error {
			change.Matched++
			n, err := changeTime(ctx, tx, holdings, tc, now)
			if err != nil || n == 0 {
				return err
			}
			change.Changed++
			audit(ctx, tx, now, appID, "user.change_time", user.ID,
				map[string]any{"subscription": tc.SubscriptionID, "duration": tc.Duration.String(), "subtract": tc.Subtract, "holdings": n})
			return nil
		})
	})
	return change, err
}

// changeTime returns how many of the holdings it changed.
func changeTime(ctx context.Context, tx *store.Tx, holdings []latchkey.Holding, tc TimeChange, now time.Time) (n int, err error) {
	for i := range holdings {
		if tc.SubscriptionID != "" && holdings[i].SubscriptionID != tc.SubscriptionID || holdings[i].IsLifetime() {
			continue
		}
		h, err := heldStill(ctx, tx, holdings[i].AppID, holdings[i].UserID, holdings[i].SubscriptionID)
		if err != nil {
			return n, err
		}
		if tc.Subtract {
			if h.Expired(now) {
				continue
			}
			if h.ExpiresAt, err = latchkey.Shortened(h.ExpiresAt, h.Clock(now), tc.Duration); err != nil {
				return n, err
			}
		} else {
			h.ExpiresAt = latchkey.Extended(h.ExpiresAt, h.Clock(now), tc.Duration)
		}
		h.UpdatedAt = now
		if err := tx.UpdateHolding(ctx, &h.UserSubscription); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
