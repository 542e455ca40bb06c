package service

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// WebhookView is a webhook as its seller sees it.
type WebhookView struct{ latchkey.Webhook }

// NewWebhook asks for a webhook.
type NewWebhook struct {
	Name        string
	URL         latchkey.Secret
	UserAgent   string
	NeedsSignIn bool
	MinLevel    int64
	ShowAnswer  bool
}

// WebhookEdit is what to change of a webhook; nil leaves a field.
type WebhookEdit struct {
	Name        *string
	URL         *latchkey.Secret
	UserAgent   *string
	NeedsSignIn *bool
	MinLevel    *int64
	ShowAnswer  *bool
}

// CreateWebhook adds a webhook. Errors: webhook.exists; request.invalid, also
// for a URL that this server does not call.
func (s *Service) CreateWebhook(ctx context.Context, appID string, in NewWebhook) (view WebhookView, err error) {
	w := latchkey.Webhook{AppID: appID, Name: in.Name, URL: in.URL, UserAgent: in.UserAgent, NeedsSignIn: in.NeedsSignIn, MinLevel: in.MinLevel, ShowAnswer: in.ShowAnswer}
	if err := w.Check(); err != nil {
		return view, err
	}
	if err := s.checkURL("url", w.URL); err != nil {
		return view, err
	}
	err = s.change(ctx, latchkey.PermWebhooksWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) (err error) {
		if w.ID, err = s.newID(latchkey.KindWebhook, now); err != nil {
			return err
		}
		w.CreatedAt, w.UpdatedAt = now, now
		audit(ctx, tx, now, appID, "webhook.create", w.ID, webhookDetails(&w))
		view = WebhookView{w}
		if err := tx.InsertWebhook(ctx, &w); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// webhookDetails tell of a webhook in the audit log. Its URL is a secret.
func webhookDetails(w *latchkey.Webhook) map[string]any {
	return map[string]any{"name": w.Name, "user_agent": w.UserAgent, "needs_sign_in": w.NeedsSignIn, "min_level": w.MinLevel, "show_answer": w.ShowAnswer}
}

// ListWebhooks lists an app's webhooks: by created (oldest first, the usual
// order), -created, name or -name.
func (s *Service) ListWebhooks(ctx context.Context, appID string, f NamedFilter) (list List[WebhookView], err error) {
	q, binding, err := s.named(f, []string{"created", "-created", "name", "-name"}, "webhooks", appID)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermWebhooksRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		hooks, err := tx.Webhooks(ctx, appID, q)
		if err != nil {
			return err
		}
		cut, err := page(s, hooks, q.Keyset, func(w *latchkey.Webhook) string { return q.Place(w.ID, w.Name) }, binding...)
		list = List[WebhookView]{Items: make([]WebhookView, len(cut.Items)), Next: cut.Next}
		for i, w := range cut.Items {
			list.Items[i] = WebhookView{w}
		}
		return err
	})
	return list, err
}

// Webhook returns one; webhook.not_found.
func (s *Service) Webhook(ctx context.Context, appID, id string) (view WebhookView, err error) {
	err = s.read(ctx, latchkey.PermWebhooksRead, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
		view.Webhook, err = tx.Webhook(ctx, appID, id)
		return err
	})
	return view, err
}

// UpdateWebhook changes a webhook. Errors: webhook.not_found, webhook.exists,
// request.invalid.
func (s *Service) UpdateWebhook(ctx context.Context, appID, id string, edit WebhookEdit) (view WebhookView, err error) {
	if edit.URL != nil {
		if err := s.checkURL("url", *edit.URL); err != nil {
			return view, err
		}
	}
	err = s.change(ctx, latchkey.PermWebhooksWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		w, err := s.lockWebhook(ctx, tx, appID, id)
		if err != nil {
			return err
		}
		before := webhookFields(&w)
		set(&w.Name, edit.Name)
		set(&w.URL, edit.URL)
		set(&w.UserAgent, edit.UserAgent)
		set(&w.NeedsSignIn, edit.NeedsSignIn)
		set(&w.MinLevel, edit.MinLevel)
		set(&w.ShowAnswer, edit.ShowAnswer)
		if err := w.Check(); err != nil {
			return err
		}
		w.UpdatedAt = now
		if err := tx.UpdateWebhook(ctx, &w); err != nil {
			return err
		}
		details := webhookDetails(&w)
		details["url_changed"] = edit.URL != nil
		audit(ctx, tx, now, appID, "webhook.update", id, edited(details, before, webhookFields(&w)))
		view = WebhookView{w}
		return made(ctx, view)
	})
	return view, err
}

// lockWebhook locks a webhook and judges what the caller expects of it.
func (s *Service) lockWebhook(ctx context.Context, tx *store.Tx, appID, id string) (latchkey.Webhook, error) {
	w, err := tx.LockWebhook(ctx, appID, id)
	if err != nil {
		return w, err
	}
	return w, s.expected(ctx, func() (Tagged, error) { return WebhookView{w}, nil })
}

// DeleteWebhook deletes a webhook; webhook.not_found.
func (s *Service) DeleteWebhook(ctx context.Context, appID, id string) error {
	return s.change(ctx, latchkey.PermWebhooksWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		w, err := s.lockWebhook(ctx, tx, appID, id)
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "webhook.delete", id, webhookDetails(&w))
		return tx.DeleteWebhook(ctx, appID, id)
	})
}

// WebhookTest is what came of a call by the seller: no more than whether and
// when the receiver answers, or a webhook would read what only this server sees.
type WebhookTest struct {
	Status   int
	Duration time.Duration
}

// TestWebhook calls a webhook once, without parameters or body. Errors:
// webhook.not_found; webhook.failed, which says why; server.busy.
func (s *Service) TestWebhook(ctx context.Context, appID, id string) (t WebhookTest, err error) {
	var w latchkey.Webhook
	err = s.change(ctx, latchkey.PermWebhooksWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) (err error) {
		if w, err = tx.Webhook(ctx, appID, id); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "webhook.test", id, map[string]any{"name": w.Name})
		return nil
	})
	if err != nil {
		return t, err
	}
	answer, err := s.hooks.send(ctx, s.egress, &w, egress.Request{Method: http.MethodGet, URL: w.URL.Reveal()})
	if e, ok := errors.AsType[*egress.Error](err); ok {
		return t, latchkey.FailWith(latchkey.CodeWebhookFailed, e.Message).Because(e)
	}
	if err != nil {
		return t, err
	}
	return WebhookTest{Status: answer.Status, Duration: answer.Duration}, nil
}
