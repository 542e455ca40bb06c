package servicetest

import (
	"context"
	"encoding/json"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Mails works off everything that waits to be sent, and returns the mails that
// would be.
func (e *Env) Mails() (sent []service.Mail) {
	e.t.Helper()
	ctx := context.Background()
	must := func(err error) {
		e.t.Helper()
		if err != nil {
			e.t.Fatal(err)
		}
	}
	for again := true; again; {
		claims, _, err := e.Service.ClaimDeliveries(ctx, 100, 100)
		must(err)
		again = len(claims) > 0
		for _, c := range claims {
			for {
				d, err := e.Service.NextDelivery(ctx, c, latchkey.DeliveryResult{})
				must(err)
				if d == nil {
					break
				}
				switch d.Kind {
				case latchkey.DeliveryReset:
					must(e.Service.AnswerForgot(ctx, d))
				case latchkey.DeliveryMail:
					var m service.Mail
					must(json.Unmarshal(d.Payload, &m))
					sent = append(sent, m)
				}
			}
		}
	}
	return sent
}
