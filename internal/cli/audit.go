package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/listfile"
)

type auditCommand struct {
	remoteFlags
	List    auditList    `cmd:"" help:"List and search who changed what."`
	Export  auditExport  `cmd:"" help:"Write the log to a file."`
	Webhook auditWebhook `cmd:"" help:"Sending of an application's log to a URL."`
}

// auditConditions say whose log it is, and narrow it.
type auditConditions struct {
	App        string    `help:"Application, by name or id. Without one, it is the server's own log, which only administrators may read." env:"LATCHKEY_APP" placeholder:"NAME"`
	ActorKind  string    `help:"Only what these did: account, api_key, customer, server." enum:",account,api_key,customer,server" default:""`
	Actor      string    `help:"Only what this account, API key or user did, by id." placeholder:"ID"`
	Action     []string  `help:"Only these actions; license.* stands for all that begin so." placeholder:"ACTION,…"`
	TargetKind string    `help:"Only what was done to things of this kind, such as license or user." placeholder:"KIND"`
	Target     string    `help:"Only what was done to this, by id." placeholder:"ID"`
	From       time.Time `help:"Nothing before this time (RFC 3339)." placeholder:"TIME"`
	To         time.Time `help:"Only before this time (RFC 3339)." placeholder:"TIME"`
	Search     string    `help:"An id, of who did something or of what it was done to; or text anywhere in an event."`
}

// query returns the path of the log and what narrows it.
func (a *auditConditions) query(ctx context.Context, c *call) (path string, q url.Values, err error) {
	path, q = "/audit-events", url.Values{}
	if a.App != "" {
		app, err := c.appID(ctx, a.App)
		if err != nil {
			return "", nil, err
		}
		path = route("/apps/%s/audit-events", app)
	}
	for name, value := range map[string]string{"actor_kind": a.ActorKind, "actor": a.Actor, "action": strings.Join(a.Action, ","), "target_kind": a.TargetKind,
		"target": a.Target, "from": api.At(a.From).String(), "to": api.At(a.To).String(), "search": a.Search} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return path, q, nil
}

type auditList struct {
	auditConditions
	pageFlags
	Sort string `help:"-at for newest first, at for oldest first." enum:"at,-at" default:"-at"`
}

func (l *auditList) Run(ctx context.Context, c *call) error {
	path, query, err := l.query(ctx, c)
	if err != nil {
		return err
	}
	query.Set("sort", l.Sort)
	list, next, err := listAll(ctx, c, path, query, l.pageFlags, func(p api.AuditEventList) ([]api.AuditEvent, string) { return p.AuditEvents, p.Next })
	if err != nil {
		return err
	}
	t := &table{header: []string{"TIME", "WHO", "ACTION", "OF", "DETAILS", "IP"}}
	for _, e := range list {
		details, err := json.Marshal(e.Details)
		if err != nil {
			return fmt.Errorf("show details: %w", err)
		}
		t.add(when(e.At), nameOr(&e, e.ActorID, e.ActorKind), e.Action, nameOr(&e, e.TargetID, ""), string(details), e.IP)
	}
	return c.show(api.AuditEventList{AuditEvents: list, Next: next}, t)
}

// nameOr is the name of what an event mentions, or else its id, or else what
// there is to say of it.
func nameOr(e *api.AuditEvent, id, otherwise string) string {
	switch {
	case e.Names[id] != "":
		return e.Names[id]
	case id != "":
		return id
	}
	return otherwise
}

type auditExport struct {
	auditConditions
	Format string `help:"csv; json, a list; ndjson, an event a line. As the file's name says if not given, else csv." enum:",csv,json,ndjson" default:""`
	Output string `help:"File to write, readable by you alone; what is there is replaced once all has arrived." short:"o" placeholder:"FILE"`
}

func (e *auditExport) Run(ctx context.Context, c *call) error {
	path, query, err := e.query(ctx, c)
	if err != nil {
		return err
	}
	format := listfile.Format(e.Format)
	if format == "" {
		format = listfile.OfName(e.Output)
	}
	if format == "" || format == listfile.Text {
		format = listfile.CSV
	}
	query.Set("format", string(format))
	copied := func(w io.Writer) error {
		return c.export(ctx, withQuery(path+"/export", query), w, "receiving events", 0)
	}
	if e.Output == "" || e.Output == "-" {
		return copied(c.std.Out)
	}
	return replaceFile(e.Output, copied)
}
