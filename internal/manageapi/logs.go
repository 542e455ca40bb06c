package manageapi

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func logLine(v *service.LogView) api.LogLine {
	return api.LogLine{ID: v.ID, Message: v.Message, Device: v.Device, UserID: v.UserID, Username: v.Username, LicenseNamed: v.LicenseNamed,
		IP: v.IP, CreatedAt: api.At(v.CreatedAt)}
}

// LogQuery narrows a list of log lines.
type LogQuery struct {
	User          string    `query:"user" maxLength:"64" doc:"Id of a user."`
	Device        string    `query:"device" maxLength:"100" doc:"Name of a computer, exactly."`
	Search        string    `query:"search" maxLength:"200" doc:"Text anywhere in the message, without regard to case. A search looks at 5,000 lines a page at most."`
	CreatedAfter  time.Time `query:"created_after"`
	CreatedBefore time.Time `query:"created_before"`
	Sort          string    `query:"sort" enum:"created,-created" doc:"-created, newest first, if left out; of an export created."`
}

func (q *LogQuery) filter() service.LogFilter {
	return service.LogFilter{UserID: q.User, Device: q.Device, Search: q.Search, CreatedAfter: q.CreatedAfter, CreatedBefore: q.CreatedBefore, Sort: q.Sort}
}

type listLogsInput struct {
	AppPath
	LogQuery
	PageQuery
}

func (s *surface) listLogs(ctx context.Context, in *listLogsInput) (api.LogList, error) {
	f := in.filter()
	f.Page = in.page()
	list, err := s.svc.ListLogs(ctx, in.App, f)
	return api.LogList{Logs: each(list.Items, logLine), Next: list.Next}, err
}

type logInput struct {
	AppPath
	Log string `path:"log" doc:"Id of the log line."`
}

func (s *surface) getLog(ctx context.Context, in *logInput) (service.LogView, error) {
	return s.svc.Log(ctx, in.App, in.Log)
}

func (s *surface) deleteLog(ctx context.Context, in *logInput) error {
	return s.svc.DeleteLog(ctx, in.App, in.Log)
}

type deleteLogsInput struct {
	BulkInput
	Body api.DeleteLogs
}

func logsChanged(c *service.BulkChange) any {
	return api.LogsChanged{Change: change(c.Change), DryRun: c.DryRun}
}

func (s *surface) deleteLogs(_ context.Context, in *deleteLogsInput) (writer, error) {
	sel := service.LogSelection{IDs: in.Body.IDs, All: in.Body.All}
	if f := in.Body.Filter; f != nil {
		sel.Filter = &service.LogFilter{UserID: f.UserID, Device: f.Device, CreatedAfter: f.CreatedAfter.Time, CreatedBefore: f.CreatedBefore.Time}
	}
	return s.bulk(&in.BulkInput, service.BulkCall{DryRun: in.Body.DryRun, Repeat: in.Repeat}, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.DeleteLogs(ctx, in.App, sel, call)
	}, logsChanged), nil
}

func logWebhook(v *service.LogWebhookView) api.LogWebhook {
	return api.LogWebhook{Host: v.Host, CreatedAt: api.At(v.CreatedAt), StoppedAt: api.At(v.StoppedAt), Error: v.Error}
}

func (s *surface) getLogWebhook(ctx context.Context, in *AppPath) (service.LogWebhookView, error) {
	v, err := s.svc.LogWebhook(ctx, in.App)
	return v, unlessUnset(err, latchkey.CodeLogWebhookNotSet)
}

// unlessUnset is err, but none if err says that nothing is set up: to ask
// whether something is, is no fault. The answer has no host then.
func unlessUnset(err error, code latchkey.Code) error {
	if latchkey.CodeOf(err) == code {
		return nil
	}
	return err
}

type setLogWebhookInput struct {
	AppPath
	Body api.SetLogWebhook
}

func (s *surface) setLogWebhook(ctx context.Context, in *setLogWebhookInput) (service.LogWebhookView, error) {
	return s.svc.SetLogWebhook(ctx, in.App, latchkey.Secret(in.Body.URL))
}

func (s *surface) deleteLogWebhook(ctx context.Context, in *AppPath) error {
	return s.svc.DeleteLogWebhook(ctx, in.App)
}
