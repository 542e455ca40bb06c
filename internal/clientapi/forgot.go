package clientapi

import "context"

// forgot asks for a new password by mail.
func (a *api) forgot(ctx context.Context, c *call) (any, error) {
	return nil, a.svc.ClientForgot(ctx, c.app, c.session, c.get("username"), c.get("email"))
}
