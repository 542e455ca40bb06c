package manageapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// AuditExportFormat is the form of an exported audit log.
type AuditExportFormat struct {
	Format string `query:"format" enum:"json,ndjson,csv" doc:"json, a list, if left out; ndjson, an event a line and a last line that says done; csv, with a header, safe from formulas."`
}

type exportAuditInput struct {
	AppPath
	AuditExportFormat
	AuditQuery
}

func (s *surface) exportAuditEvents(ctx context.Context, in *exportAuditInput) (writer, error) {
	return s.exportAudit(ctx, in.App, in.Format, &in.AuditQuery)
}

type exportServerAuditInput struct {
	AuditExportFormat
	AuditQuery
}

func (s *surface) exportServerAuditEvents(ctx context.Context, in *exportServerAuditInput) (writer, error) {
	return s.exportAudit(ctx, "", in.Format, &in.AuditQuery)
}

// exportAudit sends all events that a filter leaves.
func (s *surface) exportAudit(ctx context.Context, appID, asked string, q *AuditQuery) (writer, error) {
	format := listfile.JSON
	if asked != "" {
		format = listfile.Format(asked)
	}
	export, err := s.svc.BeginAuditExport(ctx, appID, q.filter(), string(format))
	if err != nil {
		return nil, err
	}
	of := export.App
	if of == "" {
		of = "server"
	}
	return func(w http.ResponseWriter, r *http.Request) {
		out := s.stream(w, r, http.StatusOK, format.MediaType())
		out.file = format.Name("audit", of, export.Began.Format("2006-01-02"))
		sendList(out, format, auditColumns, func(write func(event api.AuditEvent) error) error {
			return export.Each(out.r.Context(), func(list []service.AuditView) error {
				for i := range list {
					if err := write(auditEvent(&list[i])); err != nil {
						return err
					}
				}
				return nil
			})
		}, appendAuditRow)
	}, nil
}

// auditColumns are those of CSV.
const auditColumns = "at,actor_kind,actor_id,actor_name,action,target_id,target_name,details,ip,request_id,seq,hash\r\n"

func appendAuditRow(b []byte, e *api.AuditEvent) ([]byte, error) {
	details, err := json.Marshal(e.Details)
	if err != nil {
		return nil, fmt.Errorf("write details: %w", err)
	}
	for _, cell := range []string{e.At.String(), e.ActorKind, e.ActorID, e.Names[e.ActorID], e.Action, e.TargetID, e.Names[e.TargetID], string(details), e.IP, e.RequestID} {
		b = append(listfile.AppendCell(b, cell), ',')
	}
	b = append(strconv.AppendInt(b, e.Seq, 10), ',')
	return append(append(b, e.Hash...), "\r\n"...), nil
}

// sendList writes what each gives, as one of the formats that lists are exported
// in. Where the format cannot say that something went wrong, the connection is
// broken off.
func sendList[T any](out *stream, format listfile.Format, columns string, each func(write func(T) error) error, appendRow func([]byte, *T) ([]byte, error)) {
	count := int64(0)
	write := func(v T) error {
		count++
		switch {
		case format == listfile.CSV:
			row, err := appendRow(nil, &v)
			if err != nil {
				return err
			}
			if count == 1 {
				row = append([]byte(columns), row...)
			}
			_, err = out.buffer.Write(row)
			return err
		case format == listfile.JSON:
			begin := ","
			if count == 1 {
				begin = "["
			}
			if _, err := io.WriteString(out.buffer, begin); err != nil {
				return err
			}
		}
		return out.line(v)
	}
	var err error
	if out.r.Method != http.MethodHead {
		err = each(write)
	}
	if format == listfile.Lines {
		out.end(count, err)
		return
	}
	if err == nil {
		err = endList(out.buffer, format, columns, count)
	}
	if err == nil {
		err = out.flush()
	}
	if err != nil {
		out.abort(err)
	}
}

// endList writes what ends the list.
func endList(w io.Writer, format listfile.Format, columns string, count int64) error {
	end := ""
	switch {
	case format == listfile.JSON && count == 0:
		end = "[]\n"
	case format == listfile.JSON:
		end = "]\n"
	case format == listfile.CSV && count == 0:
		end = columns
	}
	_, err := io.WriteString(w, end)
	return err
}
