package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// accessTable is entries of a blacklist or whitelist.
func accessTable(list ...api.AccessEntry) *table {
	t := &table{header: []string{"KIND", "VALUE", "ID", "ENDS", "BAN OF", "CREATED", "REASON"}}
	for _, e := range list {
		t.add(e.Kind, e.Value, e.ID, when(e.ExpiresAt), e.UserID, when(e.CreatedAt), e.Reason)
	}
	return t
}

// accessPath is where the entries of an app's list are; those of both lists
// are treated alike.
func accessPath(list latchkey.AccessList, appID string, elements ...string) string {
	return route("/apps/%s/"+string(list)+"s"+strings.Repeat("/%s", len(elements)), append([]string{appID}, elements...)...)
}

// accessFilter narrows a list.
type accessFilter struct {
	Search string `help:"A whole value; of an address also the networks around it." placeholder:"VALUE"`
}

func (f accessFilter) query(kind string) url.Values {
	q := url.Values{}
	if kind != "" {
		q.Set("kind", kind)
	}
	if f.Search != "" {
		q.Set("search", f.Search)
	}
	return q
}

func (c *call) accessEntries(ctx context.Context, path string, q url.Values, flags pageFlags) ([]api.AccessEntry, string, error) {
	return listAll(ctx, c, path, q, flags, func(p api.AccessList) ([]api.AccessEntry, string) { return p.Entries, p.Next })
}

func (c *call) listAccess(ctx context.Context, list latchkey.AccessList, app string, q url.Values, flags pageFlags) error {
	id, err := c.appID(ctx, app)
	if err != nil {
		return err
	}
	entries, next, err := c.accessEntries(ctx, accessPath(list, id), q, flags)
	if err != nil {
		return err
	}
	return c.show(api.AccessList{Entries: entries, Next: next}, accessTable(entries...))
}

// entryFlags are what is said of a new entry beside its value.
type entryFlags struct {
	Reason string `help:"For you; customers never see it."`
	Until  string `help:"When it ends: a moment such as 2030-01-31T12:00:00Z, or how long it lasts: 12h, 30d, 5w. Never if not given." placeholder:"TIME"`
}

// endOf reads when an entry is to end, "" for never.
func endOf(text string) (api.Time, error) {
	if text == "" {
		return api.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return api.At(at), nil
	}
	d, err := latchkey.ParseDuration(text)
	if err != nil || d.IsLifetime() {
		return api.Time{}, usageError("An end is a moment such as 2030-01-31T12:00:00Z, or a duration such as 30d.")
	}
	now := time.Now().UTC()
	return api.At(latchkey.Extended(now, now, d)), nil
}

func (c *call) createAccess(ctx context.Context, list latchkey.AccessList, app string, in any) error {
	id, err := c.appID(ctx, app)
	if err != nil {
		return err
	}
	var created api.AccessEntry
	if err := c.create(ctx, accessPath(list, id), in, &created); err != nil {
		return err
	}
	return c.show(created, accessTable(created))
}

// accessArg names one entry of a list.
type accessArg struct {
	appFlag
	Entry string `arg:"" help:"Value or id."`
}

// find returns the path of the entry with the id, or of the one that names the
// value.
func (a accessArg) find(ctx context.Context, c *call, list latchkey.AccessList) (string, error) {
	app, err := c.appID(ctx, a.App)
	if err != nil {
		return "", err
	}
	if latchkey.IsID(list.EntryKind(), a.Entry) {
		return accessPath(list, app, a.Entry), nil
	}
	found, _, err := c.accessEntries(ctx, accessPath(list, app), url.Values{"search": {a.Entry}}, pageFlags{Limit: serverPage})
	if err != nil {
		return "", err
	}
	for _, e := range found {
		if _, value, err := latchkey.ParseAccess(latchkey.AccessKind(e.Kind), a.Entry); err == nil && value.Reveal() == e.Value {
			return accessPath(list, app, e.ID), nil
		}
	}
	return "", latchkey.Fail(list.NotFound())
}

// accessUpdate is what to change of an entry.
type accessUpdate struct {
	accessArg
	Reason *string `help:"New reason."`
	Until  *string `help:"When it ends: a moment, or how long from now; empty for never." placeholder:"TIME"`
}

func (u *accessUpdate) run(ctx context.Context, c *call, list latchkey.AccessList) error {
	in := api.UpdateAccessEntry{Reason: u.Reason}
	if u.Reason == nil && u.Until == nil {
		return usageError("Say what to change: --reason or --until.")
	}
	if u.Until != nil {
		in.ExpiresAt = api.Null[api.Time]()
		if *u.Until != "" {
			end, err := endOf(*u.Until)
			if err != nil {
				return err
			}
			in.ExpiresAt = api.Value(end)
		}
	}
	path, err := u.find(ctx, c, list)
	if err != nil {
		return err
	}
	var after api.AccessEntry
	if err := c.patch(ctx, path, in, &after); err != nil {
		return err
	}
	return c.show(after, accessTable(after))
}

func (a accessArg) show(ctx context.Context, c *call, list latchkey.AccessList) error {
	path, err := a.find(ctx, c, list)
	if err != nil {
		return err
	}
	var e api.AccessEntry
	if err := c.get(ctx, path, nil, &e); err != nil {
		return err
	}
	return c.show(e, accessTable(e))
}

// accessDelete names entries one by one, or all that a filter finds.
type accessDelete struct {
	appFlag
	yesFlag
	bulkFlags
	accessFilter
	Entries []string `arg:"" optional:"" help:"Values or ids."`
	All     bool     `help:"All of the list, or those that --kind and --search leave."`
}

func (d *accessDelete) run(ctx context.Context, c *call, list latchkey.AccessList, kind string) error {
	if d.All == (len(d.Entries) > 0) || !d.All && (kind != "" || d.Search != "") {
		return usageError("Name entries, or say --all, which --kind and --search narrow.")
	}
	app, err := c.appID(ctx, d.App)
	if err != nil {
		return err
	}
	in := api.AccessSelection{All: d.All, Kind: kind, Search: d.Search, DryRun: d.DryRun}
	for _, name := range d.Entries {
		path, err := accessArg{appFlag: d.appFlag, Entry: name}.find(ctx, c, list)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		in.IDs = append(in.IDs, path[strings.LastIndexByte(path, '/')+1:])
	}
	question := fmt.Sprintf("Delete %d %s from the %s?", len(d.Entries), either(len(d.Entries) == 1, "entry", "entries"), list)
	if d.All {
		question = fmt.Sprintf("Delete everything that this names from the %s of %s?", list, d.App)
	}
	if !d.DryRun {
		if err := d.confirm(c, question); err != nil {
			return err
		}
	}
	var change api.AccessChanged
	if err := d.send(ctx, c, bulkCall{path: accessPath(list, app, "delete"), in: in, dryRun: d.DryRun, what: "deleted"}, d.All, &change); err != nil {
		return err
	}
	if c.json {
		return printJSON(c.std.Out, change)
	}
	return printf(c.std.Out, "%d of %d entries %sdeleted.\n", change.Changed, change.Matched, either(change.DryRun, "would be ", ""))
}

// accessImport reads a file with a value a line.
type accessImport struct {
	appFlag
	entryFlags
	File   string `arg:"" help:"File with a value a line; - for standard input. What follows a # is passed over."`
	DryRun bool   `help:"Change nothing, and say what would come of it."`
}

// maxLines is the most that the server takes, in bytes.
const maxLines = 8 << 20

func (i *accessImport) run(ctx context.Context, c *call, list latchkey.AccessList, kind string) error {
	end, err := endOf(i.Until)
	if err != nil {
		return err
	}
	text, err := i.read(c)
	if err != nil {
		return err
	}
	app, err := c.appID(ctx, i.App)
	if err != nil {
		return err
	}
	q := url.Values{"dry_run": {strconv.FormatBool(i.DryRun)}}
	for name, value := range map[string]string{"kind": kind, "reason": i.Reason, "expires_at": end.String()} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var report api.AccessImported
	err = c.call(ctx, request{method: http.MethodPost, path: withQuery(accessPath(list, app, "import"), q), file: strings.NewReader(text), size: int64(len(text)),
		header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}}, &report)
	if err != nil {
		return err
	}
	if c.json {
		return printJSON(c.std.Out, report)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %s %simported, %d on the list already, %d refused.\n", report.Imported, counted(int(report.Lines), "line"),
		either(report.DryRun, "would be ", ""), report.Existing, report.Refused)
	for _, l := range report.RefusedLines[:min(len(report.RefusedLines), shownRows)] {
		fmt.Fprintf(&b, "  line %d: %s\n", l.Line, plain(l.Reason))
	}
	return printf(c.std.Out, "%s", b.String())
}

func (i *accessImport) read(c *call) (text string, err error) {
	in := c.std.In
	if i.File != "-" {
		f, openErr := os.Open(i.File)
		if openErr != nil {
			return "", fmt.Errorf("read file: %w", openErr)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		in = f
	}
	content, err := io.ReadAll(io.LimitReader(in, maxLines+1))
	if err == nil && len(content) > maxLines {
		err = usageError("The file is larger than 8 MiB; split it.")
	}
	return string(content), err
}
