package service

import (
	"context"
	"errors"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

// codeTrial is a code of a second factor on its way through a use case.
type codeTrial struct {
	code    string
	userID  string // whose code it has turned out to be
	counted string // for whom it has been counted as tried, "" if it has not
	try     store.CodeTry
}

// errUncounted asks for a transaction to be run again once the code that it
// came to has been counted.
var errUncounted = errors.New("service: a code has to be counted before it is tried")

// trying runs a transaction that may come to a code. A code is tried last, when
// all else is right, so none is used up by what is refused anyway; and it is
// counted before, in a transaction of its own: however many are tried at once,
// and whatever becomes of the transaction, no more than [latchkey.CodeTries]
// are. Most sign-ins come to none and cost nothing more.
func (s *Service) trying(ctx context.Context, appID, code string, body func(tx *store.Tx, t *codeTrial) error) error {
	t := &codeTrial{code: code}
	run := func() error { return s.write(ctx, func(tx *store.Tx) error { return body(tx, t) }) }
	err := run()
	if !errors.Is(err, errUncounted) {
		return err
	}
	if err := s.countCode(ctx, appID, t); err != nil {
		return err
	}
	if err = run(); errors.Is(err, errUncounted) { // it came to another user
		return latchkey.Fail(latchkey.CodeTwoFactorWrong)
	}
	return err
}

func (s *Service) countCode(ctx context.Context, appID string, t *codeTrial) error {
	err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
		now := s.now()
		if t.try, err = tx.TryCode(ctx, appID, t.userID, now); err != nil {
			return err
		}
		if t.try.N == latchkey.CodeTries {
			audit(asCustomer(ctx, t.userID), tx, now, appID, "two_factor.tries_used_up", t.userID, nil)
		}
		return nil
	})
	if err == nil {
		t.counted = t.userID
	}
	return err
}

// spend judges a trial's code for a user, who must be locked, and uses it up for
// a session ("": none). The same sign-in made again may use it again. Errors:
// two_factor.code_required, two_factor.code_mismatch, errUncounted.
func (s *Service) spend(ctx context.Context, tx *store.Tx, t *codeTrial, user *latchkey.User, session string) error {
	recovery, isRecovery := latchkey.NormalizeRecoveryCode(t.code)
	switch {
	case t.code == "":
		return latchkey.Fail(latchkey.CodeTwoFactorRequired)
	case !isRecovery && !totp.IsCode(t.code):
		return latchkey.Fail(latchkey.CodeTwoFactorWrong)
	case t.counted != user.ID:
		t.userID = user.ID
		return errUncounted
	}
	var won bool
	var err error
	if isRecovery {
		won, err = s.spendRecovery(ctx, tx, user, recovery, session)
	} else {
		won, err = s.spendStep(ctx, tx, user, t.code, session)
	}
	if err != nil || !won {
		return orFail(err, latchkey.CodeTwoFactorWrong)
	}
	return tx.ForgiveCode(ctx, user.AppID, user.ID, t.try)
}

func (s *Service) spendStep(ctx context.Context, tx *store.Tx, user *latchkey.User, code, session string) (won bool, err error) {
	f, err := tx.TwoFactor(ctx, user.AppID, user.ID)
	if err != nil {
		return false, err
	}
	step, ok := totp.Match(f.Seed, code, s.now())
	if !ok {
		return false, nil
	}
	return tx.UseStep(ctx, user.AppID, user.ID, step, session)
}

func (s *Service) spendRecovery(ctx context.Context, tx *store.Tx, user *latchkey.User, code latchkey.Secret, session string) (won bool, err error) {
	now := s.now()
	won, err = tx.UseRecoveryCode(ctx, user.AppID, user.ID, code, session, now)
	if err != nil || !won {
		return false, err
	}
	left, err := tx.RecoveryCodesLeft(ctx, user.AppID, user.ID)
	audit(asCustomer(ctx, user.ID), tx, now, user.AppID, "two_factor.use_recovery_code", user.ID, map[string]any{"left": left})
	return err == nil, err
}
