package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Names in the meta table: the hash of the setup token, and the id of the
// first account, whose insertion closes setup for ever.
const (
	metaSetupToken = "setup_token"
	metaSetupDone  = "setup_done"
)

// NewOwner is what a first start gives its owner, shown once.
type NewOwner struct {
	Account latchkey.Account
	APIKey  latchkey.Secret // with every permission
	Session latchkey.Secret // token of a dashboard session; "" from Init
}

// SetupOpen reports whether the server still waits for its owner.
func (s *Service) SetupOpen(ctx context.Context) (open bool, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		_, done, err := tx.Meta(ctx, metaSetupDone)
		open = !done
		return err
	})
	return open, err
}

// NewSetupToken replaces the setup token and returns it; "" once setup is closed.
func (s *Service) NewSetupToken(ctx context.Context) (latchkey.Secret, error) {
	token, err := s.newToken(setupPrefix)
	if err != nil {
		return "", err
	}
	open := false
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		_, done, err := tx.Meta(ctx, metaSetupDone)
		if open = !done; err != nil || done {
			return err
		}
		return tx.SetMeta(ctx, metaSetupToken, hashToken(token))
	})
	if err != nil || !open {
		return "", err
	}
	return token, nil
}

func hashToken(token latchkey.Secret) string {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return hex.EncodeToString(sum[:])
}

// Setup makes the first account and signs it in. Of any number of calls,
// exactly one ever wins. Errors: setup.closed, setup.token_invalid, request.invalid.
func (s *Service) Setup(ctx context.Context, token latchkey.Secret, email string, password latchkey.Secret, userAgent string) (NewOwner, error) {
	if open, err := s.SetupOpen(ctx); err != nil || !open {
		return NewOwner{}, orFail(err, latchkey.CodeSetupClosed)
	}
	valid := false
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		hash, _, err := tx.Meta(ctx, metaSetupToken)
		valid = hash == hashToken(token)
		return err
	})
	if err != nil || !valid {
		return NewOwner{}, orFail(err, latchkey.CodeSetupToken)
	}
	return s.createOwner(ctx, email, password, func(tx *store.Tx) error {
		used, err := tx.DeleteMeta(ctx, metaSetupToken, hashToken(token))
		if err != nil || !used {
			return orFail(err, latchkey.CodeSetupToken)
		}
		return nil
	}, userAgent, true)
}

// Init makes the first account without a token, for the operator at the
// server's own console. It makes no session. Errors: setup.closed, request.invalid.
func (s *Service) Init(ctx context.Context, email string, password latchkey.Secret) (NewOwner, error) {
	if open, err := s.SetupOpen(ctx); err != nil || !open {
		return NewOwner{}, orFail(err, latchkey.CodeSetupClosed)
	}
	return s.createOwner(ctx, email, password, func(*store.Tx) error { return nil }, "", false)
}

func orFail(err error, code latchkey.Code) error {
	if err != nil {
		return err
	}
	return latchkey.Fail(code)
}

func (s *Service) createOwner(ctx context.Context, email string, password latchkey.Secret, claim func(*store.Tx) error, userAgent string, signIn bool) (NewOwner, error) {
	account, err := s.newAccount(ctx, email, password)
	if err != nil {
		return NewOwner{}, err
	}
	account.Administrator = true
	owner := NewOwner{Account: account}
	if owner.APIKey, err = s.newToken(apiKeyPrefix); err != nil {
		return NewOwner{}, err
	}
	ctx = WithActor(ctx, Actor{Kind: ActorAccount, ID: account.ID, AccountID: account.ID, Administrator: true})
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		first, err := tx.InsertMeta(ctx, metaSetupDone, account.ID)
		if err != nil || !first {
			return orFail(err, latchkey.CodeSetupClosed)
		}
		if err := claim(tx); err != nil {
			return err
		}
		if err := tx.InsertAccount(ctx, &account); err != nil {
			return err
		}
		key := latchkey.APIKey{AccountID: account.ID, Name: "first key", Permissions: latchkey.Permissions(), CreatedAt: now}
		if err := s.insertAPIKey(ctx, tx, owner.APIKey, &key); err != nil {
			return err
		}
		if signIn {
			if err := s.logSignIn(ctx, tx, account.ID, userAgent, latchkey.SignInBySetup, true); err != nil {
				return err
			}
			signedIn, err := s.openAccountSession(ctx, tx, account, userAgent, now)
			if err != nil {
				return err
			}
			owner.Session = signedIn.Token
		}
		audit(ctx, tx, now, latchkey.InstanceChain, "setup.complete", account.ID, nil)
		return nil
	})
	return owner, err
}

// newAccount checks the address and password and hashes the password.
func (s *Service) newAccount(ctx context.Context, email string, password latchkey.Secret) (a latchkey.Account, err error) {
	if a.Email, err = latchkey.NormalizeEmail(email); err != nil {
		return a, err
	}
	if err := latchkey.CheckPassword(password, latchkey.MinAccountPassword); err != nil {
		return a, err
	}
	now := s.now()
	if a.ID, err = s.newID(latchkey.KindAccount, now); err != nil {
		return a, err
	}
	if a.OwnerID, err = s.newOwnerID(); err != nil {
		return a, err
	}
	if a.PasswordHash, err = s.passwords.Hash(ctx, password); err != nil {
		return a, fmt.Errorf("hash password: %w", err)
	}
	a.CreatedAt, a.UpdatedAt, a.AuthVersion = now, now, 1
	return a, nil
}

// idleSince is the moment after which a dashboard session must have been seen.
func (s *Service) idleSince(now time.Time) time.Time { return now.Add(-s.sessionIdle) }
