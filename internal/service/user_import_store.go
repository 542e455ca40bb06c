package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// tiers are an app's subscriptions.
type tiers []latchkey.Subscription

func readTiers(ctx context.Context, tx *store.Tx, appID string) (tiers, error) {
	return tx.Subscriptions(ctx, appID, store.Keyset{Ascending: true, Limit: MaxLimit})
}

// of are those that a row means: the one of its name or, without a name, all of
// its level.
func (t tiers) of(h *latchkey.ImportedHolding) (found tiers) {
	for _, sub := range t {
		if sub.Name == h.Name || h.Name == "" && sub.Level == h.Level {
			found = append(found, sub)
		}
	}
	return found
}

// storeAll makes the users, a chunk a transaction. The last one also tells the
// audit log, and keeps the report.
func (im *userImporter) storeAll(ctx context.Context) error {
	users := im.users
	im.users = make([]importedUser, 0, len(users))
	total := int64(len(users))
	for {
		part := users[:min(len(users), userImportChunk)]
		users = users[len(part):]
		if err := im.hash(ctx, part); err != nil {
			return err
		}
		// A chunk that has begun is finished: its caller may be gone.
		if err := im.storePart(context.WithoutCancel(ctx), part, len(users) == 0); err != nil {
			return err
		}
		if len(users) == 0 {
			return nil
		}
		if im.progress != nil {
			if err := im.progress(total-int64(len(users)), total); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return latchkey.Fail(latchkey.CodeUnavailable).Because(err)
		}
	}
}

// hash hashes passwords, one at a time: sign-ins go on beside it.
func (im *userImporter) hash(ctx context.Context, part []importedUser) error {
	for i := range part {
		u := &part[i]
		for u.password != "" {
			hash, err := im.passwords.Hash(ctx, u.password)
			if latchkey.CodeOf(err) == latchkey.CodeBusy {
				continue // it has waited for its turn, and waits again
			}
			if ctx.Err() != nil {
				return latchkey.Fail(latchkey.CodeUnavailable).Because(ctx.Err())
			}
			if err != nil {
				return fmt.Errorf("hash password: %w", err)
			}
			u.PasswordHash, u.password = hash, ""
		}
	}
	return nil
}

// storePart makes users in one transaction. Since they were judged somebody may
// have taken a name or deleted a subscription; such rows are skipped after all.
func (im *userImporter) storePart(ctx context.Context, part []importedUser, last bool) error {
	var stored []importedUser
	var skipped []SkippedRow
	err := im.change(ctx, latchkey.PermUsersCreate, im.appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		stored, skipped = nil, nil
		subs, paused, err := heldTiers(ctx, tx, app)
		if err != nil {
			return err
		}
		for _, u := range part {
			why, err := im.storeUser(ctx, tx, &u, subs, paused, now)
			switch {
			case err != nil:
				return err
			case why != "":
				u.at.Reason = why
				skipped = append(skipped, u.at)
			default:
				stored = append(stored, u)
			}
		}
		if !last {
			return nil
		}
		done := *im
		done.users, done.skipped = slices.Concat(im.users, stored), slices.Concat(im.skipped, skipped)
		report := done.conclude()
		if err := im.once.keep(ctx, tx, &report, now); err != nil {
			return err
		}
		audit(ctx, tx, now, im.appID, "users.import", im.appID, report.details())
		return nil
	})
	if err == nil {
		im.users, im.skipped = append(im.users, stored...), append(im.skipped, skipped...)
	}
	return err
}

// heldTiers reads the subscriptions, and since when the app is paused, so that no
// pause can end before the transaction does: that would move expiries.
func heldTiers(ctx context.Context, tx *store.Tx, app *latchkey.App) (tiers, time.Time, error) {
	subs, err := readTiers(ctx, tx, app.ID)
	resting := slices.ContainsFunc(subs, func(sub latchkey.Subscription) bool { return !sub.PausedAt.IsZero() })
	if err != nil || app.PausedAt.IsZero() && !resting {
		return subs, app.PausedAt, err
	}
	locked, err := tx.LockApp(ctx, app.ID)
	for i := range subs {
		if err == nil {
			subs[i], err = tx.LockSubscription(ctx, app.ID, subs[i].ID)
		}
	}
	return subs, locked.PausedAt, err
}

// storeUser makes one user, or tells why not.
func (im *userImporter) storeUser(ctx context.Context, tx *store.Tx, u *importedUser, subs tiers, paused, now time.Time) (latchkey.SkipReason, error) {
	for i := range u.holdings {
		if len(subs.of(&u.holdings[i])) == 0 {
			return latchkey.SkipNoTier, nil
		}
	}
	if why, err := im.known(ctx, tx, &u.User); why != "" || err != nil {
		return why, err
	}
	var err error
	u.CreatedBy = ActorFrom(ctx).ID
	// Lists are ordered by ids, and this user is as old as the file says.
	if u.ID, err = im.newID(latchkey.KindUser, u.CreatedAt); err != nil {
		return "", err
	}
	switch err := tx.InsertUser(ctx, &u.User); {
	case latchkey.CodeOf(err) == latchkey.CodeUserExists: // made this moment
		return latchkey.SkipExists, nil
	case err != nil:
		return "", err
	}
	if err := im.storeHoldings(ctx, tx, u, subs, paused, now); err != nil {
		return "", err
	}
	return "", im.storeDevices(ctx, tx, u, now)
}

func (im *userImporter) storeHoldings(ctx context.Context, tx *store.Tx, u *importedUser, subs tiers, paused, now time.Time) (err error) {
	held := map[string]bool{}
	for i := range u.holdings {
		from := &u.holdings[i]
		for _, sub := range subs.of(from) {
			if held[sub.ID] { // by its name and by its level
				continue
			}
			held[sub.ID] = true
			h := latchkey.UserSubscription{AppID: im.appID, UserID: u.ID, SubscriptionID: sub.ID, CreatedAt: now, UpdatedAt: now,
				ExpiresAt: from.Expiry(latchkey.Frozen(now, sub.PausedAt, paused), now)}
			if from.Paused {
				h.PausedAt = now
			}
			if h.ID, err = im.newID(latchkey.KindUserSubscription, now); err != nil {
				return err
			}
			if err := tx.InsertHolding(ctx, &h); err != nil {
				return err
			}
		}
	}
	return nil
}

func (im *userImporter) storeDevices(ctx context.Context, tx *store.Tx, u *importedUser, now time.Time) error {
	for _, from := range u.devices {
		hwid, err := latchkey.NormalizeHWID(from.HWID)
		if err != nil {
			return err
		}
		d := latchkey.Device{AppID: im.appID, UserID: u.ID, HWID: hwid, BoundAt: latchkey.MomentOr(from.BoundAt, now)}
		if d.LastSeenAt = d.BoundAt; !from.LastSeenAt.IsZero() {
			d.LastSeenAt = latchkey.MomentOr(from.LastSeenAt, now)
		}
		if d.ID, err = im.newID(latchkey.KindDevice, d.BoundAt); err != nil {
			return err
		}
		if err := tx.InsertDevice(ctx, &d); err != nil {
			return err
		}
	}
	return nil
}

// tellPart tells the audit log of an import that ended early, also when its
// caller is gone. That it fails is logged: the users are there.
func (im *userImporter) tellPart(ctx context.Context) {
	if len(im.users) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	err := im.db.Write(ctx, func(tx *store.Tx) error {
		audit(ctx, tx, im.now(), im.appID, "users.import", im.appID, map[string]any{"rows": im.report.Rows, "imported": len(im.users), "complete": false})
		return nil
	})
	if err != nil {
		im.log.WarnContext(ctx, "import of users not told", "app", im.appID, "error", err)
	}
}
