package clientapi

import "context"

// log keeps what a program reports.
func (a *api) log(ctx context.Context, c *call) (any, error) {
	return nil, a.svc.ClientLog(ctx, c.app, c.session, c.get("message"), c.get("device_name"))
}
