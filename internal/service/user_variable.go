package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// UserVariableView is a variable of a user as the seller sees it.
type UserVariableView struct{ latchkey.UserVariable }

// SetVariable says what a variable of a user is to be.
type SetVariable struct {
	Name     string
	Value    latchkey.Secret
	ReadOnly bool
}

func (in *SetVariable) check() error {
	return (&latchkey.UserVariable{Name: in.Name, Value: in.Value}).Check()
}

// details are what the audit log tells, without the value.
func (in *SetVariable) details() map[string]any {
	return map[string]any{"name": in.Name, "size": len(in.Value), "read_only": in.ReadOnly}
}

// makeUserVariable stores a variable that its user, who is locked, does not have
// yet, unless tx is read-only; variable.quota_exceeded.
func (s *Service) makeUserVariable(ctx context.Context, tx *store.Tx, v latchkey.UserVariable, now time.Time) (latchkey.UserVariable, error) {
	n, err := tx.UserVariableCount(ctx, v.AppID, v.UserID)
	if err != nil {
		return v, err
	}
	if n >= latchkey.MaxUserVariables {
		return v, latchkey.Fail(latchkey.CodeVariableQuota)
	}
	if tx.ReadOnly() {
		return v, nil
	}
	if v.ID, err = s.newID(latchkey.KindVariable, now); err != nil {
		return v, err
	}
	v.CreatedAt, v.UpdatedAt = now, now
	return v, tx.InsertUserVariable(ctx, &v)
}

// setVariable makes or changes a variable of a locked user, or, where tx is
// read-only, finds out whether it would; variable.quota_exceeded.
func (s *Service) setVariable(ctx context.Context, tx *store.Tx, appID, userID string, in SetVariable, now time.Time) (v latchkey.UserVariable, changed bool, err error) {
	v, err = tx.UserVariableByName(ctx, appID, userID, in.Name)
	details := in.details()
	switch {
	case latchkey.CodeOf(err) == latchkey.CodeVariableNotFound:
		v, err = s.makeUserVariable(ctx, tx, latchkey.UserVariable{AppID: appID, UserID: userID, Name: in.Name, Value: in.Value, ReadOnly: in.ReadOnly}, now)
	case err != nil, v.Value == in.Value && v.ReadOnly == in.ReadOnly:
		return v, false, err
	case !tx.ReadOnly():
		before := userVariableFields(&v)
		v.Value, v.ReadOnly, v.UpdatedAt = in.Value, in.ReadOnly, now
		details = edited(details, before, userVariableFields(&v))
		err = tx.UpdateUserVariable(ctx, &v)
	}
	if err == nil && !tx.ReadOnly() {
		audit(ctx, tx, now, appID, "user.set_variable", userID, details)
	}
	return v, err == nil, err
}

// ListUserVariables lists a user's variables by name; user.not_found.
func (s *Service) ListUserVariables(ctx context.Context, appID, userID string, p Page) (list List[UserVariableView], err error) {
	k, err := s.keyset(p, true, "user-variables", appID, userID)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermVariablesRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		if _, err := tx.User(ctx, appID, userID); err != nil {
			return err
		}
		found, err := tx.UserVariables(ctx, appID, userID, k)
		if err != nil {
			return err
		}
		views := make([]UserVariableView, len(found))
		for i := range found {
			views[i].UserVariable = found[i]
		}
		list, err = page(s, views, k, func(v *UserVariableView) string { return v.Name }, "user-variables", appID, userID)
		return err
	})
	return list, err
}

// UserVariable returns one. Errors: user.not_found, variable.not_found.
func (s *Service) UserVariable(ctx context.Context, appID, userID, id string) (view UserVariableView, err error) {
	err = s.read(ctx, latchkey.PermVariablesRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		if _, err := tx.User(ctx, appID, userID); err != nil {
			return err
		}
		view.UserVariable, err = tx.UserVariable(ctx, appID, userID, id)
		return err
	})
	return view, err
}

// SetUserVariable makes a variable of a user, or changes the one of its name.
// Errors: user.not_found, variable.quota_exceeded, request.invalid.
func (s *Service) SetUserVariable(ctx context.Context, appID, userID string, in SetVariable) (view UserVariableView, err error) {
	if err := in.check(); err != nil {
		return view, err
	}
	err = s.change(ctx, latchkey.PermVariablesWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if _, err := tx.LockUser(ctx, appID, userID); err != nil {
			return err
		}
		v, _, err := s.setVariable(ctx, tx, appID, userID, in, now)
		if err != nil {
			return err
		}
		view = UserVariableView{v}
		return made(ctx, view)
	})
	return view, err
}

// UserVariableEdit is what to change of a user's variable; nil leaves a field.
type UserVariableEdit struct {
	Value    *latchkey.Secret
	ReadOnly *bool
}

// UpdateUserVariable applies an edit. Errors: user.not_found,
// variable.not_found, request.invalid.
func (s *Service) UpdateUserVariable(ctx context.Context, appID, userID, id string, edit UserVariableEdit) (view UserVariableView, err error) {
	err = s.changeUserVariable(ctx, appID, userID, id, func(tx *store.Tx, v *latchkey.UserVariable, now time.Time) error {
		before := userVariableFields(v)
		set(&v.Value, edit.Value)
		set(&v.ReadOnly, edit.ReadOnly)
		if err := v.Check(); err != nil {
			return err
		}
		v.UpdatedAt = now
		audit(ctx, tx, now, appID, "user.set_variable", userID, edited((&SetVariable{v.Name, v.Value, v.ReadOnly}).details(), before, userVariableFields(v)))
		if err := tx.UpdateUserVariable(ctx, v); err != nil {
			return err
		}
		view = UserVariableView{*v}
		return made(ctx, view)
	})
	return view, err
}

// DeleteUserVariable deletes one. Errors: user.not_found, variable.not_found.
func (s *Service) DeleteUserVariable(ctx context.Context, appID, userID, id string) error {
	return s.changeUserVariable(ctx, appID, userID, id, func(tx *store.Tx, v *latchkey.UserVariable, now time.Time) error {
		audit(ctx, tx, now, appID, "user.delete_variable", userID, map[string]any{"name": v.Name})
		return tx.DeleteUserVariable(ctx, appID, userID, id)
	})
}

// changeUserVariable locks a user and has body change and store a variable.
func (s *Service) changeUserVariable(ctx context.Context, appID, userID, id string, body func(tx *store.Tx, v *latchkey.UserVariable, now time.Time) error) error {
	return s.change(ctx, latchkey.PermVariablesWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if _, err := tx.LockUser(ctx, appID, userID); err != nil {
			return err
		}
		v, err := tx.UserVariable(ctx, appID, userID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return UserVariableView{v}, nil }); err != nil {
			return err
		}
		return body(tx, &v, now)
	})
}

// SetVariables sets a variable of a selection of users, as [Service.SetUserVariable]
// does: those who have it already, and may change it to the value, count as
// matched, not as changed. Errors: request.invalid, and those of a repeated call.
func (s *Service) SetVariables(ctx context.Context, appID string, sel UserSelection, in SetVariable, call BulkCall) (BulkChange, error) {
	if err := in.check(); err != nil {
		return BulkChange{}, err
	}
	return s.actOnUsers(ctx, appID, sel, call, &userAction{
		action: "users.set_variable", needs: latchkey.PermVariablesWrite, details: in.details(),
		secret: in.Value.Reveal(), skips: latchkey.CodeVariableQuota,
		act: func(ctx context.Context, tx *store.Tx, user *latchkey.User, _ []latchkey.Holding, now time.Time) (bool, error) {
			_, changed, err := s.setVariable(ctx, tx, appID, user.ID, in, now)
			return changed, err
		},
	})
}

// DeleteVariables deletes the variable of a name from a selection of users.
// Users without it count as matched, not as changed. Errors: request.invalid,
// and those of a repeated call.
func (s *Service) DeleteVariables(ctx context.Context, appID string, sel UserSelection, name string, call BulkCall) (BulkChange, error) {
	if err := latchkey.CheckName("name", name); err != nil {
		return BulkChange{}, err
	}
	details := map[string]any{"name": name}
	return s.actOnUsers(ctx, appID, sel, call, &userAction{
		action: "users.delete_variable", needs: latchkey.PermVariablesWrite, details: details,
		act: func(ctx context.Context, tx *store.Tx, user *latchkey.User, _ []latchkey.Holding, now time.Time) (bool, error) {
			v, err := tx.UserVariableByName(ctx, appID, user.ID, name)
			if latchkey.CodeOf(err) == latchkey.CodeVariableNotFound {
				return false, nil
			}
			if err != nil || tx.ReadOnly() {
				return err == nil, err
			}
			audit(ctx, tx, now, appID, "user.delete_variable", user.ID, details)
			return true, tx.DeleteUserVariable(ctx, appID, user.ID, v.ID)
		},
	})
}
