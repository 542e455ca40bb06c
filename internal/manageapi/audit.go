package manageapi

import (
	"context"
	"encoding/hex"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func auditEvent(e *latchkey.AuditEvent) api.AuditEvent {
	out := api.AuditEvent{Seq: e.Seq, At: api.At(e.At), ActorKind: e.ActorKind, ActorID: e.ActorID, Action: e.Action,
		TargetID: e.TargetID, Details: e.Details, RequestID: e.RequestID, IP: e.IP, Hash: hex.EncodeToString(e.Hash[:])}
	if e.Chain != latchkey.InstanceChain {
		out.AppID = e.Chain
	}
	if out.Details == nil {
		out.Details = map[string]any{}
	}
	return out
}

func auditEvents(list service.List[latchkey.AuditEvent], err error) (api.AuditEventList, error) {
	return api.AuditEventList{AuditEvents: each(list.Items, auditEvent), Next: list.Next}, err
}

func (s *surface) listAuditEvents(ctx context.Context, in *AppPage) (api.AuditEventList, error) {
	return auditEvents(s.svc.ListAuditEvents(ctx, in.App, in.page()))
}

func (s *surface) listServerAuditEvents(ctx context.Context, in *PageQuery) (api.AuditEventList, error) {
	return auditEvents(s.svc.ListAuditEvents(ctx, "", in.page()))
}
