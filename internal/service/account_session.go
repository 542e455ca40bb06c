package service

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// seenEvery is how exact "last seen" is: it costs a write.
const seenEvery = time.Minute

// maxUserAgent is how much of a browser's name is kept, in bytes.
const maxUserAgent = 200

// SignedIn is a new dashboard session. Token goes into the cookie.
type SignedIn struct {
	Account latchkey.Account
	Session latchkey.AccountSession
	Token   latchkey.Secret
}

// SignIn opens a dashboard session. An unknown address costs and answers the
// same as a wrong password, and only the right one is told that an account is
// disabled. Errors: auth.credentials, account.disabled, server.busy.
func (s *Service) SignIn(ctx context.Context, email string, password latchkey.Secret, userAgent string) (signedIn SignedIn, err error) {
	var account latchkey.Account
	if address, err := latchkey.NormalizeEmail(email); err == nil {
		err := s.db.Read(ctx, func(tx *store.Tx) error {
			account, err = tx.AccountByEmail(ctx, address)
			return err
		})
		if err != nil && latchkey.CodeOf(err) != latchkey.CodeAccountGone {
			return signedIn, err
		}
	}
	ok, renew, err := s.passwords.Verify(ctx, account.PasswordHash, password)
	if err != nil {
		return signedIn, fmt.Errorf("verify password: %w", err)
	}
	if !ok {
		return signedIn, s.signInFailed(ctx, account.ID, userAgent, latchkey.SignInByPassword)
	}
	if !account.DisabledAt.IsZero() {
		return signedIn, latchkey.Fail(latchkey.CodeAccountDisabled)
	}
	hash := account.PasswordHash
	if renew {
		if hash, err = s.passwords.Hash(ctx, password); err != nil {
			return signedIn, fmt.Errorf("hash password: %w", err)
		}
	}
	ctx = WithActor(ctx, Actor{Kind: ActorAccount, ID: account.ID, AccountID: account.ID})
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		// Guarded: a password changed since it was verified opens nothing.
		current, err := tx.SetAccountPassword(ctx, &account, hash, account.AuthVersion, now)
		if err != nil || !current {
			return orFail(err, latchkey.CodeCredentials)
		}
		if err := s.logSignIn(ctx, tx, account.ID, userAgent, latchkey.SignInByPassword, true); err != nil {
			return err
		}
		signedIn, err = s.openAccountSession(ctx, tx, account, userAgent, now)
		audit(ctx, tx, now, latchkey.InstanceChain, "account.sign_in", account.ID, nil)
		return err
	})
	return signedIn, err
}

func (s *Service) openAccountSession(ctx context.Context, tx *store.Tx, account latchkey.Account, userAgent string, now time.Time) (signedIn SignedIn, err error) {
	signedIn.Account = account
	signedIn.Session = latchkey.AccountSession{AccountID: account.ID, IP: OriginFrom(ctx).IP, UserAgent: keptUserAgent(userAgent),
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(latchkey.AccountSessionMax), ConfirmedAt: now}
	if signedIn.Session.ID, err = s.newID(latchkey.KindAccountSession, now); err != nil {
		return signedIn, err
	}
	if signedIn.Token, err = s.newToken(accountSessionPrefix); err != nil {
		return signedIn, err
	}
	return signedIn, tx.InsertAccountSession(ctx, signedIn.Token, account.AuthVersion, &signedIn.Session)
}

// AuthenticateSession turns a cookie's token into an actor; auth.invalid.
func (s *Service) AuthenticateSession(ctx context.Context, token latchkey.Secret) (Actor, error) {
	if !plausibleToken(accountSessionPrefix, token) {
		return Actor{}, latchkey.Fail(latchkey.CodeAuthInvalid)
	}
	var account latchkey.Account
	var session latchkey.AccountSession
	now := s.now()
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		account, session, err = tx.AccountSessionByToken(ctx, token, now, s.idleSince(now))
		if latchkey.CodeOf(err) != latchkey.CodeAuthInvalid {
			return err
		}
		account, session, err = tx.AccountSessionByPrevious(ctx, token, now, s.idleSince(now))
		session.ConfirmedAt = time.Time{} // the password was given for the token after it
		return err
	})
	if err != nil {
		return Actor{}, err
	}
	if now.Sub(session.LastSeenAt) >= seenEvery {
		if err := s.db.Write(ctx, func(tx *store.Tx) error { return tx.AccountSessionSeen(ctx, session.ID, now) }); err != nil {
			s.log.WarnContext(ctx, "dashboard session not marked as seen", "error", err)
		}
	}
	actor := sessionActor(&account, &session)
	actor.Token = token
	return actor, nil
}

func sessionActor(account *latchkey.Account, session *latchkey.AccountSession) Actor {
	return Actor{Kind: ActorAccount, ID: account.ID, AccountID: account.ID, SessionID: session.ID, Administrator: account.Administrator,
		ConfirmedUntil: session.ConfirmedAt.Add(latchkey.ConfirmationLasts)}
}

// signedInPerson refuses API keys where a person must be present.
func signedInPerson(ctx context.Context) (Actor, error) {
	actor, err := require(ctx, latchkey.PermAccount)
	if err == nil && actor.SessionID == "" {
		err = latchkey.FailWith(latchkey.CodeForbidden, "This needs a person who signed in, not an API key.")
	}
	return actor, err
}

// SignOut ends the actor's dashboard session.
func (s *Service) SignOut(ctx context.Context) error {
	actor, err := signedInPerson(ctx)
	if err != nil {
		return err
	}
	return s.EndAccountSession(ctx, actor.SessionID)
}

// Me returns the actor's account.
func (s *Service) Me(ctx context.Context) (account latchkey.Account, err error) {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return account, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		account, err = tx.Account(ctx, actor.AccountID)
		return err
	})
	return account, err
}

// ChangePassword needs the current password, ends every other dashboard session
// and renews this one. It is for persons, not API keys. Errors: auth.credentials,
// request.invalid.
func (s *Service) ChangePassword(ctx context.Context, current, next latchkey.Secret) (c Confirmation, err error) {
	if _, err := signedInPerson(ctx); err != nil {
		return c, err
	}
	if err := latchkey.CheckPassword(next, latchkey.MinAccountPassword); err != nil {
		return c, err
	}
	account, actor, err := s.verified(ctx, "current", current)
	if err != nil {
		return c, err
	}
	hash, err := s.passwords.Hash(ctx, next)
	if err != nil {
		return c, fmt.Errorf("hash password: %w", err)
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		changed, err := tx.SetAccountPassword(ctx, &account, hash, account.AuthVersion+1, now)
		if err != nil || !changed {
			return orFail(err, latchkey.CodeCredentials)
		}
		audit(ctx, tx, now, latchkey.InstanceChain, "account.change_password", account.ID, nil)
		after := account
		after.PasswordHash, after.AuthVersion = hash, account.AuthVersion+1
		c, err = s.confirm(ctx, tx, &after, actor, now)
		return err
	})
	return c, err
}

// ListAccountSessions returns the account's open dashboard sessions, newest first.
func (s *Service) ListAccountSessions(ctx context.Context) (list []latchkey.AccountSession, err error) {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		now := s.now()
		list, err = tx.AccountSessions(ctx, actor.AccountID, now, s.idleSince(now))
		return err
	})
	return list, err
}

// EndAccountSession ends one of the account's dashboard sessions; session.not_found.
func (s *Service) EndAccountSession(ctx context.Context, id string) error {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		audit(ctx, tx, s.now(), latchkey.InstanceChain, "account.sign_out", id, nil)
		return tx.DeleteAccountSession(ctx, actor.AccountID, id)
	})
}
