package clientapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// variable tells a variable of the app.
func (a *api) variable(ctx context.Context, c *call) (any, error) {
	value, err := a.svc.ClientVariable(ctx, c.app, c.session, c.get("name"))
	return &client.Variable{Name: c.get("name"), Value: value.Reveal()}, err
}

// userVariable tells a variable of the user who is signed in.
func (a *api) userVariable(ctx context.Context, c *call) (any, error) {
	value, err := a.svc.ClientUserVariable(ctx, c.app, c.session, c.get("name"))
	return &client.Variable{Name: c.get("name"), Value: value.Reveal()}, err
}

// setUserVariable sets one of theirs.
func (a *api) setUserVariable(ctx context.Context, c *call) (any, error) {
	return &client.Empty{}, a.svc.ClientSetUserVariable(ctx, c.app, c.session, c.get("name"), latchkey.Secret(c.get("value")))
}
