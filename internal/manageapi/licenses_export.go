package manageapi

import (
	"context"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

type exportLicensesInput struct {
	AppPath
	Format        string    `query:"format" enum:"json,ndjson,csv,txt" doc:"json, a list, if left out; ndjson, a license a line and a last line that says done; csv, with a header; txt, a key a line."`
	Search        string    `query:"search" maxLength:"254" doc:"As of the list of licenses."`
	Status        string    `query:"status" enum:"not_used,used,banned"`
	Level         int64     `query:"level" minimum:"1" maximum:"1000000"`
	CreatedBy     string    `query:"created_by" maxLength:"64" doc:"Id of the account or API key."`
	CreatedAfter  time.Time `query:"created_after"`
	CreatedBefore time.Time `query:"created_before"`
	Sort          string    `query:"sort" enum:"created,-created,used,-used" doc:"created, oldest first, if left out. With status=used also by when they were redeemed."`
}

// exportMedia are the media types of exports beside JSON.
func exportMedia() []string { return []string{linesType, "text/csv", "text/plain"} }

// userMedia are those of users.
func userMedia() []string { return []string{linesType, "text/csv"} }

func (s *surface) exportLicenses(ctx context.Context, in *exportLicensesInput) (writer, error) {
	format := listfile.JSON
	if in.Format != "" {
		format = listfile.Format(in.Format)
	}
	export, err := s.svc.BeginLicenseExport(ctx, in.App, service.LicenseFilter{
		Search: in.Search, Status: latchkey.LicenseStatus(in.Status), Level: in.Level, CreatedBy: in.CreatedBy,
		CreatedAfter: in.CreatedAfter, CreatedBefore: in.CreatedBefore, Sort: in.Sort}, string(format))
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		out := s.stream(w, r, http.StatusOK, format.MediaType())
		out.file = format.Name("licenses", export.App, export.Began.Format("2006-01-02"))
		to := listfile.NewWriter(out.buffer, format, export.Tiers)
		s.sendExport(out, format, to, func(ctx context.Context) error {
			return export.Each(ctx, func(list []service.LicenseView) error {
				for i := range list {
					if err := to.Write(&list[i].License, list[i].UsedByName); err != nil {
						return err
					}
				}
				return nil
			})
		}, export.End)
	}, nil
}

// listWriter ends a list, and knows how many are on it.
type listWriter interface {
	Finish() error
	Count() int64
}

// sendExport sends all that each writes, tells end, and then sends what ends the
// list: a client that has not got that has not got all. Where the format cannot
// say that something went wrong, the connection is broken off.
func (s *surface) sendExport(out *stream, format listfile.Format, to listWriter, each func(context.Context) error, end func(ctx context.Context, count int64, whole bool) error) {
	ctx := out.r.Context()
	var err error
	if out.r.Method != http.MethodHead {
		err = each(ctx)
	}
	if ended := end(ctx, to.Count(), err == nil); err == nil {
		err = ended
	}
	if err == nil {
		err = to.Finish()
	}
	if format == listfile.Lines {
		out.end(to.Count(), err)
		return
	}
	if err == nil {
		err = out.flush()
	}
	if err != nil {
		out.abort(err)
	}
}
