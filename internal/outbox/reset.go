package outbox

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// PasswordReset returns the handler of requests for a new password: it has the
// service look at them, out of sight of whoever asked.
func PasswordReset(svc *service.Service) Handler {
	return func(ctx context.Context, d *latchkey.Delivery) latchkey.DeliveryResult {
		if err := svc.AnswerForgot(ctx, d); err != nil {
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: string(latchkey.CodeOf(err))}
		}
		return latchkey.DeliveryResult{}
	}
}
