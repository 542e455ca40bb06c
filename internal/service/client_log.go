package service

import (
	"context"
	"net/netip"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Defaults of what programs may report, and of what is kept of it.
const (
	DefaultLogPerMinute = 30 // lines of one session
	DefaultLogLines     = 100_000
	logAddressFactor    = 4   // lines of one address, in lines of a session
	logStrangersFactor  = 10  // of all who have not signed in to an app
	logCustomersFactor  = 100 // of all who have
)

// logLimits count log lines. Opening a session costs nothing, so that a limit on
// sessions alone would stop nobody: addresses are counted too, and strangers
// apart from customers, so that they cannot use up what customers need.
type logLimits struct {
	sessions, addresses, strangers, customers *ratelimit.Buckets
}

func newLogLimits(now func() time.Time, perMinute int) *logLimits {
	if perMinute < 0 {
		return nil
	}
	if perMinute == 0 {
		perMinute = DefaultLogPerMinute
	}
	of := func(factor int) *ratelimit.Buckets { return ratelimit.New(now, ratelimit.PerMinute(perMinute*factor)) }
	return &logLimits{sessions: of(1), addresses: of(logAddressFactor), strangers: of(logStrangersFactor), customers: of(logCustomersFactor)}
}

// take counts a line; request.rate_limited.
func (l *logLimits) take(appID, sessionID, ip string, signedIn bool) error {
	if l == nil {
		return nil
	}
	all := l.strangers
	if signedIn {
		all = l.customers
	}
	addr, _ := netip.ParseAddr(ip) // none on a Unix socket
	for _, c := range []struct {
		buckets *ratelimit.Buckets
		key     ratelimit.Key
	}{
		{l.sessions, ratelimit.Key{Text: sessionID}},
		{l.addresses, ratelimit.Key{Addr: addr, Text: appID}},
		{all, ratelimit.Key{Text: appID}},
	} {
		if c.key.Addr.IsValid() || c.buckets != l.addresses {
			if d := c.buckets.Take(c.key); !d.Allowed {
				return ratelimit.Refuse(d.Wait)
			}
		}
	}
	return nil
}

// ClientLog keeps what a program reports, and has it posted to the seller's
// channel if the app has one. Nobody has to be signed in, and who is need not
// have time left. Errors, in this order: app.*,
// client.*, session.not_found, request.invalid (message), request.rate_limited.
func (s *Service) ClientLog(ctx context.Context, app *ClientApp, ses *ClientSession, message, device string) error {
	if err := s.comesIn(ctx, app, ses, &ClientSignIn{}); err != nil {
		return err
	}
	now := s.now()
	line := latchkey.LogLine{AppID: app.ID, Device: latchkey.DeviceName(device), Message: message, CreatedAt: now, IP: keptIP(ctx, &app.App)}
	state, err := s.sessionState(ctx, &app.App, ses, now)
	switch latchkey.CodeOf(err) {
	case "":
		if err := judgeOpen(state, now); err != nil {
			return err
		}
		line.UserID = state.UserID
	case latchkey.CodeSessionNotSignedIn:
	default:
		return err
	}
	if err := latchkey.CheckLogMessage(message); err != nil {
		return err
	}
	sessionID, err := ses.id()
	if err != nil {
		return err
	}
	if err := s.logging.take(app.ID, sessionID, OriginFrom(ctx).IP, line.UserID != ""); err != nil {
		return err
	}
	if line.ID, err = s.newID(latchkey.KindLogLine, now); err != nil {
		return err
	}
	return s.write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertLogLine(ctx, &line); err != nil || !app.logWebhook {
			return err
		}
		// If too much waits for the channel already, the line is kept all the same.
		_, err := s.enqueue(ctx, tx, app.ID, logQueue, latchkey.DeliveryLog, logPost(&line), latchkey.DeliveryPatience, now)
		return err
	})
}
