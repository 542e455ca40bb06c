package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// WebhookPath names a webhook of an app.
type WebhookPath struct {
	AppPath
	Webhook string `path:"webhook" doc:"Id of the webhook."`
}

func webhook(v *service.WebhookView) api.Webhook {
	return api.Webhook{ID: v.ID, Name: v.Name, URL: v.URL.Reveal(), UserAgent: v.UserAgent, NeedsSignIn: v.NeedsSignIn, MinLevel: v.MinLevel,
		ShowAnswer: v.ShowAnswer, CreatedAt: api.At(v.CreatedAt), UpdatedAt: api.At(v.UpdatedAt)}
}

func (s *surface) listWebhooks(ctx context.Context, in *listNamedInput) (api.WebhookList, error) {
	list, err := s.svc.ListWebhooks(ctx, in.App, in.filter())
	return api.WebhookList{Webhooks: each(list.Items, webhook), Next: list.Next}, err
}

type createWebhookInput struct {
	AppPath
	Body api.CreateWebhook
}

func (s *surface) createWebhook(ctx context.Context, in *createWebhookInput) (service.WebhookView, error) {
	b := &in.Body
	return s.svc.CreateWebhook(ctx, in.App, service.NewWebhook{Name: b.Name, URL: latchkey.Secret(b.URL), UserAgent: b.UserAgent,
		NeedsSignIn: unlessSaid(b.NeedsSignIn, true), MinLevel: b.MinLevel, ShowAnswer: b.ShowAnswer})
}

// unlessSaid is a value that may be left out.
func unlessSaid[T any](said *T, otherwise T) T {
	if said != nil {
		return *said
	}
	return otherwise
}

// secret is a text that may be left out as a secret.
func secret(text *string) *latchkey.Secret {
	if text == nil {
		return nil
	}
	return new(latchkey.Secret(*text))
}

func (s *surface) getWebhook(ctx context.Context, in *WebhookPath) (service.WebhookView, error) {
	return s.svc.Webhook(ctx, in.App, in.Webhook)
}

type updateWebhookInput struct {
	WebhookPath
	Body api.UpdateWebhook
}

func (s *surface) updateWebhook(ctx context.Context, in *updateWebhookInput) (service.WebhookView, error) {
	b := &in.Body
	return s.svc.UpdateWebhook(ctx, in.App, in.Webhook, service.WebhookEdit{Name: b.Name, URL: secret(b.URL), UserAgent: b.UserAgent,
		NeedsSignIn: b.NeedsSignIn, MinLevel: b.MinLevel, ShowAnswer: b.ShowAnswer})
}

func (s *surface) deleteWebhook(ctx context.Context, in *WebhookPath) error {
	return s.svc.DeleteWebhook(ctx, in.App, in.Webhook)
}

func (s *surface) testWebhook(ctx context.Context, in *WebhookPath) (api.WebhookTest, error) {
	t, err := s.svc.TestWebhook(ctx, in.App, in.Webhook)
	return api.WebhookTest{Status: t.Status, DurationMs: t.Duration.Milliseconds()}, err
}
