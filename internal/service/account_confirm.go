package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// confirmed refuses a person at the dashboard who has not typed in their
// password for a while: whoever finds a browser open, or has stolen its cookie,
// must not get what lasts longer than the session. API keys are not asked: they
// are the password. Error: auth.confirmation_required.
func (s *Service) confirmed(ctx context.Context) error {
	a := ActorFrom(ctx)
	if a.SessionID == "" || s.now().Before(a.ConfirmedUntil) {
		return nil
	}
	return latchkey.Fail(latchkey.CodeConfirmation)
}

// Confirmation is what a password that was typed in once more gives a session.
type Confirmation struct {
	Until time.Time // nothing asks for the password again until then
	// Token is the session's from now on; "" if another call has renewed it at the
	// same moment, which answers with it.
	Token    latchkey.Secret
	TokenFor time.Duration // how long the session can last
}

// Confirm takes the password of the person at the dashboard once more, and gives
// their session another token: whoever has a copy of the one before gets nothing
// of what is confirmed. Errors: auth.credentials, auth.forbidden for API keys.
func (s *Service) Confirm(ctx context.Context, password latchkey.Secret) (c Confirmation, err error) {
	account, actor, err := s.verified(ctx, "password", password)
	if err != nil {
		return c, err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		now := s.now()
		if c, err = s.confirm(ctx, tx, &account, actor, now); err != nil {
			return err
		}
		audit(ctx, tx, now, latchkey.InstanceChain, "account.confirm", actor.SessionID, nil)
		return nil
	})
	return c, err
}

// confirm notes that the password of account was typed in, and renews the token.
func (s *Service) confirm(ctx context.Context, tx *store.Tx, account *latchkey.Account, actor Actor, now time.Time) (c Confirmation, err error) {
	// Guarded, as at sign-in: a password changed since it was verified confirms nothing.
	current, err := tx.ConfirmAccountSession(ctx, account, actor.SessionID, now)
	if err != nil || !current {
		return c, orFail(err, latchkey.CodeCredentials)
	}
	_, session, err := tx.AccountSession(ctx, actor.SessionID, now, s.idleSince(now))
	if err != nil {
		return c, err
	}
	next, err := s.newToken(accountSessionPrefix)
	if err != nil {
		return c, err
	}
	c = Confirmation{Until: now.Add(latchkey.ConfirmationLasts), TokenFor: session.ExpiresAt.Sub(now)}
	renewed, err := tx.RenewAccountSession(ctx, actor.SessionID, actor.Token, next, now.Add(latchkey.PreviousTokenLasts))
	if renewed {
		c.Token = next
	}
	return c, err
}
