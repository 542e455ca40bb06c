package manageapi

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

func accessEntry(v *service.AccessView) api.AccessEntry {
	return api.AccessEntry{ID: v.ID, Kind: string(v.Kind), Value: v.Value.Reveal(), Reason: v.Reason, ExpiresAt: api.At(v.ExpiresAt), UserID: v.UserID,
		CreatedAt: api.At(v.CreatedAt), CreatedBy: v.CreatedBy, UpdatedAt: api.At(v.UpdatedAt)}
}

func (s *surface) listAccess(ctx context.Context, appID string, list latchkey.AccessList, f service.AccessFilter) (api.AccessList, error) {
	page, err := s.svc.ListAccess(ctx, appID, list, f)
	return api.AccessList{Entries: each(page.Items, accessEntry), Next: page.Next}, err
}

func accessEdit(b *api.UpdateAccessEntry) service.AccessEdit {
	edit := service.AccessEdit{Reason: b.Reason}
	if b.ExpiresAt.Set {
		var end api.Time
		if b.ExpiresAt.Value != nil {
			end = *b.ExpiresAt.Value
		}
		edit.ExpiresAt = &end.Time
	}
	return edit
}

type deleteAccessInput struct {
	BulkInput
	Body api.AccessSelection
}

func (s *surface) deleteAccess(list latchkey.AccessList, in *deleteAccessInput) (writer, error) {
	b := &in.Body
	sel := service.AccessSelection{IDs: b.IDs, All: b.All, Kind: latchkey.AccessKind(b.Kind), Search: b.Search}
	return s.bulk(&in.BulkInput, service.BulkCall{DryRun: b.DryRun, Repeat: in.Repeat}, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.DeleteAccessEntries(ctx, in.App, list, sel, call)
	}, func(c *service.BulkChange) any {
		return api.AccessChanged{Change: change(c.Change), DryRun: c.DryRun}
	}), nil
}

type importAccessInput struct {
	AppPath
	Format    string    `query:"format" enum:"txt" doc:"With the dashboard's cookie the Content-Type is application/json, and this says that the body is text."`
	Kind      string    `query:"kind" enum:"ip,cidr,hwid,country,asn" doc:"Of every line. Left out: as each line looks, an address, a network, two letters for a country, AS and a number; hardware ids need it."`
	Reason    string    `query:"reason" maxLength:"500" doc:"Of every entry."`
	ExpiresAt time.Time `query:"expires_at" doc:"Of every entry; left out: never."`
	DryRun    bool      `query:"dry_run" doc:"Change nothing, only report what would come of it."`
}

func (s *surface) importAccess(list latchkey.AccessList, in *importAccessInput) (writer, error) {
	ask := service.AccessImport{Kind: latchkey.AccessKind(in.Kind), Reason: in.Reason, ExpiresAt: in.ExpiresAt, DryRun: in.DryRun}
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(s.upload(w, r, maxLines, false))
		var report service.AccessReport
		if err == nil {
			ask.Text = string(text)
			ask.Progress = func(int64, int64) error { return s.stayOpen(w) }
			report, err = s.svc.ImportAccess(r.Context(), in.App, list, ask)
		}
		if err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		value(http.StatusOK, api.AccessImported{DryRun: report.DryRun, Lines: report.Lines, Imported: report.Imported, Existing: report.Existing,
			Refused: report.Refused, RefusedLines: each(report.Why, func(l *service.RefusedLine) api.RefusedLine {
				return api.RefusedLine{Line: l.Line, Reason: l.Reason}
			})})(w, r)
	}, nil
}
