package service

import (
	"context"
	"fmt"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// What a customer does on their own page. Those that end the other sessions
// return the token under which this one goes on; with an error nothing has
// changed. Errors of all: auth.invalid, app.disabled, app.paused.

// PanelRedeem redeems a license on top of what the customer has. Errors:
// license.not_found, license.used, license.banned, subscription.no_level.
func (s *Service) PanelRedeem(ctx context.Context, app *ClientApp, token latchkey.Secret, key string) (card PanelCard, err error) {
	err = s.changePanel(ctx, app, token, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		l, err := findLicense(ctx, tx, me.app.ID, key)
		if err != nil {
			return err
		}
		if err := s.redeemFor(ctx, tx, me.app, &l, &me.user, me.now); err != nil {
			return err
		}
		card, err = panelCard(ctx, tx, me)
		return err
	})
	return card, err
}

// PanelResetDevices unbinds the customer's devices and ends their other
// sessions or, where the app says so, asks the seller for it; who waits already
// goes on waiting. Error: device.reset_too_soon.
func (s *Service) PanelResetDevices(ctx context.Context, app *ClientApp, token latchkey.Secret) (card PanelCard, renewed latchkey.Secret, err error) {
	err = s.changePanel(ctx, app, token, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		if renewed, err = me.resetDevices(ctx, tx); err != nil {
			return err
		}
		card, err = panelCard(ctx, tx, me)
		return err
	})
	return card, renewed, err
}

// resetDevices returns the token under which the session goes on, if the others
// have ended.
func (me *own) resetDevices(ctx context.Context, tx *store.Tx) (renewed latchkey.Secret, err error) {
	asks := me.app.Settings.DeviceResetApproval
	if asks && !me.user.ResetRequested.IsZero() {
		return "", nil
	}
	if err := me.user.CheckDeviceReset(&me.app.Settings, me.now); err != nil {
		return "", err
	}
	if asks {
		return "", me.requestReset(ctx, tx)
	}
	n, err := tx.DeleteDevices(ctx, me.app.ID, me.user.ID)
	if err != nil || n == 0 { // nothing to reset is no reset
		return "", err
	}
	me.user.OwnReset(me.now)
	audit(ctx, tx, me.now, me.app.ID, "user.reset_devices", me.user.ID, map[string]any{"devices": n})
	return me.panel.next, me.keepStored(ctx, tx)
}

// requestReset asks the seller for a reset, if there is a device to unbind.
func (me *own) requestReset(ctx context.Context, tx *store.Tx) error {
	devices, err := tx.Devices(ctx, me.app.ID, me.user.ID)
	if err != nil || len(devices) == 0 {
		return err
	}
	me.user.RequestReset(me.now)
	audit(ctx, tx, me.now, me.app.ID, "user.request_reset", me.user.ID, map[string]any{"devices": len(devices)})
	return me.store(ctx, tx)
}

// keepStored stores a user whose other sessions end.
func (me *own) keepStored(ctx context.Context, tx *store.Tx) error {
	if err := me.keepSession(ctx, tx); err != nil {
		return err
	}
	return me.store(ctx, tx)
}

// PanelChangePassword needs the current password and ends the other sessions.
// Errors: user.password_mismatch; user.password_not_set for who signs in by a
// license; request.invalid, user.password_leaked.
func (s *Service) PanelChangePassword(ctx context.Context, app *ClientApp, token latchkey.Secret, current, next latchkey.Secret) (renewed latchkey.Secret, err error) {
	if err := s.checkChosen(&app.App, next); err != nil {
		return "", err
	}
	before, err := s.panelProof(ctx, app, token, current)
	if err != nil {
		return "", err
	}
	if before.PasswordState != latchkey.PasswordSet {
		return "", latchkey.Fail(latchkey.CodePasswordAbsent)
	}
	hash, err := s.passwords.Hash(ctx, next)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	err = s.changeProved(ctx, app, token, &before, func(ctx context.Context, tx *store.Tx, me *own) error {
		me.user.PasswordHash, renewed = hash, me.panel.next
		audit(ctx, tx, me.now, me.app.ID, "user.change_password", me.user.ID, nil)
		return me.keepStored(ctx, tx)
	})
	return renewed, err
}

// PanelChangeEmail needs the password, or the license of who has none; "" removes
// the address. Errors: user.password_mismatch, request.invalid.
func (s *Service) PanelChangeEmail(ctx context.Context, app *ClientApp, token latchkey.Secret, password latchkey.Secret, email string) (err error) {
	if email != "" {
		if email, err = latchkey.NormalizeEmail(email); err != nil {
			return err
		}
	}
	before, err := s.panelProof(ctx, app, token, password)
	if err != nil {
		return err
	}
	return s.changeProved(ctx, app, token, &before, func(ctx context.Context, tx *store.Tx, me *own) error {
		me.user.Email = email
		audit(ctx, tx, me.now, me.app.ID, "user.change_email", me.user.ID, nil)
		return me.store(ctx, tx)
	})
}

// panelProof verifies the password of who is signed in, outside every
// transaction, and returns them as they then were.
func (s *Service) panelProof(ctx context.Context, app *ClientApp, token latchkey.Secret, password latchkey.Secret) (user latchkey.User, err error) {
	var license latchkey.Secret
	err = s.readPanel(ctx, app, token, func(tx *store.Tx, me *own) error {
		user = me.user
		license, err = ownLicense(ctx, tx, &user)
		return err
	})
	if err != nil {
		return user, err
	}
	return user, s.verifyOwn(ctx, &user, license, password)
}

// changeProved is changePanel for who has proved their password: it must still
// be that one.
func (s *Service) changeProved(ctx context.Context, app *ClientApp, token latchkey.Secret, before *latchkey.User, body func(ctx context.Context, tx *store.Tx, me *own) error) error {
	return s.changePanel(ctx, app, token, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		if me.user.PasswordHash != before.PasswordHash || me.user.PasswordState != before.PasswordState {
			return latchkey.Fail(latchkey.CodePasswordWrong)
		}
		return body(ctx, tx, me)
	})
}

// PanelTwoFactorEnroll begins to set up a second factor, proved by the password
// or the license of who has none. Errors: user.password_mismatch,
// two_factor.enabled.
func (s *Service) PanelTwoFactorEnroll(ctx context.Context, app *ClientApp, token latchkey.Secret, password latchkey.Secret) (e Enrolment, err error) {
	before, err := s.panelProof(ctx, app, token, password)
	if err != nil {
		return e, err
	}
	err = s.changeProved(ctx, app, token, &before, func(ctx context.Context, tx *store.Tx, me *own) error {
		e, err = s.beginTwoFactor(ctx, tx, me)
		return err
	})
	return e, err
}

// PanelTwoFactorConfirm ends an enrolment by its first code and ends the other
// sessions. Errors: those of [Service.ClientTwoFactorConfirm].
func (s *Service) PanelTwoFactorConfirm(ctx context.Context, app *ClientApp, token latchkey.Secret, code string) (recovery []latchkey.Secret, renewed latchkey.Secret, err error) {
	err = s.changePanel(ctx, app, token, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		if recovery, err = s.confirmTwoFactor(ctx, tx, me, code); err != nil {
			return err
		}
		renewed = me.panel.next
		return me.keepStored(ctx, tx)
	})
	return recovery, renewed, err
}

// PanelTwoFactorDisable removes the second factor, proved by a code, and ends
// the other sessions. Errors: those of [Service.ClientTwoFactorDisable].
func (s *Service) PanelTwoFactorDisable(ctx context.Context, app *ClientApp, token latchkey.Secret, code string) (renewed latchkey.Secret, err error) {
	err = s.changePanel(ctx, app, token, code, func(ctx context.Context, tx *store.Tx, me *own, t *codeTrial) error {
		if err := s.proveFactor(ctx, tx, me, t); err != nil {
			return err
		}
		if err := removeTwoFactor(ctx, tx, &me.user); err != nil {
			return err
		}
		renewed = me.panel.next
		audit(ctx, tx, me.now, me.app.ID, "two_factor.disable", me.user.ID, nil)
		return me.keepStored(ctx, tx)
	})
	return renewed, err
}

// PanelRecoveryCodes makes new recovery codes, proved by a code; the old ones are
// dead. Errors: those of [Service.ClientTwoFactorDisable].
func (s *Service) PanelRecoveryCodes(ctx context.Context, app *ClientApp, token latchkey.Secret, code string) (recovery []latchkey.Secret, err error) {
	err = s.changePanel(ctx, app, token, code, func(ctx context.Context, tx *store.Tx, me *own, t *codeTrial) error {
		if err := s.proveFactor(ctx, tx, me, t); err != nil {
			return err
		}
		audit(ctx, tx, me.now, me.app.ID, "two_factor.new_recovery_codes", me.user.ID, nil)
		recovery, err = s.newRecoveryCodes(ctx, tx, &me.user)
		return err
	})
	return recovery, err
}

// PanelEndSession ends one of the customer's sessions, of a program or of their
// page; session.not_found.
func (s *Service) PanelEndSession(ctx context.Context, app *ClientApp, token latchkey.Secret, id string) error {
	return s.changePanel(ctx, app, token, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		audit(ctx, tx, me.now, me.app.ID, "session.kill", id, nil)
		if latchkey.IsID(latchkey.KindPanelSession, id) {
			return tx.DeletePanelSession(ctx, me.app.ID, me.user.ID, id)
		}
		state, err := tx.SessionState(ctx, me.app.ID, id)
		if err == nil && state.UserID != me.user.ID || latchkey.CodeOf(err) == latchkey.CodeSessionNotSignedIn {
			err = latchkey.Fail(latchkey.CodeSessionNotFound)
		}
		if err != nil {
			return err
		}
		return tx.EndSession(ctx, me.app.ID, id, latchkey.EndKilled, me.now)
	})
}

// PanelEndSessions ends all of the customer's sessions but the one that asks.
func (s *Service) PanelEndSessions(ctx context.Context, app *ClientApp, token latchkey.Secret) (renewed latchkey.Secret, err error) {
	err = s.changePanel(ctx, app, token, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		renewed = me.panel.next
		audit(ctx, tx, me.now, me.app.ID, "session.kill_all", me.user.ID, nil)
		return me.keepStored(ctx, tx)
	})
	return renewed, err
}

// PanelSignInToken makes a token by which a program on the customer's computer
// signs them in once, within a minute.
func (s *Service) PanelSignInToken(ctx context.Context, app *ClientApp, token latchkey.Secret) (t SignInToken, err error) {
	err = s.changePanel(ctx, app, token, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		t, err = s.newSignInToken(ctx, tx, &me.user, me.now)
		return err
	})
	return t, err
}
