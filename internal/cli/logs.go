package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/listfile"
)

type logsCommand struct {
	remoteFlags
	List    logsList    `cmd:"" help:"List and search log lines."`
	Show    logsShow    `cmd:"" help:"Show a log line."`
	Export  logsExport  `cmd:"" help:"Write log lines to a file."`
	Delete  logsDelete  `cmd:"" help:"Delete log lines."`
	Webhook logsWebhook `cmd:"" help:"Posting of log lines to a Discord channel."`
}

// logConditions narrow a list of log lines.
type logConditions struct {
	User          string    `help:"Only this user's, by name or id." placeholder:"NAME"`
	Device        string    `help:"Only those of the computer of exactly this name." placeholder:"NAME"`
	CreatedAfter  time.Time `help:"Reported after this time (RFC 3339)." placeholder:"TIME"`
	CreatedBefore time.Time `help:"Reported before this time (RFC 3339)." placeholder:"TIME"`
}

func (l *logConditions) query(ctx context.Context, c *call, app string) (url.Values, error) {
	q := url.Values{}
	for name, value := range map[string]string{"device": l.Device, "created_after": api.At(l.CreatedAfter).String(), "created_before": api.At(l.CreatedBefore).String()} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if l.User != "" {
		id, err := c.userID(ctx, app, l.User)
		if err != nil {
			return nil, err
		}
		q.Set("user", id)
	}
	return q, nil
}

type logsList struct {
	appFlag
	logConditions
	pageFlags
	Search string `help:"Text anywhere in the message."`
	Sort   string `help:"-created for newest first, created for oldest first." enum:"created,-created" default:"-created"`
}

func (l *logsList) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, l.App)
	if err != nil {
		return err
	}
	query, err := l.query(ctx, c, app)
	if err != nil {
		return err
	}
	query.Set("sort", l.Sort)
	if l.Search != "" {
		query.Set("search", l.Search)
	}
	list, next, err := listAll(ctx, c, route("/apps/%s/logs", app), query, l.pageFlags,
		func(p api.LogList) ([]api.LogLine, string) { return p.Logs, p.Next })
	if err != nil {
		return err
	}
	return c.show(api.LogList{Logs: list, Next: next}, logTable(list...))
}

func logTable(list ...api.LogLine) *table {
	t := &table{header: []string{"TIME", "USER", "COMPUTER", "IP", "MESSAGE", "ID"}}
	for _, v := range list {
		t.add(when(v.CreatedAt), v.Username, v.Device, v.IP, strings.Join(strings.Fields(v.Message), " "), v.ID)
	}
	return t
}

type logsShow struct {
	appFlag
	Log string `arg:"" help:"Id."`
}

func (l *logsShow) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/logs/%s", l.Log)
	if err != nil {
		return err
	}
	var v api.LogLine
	if err := c.get(ctx, path, nil, &v); err != nil {
		return err
	}
	return c.show(v, logTable(v))
}

type logsExport struct {
	appFlag
	logConditions
	Search string `help:"Text anywhere in the message."`
	Format string `help:"csv; json, a list; ndjson, a line a line. As the file's name says if not given, else csv." enum:",csv,json,ndjson" default:""`
	Output string `help:"File to write, readable by you alone; what is there is replaced once all has arrived." short:"o" placeholder:"FILE"`
}

func (l *logsExport) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, l.App)
	if err != nil {
		return err
	}
	query, err := l.query(ctx, c, app)
	if err != nil {
		return err
	}
	format := listfile.Format(l.Format)
	if format == "" {
		format = listfile.OfName(l.Output)
	}
	if format == "" || format == listfile.Text {
		format = listfile.CSV
	}
	query.Set("format", string(format))
	if l.Search != "" {
		query.Set("search", l.Search)
	}
	copied := func(w io.Writer) error {
		return c.export(ctx, withQuery(route("/apps/%s/logs/export", app), query), w, "receiving log lines", 0)
	}
	if l.Output == "" || l.Output == "-" {
		return copied(c.std.Out)
	}
	return replaceFile(l.Output, copied)
}

type logsDelete struct {
	appFlag
	yesFlag
	bulkFlags
	logConditions
	Lines []string `arg:"" optional:"" help:"Ids."`
	All   bool     `help:"All of the application's log lines."`
}

func (l *logsDelete) Run(ctx context.Context, c *call) error {
	narrowed := l.logConditions != logConditions{}
	if (l.All || narrowed) == (len(l.Lines) > 0) || l.All && narrowed {
		return usageError("Name log lines by their ids, or say --all, or which ones: --user, --device, --created-after, --created-before.")
	}
	app, err := c.appID(ctx, l.App)
	if err != nil {
		return err
	}
	if len(l.Lines) == 1 && !l.DryRun {
		if err := c.delete(ctx, route("/apps/%s/logs/%s", app, l.Lines[0]), nil, nil); err != nil {
			return err
		}
		return c.did("Log line " + l.Lines[0] + " deleted.")
	}
	in := api.DeleteLogs{IDs: l.Lines, All: l.All, DryRun: true}
	if narrowed {
		in.Filter = &api.LogConditions{Device: l.Device, CreatedAfter: api.At(l.CreatedAfter), CreatedBefore: api.At(l.CreatedBefore)}
		if l.User != "" {
			if in.Filter.UserID, err = c.userID(ctx, app, l.User); err != nil {
				return err
			}
		}
	}
	var change api.LogsChanged
	call := func() error {
		return l.send(ctx, c, bulkCall{path: route("/apps/%s/logs/delete", app), in: in, dryRun: in.DryRun, what: "log lines deleted"}, true, &change)
	}
	if !l.DryRun && !l.Yes {
		if err := call(); err != nil {
			return err
		}
		if err := l.confirm(c, fmt.Sprintf("Delete %s of %s?", counted(int(change.Changed), "log line"), l.App)); err != nil {
			return err
		}
	}
	in.DryRun = l.DryRun
	if err := call(); err != nil {
		return err
	}
	return c.changed(change.Change, either(l.DryRun, "log lines would be deleted", "log lines deleted"))
}

type logsWebhook struct {
	Show   logsWebhookShow   `cmd:"" help:"Say whether log lines are posted."`
	Set    logsWebhookSet    `cmd:"" help:"Post log lines to a channel."`
	Remove logsWebhookRemove `cmd:"" help:"Post no more."`
}

func logWebhookTable(v api.LogWebhook) *table {
	t := &table{header: []string{"HOST", "STATE", "SINCE", "ERROR"}}
	since := v.CreatedAt
	if !v.StoppedAt.IsZero() {
		since = v.StoppedAt
	}
	t.add(v.Host, either(v.StoppedAt.IsZero(), "posting", "stopped"), when(since), v.Error)
	return t
}

type logsWebhookShow struct{ appFlag }

func (l *logsWebhookShow) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/log-webhook")
	if err != nil {
		return err
	}
	var v api.LogWebhook
	if err := c.get(ctx, path, nil, &v); err != nil {
		return err
	}
	if v.Host == "" {
		return c.did("Log lines of " + l.App + " are not posted.")
	}
	return c.show(v, logWebhookTable(v))
}

type logsWebhookSet struct {
	appFlag
	URLFile string `name:"url-file" help:"File that holds the address of the channel's webhook, - for standard input: whoever knows it can post." required:"" placeholder:"FILE"`
}

func (l *logsWebhookSet) Run(ctx context.Context, c *call) error {
	address, err := readSecret(l.URLFile, c.std.In)
	if err != nil {
		return err
	}
	path, err := l.path(ctx, c, "/apps/%s/log-webhook")
	if err != nil {
		return err
	}
	var v api.LogWebhook
	if err := c.call(ctx, request{method: http.MethodPut, path: path, in: api.SetLogWebhook{URL: address}}, &v); err != nil {
		return err
	}
	return c.show(v, logWebhookTable(v))
}

type logsWebhookRemove struct{ appFlag }

func (l *logsWebhookRemove) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/log-webhook")
	if err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("Log lines of " + l.App + " are posted no more.")
}
