package manageapi

import (
	"context"
	"net/http"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

type exportLogsInput struct {
	AppPath
	Format string `query:"format" enum:"json,ndjson,csv" doc:"json, a list, if left out; ndjson, a log line a line and a last line that says done; csv, with a header, safe from formulas."`
	LogQuery
}

// exportLogs sends all log lines that a filter leaves.
func (s *surface) exportLogs(ctx context.Context, in *exportLogsInput) (writer, error) {
	format := listfile.JSON
	if in.Format != "" {
		format = listfile.Format(in.Format)
	}
	export, err := s.svc.BeginLogExport(ctx, in.App, in.filter(), string(format))
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		out := s.stream(w, r, http.StatusOK, format.MediaType())
		out.file = format.Name("logs", export.App, export.Began.Format("2006-01-02"))
		sendList(out, format, logColumns, func(write func(line api.LogLine) error) error {
			return export.Each(out.r.Context(), func(list []service.LogView) error {
				for i := range list {
					if err := write(logLine(&list[i])); err != nil {
						return err
					}
				}
				return nil
			})
		}, appendLogRow)
	}, nil
}

// logColumns are those of CSV.
const logColumns = "created_at,message,device,user_id,username,ip,id\r\n"

func appendLogRow(b []byte, line *api.LogLine) ([]byte, error) {
	for _, cell := range []string{line.CreatedAt.String(), line.Message, line.Device, line.UserID, line.Username, line.IP} {
		b = append(listfile.AppendCell(b, cell), ',')
	}
	return append(append(b, line.ID...), "\r\n"...), nil
}
