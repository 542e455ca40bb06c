package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func userVariable(v *service.UserVariableView) api.UserVariable {
	return api.UserVariable{ID: v.ID, Name: v.Name, Value: v.Value.Reveal(), ReadOnly: v.ReadOnly,
		CreatedAt: api.At(v.CreatedAt), UpdatedAt: api.At(v.UpdatedAt)}
}

// UserVariablePath names a variable of a user.
type UserVariablePath struct {
	UserPath
	Variable string `path:"user_variable" doc:"Id of the variable."`
}

type listUserVariablesInput struct {
	UserPath
	PageQuery
}

func (s *surface) listUserVariables(ctx context.Context, in *listUserVariablesInput) (api.UserVariableList, error) {
	list, err := s.svc.ListUserVariables(ctx, in.App, in.User, in.page())
	return api.UserVariableList{Variables: each(list.Items, userVariable), Next: list.Next}, err
}

func setVariable(in *api.SetUserVariable) service.SetVariable {
	return service.SetVariable{Name: in.Name, Value: latchkey.Secret(in.Value), ReadOnly: in.ReadOnly}
}

type setUserVariableInput struct {
	UserPath
	Body api.SetUserVariable
}

func (s *surface) setUserVariable(ctx context.Context, in *setUserVariableInput) (service.UserVariableView, error) {
	return s.svc.SetUserVariable(ctx, in.App, in.User, setVariable(&in.Body))
}

func (s *surface) getUserVariable(ctx context.Context, in *UserVariablePath) (service.UserVariableView, error) {
	return s.svc.UserVariable(ctx, in.App, in.User, in.Variable)
}

type updateUserVariableInput struct {
	UserVariablePath
	Body api.UpdateUserVariable
}

func (s *surface) updateUserVariable(ctx context.Context, in *updateUserVariableInput) (service.UserVariableView, error) {
	return s.svc.UpdateUserVariable(ctx, in.App, in.User, in.Variable,
		service.UserVariableEdit{Value: secret(in.Body.Value), ReadOnly: in.Body.ReadOnly})
}

func (s *surface) deleteUserVariable(ctx context.Context, in *UserVariablePath) error {
	return s.svc.DeleteUserVariable(ctx, in.App, in.User, in.Variable)
}

type setUserVariablesInput struct {
	BulkInput
	Body api.SetUserVariables
}

func (s *surface) setUserVariables(_ context.Context, in *setUserVariablesInput) (writer, error) {
	return s.bulkUsers(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.SetVariables(ctx, in.App, userSelection(in.Body.UserSelection), setVariable(&in.Body.SetUserVariable), call)
	}), nil
}

type deleteUserVariablesInput struct {
	BulkInput
	Body api.DeleteUserVariables
}

func (s *surface) deleteUserVariables(_ context.Context, in *deleteUserVariablesInput) (writer, error) {
	return s.bulkUsers(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.DeleteVariables(ctx, in.App, userSelection(in.Body.UserSelection), in.Body.Name, call)
	}), nil
}
