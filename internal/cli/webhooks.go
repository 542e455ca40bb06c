package cli

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type webhooksCommand struct {
	remoteFlags
	List   webhooksList   `cmd:"" help:"List the webhooks that programs may call."`
	Show   webhooksShow   `cmd:"" help:"Show a webhook."`
	Create webhooksCreate `cmd:"" help:"Add a webhook."`
	Update webhooksUpdate `cmd:"" help:"Change a webhook."`
	Test   webhooksTest   `cmd:"" help:"Call a webhook once and tell whether it answers."`
	Delete webhooksDelete `cmd:"" help:"Delete a webhook."`
}

func webhookTable(list ...api.Webhook) *table {
	t := &table{header: []string{"NAME", "ID", "SIGN-IN", "LEVEL", "ANSWER", "USER AGENT", "URL"}}
	for _, w := range list {
		t.add(w.Name, w.ID, either(w.NeedsSignIn, "needed", "not needed"), either(w.MinLevel == 0, "any", strconv.FormatInt(w.MinLevel, 10)),
			either(w.ShowAnswer, "shown", "hidden"), w.UserAgent, w.URL)
	}
	return t
}

type webhooksList struct {
	appFlag
	namedFlags
	pageFlags
}

func (l *webhooksList) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/webhooks")
	if err != nil {
		return err
	}
	list, next, err := c.webhooks(ctx, path, namedQuery(l.Search, l.Sort), l.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.WebhookList{Webhooks: list, Next: next}, webhookTable(list...))
}

func (c *call) webhooks(ctx context.Context, path string, query url.Values, flags pageFlags) ([]api.Webhook, string, error) {
	return listAll(ctx, c, path, query, flags, func(p api.WebhookList) ([]api.Webhook, string) { return p.Webhooks, p.Next })
}

// webhookArg names one webhook of an app.
type webhookArg struct {
	appFlag
	Webhook string `arg:"" help:"Name or id."`
}

// webhookPath finds the webhook and fills its id into a pattern that begins with
// /apps/%s/webhooks/%s.
func (w webhookArg) webhookPath(ctx context.Context, c *call, pattern string) (string, error) {
	app, err := c.appID(ctx, w.App)
	if err != nil {
		return "", err
	}
	if latchkey.IsID(latchkey.KindWebhook, w.Webhook) {
		return route(pattern, app, w.Webhook), nil
	}
	list, _, err := c.webhooks(ctx, route("/apps/%s/webhooks", app), nil, pageFlags{Limit: 1 << 30})
	if err != nil {
		return "", err
	}
	for _, hook := range list {
		if hook.Name == w.Webhook {
			return route(pattern, app, hook.ID), nil
		}
	}
	return "", latchkey.Fail(latchkey.CodeWebhookNotFound)
}

type webhooksShow struct{ webhookArg }

func (w *webhooksShow) Run(ctx context.Context, c *call) error {
	path, err := w.webhookPath(ctx, c, "/apps/%s/webhooks/%s")
	if err != nil {
		return err
	}
	var hook api.Webhook
	if err := c.get(ctx, path, nil, &hook); err != nil {
		return err
	}
	return c.show(hook, webhookTable(hook))
}

type webhooksCreate struct {
	appFlag
	accessFlags
	Name       string `arg:"" help:"Name."`
	URL        string `name:"target" help:"Address that is called; no program learns it." required:"" placeholder:"URL"`
	UserAgent  string `help:"User agent of the calls; Latchkey if not given." placeholder:"TEXT"`
	ShowAnswer bool   `help:"Give programs what the receiver answers."`
}

func (w *webhooksCreate) Run(ctx context.Context, c *call) error {
	path, err := w.path(ctx, c, "/apps/%s/webhooks")
	if err != nil {
		return err
	}
	var hook api.Webhook
	if err := c.create(ctx, path, api.CreateWebhook{Name: w.Name, URL: w.URL, UserAgent: w.UserAgent, NeedsSignIn: &w.NeedsSignIn,
		MinLevel: w.MinLevel, ShowAnswer: w.ShowAnswer}, &hook); err != nil {
		return err
	}
	return c.show(hook, webhookTable(hook))
}

type webhooksUpdate struct {
	webhookArg
	Name        *string `help:"New name."`
	URL         *string `name:"target" help:"New address." placeholder:"URL"`
	UserAgent   *string `help:"New user agent; empty for Latchkey." placeholder:"TEXT"`
	NeedsSignIn *bool   `help:"Only for programs in which somebody has signed in." negatable:""`
	MinLevel    *int64  `help:"Least level of the subscriptions that it is for; 0 for any." placeholder:"N"`
	ShowAnswer  *bool   `help:"Give programs what the receiver answers." negatable:""`
}

func (w *webhooksUpdate) Run(ctx context.Context, c *call) error {
	change := api.UpdateWebhook{Name: w.Name, URL: w.URL, UserAgent: w.UserAgent, NeedsSignIn: w.NeedsSignIn, MinLevel: w.MinLevel, ShowAnswer: w.ShowAnswer}
	if change == (api.UpdateWebhook{}) {
		return usageError("Say what to change: --name, --target, --user-agent, --needs-sign-in, --min-level or --show-answer.")
	}
	path, err := w.webhookPath(ctx, c, "/apps/%s/webhooks/%s")
	if err != nil {
		return err
	}
	var hook api.Webhook
	if err := c.patch(ctx, path, change, &hook); err != nil {
		return err
	}
	return c.show(hook, webhookTable(hook))
}

type webhooksTest struct{ webhookArg }

func (w *webhooksTest) Run(ctx context.Context, c *call) error {
	path, err := w.webhookPath(ctx, c, "/apps/%s/webhooks/%s/test")
	if err != nil {
		return err
	}
	return testReceiver(ctx, c, path)
}

// testReceiver has a receiver called once, and shows what it answered.
func testReceiver(ctx context.Context, c *call, path string) error {
	var test api.WebhookTest
	if err := c.post(ctx, path, nil, &test); err != nil {
		return err
	}
	t := &table{header: []string{"STATUS", "MILLISECONDS"}}
	t.add(strconv.Itoa(test.Status), strconv.FormatInt(test.DurationMs, 10))
	return c.show(test, t)
}

type webhooksDelete struct {
	webhookArg
	yesFlag
}

func (w *webhooksDelete) Run(ctx context.Context, c *call) error {
	path, err := w.webhookPath(ctx, c, "/apps/%s/webhooks/%s")
	if err != nil {
		return err
	}
	if err := w.confirm(c, fmt.Sprintf("Delete the webhook %s?", w.Webhook)); err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("Webhook " + w.Webhook + " deleted.")
}
