package service

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ClientRename gives the user who is signed in another name and ends all their
// sessions, this one as well. Who was made by a license may take a name too;
// their license signs them in as before. Errors: those of
// [Service.ClientCheck]; request.invalid, user.name_too_short, user.exists.
func (s *Service) ClientRename(ctx context.Context, app *ClientApp, ses *ClientSession, name string) error {
	return s.changeOwn(ctx, app, ses, func(ctx context.Context, tx *store.Tx, me *own) error {
		if name == me.user.Name {
			return latchkey.Fail(latchkey.CodeUserExists)
		}
		if err := rename(ctx, tx, me.app, &me.user, name); err != nil {
			return err
		}
		audit(ctx, tx, me.now, me.app.ID, "user.rename", me.user.ID, nil)
		return me.store(ctx, tx)
	})
}

// rename gives a user another name and ends their sessions.
func rename(ctx context.Context, tx *store.Tx, app *latchkey.App, user *latchkey.User, name string) error {
	if err := latchkey.CheckUsername(name); err != nil {
		return err
	}
	if err := checkNewName(ctx, tx, app, name); err != nil {
		return err
	}
	user.Name, user.LicenseNamed = name, false
	user.AuthVersion++
	return nil
}

// ClientBanSelf bans the user who is signed in, for programs that notice
// tampering, and nobody else: what a program says of its computer or address
// is not believed. As the app says, the devices that the user is bound to and
// the address that the call comes from go on the blacklist. Errors: those of [Service.ClientCheck]; request.invalid.
func (s *Service) ClientBanSelf(ctx context.Context, app *ClientApp, ses *ClientSession, reason string) error {
	if reason == "" {
		reason = latchkey.DefaultBanReason
	}
	return s.changeOwn(ctx, app, ses, func(ctx context.Context, tx *store.Tx, me *own) error {
		if err := me.user.Ban(reason, "", me.now); err != nil {
			return err
		}
		what := userBlacklist{devices: me.app.Settings.BanDevices, reason: reason}
		if me.app.Settings.BanIP {
			what.ip = OriginFrom(ctx).IP
		}
		n, err := s.blacklistUser(ctx, tx, &me.user, what, me.now)
		if err != nil {
			return err
		}
		audit(ctx, tx, me.now, me.app.ID, "user.ban_self", me.user.ID, map[string]any{"reason": reason, "blacklisted": n})
		return me.store(ctx, tx)
	})
}
