package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// maxVariableBody bounds a body that holds a variable, in bytes: JSON may write
// each byte of the value as six.
const maxVariableBody = 512 << 10

func listedVariable(v *service.VariableView) api.Variable {
	return api.Variable{ID: v.ID, Name: v.Name, Size: v.Size, NeedsSignIn: v.NeedsSignIn, MinLevel: v.MinLevel,
		CreatedAt: api.At(v.CreatedAt), UpdatedAt: api.At(v.UpdatedAt)}
}

func variable(v *service.VariableView) api.Variable {
	out := listedVariable(v)
	out.Value = new(v.Value.Reveal())
	return out
}

// VariablePath names a variable of an app.
type VariablePath struct {
	AppPath
	Variable string `path:"variable" doc:"Id of the variable."`
}

type listVariablesInput struct {
	AppPage
	NameSearch
	Sort string `query:"sort" enum:"name,-name" doc:"name if left out."`
}

func (s *surface) listVariables(ctx context.Context, in *listVariablesInput) (api.VariableList, error) {
	list, err := s.svc.ListVariables(ctx, in.App, service.NamedFilter{Search: in.Search, Sort: in.Sort, Page: in.page()})
	return api.VariableList{Variables: each(list.Items, listedVariable), Next: list.Next}, err
}

type createVariableInput struct {
	AppPath
	Body api.CreateVariable
}

func (s *surface) createVariable(ctx context.Context, in *createVariableInput) (service.VariableView, error) {
	b := &in.Body
	return s.svc.CreateVariable(ctx, in.App, service.NewVariable{Name: b.Name, Value: latchkey.Secret(b.Value),
		NeedsSignIn: valueOr(b.NeedsSignIn, true), MinLevel: b.MinLevel})
}

func (s *surface) getVariable(ctx context.Context, in *VariablePath) (service.VariableView, error) {
	return s.svc.Variable(ctx, in.App, in.Variable)
}

type updateVariableInput struct {
	VariablePath
	Body api.UpdateVariable
}

func (s *surface) updateVariable(ctx context.Context, in *updateVariableInput) (service.VariableView, error) {
	b := &in.Body
	return s.svc.UpdateVariable(ctx, in.App, in.Variable,
		service.VariableEdit{Name: b.Name, Value: secret(b.Value), NeedsSignIn: b.NeedsSignIn, MinLevel: b.MinLevel})
}

func (s *surface) deleteVariable(ctx context.Context, in *VariablePath) error {
	return s.svc.DeleteVariable(ctx, in.App, in.Variable)
}
