package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Redemption is the same behind every door (license, register, upgrade, the
// management API): claim the license for a user, then grant the user what it
// holds, in one transaction.

// findLicense returns the license that a customer entered; license.not_found.
func findLicense(ctx context.Context, tx *store.Tx, appID, text string) (latchkey.License, error) {
	key, err := latchkey.NormalizeKey(text)
	if err != nil {
		return latchkey.License{}, err
	}
	return tx.LicenseByKey(ctx, appID, key)
}

// claim marks the license as used by the user and returns the subscriptions
// that it gives. Of any number of simultaneous claims exactly one succeeds; the
// others get license.used. Errors also: license.banned, subscription.no_level.
func claim(ctx context.Context, tx *store.Tx, l *latchkey.License, userID string, now time.Time) ([]latchkey.Subscription, error) {
	if err := l.Redeemable(); err != nil {
		return nil, err
	}
	subs, err := tx.SubscriptionsOfLevel(ctx, l.AppID, l.Level)
	if err != nil {
		return nil, err
	}
	if len(subs) == 0 {
		return nil, latchkey.Fail(latchkey.CodeSubscriptionNoLevel)
	}
	won, err := tx.RedeemLicense(ctx, l, userID, now)
	if err != nil {
		return nil, err
	}
	if !won { // used or banned since it was read
		fresh, err := tx.License(ctx, l.AppID, l.ID)
		if err == nil {
			err = fresh.Redeemable()
		}
		return nil, orFail(err, latchkey.CodeLicenseUsed)
	}
	return subs, nil
}

// grant gives a user every subscription of a claimed license: a new holding, or
// more time on the one that the user has. The user must be locked or new.
func (s *Service) grant(ctx context.Context, tx *store.Tx, app *latchkey.App, userID string, subs []latchkey.Subscription, l *latchkey.License, now time.Time) error {
	for _, sub := range subs {
		if err := s.prolong(ctx, tx, app, userID, sub.ID, l.Duration, l.ID, now); err != nil {
			return err
		}
	}
	audit(ctx, tx, now, l.AppID, actionRedeem, l.ID, redeemDetails(userID, l))
	return nil
}

// grantNew is grant for a user whom the license makes.
func (s *Service) grantNew(ctx context.Context, tx *store.Tx, app *latchkey.App, userID string, subs []latchkey.Subscription, l *latchkey.License, now time.Time) error {
	for _, sub := range subs {
		if err := s.hold(ctx, tx, app, userID, sub, l.Duration, l.ID, now); err != nil {
			return err
		}
	}
	details := redeemDetails(userID, l)
	details[detailNewUser] = true
	audit(ctx, tx, now, l.AppID, actionRedeem, l.ID, details)
	return nil
}

// The event of a redemption, and what it says of one that made its user.
const (
	actionRedeem  = "license.redeem"
	detailNewUser = "new_user"
)

func redeemDetails(userID string, l *latchkey.License) map[string]any {
	return map[string]any{"user": userID, "duration": l.Duration.String(), "level": l.Level}
}

// prolong adds time to what a user holds of a subscription, or gives it.
// licenseID is where the time comes from, "" if from no license. The user must
// be locked or new.
func (s *Service) prolong(ctx context.Context, tx *store.Tx, app *latchkey.App, userID, subscriptionID string, d latchkey.Duration, licenseID string, now time.Time) error {
	h, err := heldStill(ctx, tx, app.ID, userID, subscriptionID)
	if latchkey.CodeOf(err) == latchkey.CodeSubscriptionNotHeld {
		sub, err := tx.Subscription(ctx, app.ID, subscriptionID)
		if err != nil {
			return err
		}
		return s.hold(ctx, tx, app, userID, sub, d, licenseID, now)
	}
	if err != nil {
		return err
	}
	h.ExpiresAt = latchkey.Extended(h.ExpiresAt, h.Clock(now), d)
	h.UpdatedAt = now
	if licenseID != "" {
		h.LicenseID = licenseID
	}
	return tx.UpdateHolding(ctx, &h.UserSubscription)
}

// heldStill reads a holding so that no pause of its subscription or app can end
// before the transaction does: that would move its expiry at the same time.
func heldStill(ctx context.Context, tx *store.Tx, appID, userID, subscriptionID string) (latchkey.Holding, error) {
	h, err := tx.Holding(ctx, appID, userID, subscriptionID)
	if err != nil || h.SubscriptionPausedAt.IsZero() && h.AppPausedAt.IsZero() {
		return h, err
	}
	if _, err := tx.LockApp(ctx, appID); err != nil {
		return h, err
	}
	if _, err := tx.LockSubscription(ctx, appID, subscriptionID); err != nil {
		return h, err
	}
	return tx.Holding(ctx, appID, userID, subscriptionID)
}

// hold gives a subscription, as it has just been read, to a user who does not
// hold it.
func (s *Service) hold(ctx context.Context, tx *store.Tx, app *latchkey.App, userID string, sub latchkey.Subscription, d latchkey.Duration, licenseID string, now time.Time) (err error) {
	paused := app.PausedAt
	if !sub.PausedAt.IsZero() || !paused.IsZero() {
		locked, err := tx.LockApp(ctx, app.ID)
		if err != nil {
			return err
		}
		paused = locked.PausedAt
		if sub, err = tx.LockSubscription(ctx, app.ID, sub.ID); err != nil {
			return err
		}
	}
	clock := latchkey.Frozen(now, sub.PausedAt, paused)
	h := latchkey.UserSubscription{AppID: app.ID, UserID: userID, SubscriptionID: sub.ID, LicenseID: licenseID,
		ExpiresAt: latchkey.Extended(clock, clock, d), CreatedAt: now, UpdatedAt: now}
	if h.ID, err = s.newID(latchkey.KindUserSubscription, now); err != nil {
		return err
	}
	return tx.InsertHolding(ctx, &h)
}

// redeemFor claims and grants a license to a user who exists already. A
// repetition by the same user succeeds and changes nothing.
func (s *Service) redeemFor(ctx context.Context, tx *store.Tx, app *latchkey.App, l *latchkey.License, user *latchkey.User, now time.Time) error {
	if l.Status == latchkey.LicenseUsed && l.UsedBy == user.ID {
		return nil
	}
	subs, err := claim(ctx, tx, l, user.ID, now)
	if err != nil {
		// Simultaneous repetitions: the other one may have been this user's.
		if again, readErr := tx.License(ctx, app.ID, l.ID); readErr == nil && again.Status == latchkey.LicenseUsed && again.UsedBy == user.ID {
			return nil
		}
		return err
	}
	return s.grant(ctx, tx, app, user.ID, subs, l, now)
}

// RedeemLicense gives an existing user what a license holds. A repetition for
// the same user succeeds and changes nothing. Errors: license.not_found,
// license.used, license.banned, subscription.no_level, user.not_found.
func (s *Service) RedeemLicense(ctx context.Context, appID, userID string, key string) (view UserView, err error) {
	err = s.change(ctx, latchkey.PermUsersUpdate, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		user, err := tx.LockUser(ctx, appID, userID)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return userView(ctx, tx, user) }); err != nil {
			return err
		}
		l, err := findLicense(ctx, tx, appID, key)
		if err == nil {
			err = s.redeemFor(ctx, tx, app, &l, &user, now)
		}
		if err != nil {
			return latchkey.Blame(err, "key", latchkey.CodeLicenseNotFound, latchkey.CodeLicenseUsed, latchkey.CodeLicenseBanned, latchkey.CodeSubscriptionNoLevel)
		}
		if view, err = userView(ctx, tx, user); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}
