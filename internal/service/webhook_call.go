package service

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	webhookPerSession = 10 // calls in a minute
	// Sessions cost nothing, so whoever opens many is counted as one: a user, or
	// an address where nobody has signed in.
	webhookPerCaller = 60
	webhookAtOnce    = 2  // of one webhook
	webhooksAtOnce   = 16 // of one app: a quarter of what the server calls at once
)

// ClientWebhookCall is what a program wants to have sent.
type ClientWebhookCall struct {
	Webhook     string            // id
	Params      map[string]string // pairs of the query
	Text        string            // the same as the compatible wire has it; see [egress.BuildURL]
	Body        string            // "": a GET
	ContentType string            // of the body; "": that of a form
}

// ClientWebhookAnswer is what a program is told.
type ClientWebhookAnswer struct {
	Status int
	Body   string // "" unless the seller shows it; at most 16 KiB
}

// ClientWebhook calls a webhook for a program. Errors: those of
// [Service.ClientCheck] but that nobody may have signed in, webhook.not_found,
// session.not_signed_in, subscription.level_too_low, request.invalid,
// request.rate_limited, server.busy, webhook.failed.
func (s *Service) ClientWebhook(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientWebhookCall) (a ClientWebhookAnswer, err error) {
	c, w, err := s.clientWebhook(ctx, app, ses, in.Webhook)
	if err != nil {
		return a, err
	}
	request, err := in.request(&w)
	if err != nil {
		return a, err
	}
	if err := s.hooks.count(ctx, &c, ses); err != nil {
		return a, err
	}
	ctx = toTheEnd(ctx)
	answer, err := s.hooks.send(ctx, s.egress, &w, request)
	if e, ok := errors.AsType[*egress.Error](err); ok {
		// Why is between the seller and the address: see TestWebhook.
		return a, latchkey.Fail(latchkey.CodeWebhookFailed).Because(e)
	}
	if err != nil {
		return a, err
	}
	a.Status = answer.Status
	if w.ShowAnswer {
		a.Body = string(answer.Body)
	}
	return a, s.keepAnswer(ctx, a)
}

// clientWebhook finds the webhook that a program names, if it may call it.
func (s *Service) clientWebhook(ctx context.Context, app *ClientApp, ses *ClientSession, id string) (c caller, w latchkey.Webhook, err error) {
	if c, err = s.anyone(ctx, app, ses); err != nil {
		return c, w, err
	}
	if !latchkey.IsID(latchkey.KindWebhook, id) {
		return c, w, latchkey.Fail(latchkey.CodeWebhookNotFound)
	}
	err = s.db.Read(ctx, func(tx *store.Tx) (err error) {
		w, err = tx.Webhook(ctx, app.ID, id)
		return err
	})
	if err != nil {
		return c, w, err
	}
	return c, w, c.reaches(w.NeedsSignIn, w.MinLevel)
}

// request is what is sent. Refusals tell nothing of the URL.
func (in *ClientWebhookCall) request(w *latchkey.Webhook) (r egress.Request, err error) {
	if len(in.Params) > latchkey.MaxWebhookParams {
		return r, latchkey.Invalid("params", "A call has up to 16 parameters.")
	}
	if len(in.Body) > latchkey.MaxWebhookBody {
		return r, latchkey.Invalid("body", "The body is longer than 16,384 bytes.")
	}
	r = egress.Request{Method: http.MethodGet, Header: http.Header{}}
	contentType, err := latchkey.WebhookContentType(in.ContentType)
	if err != nil {
		return r, err
	}
	if in.Body != "" {
		r.Method, r.Body = http.MethodPost, []byte(in.Body)
		r.Header.Set("Content-Type", contentType)
	}
	r.URL, err = egress.BuildURL(w.URL.Reveal(), in.Text)
	if err == nil {
		r.URL, err = egress.AddParams(r.URL, in.Params)
	}
	if err != nil {
		return r, latchkey.Invalid("params", "The parameters cannot be added to the webhook's address.").Because(err)
	}
	return r, nil
}

// webhookCalls bounds how often and how many at once webhooks are called.
type webhookCalls struct {
	sessions *ratelimit.Buckets
	callers  *ratelimit.Buckets

	mu      sync.Mutex
	running map[string]int // by the id of the webhook, and of the app
}

func newWebhookCalls(now func() time.Time, off bool) *webhookCalls {
	h := &webhookCalls{running: map[string]int{}}
	if !off {
		h.sessions, h.callers = ratelimit.New(now, ratelimit.PerMinute(webhookPerSession)), ratelimit.New(now, ratelimit.PerMinute(webhookPerCaller))
	}
	return h
}

// count takes a call from those that a session and its user, or its address,
// have left; request.rate_limited.
func (h *webhookCalls) count(ctx context.Context, c *caller, ses *ClientSession) error {
	who := ratelimit.Key{Text: c.UserID}
	if c.UserID == "" {
		who.Addr, _ = netip.ParseAddr(OriginFrom(ctx).IP) // none on a Unix socket
	}
	session := ratelimit.Key{Text: ses.Token.Reveal()}
	if d := h.callers.Look(who); !d.Allowed {
		return ratelimit.Refuse(d.Wait)
	}
	if d := h.sessions.Take(session); !d.Allowed {
		return ratelimit.Refuse(d.Wait)
	}
	h.callers.Spend(who)
	return nil
}

// send calls a webhook's address, unless too many calls of it are under way.
// Errors: server.busy, request.canceled, and those of [egress.Client.Do].
func (h *webhookCalls) send(ctx context.Context, client *egress.Client, w *latchkey.Webhook, r egress.Request) (*egress.Answer, error) {
	if !h.begin(w) {
		return nil, busy()
	}
	defer h.end(w)
	if w.UserAgent != "" {
		r.Header = header(r.Header, "User-Agent", w.UserAgent)
	}
	answer, err := client.Do(ctx, r)
	if e, ok := errors.AsType[*egress.Error](err); ok {
		switch e.Code {
		case egress.CodeBusy:
			return nil, busy()
		case egress.CodeCanceled:
			return nil, latchkey.Fail(latchkey.CodeCanceled).Because(e)
		}
	}
	return answer, err
}

func header(h http.Header, name, value string) http.Header {
	if h == nil {
		h = http.Header{}
	}
	h.Set(name, value)
	return h
}

func (h *webhookCalls) begin(w *latchkey.Webhook) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running[w.ID] >= webhookAtOnce || h.running[w.AppID] >= webhooksAtOnce {
		return false
	}
	h.running[w.ID]++
	h.running[w.AppID]++
	return true
}

func (h *webhookCalls) end(w *latchkey.Webhook) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range []string{w.ID, w.AppID} {
		if h.running[id]--; h.running[id] == 0 {
			delete(h.running, id)
		}
	}
}
