package service

import (
	"context"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// keptFailures is how many failed sign-ins of one account are kept.
const keptFailures = 1000

// metaSignInFailed is when a sign-in to the dashboard last failed, in milliseconds.
const metaSignInFailed = "account_sign_in_failed_at"

// logSignIn adds to an account's log of sign-ins.
func (s *Service) logSignIn(ctx context.Context, tx *store.Tx, accountID, userAgent, method string, succeeded bool) error {
	now := s.now()
	r := latchkey.AccountSignIn{AccountID: accountID, At: now, IP: OriginFrom(ctx).IP, UserAgent: keptUserAgent(userAgent), Method: method, Succeeded: succeeded}
	var err error
	if r.ID, err = s.newID(latchkey.KindSignIn, now); err != nil {
		return err
	}
	return tx.InsertAccountSignIn(ctx, &r)
}

// signInFailed logs a wrong password and returns the refusal. An address that
// nobody has costs a write as well, so that it cannot be told by the time.
func (s *Service) signInFailed(ctx context.Context, accountID, userAgent, method string) error {
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SetMeta(ctx, metaSignInFailed, strconv.FormatInt(s.now().UnixMilli(), 10)); err != nil {
			return err
		}
		if err := s.logSignIn(ctx, tx, accountID, userAgent, method, false); err != nil {
			return err
		}
		return tx.TrimAccountSignIns(ctx, accountID, keptFailures)
	})
	if err != nil {
		s.log.WarnContext(ctx, "failed sign-in not logged", "error", err)
	}
	return latchkey.Fail(latchkey.CodeCredentials)
}

// keptUserAgent is a browser's name as far as it is kept.
func keptUserAgent(name string) string {
	if len(name) > maxUserAgent || !utf8.ValidString(name) {
		return ""
	}
	return name
}

// verified returns the account of the person at the dashboard if the password is
// theirs; a wrong one is in the account's log of sign-ins. Errors:
// auth.credentials at the field, auth.forbidden for API keys.
func (s *Service) verified(ctx context.Context, field string, password latchkey.Secret) (account latchkey.Account, actor Actor, err error) {
	if actor, err = signedInPerson(ctx); err != nil {
		return account, actor, err
	}
	if account, err = s.Me(ctx); err != nil {
		return account, actor, err
	}
	ok, _, err := s.passwords.Verify(ctx, account.PasswordHash, password)
	if err != nil {
		return account, actor, fmt.Errorf("verify password: %w", err)
	}
	if !ok {
		err = s.signInFailed(ctx, account.ID, "", latchkey.SignInByConfirm)
		if latchkey.CodeOf(err) == latchkey.CodeCredentials {
			err = latchkey.FailWith(latchkey.CodeCredentials, "This is not your password.").At(field)
		}
		return account, actor, err
	}
	return account, actor, nil
}

// ListAccountSignIns lists the sign-ins to the actor's account, those that failed
// included, newest first.
func (s *Service) ListAccountSignIns(ctx context.Context, p Page) (list List[latchkey.AccountSignIn], err error) {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return list, err
	}
	k, err := s.keyset(p, false, "account-sign-ins", actor.AccountID)
	if err != nil {
		return list, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		items, err := tx.AccountSignIns(ctx, actor.AccountID, k)
		if err != nil {
			return err
		}
		list, err = page(s, items, k, func(r *latchkey.AccountSignIn) string { return r.ID }, "account-sign-ins", actor.AccountID)
		return err
	})
	return list, err
}

// SweepAccountSignIns forgets sign-ins to the dashboard after
// [latchkey.AccountSignInsKept], in chunks, and returns how many.
func (s *Service) SweepAccountSignIns(ctx context.Context) (total int64, err error) {
	for {
		var n int64
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.SweepAccountSignIns(ctx, s.now().Add(-latchkey.AccountSignInsKept), sweepChunk)
			return err
		})
		if total += n; err != nil || n < sweepChunk {
			return total, err
		}
	}
}

// ChangeEmail gives the account of the person at the dashboard another mail
// address, which they sign in with from then on, and tells the old one. Errors:
// auth.credentials, auth.forbidden, account.exists, request.invalid.
func (s *Service) ChangeEmail(ctx context.Context, email string, password latchkey.Secret) (account latchkey.Account, err error) {
	address, err := latchkey.NormalizeEmail(email)
	if err != nil {
		return account, err
	}
	if account, _, err = s.verified(ctx, "password", password); err != nil {
		return account, err
	}
	before := account.Email
	err = s.write(ctx, func(tx *store.Tx) error {
		now := s.now()
		account.Email, account.UpdatedAt = address, now
		// Guarded, as at sign-in: a password changed since it was verified changes nothing.
		changed, err := tx.SetAccountEmail(ctx, &account)
		if err != nil || !changed {
			return orFail(err, latchkey.CodeCredentials)
		}
		audit(ctx, tx, now, latchkey.InstanceChain, "account.change_email", account.ID, nil)
		return s.tellOldAddress(ctx, tx, before, address, now)
	})
	return account, err
}

// tellOldAddress has a mail sent to the address that an account had until now.
// Where no mail server is set up there is nothing to wait for.
func (s *Service) tellOldAddress(ctx context.Context, tx *store.Tx, before, after string, now time.Time) error {
	if before == after || !s.host.Mail {
		return nil
	}
	m := Mail{To: before}
	m.Subject, m.Text = latchkey.AddressMail(now, OriginFrom(ctx).IP)
	queued, err := s.sendMail(ctx, tx, serverMails, m, latchkey.DeliveryPatience, now)
	if err != nil || !queued { // an address that nobody can be told of stays
		return orFail(err, latchkey.CodeBusy)
	}
	return nil
}
