package server

import (
	"context"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/mail"
	"github.com/latchkey-dev/latchkey/internal/outbox"
	"github.com/latchkey-dev/latchkey/internal/panel"
)

// mailer sends through the operator's mail server, nil if there is none.
func (c Config) mailer() (*mail.Sender, error) {
	if c.Mail.Host == "" {
		return nil, nil
	}
	m := c.Mail
	m.Now, m.Rand = c.Now, c.Rand
	return mail.New(m)
}

// resetURL is where customers set new passwords: "" unless there is a mail
// server to send them there, and an address that they can reach.
func (c Config) resetURL() string {
	if c.Mail.Host == "" || c.PublicURL == "" {
		return ""
	}
	return c.PublicURL + panel.Prefix
}

// TestMail sends a mail through the mail server of c and returns once that has
// taken it.
func TestMail(ctx context.Context, c Config, to string) error {
	c = c.withDefaults()
	sender, err := c.mailer()
	if err != nil {
		return err
	}
	if sender == nil {
		return latchkey.Fail(latchkey.CodeMailOff)
	}
	return sender.Send(ctx, mail.Message{To: to, Subject: "A test from Latchkey",
		Text: "This mail was sent by \"latchkey mail test\". The settings of the mail server work.\n"})
}

// delivering starts to send what waits for that and returns what ends it.
func (s *Server) delivering(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var worker sync.WaitGroup
	worker.Go(func() {
		outbox.Run(ctx, outbox.Config{Service: s.data.Service, Handlers: s.handlers(), Now: s.config.Now, Log: s.config.Log, Observe: s.config.onDelivery()})
	})
	worker.Go(func() {
		outbox.RunAudit(ctx, outbox.AuditConfig{Service: s.data.Service, Client: s.data.egress, Now: s.config.Now, Log: s.config.Log, Observe: s.config.onAuditDelivery()})
	})
	return func() { cancel(); worker.Wait() }
}

// handlers is the one table of what can be sent.
func (s *Server) handlers() map[latchkey.DeliveryKind]outbox.Handler {
	return map[latchkey.DeliveryKind]outbox.Handler{
		latchkey.DeliveryReset: outbox.PasswordReset(s.data.Service),
		latchkey.DeliveryMail:  outbox.Mail(s.mailer),
		latchkey.DeliveryLog:   outbox.LogWebhook(s.data.Service, s.data.egress),
	}
}

// onDelivery counts attempts; nil where nobody asks.
func (c Config) onDelivery() func(latchkey.DeliveryKind, latchkey.DeliveryOutcome) {
	if c.metrics == nil {
		return nil
	}
	return func(kind latchkey.DeliveryKind, outcome latchkey.DeliveryOutcome) {
		c.metrics.Delivery(string(kind), outcome.String())
	}
}

// onAuditDelivery counts attempts to send audit logs among the others.
func (c Config) onAuditDelivery() func(latchkey.DeliveryOutcome) {
	if c.metrics == nil {
		return nil
	}
	return func(outcome latchkey.DeliveryOutcome) { c.metrics.Delivery("audit_webhook", outcome.String()) }
}

// loadTimeout bounds how long the metrics wait for the database.
const loadTimeout = 2 * time.Second

// deliveryLoad is what waits to be sent and what was given up; ok is false if
// the database does not say.
func (s *Server) deliveryLoad() (waiting, failed int64, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()
	waiting, failed, err := s.data.Service.DeliveryLoad(ctx)
	return waiting, failed, err == nil
}
