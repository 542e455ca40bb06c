package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// mailQueue is where an app's mails wait. Each app has one of its own, so that
// no app's mails hold up another's.
const mailQueue = "mail"

// serverMails stands for an app where the server itself sends a mail.
const serverMails = ""

// Mail is the payload of a delivery of the kind mail.
type Mail struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// sendMail has a mail sent after the commit; queued is false if too many of the
// app wait already.
func (s *Service) sendMail(ctx context.Context, tx *store.Tx, appID string, m Mail, patience time.Duration, now time.Time) (queued bool, err error) {
	return s.enqueue(ctx, tx, appID, mailQueue, latchkey.DeliveryMail, m, patience, now)
}
