package clientapi

import "context"

// rename gives the user who is signed in another name, and ends their sessions.
func (a *api) rename(ctx context.Context, c *call) (any, error) {
	return nil, a.svc.ClientRename(ctx, c.app, c.session, c.get("username"))
}

// ban bans the user who is signed in.
func (a *api) ban(ctx context.Context, c *call) (any, error) {
	return nil, a.svc.ClientBanSelf(ctx, c.app, c.session, c.get("reason"))
}
