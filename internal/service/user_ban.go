package service

import (
	"context"
	"net/netip"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// UserBan is how to ban a user.
type UserBan struct {
	Reason           string
	BlacklistDevices bool // put the devices that they are bound to, and no one else who is not banned, on the blacklist
	BlacklistIP      bool // and the address that they signed in from last
}

func (b *UserBan) check(ctx context.Context) error {
	if !b.BlacklistDevices && !b.BlacklistIP {
		return nil
	}
	_, err := require(ctx, latchkey.Blacklist.Writes())
	return err
}

func (b *UserBan) details() map[string]any {
	details := map[string]any{"reason": b.Reason}
	if b.BlacklistDevices {
		details["blacklist_devices"] = true
	}
	if b.BlacklistIP {
		details["blacklist_ip"] = true
	}
	return details
}

// BanUser shuts a user out and ends their sessions. Errors: user.not_found,
// user.banned, request.invalid.
func (s *Service) BanUser(ctx context.Context, appID, id string, ban UserBan) (UserView, error) {
	if err := ban.check(ctx); err != nil {
		return UserView{}, err
	}
	details := ban.details()
	return s.changeUser(ctx, latchkey.PermUsersBan, appID, id, "user.ban", details,
		func(tx *store.Tx, _ *latchkey.App, user *latchkey.User, now time.Time) error {
			if err := user.Ban(ban.Reason, "", now); err != nil {
				return err
			}
			return s.blacklistWith(ctx, tx, user, &ban, details, now)
		})
}

// blacklistWith is [Service.blacklistUser] for a ban by the seller; the details
// tell how many entries came of it.
func (s *Service) blacklistWith(ctx context.Context, tx *store.Tx, user *latchkey.User, ban *UserBan, details map[string]any, now time.Time) error {
	what := userBlacklist{devices: ban.BlacklistDevices, reason: ban.Reason}
	if ban.BlacklistIP {
		what.ip = user.LastIP
	}
	if what == (userBlacklist{reason: ban.Reason}) {
		return nil
	}
	n, err := s.blacklistUser(ctx, tx, user, what, now)
	details["blacklisted"] = n
	return err
}

// UnbanUser lets a user in again, and takes off the blacklist what their ban put
// there. Errors: user.not_found, user.not_banned.
func (s *Service) UnbanUser(ctx context.Context, appID, id string) (UserView, error) {
	details := map[string]any{}
	return s.changeUser(ctx, latchkey.PermUsersBan, appID, id, "user.unban", details,
		func(tx *store.Tx, _ *latchkey.App, user *latchkey.User, now time.Time) error {
			if err := user.Unban(now); err != nil {
				return err
			}
			n, err := liftBlacklist(ctx, tx, user)
			if n > 0 {
				details["unlisted"] = n
			}
			return err
		})
}

// userBlacklist is what of a user goes on the blacklist with their ban.
type userBlacklist struct {
	devices bool   // all that they are bound to, and nobody else who may come in
	ip      string // "" or not an address: none
	reason  string
}

// blacklistUser puts a banned user's devices and an address on the blacklist,
// and returns how many entries now stand for the ban. What is there by
// somebody's hand stays theirs; what other bans have put there stands for all of
// them. A full blacklist takes no more: the ban holds all the same. The user must
// be locked.
func (s *Service) blacklistUser(ctx context.Context, tx *store.Tx, user *latchkey.User, what userBlacklist, now time.Time) (n int, err error) {
	entries, err := blacklistedWith(ctx, tx, user, what)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	revision, err := tx.LockAccess(ctx, user.AppID, false)
	if err != nil {
		return 0, err
	}
	counts, err := tx.CountsNow(ctx, user.AppID)
	if err != nil {
		return 0, err
	}
	room := s.listLimit - counts.Listed(latchkey.Blacklist)
	for _, e := range entries {
		e.AppID, e.List, e.Reason, e.UserID = user.AppID, latchkey.Blacklist, what.reason, user.ID
		e.CreatedBy, e.CreatedAt, e.UpdatedAt = ActorFrom(ctx).ID, now, now
		if e.ID, err = s.newID(latchkey.KindBlacklistEntry, now); err != nil {
			return n, err
		}
		inserted := false
		if room > 0 {
			if inserted, err = tx.InsertAccess(ctx, &e, revision, now); err != nil {
				return n, err
			}
		}
		switch {
		case inserted:
			room--
		default:
			there, err := tx.AccessEntryOf(ctx, user.AppID, latchkey.Blacklist, e.Kind, e.Value)
			if latchkey.CodeOf(err) == latchkey.CodeBlacklistNotFound {
				continue // there is no room for it
			}
			if err != nil {
				return n, err
			}
			if there.UserID == "" {
				continue
			}
			e.ID = there.ID
		}
		if err := tx.InsertAccessBan(ctx, user.AppID, user.ID, e.ID); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// blacklistedWith returns what of a user is to be blacklisted, not stored yet. A
// hardware id is what a program says: whoever names a neighbour's must not shut
// them out by a ban of their own.
func blacklistedWith(ctx context.Context, tx *store.Tx, user *latchkey.User, what userBlacklist) (entries []latchkey.AccessEntry, err error) {
	if what.devices {
		devices, err := tx.DevicesAlone(ctx, user.AppID, user.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range devices {
			entries = append(entries, latchkey.AccessEntry{Kind: latchkey.AccessHWID, Value: d.HWID})
		}
	}
	if a, err := netip.ParseAddr(what.ip); err == nil {
		kind, value := latchkey.HomeOf(a)
		entries = append(entries, latchkey.AccessEntry{Kind: kind, Value: value})
	}
	return entries, nil
}

// liftBlacklist takes off the blacklist what stands for the ban of a user and
// nobody else's, and returns how many entries that were.
func liftBlacklist(ctx context.Context, tx *store.Tx, user *latchkey.User) (int, error) {
	entries, err := tx.AccessOfBan(ctx, user.AppID, user.ID)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	if _, err := tx.LockAccess(ctx, user.AppID, true); err != nil {
		return 0, err
	}
	free, err := tx.LiftAccessBan(ctx, user.AppID, user.ID, entries)
	if err != nil {
		return 0, err
	}
	for _, id := range free {
		if _, err := tx.DeleteAccess(ctx, user.AppID, latchkey.Blacklist, id); err != nil {
			return 0, err
		}
	}
	return len(free), nil
}

// BanUsers bans a selection of users. Those who are banned already count as
// matched, not as changed. Errors: request.invalid, and those of a repeated call.
func (s *Service) BanUsers(ctx context.Context, appID string, sel UserSelection, ban UserBan, call BulkCall) (BulkChange, error) {
	if err := latchkey.CheckReason(ban.Reason); err != nil {
		return BulkChange{}, err
	}
	if err := ban.check(ctx); err != nil {
		return BulkChange{}, err
	}
	change, err := s.actOnUsers(ctx, appID, sel, call, &userAction{
		action: "users.ban", needs: latchkey.PermUsersBan, details: ban.details(),
		act: func(ctx context.Context, tx *store.Tx, user *latchkey.User, _ []latchkey.Holding, now time.Time) (bool, error) {
			if err := user.Ban(ban.Reason, "", now); err != nil || tx.ReadOnly() {
				return err == nil, nil // the reason has been checked
			}
			details := ban.details()
			if err := s.blacklistWith(ctx, tx, user, &ban, details, now); err != nil {
				return false, err
			}
			audit(ctx, tx, now, appID, "user.ban", user.ID, details)
			return true, tx.UpdateUser(ctx, user)
		},
	})
	if change.DryRun {
		change.After.UsersBanned += change.Changed
	}
	return change, err
}

// UnbanUsers lets a selection of users in again, and takes off the blacklist what
// their bans put there. Errors: request.invalid, and those of a repeated call.
func (s *Service) UnbanUsers(ctx context.Context, appID string, sel UserSelection, call BulkCall) (BulkChange, error) {
	change, err := s.actOnUsers(ctx, appID, sel, call, &userAction{
		action: "users.unban", needs: latchkey.PermUsersBan,
		act: func(ctx context.Context, tx *store.Tx, user *latchkey.User, _ []latchkey.Holding, now time.Time) (bool, error) {
			if err := user.Unban(now); err != nil || tx.ReadOnly() {
				return err == nil, nil
			}
			n, err := liftBlacklist(ctx, tx, user)
			if err != nil {
				return false, err
			}
			audit(ctx, tx, now, appID, "user.unban", user.ID, map[string]any{"unlisted": n})
			return true, tx.UpdateUser(ctx, user)
		},
	})
	if change.DryRun {
		change.After.UsersBanned -= change.Changed
	}
	return change, err
}
