package service

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

// RecoveryCodes stand in for an authenticator that is lost. They are shown once.
type RecoveryCodes []latchkey.Secret

// Enrolment is what a customer puts into their authenticator. It is shown once.
type Enrolment struct {
	Secret latchkey.Secret // in base 32
	URI    latchkey.Secret // otpauth://…
}

// ClientTwoFactorEnroll begins to set up a second factor for the user who is
// signed in: for five minutes it waits for its first code. One begun again
// takes the place of the one before. password proves that it is the user who
// asks; nil does not ask for it, for protocols that have no place for it. Users
// without a password prove it by the license that they were made by, if there
// is one. Errors: those of
// [Service.ClientCheck]; two_factor.enabled, user.password_mismatch,
// request.rate_limited.
func (s *Service) ClientTwoFactorEnroll(ctx context.Context, app *ClientApp, ses *ClientSession, password *latchkey.Secret) (e Enrolment, err error) {
	proved, err := s.provePassword(ctx, app, ses, password)
	if err != nil {
		return e, err
	}
	err = s.changeOwn(ctx, app, ses, func(ctx context.Context, tx *store.Tx, me *own) error {
		if password != nil && me.user.PasswordHash != proved {
			return latchkey.Fail(latchkey.CodePasswordWrong)
		}
		if e, err = s.beginTwoFactor(ctx, tx, me); err != nil {
			return err
		}
		return made(ctx, e)
	})
	return e, err
}

// provePassword verifies the password of the user who is signed in, outside
// every transaction, and returns the hash that it was verified by; "" without
// one. Errors: those of [Service.ClientCheck]; user.password_mismatch.
func (s *Service) provePassword(ctx context.Context, app *ClientApp, ses *ClientSession, password *latchkey.Secret) (hash string, err error) {
	c, err := s.signedIn(ctx, app, ses)
	if err != nil || password == nil {
		return "", err
	}
	var user latchkey.User
	var license latchkey.Secret
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if user, err = tx.User(ctx, app.ID, c.UserID); err != nil {
			return orSession(err)
		}
		license, err = ownLicense(ctx, tx, &user)
		return err
	})
	if err != nil {
		return "", err
	}
	return user.PasswordHash, s.verifyOwn(ctx, &user, license, *password)
}

// ownLicense is what a user without a password proves themself by; "" if they
// have a password, or if nothing is left to prove it by.
func ownLicense(ctx context.Context, tx *store.Tx, user *latchkey.User) (latchkey.Secret, error) {
	switch {
	case user.PasswordState != latchkey.PasswordNone || user.LicenseID == "":
		return "", nil
	case user.LicenseNamed:
		return latchkey.Secret(user.Name), nil
	}
	l, err := tx.License(ctx, user.AppID, user.LicenseID)
	if latchkey.CodeOf(err) == latchkey.CodeLicenseNotFound {
		return "", nil // deleted
	}
	return l.Key, err
}

// verifyOwn verifies a user's own password, or the license that they have instead.
func (s *Service) verifyOwn(ctx context.Context, user *latchkey.User, license, password latchkey.Secret) error {
	if user.PasswordState == latchkey.PasswordNone {
		if license != "" && subtle.ConstantTimeCompare([]byte(license.Reveal()), []byte(password.Reveal())) != 1 {
			return latchkey.Fail(latchkey.CodePasswordWrong)
		}
		return nil
	}
	ok, _, err := s.passwords.Verify(ctx, user.PasswordHash, password)
	if err != nil {
		return fmt.Errorf("verify password: %w", err)
	}
	if !ok {
		return latchkey.Fail(latchkey.CodePasswordWrong)
	}
	return nil
}

func (s *Service) beginTwoFactor(ctx context.Context, tx *store.Tx, me *own) (e Enrolment, err error) {
	if !me.user.TwoFactorAt.IsZero() {
		return e, latchkey.Fail(latchkey.CodeTwoFactorEnabled)
	}
	if err := takeOwn(s.ownLimits.enrolments, me.user.ID); err != nil {
		return e, err
	}
	seed, err := totp.NewSeed(s.rand)
	if err != nil {
		return e, err
	}
	err = tx.BeginTwoFactor(ctx, &latchkey.TwoFactor{AppID: me.app.ID, UserID: me.user.ID, Seed: seed,
		PendingUntil: me.now.Add(latchkey.TwoFactorPending), CreatedAt: me.now})
	if err != nil {
		return e, err
	}
	uri, err := totp.URI(me.app.Name, accountLabel(&me.user), seed)
	audit(ctx, tx, me.now, me.app.ID, "two_factor.enroll", me.user.ID, nil)
	return Enrolment{Secret: latchkey.Secret(totp.Text(seed)), URI: latchkey.Secret(uri)}, err
}

// accountLabel is what an authenticator shows of a user. A license key is more
// than a name, and authenticators are copied and synchronised: it shows its end.
func accountLabel(u *latchkey.User) string {
	if u.LicenseNamed {
		return "license …" + latchkey.Secret(u.Name).Last4()
	}
	return u.Name
}

// ClientTwoFactorConfirm ends an enrolment with the authenticator's first code:
// from now on the user signs in with one. It returns recovery codes, which are
// shown once, and ends the user's other sessions. Errors: those of
// [Service.ClientCheck]; two_factor.enabled, two_factor.not_pending,
// two_factor.code_mismatch.
func (s *Service) ClientTwoFactorConfirm(ctx context.Context, app *ClientApp, ses *ClientSession, code string) (recovery []latchkey.Secret, err error) {
	err = s.changeOwn(ctx, app, ses, func(ctx context.Context, tx *store.Tx, me *own) error {
		if recovery, err = s.confirmTwoFactor(ctx, tx, me, code); err != nil {
			return err
		}
		if err := me.keepStored(ctx, tx); err != nil {
			return err
		}
		return made(ctx, RecoveryCodes(recovery))
	})
	return recovery, err
}

func (s *Service) confirmTwoFactor(ctx context.Context, tx *store.Tx, me *own, code string) ([]latchkey.Secret, error) {
	f, err := tx.TwoFactor(ctx, me.app.ID, me.user.ID)
	switch {
	case latchkey.CodeOf(err) == latchkey.CodeTwoFactorNotEnabled:
		return nil, latchkey.Fail(latchkey.CodeTwoFactorNotPending)
	case err != nil:
		return nil, err
	case !f.ConfirmedAt.IsZero():
		return nil, latchkey.Fail(latchkey.CodeTwoFactorEnabled)
	case !f.PendingUntil.After(me.now):
		return nil, latchkey.Fail(latchkey.CodeTwoFactorNotPending)
	}
	step, ok := totp.Match(f.Seed, code, me.now)
	if !ok {
		return nil, latchkey.Fail(latchkey.CodeTwoFactorWrong)
	}
	won, err := tx.ConfirmTwoFactor(ctx, me.app.ID, me.user.ID, step, me.now)
	if err != nil || !won {
		return nil, orFail(err, latchkey.CodeTwoFactorNotPending)
	}
	me.user.TwoFactorAt = me.now
	audit(ctx, tx, me.now, me.app.ID, "two_factor.enable", me.user.ID, nil)
	return s.newRecoveryCodes(ctx, tx, &me.user)
}

// newRecoveryCodes gives a user new recovery codes in place of all earlier ones.
func (s *Service) newRecoveryCodes(ctx context.Context, tx *store.Tx, user *latchkey.User) (codes []latchkey.Secret, err error) {
	plain := make([]latchkey.Secret, latchkey.RecoveryCodes)
	codes = make([]latchkey.Secret, latchkey.RecoveryCodes)
	for i := range codes {
		if codes[i], err = latchkey.NewRecoveryCode(s.rand); err != nil {
			return nil, err
		}
		plain[i], _ = latchkey.NormalizeRecoveryCode(codes[i].Reveal())
	}
	return codes, tx.SetRecoveryCodes(ctx, user.AppID, user.ID, plain)
}

// ClientTwoFactorDisable removes the second factor of the user who is signed
// in, proved by a code of it or a recovery code, and ends their other sessions.
// Errors: those of [Service.ClientCheck]; two_factor.code_required,
// two_factor.not_enabled, two_factor.code_mismatch, request.rate_limited.
func (s *Service) ClientTwoFactorDisable(ctx context.Context, app *ClientApp, ses *ClientSession, code string) error {
	return s.changeOwnBy(ctx, app, ses, code, func(ctx context.Context, tx *store.Tx, me *own, t *codeTrial) error {
		if err := s.proveFactor(ctx, tx, me, t); err != nil {
			return err
		}
		if err := removeTwoFactor(ctx, tx, &me.user); err != nil {
			return err
		}
		audit(ctx, tx, me.now, me.app.ID, "two_factor.disable", me.user.ID, nil)
		return me.keepStored(ctx, tx)
	})
}

// proveFactor judges a code of a user who is signed in.
func (s *Service) proveFactor(ctx context.Context, tx *store.Tx, me *own, t *codeTrial) error {
	if t.code != "" && me.user.TwoFactorAt.IsZero() {
		return latchkey.Fail(latchkey.CodeTwoFactorNotEnabled)
	}
	return s.spend(ctx, tx, t, &me.user, "")
}

func removeTwoFactor(ctx context.Context, tx *store.Tx, user *latchkey.User) error {
	if user.TwoFactorAt.IsZero() {
		return latchkey.Fail(latchkey.CodeTwoFactorNotEnabled)
	}
	user.TwoFactorAt = time.Time{}
	return tx.DeleteTwoFactor(ctx, user.AppID, user.ID)
}

// DisableUserTwoFactor removes a user's second factor, for customers who have
// lost it, and ends their sessions. Errors: user.not_found,
// two_factor.not_enabled.
func (s *Service) DisableUserTwoFactor(ctx context.Context, appID, id string) (UserView, error) {
	return s.changeUser(ctx, latchkey.PermUsersUpdate, appID, id, "user.disable_two_factor", nil,
		func(tx *store.Tx, _ *latchkey.App, user *latchkey.User, _ time.Time) error {
			user.AuthVersion++
			return removeTwoFactor(ctx, tx, user)
		})
}
