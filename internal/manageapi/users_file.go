package manageapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// maxUserFile bounds a file of users, in bytes: its rows are held until all have
// been judged.
const maxUserFile = 64 << 20

type exportUsersInput struct {
	AppPath
	Format string `query:"format" enum:"json,ndjson,csv" doc:"json, a list, if left out; ndjson, a user a line and a last line that says done; csv, with a header."`
	Sort   string `query:"sort" enum:"created,-created,name,-name,ends,-ends" doc:"As of the list; created, oldest first, if left out."`
	UserConditions
}

// exportUsers sends all users that a filter leaves, with their subscriptions and
// devices, and without what they sign in with.
func (s *surface) exportUsers(ctx context.Context, in *exportUsersInput) (writer, error) {
	format := listfile.JSON
	if in.Format != "" {
		format = listfile.Format(in.Format)
	}
	filter := in.filter()
	filter.Sort = in.Sort
	export, err := s.svc.BeginUserExport(ctx, in.App, filter, string(format))
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		out := s.stream(w, r, http.StatusOK, format.MediaType())
		out.file = format.Name("users", export.App, export.Began.Format("2006-01-02"))
		to := listfile.NewUserWriter(out.buffer, format)
		s.sendExport(out, format, to, func(ctx context.Context) error {
			return export.Each(ctx, func(list []service.UserView) error {
				for i := range list {
					user := s.user(&list[i])
					if err := to.Write(&user); err != nil {
						return err
					}
				}
				return nil
			})
		}, export.End)
	}, nil
}

type importUsersInput struct {
	AppPath
	Format  string `query:"format" enum:"json,ndjson,csv" doc:"Of the body; its Content-Type if left out. With the dashboard's cookie the Content-Type is application/json and this says the format."`
	DryRun  bool   `query:"dry_run" doc:"Change nothing, only report what would come of it."`
	OnError string `query:"on_error" enum:"skip,abort" doc:"What a row does that cannot be imported: it is skipped, or nothing is imported."`
	Accept  string `header:"Accept" doc:"application/x-ndjson asks for a stream of lines: progress in rows while users are made, the report, and a last line that says done."`
	Repeat  string `header:"Idempotency-Key" maxLength:"255" doc:"A name of your choice for this request. The same request made again within a day answers with the same report and imports nothing."`
}

func (s *surface) importUsers(_ context.Context, in *importUsersInput) (writer, error) {
	ask := service.ImportCall{DryRun: in.DryRun, Abort: in.OnError == "abort", Repeat: in.Repeat}
	return func(w http.ResponseWriter, r *http.Request) {
		format := formatOf(r)
		ask.Asked = fmt.Sprint(format)
		s.readFile(w, r, maxUserFile, ask.Repeat != "", func(body *upload, progress fileProgress) (service.ImportReport, error) {
			file, err := listfile.NewUserReader(body, format)
			if err != nil {
				return service.ImportReport{}, err
			}
			return s.svc.ImportUsers(r.Context(), in.App, ask, &userFile{UserReader: file, upload: body}, progress)
		})
	}, nil
}

// userFile is a file of users that arrives as a body.
type userFile struct {
	*listfile.UserReader
	upload *upload
}

// Digest is a hash of the whole body.
func (f *userFile) Digest() []byte { return f.upload.sum.Sum(nil) }
