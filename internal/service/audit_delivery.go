package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AuditClaim is a webhook of an audit log at which this server alone delivers a
// message now.
type AuditClaim struct {
	AppID   string
	message latchkey.AuditMessage
	upTo    int64
	after   int64
	lease   int64
	failing bool
}

// Failing reports that the last attempt failed.
func (c *AuditClaim) Failing() bool { return c.failing }

// AuditTold has a value when there may be something new in an audit log, one for
// however much.
func (s *Service) AuditTold() <-chan struct{} { return s.db.Told() }

// ClaimAuditDeliveries takes webhooks that have something to deliver: up to free
// of them, and among these up to failing whose receivers failed last, so that
// dead ones never take what sound ones need. Of each, one message is to be
// delivered, and [Service.EndAuditDelivery] to be called. next is when more
// becomes due, zero for never.
func (s *Service) ClaimAuditDeliveries(ctx context.Context, free, failing int) (claims []*AuditClaim, next time.Time, err error) {
	now := s.now()
	type candidate struct {
		latchkey.AuditWebhook
		failing bool
	}
	var due []candidate
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		due = nil
		err := soundFirst(free, failing, func(late bool, limit int) (int, error) {
			hooks, err := tx.AuditWebhooksDue(ctx, late, limit, now)
			for _, h := range hooks {
				due = append(due, candidate{h, late})
			}
			return len(hooks), err
		})
		if err != nil {
			return err
		}
		next, err = tx.NextAuditWebhookDue(ctx, now)
		return err
	})
	if err != nil || len(due) == 0 {
		return nil, next, err
	}
	leases := make([]byte, 8*len(due))
	if _, err := io.ReadFull(s.rand, leases); err != nil {
		return nil, next, fmt.Errorf("read randomness: %w", err)
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		claims = nil
		for i := range due {
			h := due[i].AuditWebhook // a transaction may be tried again
			lease := int64(binary.BigEndian.Uint64(leases[8*i:])>>1) | 1
			held, err := tx.LeaseAuditWebhook(ctx, &h, lease, now.Add(deliveryLease))
			if err != nil {
				return err
			}
			if held {
				claims = append(claims, &AuditClaim{AppID: h.AppID, after: h.Delivered, upTo: h.Batch, lease: lease, failing: due[i].failing})
			}
		}
		return nil
	})
	return claims, next, err
}

// AuditPost is a message on its way to a webhook.
type AuditPost struct {
	latchkey.AuditMessage
	URL     latchkey.Secret
	secrets []string
	at      time.Time
}

// Header are the headers of the message once its body is written, signed now.
func (p *AuditPost) Header(body []byte) (http.Header, error) {
	return webhookHeader(p.ID(), p.at, body, p.secrets)
}

// AuditPost reads the message that a claim is to deliver, and where to. over is
// true if it is not to be delivered any more: somebody has changed the webhook
// or removed it, or it took too long to begin.
func (s *Service) AuditPost(ctx context.Context, c *AuditClaim) (p AuditPost, over bool, err error) {
	now := s.now()
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		h, err := tx.AuditWebhook(ctx, c.AppID)
		if latchkey.CodeOf(err) == latchkey.CodeAuditWebhookNotSet || err == nil && h.Lease != c.lease {
			over = true
			return nil
		}
		if err != nil {
			return err
		}
		records, err := tx.AuditRecords(ctx, c.AppID, c.after, c.upTo)
		if err != nil {
			return err
		}
		c.message = latchkey.NewAuditMessage(c.AppID, c.after, c.upTo, records)
		p = AuditPost{AuditMessage: c.message, URL: h.URL, secrets: h.Secrets(now), at: now}
		return nil
	})
	return p, over, err
}

// EndAuditDelivery stores how a claim ended. What the log itself tells of it is
// only that a webhook was stopped: a message about each message would have no
// end.
func (s *Service) EndAuditDelivery(ctx context.Context, c *AuditClaim, result latchkey.DeliveryResult) error {
	var random [4]byte
	if _, err := io.ReadFull(s.rand, random[:]); err != nil {
		return fmt.Errorf("read randomness: %w", err)
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		h, err := tx.LockAuditWebhook(ctx, c.AppID)
		if latchkey.CodeOf(err) == latchkey.CodeAuditWebhookNotSet || err == nil && h.Lease != c.lease {
			return nil // it is another webhook now, or somebody else's turn
		}
		if err != nil {
			return err
		}
		h.End(result, c.message.Last, now, binary.BigEndian.Uint32(random[:]))
		if _, err := tx.EndAuditDelivery(ctx, &h, c.lease); err != nil || h.StoppedAt.IsZero() {
			return err
		}
		audit(ctx, tx, now, c.AppID, "audit_webhook.stop", c.AppID, map[string]any{"error": h.Error, "after": h.Delivered})
		return nil
	})
}
