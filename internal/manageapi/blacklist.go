package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// BlacklistPath names an entry of an app's blacklist.
type BlacklistPath struct {
	AppPath
	Entry string `path:"blacklist_entry" doc:"Id of the entry."`
}

type listBlacklistInput struct {
	AppPath
	Kind   string `query:"kind" enum:"ip,cidr,hwid,country,asn"`
	Search string `query:"search" maxLength:"256" doc:"A whole value; of an address also the networks around it."`
	Sort   string `query:"sort" enum:"-created,created" doc:"Newest first if left out."`
	PageQuery
}

func (s *surface) listBlacklist(ctx context.Context, in *listBlacklistInput) (api.AccessList, error) {
	return s.listAccess(ctx, in.App, latchkey.Blacklist, service.AccessFilter{Kind: latchkey.AccessKind(in.Kind), Search: in.Search, Sort: in.Sort, Page: in.page()})
}

type createBlacklistEntryInput struct {
	AppPath
	Body api.CreateBlacklistEntry
}

func (s *surface) createBlacklistEntry(ctx context.Context, in *createBlacklistEntryInput) (service.AccessView, error) {
	b := &in.Body
	return s.svc.CreateAccess(ctx, in.App, latchkey.Blacklist, service.NewAccess{Kind: latchkey.AccessKind(b.Kind), Value: b.Value, Reason: b.Reason, ExpiresAt: b.ExpiresAt.Time})
}

func (s *surface) importBlacklist(_ context.Context, in *importAccessInput) (writer, error) {
	return s.importAccess(latchkey.Blacklist, in)
}

func (s *surface) deleteBlacklistEntries(_ context.Context, in *deleteAccessInput) (writer, error) {
	return s.deleteAccess(latchkey.Blacklist, in)
}

func (s *surface) getBlacklistEntry(ctx context.Context, in *BlacklistPath) (service.AccessView, error) {
	return s.svc.Access(ctx, in.App, latchkey.Blacklist, in.Entry)
}

type updateBlacklistEntryInput struct {
	BlacklistPath
	Body api.UpdateAccessEntry
}

func (s *surface) updateBlacklistEntry(ctx context.Context, in *updateBlacklistEntryInput) (service.AccessView, error) {
	return s.svc.UpdateAccess(ctx, in.App, latchkey.Blacklist, in.Entry, accessEdit(&in.Body))
}

func (s *surface) deleteBlacklistEntry(ctx context.Context, in *BlacklistPath) error {
	return s.svc.DeleteAccess(ctx, in.App, latchkey.Blacklist, in.Entry)
}
