package service

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// PanelSignIn is what a customer enters on their own page.
type PanelSignIn struct {
	ClientSignIn
	UserAgent string // of the browser
}

// PanelSignIn signs a customer in to their own page by user name and password.
// An unknown name costs and answers the same as a wrong password. Errors:
// app.disabled, app.paused, client.*, user.password_mismatch, user.banned,
// two_factor.code_required, two_factor.code_mismatch, request.rate_limited.
func (s *Service) PanelSignIn(ctx context.Context, app *ClientApp, in PanelSignIn) (p PanelSession, err error) {
	if err := s.comesToPanel(ctx, app); err != nil {
		return p, err
	}
	var user latchkey.User
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		user, err = tx.UserByName(ctx, app.ID, in.Username)
		return err
	})
	known := err == nil
	if err != nil && latchkey.CodeOf(err) != latchkey.CodeUserNotFound {
		return p, err
	}
	hash, err := s.checkPassword(ctx, &app.App, &user, known, in.Password)
	if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
		err = latchkey.Fail(latchkey.CodePasswordWrong)
	}
	if err != nil {
		return p, err
	}
	return s.enterByPassword(ctx, app, &user, hash, in, methodLogin)
}

// enterByPassword lets in a user whose password was verified.
func (s *Service) enterByPassword(ctx context.Context, app *ClientApp, user *latchkey.User, hash string, in PanelSignIn, method string) (p PanelSession, err error) {
	err = s.trying(ctx, app.ID, in.Code, func(tx *store.Tx, t *codeTrial) error {
		fresh, err := s.panelApp(ctx, tx, app)
		if err != nil {
			return err
		}
		if _, err := tx.LockUser(ctx, app.ID, user.ID); err != nil {
			return orWrongPassword(err)
		}
		current, err := s.confirmPassword(ctx, tx, user, hash)
		if err != nil {
			return err
		}
		p, err = s.enterPanel(ctx, tx, &fresh, &current, t, method, in.UserAgent, s.now())
		return err
	})
	return p, err
}

// orWrongPassword tells of a user who has been deleted this moment.
func orWrongPassword(err error) error {
	if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
		return latchkey.Fail(latchkey.CodePasswordWrong)
	}
	return err
}

// PanelSignInByLicense signs in the user whom a license made. It redeems
// nothing: a license that nobody has used signs nobody in. Errors: app.disabled,
// app.paused, client.*, license.not_found, user.not_found, user.password_mismatch if that
// user has a password, and those of [Service.PanelSignIn] after it.
func (s *Service) PanelSignInByLicense(ctx context.Context, app *ClientApp, in PanelSignIn) (p PanelSession, err error) {
	if err := s.comesToPanel(ctx, app); err != nil {
		return p, err
	}
	key, err := latchkey.NormalizeKey(in.Key)
	if err != nil {
		return p, err
	}
	err = s.trying(ctx, app.ID, in.Code, func(tx *store.Tx, t *codeTrial) error {
		fresh, err := s.panelApp(ctx, tx, app)
		if err != nil {
			return err
		}
		user, err := licenseUser(ctx, tx, app.ID, key)
		if err != nil {
			return err
		}
		if user, err = tx.LockUser(ctx, app.ID, user.ID); err != nil {
			return err
		}
		if user.PasswordState != latchkey.PasswordNone {
			return latchkey.Fail(latchkey.CodePasswordWrong)
		}
		p, err = s.enterPanel(ctx, tx, &fresh, &user, t, methodLicense, in.UserAgent, s.now())
		return err
	})
	return p, err
}

// licenseUser is the user whom a license made, whatever their name is by now.
// Errors: license.not_found, user.not_found.
func licenseUser(ctx context.Context, tx *store.Tx, appID string, key latchkey.Secret) (latchkey.User, error) {
	user, err := tx.UserByLicense(ctx, appID, key)
	if latchkey.CodeOf(err) != latchkey.CodeUserNotFound {
		return user, err
	}
	l, err := tx.LicenseByKey(ctx, appID, key)
	if err != nil {
		return user, err
	}
	return renamedUser(ctx, tx, &l)
}

// PanelRegister redeems a license for a new user with a name and a password, and
// signs them in. A repetition whose answer was lost (same license, name and
// password) signs in. Errors: app.disabled, app.paused, client.*, those of
// [Service.ClientRegister], and those of a sign-in.
func (s *Service) PanelRegister(ctx context.Context, app *ClientApp, in PanelSignIn) (p PanelSession, err error) {
	in.HWID = ""
	user, err := s.newCustomer(app, in.ClientSignIn)
	if err != nil {
		return p, err
	}
	if err := s.comesToPanel(ctx, app); err != nil {
		return p, err
	}
	again, err := s.checkRegistration(ctx, &app.App, &user, in.ClientSignIn)
	if err != nil {
		return p, err
	}
	if again != nil {
		return s.registeredPanel(ctx, app, again, in)
	}
	if user.PasswordHash, err = s.passwords.Hash(ctx, in.Password); err != nil {
		return p, fmt.Errorf("hash password: %w", err)
	}
	p, err = s.registerPanel(ctx, app, user, in)
	if code := latchkey.CodeOf(err); code == latchkey.CodeUserExists || code == latchkey.CodeLicenseUsed {
		// Simultaneous repetitions: this one lost to the same customer's other.
		if again, checkErr := s.checkRegistration(ctx, &app.App, &user, in.ClientSignIn); checkErr == nil && again != nil {
			return s.registeredPanel(ctx, app, again, in)
		}
	}
	return p, err
}

func (s *Service) registerPanel(ctx context.Context, app *ClientApp, user latchkey.User, in PanelSignIn) (p PanelSession, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		fresh, err := s.panelApp(ctx, tx, app)
		if err != nil {
			return err
		}
		if !user.LicenseNamed {
			if err := checkNewName(ctx, tx, &fresh, user.Name); err != nil {
				return err
			}
		}
		l, err := findLicense(ctx, tx, fresh.ID, in.Key)
		if err != nil {
			return err
		}
		made := user
		if err := s.redeemNew(ctx, tx, &fresh, &l, &made, now); err != nil {
			return err
		}
		p, err = s.enterPanel(ctx, tx, &fresh, &made, &codeTrial{}, methodRegister, in.UserAgent, now)
		return err
	})
	return p, err
}

// registeredPanel answers a repeated registration.
func (s *Service) registeredPanel(ctx context.Context, app *ClientApp, user *latchkey.User, in PanelSignIn) (p PanelSession, err error) {
	ok, _, err := s.passwords.Verify(ctx, user.PasswordHash, in.Password)
	if err != nil || !ok {
		return p, orFail(err, latchkey.CodeUserExists)
	}
	return s.enterByPassword(ctx, app, user, user.PasswordHash, in, methodRegister)
}

// PanelForgot asks for a new password, as [Service.ClientForgot] does. Errors:
// app.*, client.*, mail.not_configured, request.invalid, request.rate_limited
// (the address).
func (s *Service) PanelForgot(ctx context.Context, app *ClientApp, username, email string) error {
	if err := s.comesToPanel(ctx, app); err != nil {
		return err
	}
	return s.noteForgot(ctx, app.ID, username, email, func(tx *store.Tx, _ time.Time) error {
		_, err := s.panelApp(ctx, tx, app)
		return err
	})
}

// MailsResets reports whether customers can be sent a link for a new password.
func (s *Service) MailsResets() bool { return s.resetURL != "" }
