package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// VariableView is a variable of an app as its seller sees it.
type VariableView struct{ latchkey.Variable }

// NewVariable asks for a variable.
type NewVariable struct {
	Name        string
	Value       latchkey.Secret
	NeedsSignIn bool
	MinLevel    int64
}

// CreateVariable adds a variable. Errors: variable.exists,
// variable.quota_exceeded, request.invalid.
func (s *Service) CreateVariable(ctx context.Context, appID string, in NewVariable) (view VariableView, err error) {
	v := latchkey.Variable{AppID: appID, Name: in.Name, Value: in.Value, Size: int64(len(in.Value)), NeedsSignIn: in.NeedsSignIn, MinLevel: in.MinLevel}
	if err := v.Check(); err != nil {
		return view, err
	}
	err = s.change(ctx, latchkey.PermVariablesWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) (err error) {
		if v.ID, err = s.newID(latchkey.KindVariable, now); err != nil {
			return err
		}
		v.CreatedAt, v.UpdatedAt = now, now
		if err := roomForVariable(ctx, tx, appID); err != nil {
			return err
		}
		if err := tx.InsertVariable(ctx, &v); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "variable.create", v.ID, map[string]any{"name": v.Name, "size": v.Size, "needs_sign_in": v.NeedsSignIn, "min_level": v.MinLevel})
		view = VariableView{v}
		return made(ctx, view)
	})
	return view, err
}

// roomForVariable refuses one variable too many, also to those who add one at
// the same time.
func roomForVariable(ctx context.Context, tx *store.Tx, appID string) error {
	if err := tx.HoldApp(ctx, appID); err != nil {
		return err
	}
	n, err := tx.VariableCount(ctx, appID)
	if err == nil && n >= latchkey.MaxVariables {
		return latchkey.Fail(latchkey.CodeVariableQuota)
	}
	return err
}

// ListVariables lists an app's variables without their values, by name (the usual
// order) or -name.
func (s *Service) ListVariables(ctx context.Context, appID string, f NamedFilter) (list List[VariableView], err error) {
	q, binding, err := s.named(f, []string{"name", "-name"}, "variables", appID)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermVariablesRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		found, err := tx.Variables(ctx, appID, q)
		if err != nil {
			return err
		}
		views := make([]VariableView, len(found))
		for i := range found {
			views[i].Variable = found[i]
		}
		list, err = page(s, views, q.Keyset, func(v *VariableView) string { return v.Name }, binding...)
		return err
	})
	return list, err
}

// Variable returns one with its value; variable.not_found.
func (s *Service) Variable(ctx context.Context, appID, id string) (view VariableView, err error) {
	err = s.read(ctx, latchkey.PermVariablesRead, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
		view.Variable, err = tx.Variable(ctx, appID, id)
		return err
	})
	return view, err
}

// VariableEdit is what to change of a variable; nil leaves a field.
type VariableEdit struct {
	Name        *string
	Value       *latchkey.Secret
	NeedsSignIn *bool
	MinLevel    *int64
}

// tell has the audit log tell what an edit says of a field.
func tell[T any](details map[string]any, field string, value *T) {
	if value != nil {
		details[field] = *value
	}
}

// UpdateVariable applies an edit, all or nothing. Programs get what it says at
// their next call. Errors: variable.not_found, variable.exists, request.invalid.
func (s *Service) UpdateVariable(ctx context.Context, appID, id string, edit VariableEdit) (view VariableView, err error) {
	details := map[string]any{"value": edit.Value != nil}
	tell(details, "name", edit.Name)
	tell(details, "needs_sign_in", edit.NeedsSignIn)
	tell(details, "min_level", edit.MinLevel)
	err = s.changeVariable(ctx, appID, id, func(tx *store.Tx, v *latchkey.Variable, now time.Time) error {
		was, before := v.Name, variableFields(v)
		set(&v.Name, edit.Name)
		set(&v.Value, edit.Value)
		set(&v.NeedsSignIn, edit.NeedsSignIn)
		set(&v.MinLevel, edit.MinLevel)
		if err := v.Check(); err != nil {
			return err
		}
		v.Size, v.UpdatedAt = int64(len(v.Value)), now
		audit(ctx, tx, now, appID, "variable.update", id, edited(details, before, variableFields(v)))
		if err := tx.UpdateVariable(ctx, v, was); err != nil {
			return err
		}
		view = VariableView{*v}
		return made(ctx, view)
	})
	return view, err
}

// DeleteVariable deletes one; variable.not_found.
func (s *Service) DeleteVariable(ctx context.Context, appID, id string) error {
	return s.changeVariable(ctx, appID, id, func(tx *store.Tx, v *latchkey.Variable, now time.Time) error {
		audit(ctx, tx, now, appID, "variable.delete", id, map[string]any{"name": v.Name})
		return tx.DeleteVariable(ctx, v)
	})
}

// changeVariable locks a variable and has body change and store it.
func (s *Service) changeVariable(ctx context.Context, appID, id string, body func(tx *store.Tx, v *latchkey.Variable, now time.Time) error) error {
	return s.change(ctx, latchkey.PermVariablesWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		v, err := tx.LockVariable(ctx, appID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return VariableView{v}, nil }); err != nil {
			return err
		}
		return body(tx, &v, now)
	})
}
