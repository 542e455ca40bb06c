package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/sign"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AuditWebhookView is a webhook as its seller sees it: not its address, and its
// secret only in the answer to the call that makes one.
type AuditWebhookView struct {
	Host         string
	Secret       latchkey.Secret // "" but where it is shown
	CreatedAt    time.Time
	Delivered    int64 // number of the last event that the receiver has
	DeliveredAt  time.Time
	Last         int64 // number of the last event of the log
	Error        string
	FailingSince time.Time
	NextAt       time.Time // of the next attempt, while they fail
	StoppedAt    time.Time
}

// Behind is how many events the receiver has not yet.
func (v *AuditWebhookView) Behind() int64 { return max(v.Last-v.Delivered, 0) }

func auditWebhookView(ctx context.Context, tx *store.Tx, h *latchkey.AuditWebhook) (AuditWebhookView, error) {
	last, err := tx.AuditHead(ctx, h.AppID)
	v := AuditWebhookView{Host: hostOf(h.URL), CreatedAt: h.CreatedAt, Delivered: h.Delivered, DeliveredAt: h.DeliveredAt, Last: last,
		Error: h.Error, FailingSince: h.FailingSince, StoppedAt: h.StoppedAt}
	if h.Failures > 0 && h.StoppedAt.IsZero() && h.Lease == 0 {
		v.NextAt = h.DueAt
	}
	return v, err
}

// AuditFrom says with which event a webhook begins.
type AuditFrom string

// Where webhooks begin.
const (
	AuditFromHere  AuditFrom = ""      // after what the one before has delivered; without one, now
	AuditFromStart AuditFrom = "start" // with the first event of the log
	AuditFromNow   AuditFrom = "now"   // with the one that tells of the webhook
)

// SetAuditWebhook has the app's audit log sent to an address, signed with a new
// secret, which is shown in the answer alone. Nothing more is sent to the
// address before. Error: request.invalid.
func (s *Service) SetAuditWebhook(ctx context.Context, appID string, address latchkey.Secret, from AuditFrom) (view AuditWebhookView, err error) {
	if err := requireAudit(ctx, latchkey.PermAppsSecrets); err != nil {
		return view, err
	}
	switch from {
	case AuditFromHere, AuditFromStart, AuditFromNow:
	default:
		return view, latchkey.Invalid("from", "A webhook begins at the start or now.")
	}
	if err := s.checkURL("url", address); err != nil {
		return view, err
	}
	secret, err := s.webhookSecret()
	if err != nil {
		return view, err
	}
	err = s.change(ctx, latchkey.PermAppsSecrets, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		was, err := tx.LockAuditWebhook(ctx, appID)
		unset := latchkey.CodeOf(err) == latchkey.CodeAuditWebhookNotSet
		if err != nil && !unset {
			return err
		}
		h := latchkey.AuditWebhook{AppID: appID, URL: address, Secret: secret, Delivered: was.Delivered, DueAt: now, CreatedAt: now}
		if from == AuditFromStart {
			h.Delivered = 0
		}
		if from == AuditFromNow || from == AuditFromHere && unset {
			if h.Delivered, err = tx.AuditHead(ctx, appID); err != nil {
				return err
			}
		}
		if err := tx.PutAuditWebhook(ctx, &h); err != nil {
			return err
		}
		details := map[string]any{"host": hostOf(address), "after": h.Delivered}
		audit(ctx, tx, now, appID, "audit_webhook.set", appID, edited(details, auditWebhookFields(&was), auditWebhookFields(&h)))
		return s.madeAuditWebhook(ctx, tx, &h, secret, &view)
	})
	return view, err
}

// requireAudit refuses who may change where the log goes and may not read it:
// they could have it sent to themselves.
func requireAudit(ctx context.Context, p latchkey.Permission) error {
	if _, err := require(ctx, p); err != nil {
		return err
	}
	_, err := require(ctx, latchkey.PermAuditRead)
	return err
}

// madeAuditWebhook is the answer to a call that has made a secret.
func (s *Service) madeAuditWebhook(ctx context.Context, tx *store.Tx, h *latchkey.AuditWebhook, secret latchkey.Secret, view *AuditWebhookView) (err error) {
	if *view, err = auditWebhookView(ctx, tx, h); err != nil {
		return err
	}
	view.Secret = secret
	return made(ctx, *view)
}

func (s *Service) webhookSecret() (latchkey.Secret, error) {
	key := make([]byte, sign.WebhookKeySize)
	if _, err := io.ReadFull(s.rand, key); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return latchkey.Secret(sign.WebhookSecret(key)), nil
}

// AuditWebhook says where the app's audit log is sent and how far that has come;
// audit_webhook.not_set.
func (s *Service) AuditWebhook(ctx context.Context, appID string) (view AuditWebhookView, err error) {
	err = s.read(ctx, latchkey.PermAuditRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		h, err := tx.AuditWebhook(ctx, appID)
		if err != nil {
			return err
		}
		view, err = auditWebhookView(ctx, tx, &h)
		return err
	})
	return view, err
}

// RotateAuditWebhookSecret gives the webhook another secret, shown in the answer
// alone. For a day the one before signs as well. Error: audit_webhook.not_set.
func (s *Service) RotateAuditWebhookSecret(ctx context.Context, appID string) (view AuditWebhookView, err error) {
	secret, err := s.webhookSecret()
	if err != nil {
		return view, err
	}
	err = s.change(ctx, latchkey.PermAppsSecrets, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		h, err := tx.LockAuditWebhook(ctx, appID)
		if err != nil {
			return err
		}
		h.OldSecret, h.OldUntil, h.Secret = h.Secret, now.Add(latchkey.WebhookOverlap), secret
		if err := tx.PutAuditWebhook(ctx, &h); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "audit_webhook.rotate_secret", appID, nil)
		return s.madeAuditWebhook(ctx, tx, &h, secret, &view)
	})
	return view, err
}

// ResumeAuditWebhook has a webhook that was stopped, or waits after failures, go
// on at once from where it is. Error: audit_webhook.not_set.
func (s *Service) ResumeAuditWebhook(ctx context.Context, appID string) (view AuditWebhookView, err error) {
	err = s.change(ctx, latchkey.PermAppsSecrets, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		h, err := tx.LockAuditWebhook(ctx, appID)
		if err != nil {
			return err
		}
		h.Resume(now)
		if err := tx.PutAuditWebhook(ctx, &h); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "audit_webhook.resume", appID, map[string]any{"after": h.Delivered})
		view, err = auditWebhookView(ctx, tx, &h)
		return err
	})
	return view, err
}

// DeleteAuditWebhook has the app's audit log sent nowhere any more, what waits
// for it neither; audit_webhook.not_set.
func (s *Service) DeleteAuditWebhook(ctx context.Context, appID string) error {
	return s.change(ctx, latchkey.PermAppsSecrets, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		h, err := tx.LockAuditWebhook(ctx, appID)
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "audit_webhook.delete", appID, map[string]any{"host": hostOf(h.URL)})
		return tx.DeleteAuditWebhook(ctx, appID)
	})
}

// auditTest is the message of a test.
type auditTest struct {
	Type      string        `json:"type"`
	Timestamp time.Time     `json:"timestamp"`
	Data      auditTestData `json:"data"`
}

type auditTestData struct {
	AppID string `json:"app_id"`
}

// TestAuditWebhook sends a message without events, signed like all, and tells no
// more than whether and when the receiver answers. It is not in the log, which
// would send that on. Errors: audit_webhook.not_set; webhook.failed, which says
// why.
func (s *Service) TestAuditWebhook(ctx context.Context, appID string) (t WebhookTest, err error) {
	var h latchkey.AuditWebhook
	err = s.read(ctx, latchkey.PermAppsSecrets, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
		h, err = tx.AuditWebhook(ctx, appID)
		return err
	})
	if err != nil {
		return t, err
	}
	now := s.now()
	body, err := json.Marshal(auditTest{latchkey.AuditMessageTest, now.UTC().Truncate(time.Millisecond), auditTestData{appID}})
	if err != nil {
		return t, fmt.Errorf("write test: %w", err)
	}
	id, err := s.newID(latchkey.KindOutbox, now)
	if err != nil {
		return t, err
	}
	header, err := webhookHeader("aud_test_"+id, now, body, h.Secrets(now))
	if err != nil {
		return t, err
	}
	answer, err := s.egress.Do(ctx, egress.Request{Method: http.MethodPost, URL: h.URL.Reveal(), Header: header, Body: body})
	if e, ok := errors.AsType[*egress.Error](err); ok {
		return t, latchkey.FailWith(latchkey.CodeWebhookFailed, e.Message).Because(e)
	}
	if err != nil {
		return t, err
	}
	return WebhookTest{Status: answer.Status, Duration: answer.Duration}, nil
}

// webhookHeader are the headers of a message of Standard Webhooks.
func webhookHeader(id string, at time.Time, body []byte, secrets []string) (http.Header, error) {
	signature, err := sign.Webhook(id, at, body, secrets...)
	if err != nil {
		return nil, fmt.Errorf("sign message: %w", err)
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", sign.WebhookTime(at))
	h.Set("Webhook-Signature", signature)
	return h, nil
}
