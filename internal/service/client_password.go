package service

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Passwords are hashed and verified outside the transaction, which would hold
// everyone else up for as long; inside it, the user's password must still be
// the one that was verified.

// ClientLogin signs in by user name and password, or by user name and a token
// that stands for both factors. Errors, in this order: app.*, client.*, device.required
// and device.too_short (form), user.not_found, user.password_mismatch, then those of
// every sign-in.
func (s *Service) ClientLogin(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientSignIn) (Customer, error) {
	if in.Token != "" {
		return s.loginByToken(ctx, app, ses, in)
	}
	return s.login(ctx, app, ses, in, func(tx *store.Tx) (latchkey.User, error) { return tx.UserByName(ctx, app.ID, in.Username) })
}

// login signs in the user whom find finds, by password.
func (s *Service) login(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientSignIn, find func(*store.Tx) (latchkey.User, error)) (c Customer, err error) {
	if err := s.comesIn(ctx, app, ses, &in); err != nil {
		return c, err
	}
	var user latchkey.User
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		user, err = find(tx)
		return err
	})
	known := err == nil
	if err != nil && latchkey.CodeOf(err) != latchkey.CodeUserNotFound {
		return c, err
	}
	if _, err := newAttempt(&app.App, ses, methodLogin, in, ifKnown(&user, known), s.now()); err != nil {
		return c, err
	}
	hash, err := s.checkPassword(ctx, &app.App, &user, known, in.Password)
	if err != nil {
		return c, err
	}
	err = s.trying(ctx, app.ID, in.Code, func(tx *store.Tx, t *codeTrial) error {
		now := s.now()
		fresh, err := currentApp(ctx, tx, app, ses, now)
		if err != nil {
			return err
		}
		current, err := s.confirmPassword(ctx, tx, &user, hash)
		if err != nil {
			return err
		}
		a, err := newAttempt(&fresh, ses, methodLogin, in, &current, now)
		if err != nil {
			return err
		}
		a.code, a.proof = t, proof{before: &user, hash: hash}
		c, err = s.admit(ctx, tx, a, &current)
		return err
	})
	return c, err
}

func ifKnown(u *latchkey.User, known bool) *latchkey.User {
	if known {
		return u
	}
	return nil
}

// checkPassword verifies a password and returns the hash to store with the
// sign-in: the same one, or a new one where it is time to renew it or where
// this sign-in sets it. An unknown user costs as much as a wrong password.
func (s *Service) checkPassword(ctx context.Context, app *latchkey.App, user *latchkey.User, known bool, password latchkey.Secret) (string, error) {
	if known && user.PasswordState == latchkey.PasswordFirstSignIn && s.now().Before(user.PasswordUntil) {
		if err := s.checkChosen(app, password); err != nil {
			return "", err
		}
		return s.passwords.Hash(ctx, password)
	}
	ok, renew, err := s.passwords.Verify(ctx, user.PasswordHash, password)
	switch {
	case err != nil:
		return "", fmt.Errorf("verify password: %w", err)
	case !known:
		return "", latchkey.Fail(latchkey.CodeUserNotFound)
	case !ok:
		return "", latchkey.Fail(latchkey.CodePasswordWrong)
	case renew:
		return s.passwords.Hash(ctx, password)
	}
	return user.PasswordHash, nil
}

// confirmPassword returns the user as it now is, if its password is still the
// one that was verified as before, and stores hash if it differs.
func (s *Service) confirmPassword(ctx context.Context, tx *store.Tx, before *latchkey.User, hash string) (latchkey.User, error) {
	current, err := tx.User(ctx, before.AppID, before.ID)
	if err != nil {
		return current, err
	}
	if current.PasswordHash != before.PasswordHash || current.PasswordState != before.PasswordState {
		return current, latchkey.Fail(latchkey.CodePasswordWrong)
	}
	if hash == before.PasswordHash {
		return current, nil
	}
	stored, err := tx.SetUserPassword(ctx, before, hash)
	if err != nil || !stored {
		return current, orFail(err, latchkey.CodePasswordWrong)
	}
	if before.PasswordState == latchkey.PasswordFirstSignIn {
		audit(asCustomer(ctx, before.ID), tx, s.now(), before.AppID, "user.set_first_password", before.ID, nil)
		if err := tx.EndPasswordReset(ctx, before.AppID, before.ID); err != nil {
			return current, err
		}
	}
	current.PasswordHash, current.PasswordState, current.PasswordUntil = hash, latchkey.PasswordSet, time.Time{}
	return current, nil
}

// ClientRegister redeems a license for a new user with a name and a password of
// their own. A repetition whose answer was lost (same license, name, password
// and device) signs in instead. The rules on the form of hardware ids refuse
// nobody here, but what they would refuse elsewhere binds nothing. Errors, in this order:
// request.invalid, user.name_too_short, user.password_leaked, app.*, client.*, user.exists, license.not_found,
// license.used, license.banned, subscription.no_level.
func (s *Service) ClientRegister(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientSignIn) (c Customer, err error) {
	user, err := s.newCustomer(app, in)
	if err != nil {
		return c, err
	}
	if err := s.comesIn(ctx, app, ses, &in); err != nil {
		return c, err
	}
	again, err := s.checkRegistration(ctx, &app.App, &user, in)
	if err != nil {
		return c, err
	}
	if again != nil {
		return s.registeredAlready(ctx, app, ses, again, in)
	}
	if user.PasswordHash, err = s.passwords.Hash(ctx, in.Password); err != nil {
		return c, fmt.Errorf("hash password: %w", err)
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		fresh, err := currentApp(ctx, tx, app, ses, s.now())
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
		now := s.now()
		made := user
		if err := s.redeemNew(ctx, tx, &fresh, &l, &made, now); err != nil {
			return err
		}
		a := registerAttempt(&fresh, ses, in, now)
		a.new = true
		c, err = s.admit(ctx, tx, a, &made)
		return err
	})
	if code := latchkey.CodeOf(err); code == latchkey.CodeUserExists || code == latchkey.CodeLicenseUsed {
		// Simultaneous repetitions: this one lost to the same customer's other.
		if again, checkErr := s.checkRegistration(ctx, &app.App, &user, in); checkErr == nil && again != nil {
			return s.registeredAlready(ctx, app, ses, again, in)
		}
	}
	return c, err
}

// newCustomer checks what a customer chose.
func (s *Service) newCustomer(app *ClientApp, in ClientSignIn) (user latchkey.User, err error) {
	user = latchkey.User{AppID: app.ID, Name: in.Username, PasswordState: latchkey.PasswordSet}
	if err := latchkey.CheckUsername(in.Username); err != nil {
		return user, err
	}
	if int64(len([]rune(in.Username))) < app.Settings.MinUsernameLength {
		return user, latchkey.Fail(latchkey.CodeUserNameShort)
	}
	if err := s.checkChosen(&app.App, in.Password); err != nil {
		return user, err
	}
	if _, err := latchkey.NormalizeHWID(in.HWID); err != nil {
		return user, err
	}
	if in.Email != "" {
		if user.Email, err = latchkey.NormalizeEmail(in.Email); err != nil {
			return user, err
		}
	}
	// Whoever takes the license key as a name gets the key's protection.
	key, keyErr := latchkey.NormalizeKey(in.Key)
	user.LicenseNamed = keyErr == nil && key.Reveal() == in.Username
	return user, nil
}

// checkRegistration refuses, before any hashing, what cannot succeed. It
// returns the user if this is a repetition of a registration that did.
func (s *Service) checkRegistration(ctx context.Context, app *latchkey.App, user *latchkey.User, in ClientSignIn) (again *latchkey.User, err error) {
	again, err = s.findRegistration(ctx, app, user, in)
	if code := latchkey.CodeOf(err); code == latchkey.CodeUserExists || code == latchkey.CodeLicenseUsed {
		// The license may have been read before a simultaneous repetition
		// committed, and its user after it.
		again, err = s.findRegistration(ctx, app, user, in)
	}
	return again, err
}

func (s *Service) findRegistration(ctx context.Context, app *latchkey.App, user *latchkey.User, in ClientSignIn) (again *latchkey.User, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		l, licenseErr := findLicense(ctx, tx, app.ID, in.Key)
		taken, err := tx.UserByName(ctx, app.ID, user.Name)
		switch {
		case latchkey.CodeOf(err) == latchkey.CodeUserNotFound:
		case err != nil:
			return err
		case licenseErr == nil && l.Status == latchkey.LicenseUsed && l.UsedBy == taken.ID && taken.LicenseID == l.ID && taken.PasswordState == latchkey.PasswordSet:
			again = &taken
			return nil
		default:
			return latchkey.Fail(latchkey.CodeUserExists)
		}
		if licenseErr != nil {
			return licenseErr
		}
		return l.Redeemable()
	})
	return again, err
}

// registeredAlready answers a repeated registration: the password and the
// device must be the registered ones. Anyone else learns that the name is taken.
func (s *Service) registeredAlready(ctx context.Context, app *ClientApp, ses *ClientSession, user *latchkey.User, in ClientSignIn) (c Customer, err error) {
	ok, _, err := s.passwords.Verify(ctx, user.PasswordHash, in.Password)
	if err != nil || !ok {
		return c, orFail(err, latchkey.CodeUserExists)
	}
	err = s.trying(ctx, app.ID, in.Code, func(tx *store.Tx, t *codeTrial) error {
		fresh, err := currentApp(ctx, tx, app, ses, s.now())
		if err != nil {
			return err
		}
		current, err := s.confirmPassword(ctx, tx, user, user.PasswordHash)
		if err != nil {
			return err
		}
		a := registerAttempt(&fresh, ses, in, s.now())
		a.code = t
		c, err = s.admit(ctx, tx, a, &current)
		return err
	})
	return c, err
}

// registerAttempt is a sign-in under register's laxer rule: a hardware id that
// other sign-ins would take is bound or must match, none is asked for.
func registerAttempt(app *latchkey.App, ses *ClientSession, in ClientSignIn, now time.Time) attempt {
	hwid, _ := latchkey.NormalizeHWID(in.HWID) // checked by newCustomer
	a := attempt{app: app, ses: ses, method: methodRegister, hwid: hwid, rule: app.Rule(nil), asked: in.Request, listed: in.listed, origin: in.origin, now: now}
	a.rule.Force = false
	return a
}
