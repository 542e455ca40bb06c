package service

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	resetPrefix = "lkr_"
	// resetQueue is where requests for a new password wait to be looked at.
	resetQueue = "password_reset"
	// resetRequestLife bounds how late a request is looked at.
	resetRequestLife = time.Hour
	// resetTriesPerMinute bounds what one address tries with links.
	resetTriesPerMinute = 20
)

// resetLimits count requests for a new password, and uses of links, by address.
type resetLimits struct{ asked, tried *ratelimit.Buckets }

func newResetLimits(now func() time.Time, off bool) *resetLimits {
	if off {
		return &resetLimits{}
	}
	return &resetLimits{asked: ratelimit.New(now, ratelimit.PerHour(latchkey.MaxResets)), tried: ratelimit.New(now, ratelimit.PerMinute(resetTriesPerMinute))}
}

// takeAddress counts a call of the context's address; request.rate_limited.
func takeAddress(ctx context.Context, b *ratelimit.Buckets) error {
	addr, err := netip.ParseAddr(OriginFrom(ctx).IP)
	if err != nil { // none on a Unix socket
		return nil
	}
	if d := b.Take(ratelimit.Key{Addr: addr}); !d.Allowed {
		return ratelimit.Refuse(d.Wait)
	}
	return nil
}

// resetRequest is the payload of a delivery of the kind password_reset.
type resetRequest struct {
	Username string `json:"username"`
	Email    string `json:"email"`
}

// ClientForgot asks for a new password. It only notes that somebody did, so
// that neither the answer nor its time tells whether there is such a user, or
// whose address it is; [Service.AnswerForgot] looks afterwards. Errors: app.*,
// client.*, mail.not_configured, request.invalid, request.rate_limited (the
// address), session.not_found.
func (s *Service) ClientForgot(ctx context.Context, app *ClientApp, ses *ClientSession, username, email string) error {
	if err := s.comesIn(ctx, app, ses, &ClientSignIn{}); err != nil {
		return err
	}
	return s.noteForgot(ctx, app.ID, username, email, func(tx *store.Tx, now time.Time) error {
		_, err := currentApp(ctx, tx, app, ses, now)
		return err
	})
}

// noteForgot notes that somebody asks for a new password, if check finds in the
// same transaction that they may ask.
func (s *Service) noteForgot(ctx context.Context, appID, username, email string, check func(*store.Tx, time.Time) error) error {
	if s.resetURL == "" {
		return latchkey.Fail(latchkey.CodeMailOff)
	}
	if err := latchkey.CheckUsername(username); err != nil {
		return err
	}
	address, err := latchkey.NormalizeEmail(email)
	if err != nil {
		return err
	}
	if err := takeAddress(ctx, s.resets.asked); err != nil {
		return err
	}
	return s.write(ctx, func(tx *store.Tx) error {
		now := s.now()
		if err := check(tx, now); err != nil {
			return err
		}
		// If too many wait, this one is dropped, and answered like the others.
		_, err := s.enqueue(ctx, tx, appID, resetQueue, latchkey.DeliveryReset, resetRequest{username, address}, resetRequestLife, now)
		return err
	})
}

// AnswerForgot looks at a request for a new password, and sends the mail if
// user and address belong together. That they do not is no error.
func (s *Service) AnswerForgot(ctx context.Context, d *latchkey.Delivery) error {
	var asked resetRequest
	if err := json.Unmarshal(d.Payload, &asked); err != nil {
		return fmt.Errorf("read delivery %s: %w", d.ID, err)
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		app, err := tx.App(ctx, d.AppID)
		if err != nil {
			return err
		}
		user, err := tx.UserByName(ctx, d.AppID, asked.Username)
		if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
			return nil
		}
		if err != nil || user.Email != asked.Email || !user.MayReset() {
			return err
		}
		now := s.now()
		_, err = s.sendReset(asCustomer(ctx, user.ID), tx, &app, &user, latchkey.MaxResets, now)
		if code := latchkey.CodeOf(err); code == latchkey.CodeRateLimited || code == latchkey.CodeBusy {
			return nil
		}
		return err
	})
}

// PasswordReset is a mail with a link for a new password.
type PasswordReset struct {
	ExpiresAt time.Time
}

// SendPasswordReset sends a user a link for a new password. Errors:
// mail.not_configured, user.not_found, user.banned, user.password_not_set,
// request.invalid (no address), server.busy.
func (s *Service) SendPasswordReset(ctx context.Context, appID, userID string) (r PasswordReset, err error) {
	err = s.change(ctx, latchkey.PermUsersUpdate, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		user, err := tx.LockUser(ctx, appID, userID)
		if err != nil {
			return err
		}
		switch {
		case s.resetURL == "":
			return latchkey.Fail(latchkey.CodeMailOff)
		case user.Email == "":
			return latchkey.Invalid("email", "The user has no mail address; set one first.")
		case user.PasswordState == latchkey.PasswordNone:
			return latchkey.Fail(latchkey.CodePasswordAbsent)
		}
		if err := user.CheckBan(); err != nil {
			return err
		}
		if r, err = s.sendReset(ctx, tx, app, &user, 1<<30, now); err != nil {
			return err
		}
		return made(ctx, r)
	})
	return r, err
}

// sendReset gives a user a link, and has it sent. Errors: request.rate_limited,
// server.busy.
func (s *Service) sendReset(ctx context.Context, tx *store.Tx, app *latchkey.App, user *latchkey.User, most int64, now time.Time) (r PasswordReset, err error) {
	token, err := s.newToken(resetPrefix)
	if err != nil {
		return r, err
	}
	r.ExpiresAt = now.Add(latchkey.ResetLife)
	ok, err := tx.PutPasswordReset(ctx, user, store.NewReset{Token: token, ExpiresAt: r.ExpiresAt, Now: now, Most: most})
	if err != nil || !ok {
		return r, orFail(err, latchkey.CodeRateLimited)
	}
	name := user.Name
	if user.LicenseNamed { // a license key does not travel by mail
		name = "your account"
	}
	m := Mail{To: user.Email}
	// Behind the #, so that no proxy and no log sees the token.
	m.Subject, m.Text = latchkey.ResetMail(app.Name, name, s.resetURL+app.ID+"#"+token.Reveal())
	audit(ctx, tx, now, app.ID, "user.send_password_reset", user.ID, nil)
	queued, err := s.sendMail(ctx, tx, app.ID, m, latchkey.ResetLife, now)
	if err != nil || !queued {
		return r, orFail(err, latchkey.CodeBusy)
	}
	return r, nil
}

// ResetApp is the name of the app that a link for a new password belongs to;
// app.not_found.
func (s *Service) ResetApp(ctx context.Context, appID string) (string, error) {
	app, err := s.ClientAppByID(ctx, appID)
	if err != nil {
		return "", err
	}
	return app.Name, nil
}

// ResetPassword sets the password that a customer chose behind a link, once,
// and ends their sessions. Nothing is hashed for a link that is not good. Errors:
// app.not_found, request.rate_limited, password_reset.invalid, request.invalid,
// user.password_leaked.
func (s *Service) ResetPassword(ctx context.Context, appID string, token, password latchkey.Secret) error {
	app, err := s.ClientAppByID(ctx, appID)
	if err != nil {
		return err
	}
	if err := takeAddress(ctx, s.resets.tried); err != nil {
		return err
	}
	if !plausibleToken(resetPrefix, token) {
		return latchkey.Fail(latchkey.CodeResetInvalid)
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.OpenPasswordReset(ctx, appID, token, s.now())
		return err
	})
	if err != nil {
		return err
	}
	if err := s.checkChosen(&app.App, password); err != nil {
		return err
	}
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		userID, err := tx.UsePasswordReset(ctx, appID, token, now)
		if err != nil {
			return err
		}
		user, err := tx.LockUser(ctx, appID, userID)
		if err != nil || !user.BannedAt.IsZero() || user.PasswordState == latchkey.PasswordNone {
			return orFail(err, latchkey.CodeResetInvalid)
		}
		user.PasswordState, user.PasswordHash, user.PasswordUntil = latchkey.PasswordSet, hash, time.Time{}
		user.AuthVersion++ // ends the sessions
		user.UpdatedAt = now
		audit(asCustomer(ctx, user.ID), tx, now, appID, "user.reset_password", user.ID, nil)
		return tx.UpdateUser(ctx, &user)
	})
}

// SweepPasswordResets deletes links that have expired, in chunks, and returns
// how many.
func (s *Service) SweepPasswordResets(ctx context.Context) (total int64, err error) {
	for {
		var n int64
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.SweepPasswordResets(ctx, s.now(), sweepChunk)
			return err
		})
		if total += n; err != nil || n < sweepChunk {
			return total, err
		}
	}
}
