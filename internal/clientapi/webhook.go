package clientapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// webhook calls an address that the seller has set.
func (a *api) webhook(ctx context.Context, c *call) (any, error) {
	return a.svc.ClientWebhook(ctx, c.app, c.session, service.ClientWebhookCall{Webhook: c.get("webhook"), Params: c.texts("params"),
		Body: c.get("body"), ContentType: c.get("content_type")})
}

// blacklisted tells whether this client is blacklisted.
func (a *api) blacklisted(ctx context.Context, c *call) (any, error) {
	listed, err := a.svc.ClientBlacklisted(ctx, c.app, c.session, c.get("hwid"))
	return &client.BlacklistAnswer{Blacklisted: listed}, err
}
