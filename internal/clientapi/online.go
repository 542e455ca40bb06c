package clientapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api/client"
)

// online tells who is in the program now.
func (a *api) online(ctx context.Context, c *call) (any, error) {
	users, total, err := a.svc.ClientOnline(ctx, c.app, c.session)
	if users == nil {
		users = []string{}
	}
	return &client.Online{Users: users, Total: total}, err
}

// stats tells the app's numbers.
func (a *api) stats(ctx context.Context, c *call) (any, error) {
	n, err := a.svc.ClientStats(ctx, c.app, c.session)
	return &client.Stats{Users: n.Users, Online: n.Online, Licenses: n.Licenses, Version: n.Version}, err
}
