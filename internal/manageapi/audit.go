package manageapi

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func auditEvent(e *service.AuditView) api.AuditEvent {
	out := api.AuditEvent{Seq: e.Seq, At: api.At(e.At), ActorKind: e.ActorKind, ActorID: e.ActorID, Action: e.Action,
		TargetID: e.TargetID, Details: e.Details, RequestID: e.RequestID, IP: e.IP, Names: e.Names, Hash: hex.EncodeToString(e.Hash[:])}
	if e.Chain != latchkey.InstanceChain {
		out.AppID = e.Chain
	}
	if out.Details == nil {
		out.Details = map[string]any{}
	}
	return out
}

// auditTarget is the kind of id that a word for what events are about stands for.
func auditTarget(word string) latchkey.Kind {
	for _, o := range latchkey.AuditObjects() {
		if o.Name == word {
			return o.Kind
		}
	}
	return ""
}

// AuditQuery narrows an audit log.
type AuditQuery struct {
	ActorKind  string    `query:"actor_kind" enum:"account,api_key,customer,server"`
	Actor      string    `query:"actor" maxLength:"64" doc:"Id of an account, an API key or a user."`
	Action     string    `query:"action" maxLength:"2000" doc:"One or several, with commas between them; license.* stands for all that begin so."`
	TargetKind string    `query:"target_kind" enum:"account,account_session,api_key,app,blacklist_entry,chat_channel,chat_message,delivery,device,file,license,log_line,panel_session,session,subscription,token,user,variable,webhook,whitelist_entry" doc:"What was changed."`
	Target     string    `query:"target" maxLength:"64" doc:"Id of what was changed."`
	From       time.Time `query:"from" doc:"No events before this."`
	To         time.Time `query:"to" doc:"Only events before this."`
	Search     string    `query:"search" maxLength:"200" doc:"An id, of who did something or of what it was done to; or text anywhere in an event, without regard to case, for which 5,000 events a page are looked at."`
	Sort       string    `query:"sort" enum:"-at,at" doc:"-at, newest first, if left out; of an export at."`
}

func (q *AuditQuery) filter() service.AuditFilter {
	var actions []string
	if q.Action != "" {
		actions = strings.Split(q.Action, ",")
	}
	return service.AuditFilter{ActorKind: q.ActorKind, Actor: q.Actor, Actions: actions, TargetKind: auditTarget(q.TargetKind), Target: q.Target,
		From: q.From, To: q.To, Search: q.Search, Sort: q.Sort}
}

func (s *surface) auditEvents(ctx context.Context, appID string, q *AuditQuery, p service.Page) (api.AuditEventList, error) {
	f := q.filter()
	f.Page = p
	list, err := s.svc.ListAuditEvents(ctx, appID, f)
	return api.AuditEventList{AuditEvents: each(list.Items, auditEvent), Next: list.Next}, err
}

type listAuditEventsInput struct {
	AppPath
	AuditQuery
	PageQuery
}

func (s *surface) listAuditEvents(ctx context.Context, in *listAuditEventsInput) (api.AuditEventList, error) {
	return s.auditEvents(ctx, in.App, &in.AuditQuery, in.page())
}

type listServerAuditEventsInput struct {
	AuditQuery
	PageQuery
}

func (s *surface) listServerAuditEvents(ctx context.Context, in *listServerAuditEventsInput) (api.AuditEventList, error) {
	return s.auditEvents(ctx, "", &in.AuditQuery, in.page())
}

func auditWebhook(v *service.AuditWebhookView) api.AuditWebhook {
	return api.AuditWebhook{Host: v.Host, Secret: v.Secret.Reveal(), CreatedAt: api.At(v.CreatedAt), DeliveredSeq: v.Delivered, DeliveredAt: api.At(v.DeliveredAt),
		LastSeq: v.Last, Behind: v.Behind(), Error: v.Error, FailingSince: api.At(v.FailingSince), NextAt: api.At(v.NextAt), StoppedAt: api.At(v.StoppedAt)}
}

func (s *surface) getAuditWebhook(ctx context.Context, in *AppPath) (service.AuditWebhookView, error) {
	v, err := s.svc.AuditWebhook(ctx, in.App)
	return v, unlessUnset(err, latchkey.CodeAuditWebhookNotSet)
}

type setAuditWebhookInput struct {
	AppPath
	Body api.SetAuditWebhook
}

func (s *surface) setAuditWebhook(ctx context.Context, in *setAuditWebhookInput) (service.AuditWebhookView, error) {
	return s.svc.SetAuditWebhook(ctx, in.App, latchkey.Secret(in.Body.URL), service.AuditFrom(in.Body.From))
}

func (s *surface) rotateAuditWebhookSecret(ctx context.Context, in *AppPath) (service.AuditWebhookView, error) {
	return s.svc.RotateAuditWebhookSecret(ctx, in.App)
}

func (s *surface) resumeAuditWebhook(ctx context.Context, in *AppPath) (service.AuditWebhookView, error) {
	return s.svc.ResumeAuditWebhook(ctx, in.App)
}

func (s *surface) testAuditWebhook(ctx context.Context, in *AppPath) (api.WebhookTest, error) {
	t, err := s.svc.TestAuditWebhook(ctx, in.App)
	return api.WebhookTest{Status: t.Status, DurationMs: t.Duration.Milliseconds()}, err
}

func (s *surface) deleteAuditWebhook(ctx context.Context, in *AppPath) error {
	return s.svc.DeleteAuditWebhook(ctx, in.App)
}
