package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const signInTokenPrefix = "lkw_"

// SignInToken lets a program sign a user in once, in place of their password:
// the page that they are signed in to hands it to the program on the same
// computer. It is shown once.
type SignInToken struct {
	Username  string
	Token     latchkey.Secret
	ExpiresAt time.Time
}

// CreateSignInToken makes a token for a user, for a page of the seller's own
// that the user is signed in to: it is good for a minute and once. It stands for
// the password and for the second factor. Error: user.not_found.
func (s *Service) CreateSignInToken(ctx context.Context, appID, userID string) (t SignInToken, err error) {
	err = s.change(ctx, latchkey.PermUsersUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		user, err := tx.LockUser(ctx, appID, userID)
		if err != nil {
			return err
		}
		if t, err = s.newSignInToken(ctx, tx, &user, now); err != nil {
			return err
		}
		return made(ctx, t)
	})
	return t, err
}

func (s *Service) newSignInToken(ctx context.Context, tx *store.Tx, user *latchkey.User, now time.Time) (t SignInToken, err error) {
	t = SignInToken{Username: user.Name, ExpiresAt: now.Add(latchkey.SignInTokenLife)}
	if t.Token, err = s.newToken(signInTokenPrefix); err != nil {
		return t, err
	}
	audit(ctx, tx, now, user.AppID, "user.create_sign_in_token", user.ID, nil)
	return t, tx.InsertSignInToken(ctx, t.Token, user, t.ExpiresAt)
}

// loginByToken is [Service.ClientLogin] with a token in place of the password.
// Whatever is wrong with one is answered like a wrong password.
func (s *Service) loginByToken(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientSignIn) (c Customer, err error) {
	if err := s.comesIn(ctx, app, ses, &in); err != nil {
		return c, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		fresh, err := currentApp(ctx, tx, app, ses, now)
		if err != nil {
			return err
		}
		user, userErr := tx.UserByName(ctx, app.ID, in.Username)
		if userErr != nil && latchkey.CodeOf(userErr) != latchkey.CodeUserNotFound {
			return userErr
		}
		a, err := newAttempt(&fresh, ses, methodToken, in, ifKnown(&user, userErr == nil), now)
		if err != nil {
			return err
		}
		if userErr != nil {
			return userErr
		}
		if user, err = tx.LockUser(ctx, app.ID, user.ID); err != nil {
			return err
		}
		if err := s.useToken(ctx, tx, a, &user, in.Token); err != nil {
			return err
		}
		a.proved = true
		c, err = s.admit(ctx, tx, a, &user)
		return err
	})
	return c, err
}

// useToken uses a token up for the session that the attempt leads to.
func (s *Service) useToken(ctx context.Context, tx *store.Tx, a attempt, user *latchkey.User, token latchkey.Secret) error {
	if !plausibleToken(signInTokenPrefix, token) {
		return latchkey.Fail(latchkey.CodePasswordWrong)
	}
	next, err := s.sessionAfter(a.app.ID, a.ses, user.ID, a.asked)
	if err != nil {
		return err
	}
	session, err := next.id()
	if err != nil {
		return err
	}
	won, err := tx.UseSignInToken(ctx, token, user, session, a.now)
	if err != nil || !won {
		return orFail(err, latchkey.CodePasswordWrong)
	}
	return nil
}
