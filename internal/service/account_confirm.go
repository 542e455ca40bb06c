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

// Confirm takes the password of the person at the dashboard once more, and says
// until when that counts. Errors: auth.credentials, auth.forbidden for API keys.
func (s *Service) Confirm(ctx context.Context, password latchkey.Secret) (until time.Time, err error) {
	account, actor, err := s.verified(ctx, password)
	if err != nil {
		return until, err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		now := s.now()
		// Guarded, as at sign-in: a password changed since it was verified confirms nothing.
		current, err := tx.ConfirmAccountSession(ctx, &account, actor.SessionID, now)
		if err != nil || !current {
			return orFail(err, latchkey.CodeCredentials)
		}
		audit(ctx, tx, now, latchkey.InstanceChain, "account.confirm", actor.SessionID, nil)
		until = now.Add(latchkey.ConfirmationLasts)
		return nil
	})
	return until, err
}
