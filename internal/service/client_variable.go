package service

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// rememberedVariables bounds the variables that are remembered, in bytes.
const rememberedVariables = 32 << 20

// variableWeight is about what a remembered variable takes of the memory.
func variableWeight(v latchkey.Variable) int { return len(v.Value) + 512 }

// ClientVariable returns the value of a variable of the app. Errors:
// variable.not_found, subscription.level_too_low, and those of
// [Service.ClientCheck], of which session.not_signed_in only where the variable
// needs a sign-in.
func (s *Service) ClientVariable(ctx context.Context, app *ClientApp, ses *ClientSession, name string) (latchkey.Secret, error) {
	c, err := s.anyone(ctx, app, ses)
	if err != nil {
		return "", err
	}
	v, err := s.variable(ctx, app.ID, name, c.Now)
	if err != nil {
		return "", err
	}
	if err := c.reaches(v.NeedsSignIn, v.MinLevel); err != nil {
		return "", err
	}
	return v.Value, nil
}

// variable finds a variable by its name. Who asks for names that nobody has is
// not remembered: there is no end of them.
func (s *Service) variable(ctx context.Context, appID, name string, now time.Time) (v latchkey.Variable, err error) {
	key := appID + "\x00" + name
	if v, holds := s.variables.get(key, now); holds {
		return v, nil
	}
	if latchkey.CheckName("name", name) != nil { // nor can one have it
		return v, latchkey.Fail(latchkey.CodeVariableNotFound)
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		stamp := s.db.VariableStamp(appID, name) // older than what it stands for
		if v, err = tx.VariableByName(ctx, appID, name); err != nil {
			return err
		}
		s.variables.put(key, remember(s, v, now, stamp))
		return nil
	})
	return v, err
}

// ClientUserVariable returns the value of a variable of the user who is signed
// in. Errors: variable.not_found, and those of [Service.ClientCheck].
func (s *Service) ClientUserVariable(ctx context.Context, app *ClientApp, ses *ClientSession, name string) (value latchkey.Secret, err error) {
	c, err := s.signedIn(ctx, app, ses)
	if err != nil {
		return "", err
	}
	if latchkey.CheckName("name", name) != nil {
		return "", latchkey.Fail(latchkey.CodeVariableNotFound)
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		v, err := tx.UserVariableByName(ctx, app.ID, c.UserID, name)
		value = v.Value
		return err
	})
	return value, err
}

// errUnchanged ends a write that has nothing to change.
var errUnchanged = errors.New("service: nothing is to be changed")

// ClientSetUserVariable has the user who is signed in set one of their
// variables, which need not exist. The audit log does not tell: customers do
// this all day. Errors: variable.read_only, variable.quota_exceeded,
// request.invalid, request.rate_limited, and those of [Service.ClientCheck].
func (s *Service) ClientSetUserVariable(ctx context.Context, app *ClientApp, ses *ClientSession, name string, value latchkey.Secret) error {
	c, err := s.signedIn(ctx, app, ses)
	if err != nil {
		return err
	}
	wanted := latchkey.UserVariable{AppID: app.ID, UserID: c.UserID, Name: name, Value: value}
	if err := wanted.Check(); err != nil {
		return err
	}
	if err := takeOwn(s.ownLimits.variables, c.UserID); err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		if _, err := tx.LockUser(ctx, app.ID, c.UserID); err != nil {
			return err
		}
		v, err := tx.UserVariableByName(ctx, app.ID, c.UserID, name)
		switch {
		case latchkey.CodeOf(err) == latchkey.CodeVariableNotFound:
			_, err := s.makeUserVariable(ctx, tx, wanted, now)
			return err
		case err != nil:
			return err
		case !v.ReadOnly && v.Value == value:
			return errUnchanged
		}
		if err := v.SetByUser(value, now); err != nil {
			return err
		}
		return tx.UpdateUserVariable(ctx, &v)
	})
	switch {
	case errors.Is(err, errUnchanged):
		return nil
	case latchkey.CodeOf(err) == latchkey.CodeUserNotFound: // deleted this moment
		return latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return err
}
