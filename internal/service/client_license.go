package service

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ClientLicense signs in by a license alone; the first time redeems it. Errors:
// client.*, those of redemption and of every sign-in; user.password_mismatch if the
// license's user has a password.
func (s *Service) ClientLicense(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientSignIn) (c Customer, err error) {
	if err := s.comesIn(ctx, app, ses, &in); err != nil {
		return c, err
	}
	key, keyErr := latchkey.NormalizeKey(in.Key)
	err = s.trying(ctx, app.ID, in.Code, func(tx *store.Tx, t *codeTrial) error {
		now := s.now()
		fresh, err := currentApp(ctx, tx, app, ses, now)
		if err != nil {
			return err
		}
		if keyErr != nil {
			if _, err := newAttempt(&fresh, ses, methodLicense, in, nil, now); err != nil {
				return err
			}
			return keyErr
		}
		user, err := tx.EnterByLicense(ctx, fresh.ID, key, keptIP(ctx, &fresh), now)
		entered, made := err == nil, false
		if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
			user, made, err = s.redeemAlone(ctx, tx, &fresh, ses, key, in, now)
		}
		if err != nil {
			return err
		}
		a, err := newAttempt(&fresh, ses, methodLicense, in, &user, now)
		if err != nil {
			return err
		}
		a.entered, a.new, a.code = entered, made, t
		if user.PasswordState != latchkey.PasswordNone {
			return latchkey.Fail(latchkey.CodePasswordWrong)
		}
		c, err = s.admit(ctx, tx, a, &user)
		return err
	})
	return c, err
}

// redeemAlone makes the user of a license that nobody has redeemed; made is
// false if it turns out that somebody has.
func (s *Service) redeemAlone(ctx context.Context, tx *store.Tx, app *latchkey.App, ses *ClientSession, key latchkey.Secret, in ClientSignIn, now time.Time) (user latchkey.User, made bool, err error) {
	if _, err := newAttempt(app, ses, methodLicense, in, nil, now); err != nil {
		return user, false, err
	}
	l, err := tx.LicenseByKey(ctx, app.ID, key)
	if err != nil {
		return user, false, err
	}
	if renamed, err := renamedUser(ctx, tx, &l); err == nil {
		return renamed, false, nil
	}
	user = latchkey.User{AppID: app.ID, Name: key.Reveal(), LicenseNamed: true, PasswordState: latchkey.PasswordNone}
	err = s.redeemNew(ctx, tx, app, &l, &user, now)
	if latchkey.CodeOf(err) == latchkey.CodeLicenseUsed {
		// A simultaneous sign-in with the same license may have won; then this
		// one is a sign-in like any other, under the device rule.
		if other, readErr := tx.UserByLicense(ctx, app.ID, key); readErr == nil {
			return other, false, nil
		}
	}
	return user, err == nil, err
}

// renamedUser is the user of a used license who has another name by now, given
// by the seller or taken by themself; user.not_found.
func renamedUser(ctx context.Context, tx *store.Tx, l *latchkey.License) (latchkey.User, error) {
	if l.StatusWithoutBan() != latchkey.LicenseUsed {
		return latchkey.User{}, latchkey.Fail(latchkey.CodeUserNotFound)
	}
	user, err := tx.User(ctx, l.AppID, l.UsedBy)
	if err == nil && (user.LicenseID != l.ID || user.PasswordState != latchkey.PasswordNone) {
		err = latchkey.Fail(latchkey.CodeUserNotFound)
	}
	return user, err
}

// redeemNew claims a license for a user who does not exist yet and signs in with
// it, makes the user, and grants what the license holds.
func (s *Service) redeemNew(ctx context.Context, tx *store.Tx, app *latchkey.App, l *latchkey.License, user *latchkey.User, now time.Time) (err error) {
	if user.ID, err = s.newID(latchkey.KindUser, now); err != nil {
		return err
	}
	ctx = asCustomer(ctx, user.ID)
	subs, err := claim(ctx, tx, l, user.ID, now)
	if err != nil {
		return err
	}
	user.AuthVersion, user.HWIDAffected, user.LicenseID, user.CreatedBy = 1, true, l.ID, l.CreatedBy
	user.CreatedAt, user.UpdatedAt, user.LastSignInAt, user.LastIP = now, now, now, keptIP(ctx, app)
	if err := tx.InsertUser(ctx, user); err != nil {
		return err
	}
	return s.grantNew(ctx, tx, app, user.ID, subs, l, now)
}

// ClientUpgrade redeems a license (Key) on top of an existing user, without
// signing in: of the one whose session of the native protocol it is, or else of
// the one named by Username. A repetition succeeds and changes nothing. Errors:
// client.*, license.not_found, license.used, license.banned, user.not_found, subscription.no_level.
func (s *Service) ClientUpgrade(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientSignIn) error {
	if err := s.comesIn(ctx, app, ses, &in); err != nil {
		return err
	}
	if in.listed != nil {
		return in.listed
	}
	if err := s.stays(ctx, app, ses); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		fresh, err := currentApp(ctx, tx, app, ses, now)
		if err != nil {
			return err
		}
		user, userErr := upgraded(ctx, tx, fresh.ID, ses, in.Username, now)
		if latchkey.CodeOf(userErr) == latchkey.CodeSessionNotFound {
			return userErr
		}
		l, err := findLicense(ctx, tx, fresh.ID, in.Key)
		if err != nil {
			return err
		}
		if err := l.Redeemable(); err != nil && (userErr != nil || l.UsedBy != user.ID || l.Status == latchkey.LicenseBanned) {
			return err
		}
		if userErr != nil {
			return userErr
		}
		if user, err = tx.LockUser(ctx, fresh.ID, user.ID); err != nil {
			return err
		}
		if err := s.redeemFor(asCustomer(ctx, user.ID), tx, &fresh, &l, &user, now); err != nil {
			return fmt.Errorf("upgrade user %s: %w", user.ID, err)
		}
		return nil
	})
}

// stays judges by the lists who has signed in with a session of the native
// protocol, where nothing else of them is asked: their time may be over.
func (s *Service) stays(ctx context.Context, app *ClientApp, ses *ClientSession) error {
	now := s.now()
	d, err := s.door(ctx, &app.App, now)
	if err != nil || d == nil || ses.Stage != latchkey.StageSignedIn {
		return err
	}
	state, err := s.sessionState(ctx, &app.App, ses, now)
	if err != nil {
		return err
	}
	return d.stay(ctx, &state.Session)
}

// upgraded finds the user of an upgrade. Their time may be over: that is when
// they need it.
func upgraded(ctx context.Context, tx *store.Tx, appID string, ses *ClientSession, name string, now time.Time) (latchkey.User, error) {
	if ses.Stage != latchkey.StageSignedIn {
		return tx.UserByName(ctx, appID, name)
	}
	f, err := readSession(ctx, tx, appID, ses)
	if err == nil {
		err = judgeOpen(&f, now)
	}
	if err != nil {
		return latchkey.User{}, err
	}
	return tx.User(ctx, appID, f.UserID)
}
