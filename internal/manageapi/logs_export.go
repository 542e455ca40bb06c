package manageapi

import (
	"context"
	"io"
	"net/http"

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
		s.sendLogs(out, export, format)
	}, nil
}

// logColumns are those of CSV.
const logColumns = "created_at,message,device,user_id,username,ip,id\r\n"

// sendLogs writes the lines. Where the format cannot say that something went
// wrong, the connection is broken off.
func (s *surface) sendLogs(out *stream, export *service.LogExport, format listfile.Format) {
	count := int64(0)
	write := func(list []service.LogView) error {
		for i := range list {
			if err := writeLog(out, format, &list[i], count == 0); err != nil {
				return err
			}
			count++
		}
		return nil
	}
	var err error
	if out.r.Method != http.MethodHead {
		err = export.Each(out.r.Context(), write)
	}
	if format == listfile.Lines {
		out.end(count, err)
		return
	}
	if err == nil {
		err = endLogs(out.buffer, format, count)
	}
	if err == nil {
		err = out.flush()
	}
	if err != nil {
		out.abort(err)
	}
}

func writeLog(out *stream, format listfile.Format, v *service.LogView, first bool) error {
	if format == listfile.CSV {
		b := []byte{}
		if first {
			b = append(b, logColumns...)
		}
		line := logLine(v)
		for _, cell := range []string{line.CreatedAt.String(), line.Message, line.Device, line.UserID, line.Username, line.IP} {
			b = append(listfile.AppendCell(b, cell), ',')
		}
		_, err := out.buffer.Write(append(append(b, line.ID...), "\r\n"...))
		return err
	}
	if format == listfile.JSON {
		begin := ","
		if first {
			begin = "["
		}
		if _, err := io.WriteString(out.buffer, begin); err != nil {
			return err
		}
	}
	return out.line(logLine(v))
}

// endLogs writes what ends the list.
func endLogs(w io.Writer, format listfile.Format, count int64) error {
	end := ""
	switch {
	case format == listfile.JSON && count == 0:
		end = "[]\n"
	case format == listfile.JSON:
		end = "]\n"
	case format == listfile.CSV && count == 0:
		end = logColumns
	}
	_, err := io.WriteString(w, end)
	return err
}
