package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
)

type auditWebhook struct {
	Show         auditWebhookShow   `cmd:"" help:"Say where the log is sent, and how far that has come."`
	Set          auditWebhookSet    `cmd:"" help:"Send the log to a URL, and show the secret that signs the messages."`
	RotateSecret auditWebhookRotate `cmd:"" help:"Replace the secret; for a day the old one signs as well."`
	Test         auditWebhookTest   `cmd:"" help:"Send a message without events, and say whether it is taken."`
	Resume       auditWebhookResume `cmd:"" help:"Go on at once where sending was stopped, or waits after failures."`
	Remove       auditWebhookRemove `cmd:"" help:"Send the log no more."`
}

// auditWebhookState is a webhook's state in one word.
func auditWebhookState(v *api.AuditWebhook) string {
	switch {
	case !v.StoppedAt.IsZero():
		return "stopped"
	case !v.FailingSince.IsZero():
		return "failing"
	}
	return "sending"
}

func auditWebhookTable(v api.AuditWebhook) *table {
	t := &table{header: []string{"HOST", "STATE", "DELIVERED", "BEHIND", "LAST", "ERROR", "NEXT"}}
	t.add(v.Host, auditWebhookState(&v), strconv.FormatInt(v.DeliveredSeq, 10), strconv.FormatInt(v.Behind, 10), when(v.DeliveredAt), v.Error, when(v.NextAt))
	if v.Secret != "" {
		t = &table{header: []string{"HOST", "SECRET"}}
		t.add(v.Host, v.Secret)
	}
	return t
}

// auditWebhookCall makes a call about an app's webhook and shows what it is then.
func auditWebhookCall(ctx context.Context, c *call, app appFlag, q request) error {
	path, err := app.path(ctx, c, "/apps/%s/audit-webhook")
	if err != nil {
		return err
	}
	q.path = path + q.path
	var v api.AuditWebhook
	if q.header == nil {
		err = c.call(ctx, q, &v)
	} else {
		err = c.callOnce(ctx, q, &v)
	}
	if err != nil {
		return err
	}
	if v.Host == "" {
		return c.did("The audit log of " + app.App + " is not sent.")
	}
	return c.show(v, auditWebhookTable(v))
}

type auditWebhookShow struct{ appFlag }

func (a *auditWebhookShow) Run(ctx context.Context, c *call) error {
	return auditWebhookCall(ctx, c, a.appFlag, request{method: http.MethodGet})
}

type auditWebhookSet struct {
	appFlag
	URLFile string `name:"url-file" help:"File that holds the URL, - for standard input: it may hold what lets somebody in." required:"" placeholder:"FILE"`
	From    string `help:"With which event to begin: start, the first of the log; now. If not given, the one after what the webhook before has delivered, or without one, now." enum:",start,now" default:""`
}

func (a *auditWebhookSet) Run(ctx context.Context, c *call) error {
	address, err := readSecret(a.URLFile, c.std.In)
	if err != nil {
		return err
	}
	return auditWebhookCall(ctx, c, a.appFlag, request{method: http.MethodPut, header: named(rand.Text()), in: api.SetAuditWebhook{URL: address, From: a.From}})
}

type auditWebhookRotate struct{ appFlag }

func (a *auditWebhookRotate) Run(ctx context.Context, c *call) error {
	return auditWebhookCall(ctx, c, a.appFlag, request{method: http.MethodPost, path: "/rotate-secret", header: named(rand.Text())})
}

type auditWebhookResume struct{ appFlag }

func (a *auditWebhookResume) Run(ctx context.Context, c *call) error {
	return auditWebhookCall(ctx, c, a.appFlag, request{method: http.MethodPost, path: "/resume"})
}

type auditWebhookTest struct{ appFlag }

func (a *auditWebhookTest) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s/audit-webhook/test")
	if err != nil {
		return err
	}
	return testReceiver(ctx, c, path)
}

type auditWebhookRemove struct {
	appFlag
	yesFlag
}

func (a *auditWebhookRemove) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s/audit-webhook")
	if err != nil {
		return err
	}
	if err := a.confirm(c, fmt.Sprintf("Send the audit log of %s no more?", a.App)); err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("The audit log of " + a.App + " is sent no more.")
}
