package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/mail"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// mailsAtOnce bounds the connections to the operator's mail server.
const mailsAtOnce = 4

// Mail returns the handler of mails. sender is nil where the operator has set
// none up: mails wait for that then.
func Mail(sender *mail.Sender) Handler {
	slots := make(chan struct{}, mailsAtOnce)
	return func(ctx context.Context, d *latchkey.Delivery) latchkey.DeliveryResult {
		if sender == nil {
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: string(latchkey.CodeMailOff)}
		}
		var m service.Mail
		if err := json.Unmarshal(d.Payload, &m); err != nil {
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "internal"}
		}
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
			return latchkey.DeliveryResult{Outcome: latchkey.DeliveryInterrupted}
		}
		return mailResult(sender.Send(ctx, mail.Message{To: m.To, Subject: m.Subject, Text: m.Text}))
	}
}

// mailResult is what a mail server's answer means. What it says of one
// recipient does not hold up the others.
func mailResult(err error) latchkey.DeliveryResult {
	if err == nil {
		return latchkey.DeliveryResult{}
	}
	e, ok := errors.AsType[*mail.Error](err)
	if !ok {
		return latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "internal"}
	}
	why := string(e.Code)
	if e.Status != 0 {
		why += " " + strconv.Itoa(e.Status)
	}
	result := latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: why}
	switch e.Code {
	case mail.CodeUnreachable, mail.CodeTimeout, mail.CodeTLS, mail.CodeSignIn:
		// Of the server or its settings: the next mail would fare no better.
		result.Outcome = latchkey.DeliveryUnreachable
	case mail.CodeDeferred, mail.CodeCanceled:
		result.Outcome = latchkey.DeliveryPutOff
	}
	return result
}
