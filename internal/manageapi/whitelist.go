package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// WhitelistPath names an entry of an app's whitelist.
type WhitelistPath struct {
	AppPath
	Entry string `path:"whitelist_entry" doc:"Id of the entry."`
}

type listWhitelistInput struct {
	AppPath
	Kind   string `query:"kind" enum:"ip,cidr"`
	Search string `query:"search" maxLength:"256" doc:"A whole value; of an address also the networks around it."`
	Sort   string `query:"sort" enum:"-created,created" doc:"Newest first if left out."`
	PageQuery
}

func (s *surface) listWhitelist(ctx context.Context, in *listWhitelistInput) (api.AccessList, error) {
	return s.listAccess(ctx, in.App, latchkey.Whitelist, service.AccessFilter{Kind: latchkey.AccessKind(in.Kind), Search: in.Search, Sort: in.Sort, Page: in.page()})
}

type createWhitelistEntryInput struct {
	AppPath
	Body api.CreateWhitelistEntry
}

func (s *surface) createWhitelistEntry(ctx context.Context, in *createWhitelistEntryInput) (service.AccessView, error) {
	b := &in.Body
	return s.svc.CreateAccess(ctx, in.App, latchkey.Whitelist, service.NewAccess{Kind: latchkey.AccessKind(b.Kind), Value: b.Value, Reason: b.Reason, ExpiresAt: b.ExpiresAt.Time})
}

func (s *surface) importWhitelist(_ context.Context, in *importAccessInput) (writer, error) {
	return s.importAccess(latchkey.Whitelist, in)
}

func (s *surface) deleteWhitelistEntries(_ context.Context, in *deleteAccessInput) (writer, error) {
	return s.deleteAccess(latchkey.Whitelist, in)
}

func (s *surface) getWhitelistEntry(ctx context.Context, in *WhitelistPath) (service.AccessView, error) {
	return s.svc.Access(ctx, in.App, latchkey.Whitelist, in.Entry)
}

type updateWhitelistEntryInput struct {
	WhitelistPath
	Body api.UpdateAccessEntry
}

func (s *surface) updateWhitelistEntry(ctx context.Context, in *updateWhitelistEntryInput) (service.AccessView, error) {
	return s.svc.UpdateAccess(ctx, in.App, latchkey.Whitelist, in.Entry, accessEdit(&in.Body))
}

func (s *surface) deleteWhitelistEntry(ctx context.Context, in *WhitelistPath) error {
	return s.svc.DeleteAccess(ctx, in.App, latchkey.Whitelist, in.Entry)
}
