package legacyapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/service"
)

// webhook has the server call an address that the program does not know. What
// the receiver answers is there as an empty text where the seller does not show
// it: clients read it always.
func (a *api) webhook(ctx context.Context, c *call) (answer, error) {
	got, err := a.svc.ClientWebhook(ctx, c.app, c.session, service.ClientWebhookCall{
		Webhook: c.get("webid"), Text: c.get("params"), Body: c.get("body"), ContentType: c.get("conttype")})
	if err != nil {
		return answer{}, err
	}
	return answer{Message: textWebhookDone, Response: &got.Body}, nil
}
