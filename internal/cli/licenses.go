package cli

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type licensesCommand struct {
	remoteFlags
	Create       licensesCreate       `cmd:"" help:"Make licenses."`
	List         licensesList         `cmd:"" help:"List or search licenses."`
	Show         licensesShow         `cmd:"" help:"Show one license."`
	Update       licensesUpdate       `cmd:"" help:"Change level, note or, while unused, duration."`
	Ban          licensesBan          `cmd:"" help:"Take licenses out of use."`
	Unban        licensesUnban        `cmd:"" help:"Lift bans."`
	CreateTokens licensesCreateTokens `cmd:"" help:"Make a token for each unused license that has none."`
	Extend       licensesExtend       `cmd:"" help:"Lengthen unused licenses."`
	Delete       licensesDelete       `cmd:"" help:"Delete licenses."`
	Export       licensesExport       `cmd:"" help:"Write licenses to a file."`
	Import       licensesImport       `cmd:"" help:"Make licenses of keys that exist already, from a file."`
}

func licenseTable(list ...api.License) *table {
	t := &table{header: []string{"KEY", "ID", "STATUS", "LEVEL", "DURATION", "CREATED", "USED", "USED BY", "NOTE"}}
	for _, l := range list {
		status := map[string]string{"not_used": "Not Used", "used": "Used", "banned": "Banned"}[l.Status]
		t.add(l.Key, l.ID, status, strconv.FormatInt(l.Level, 10), l.Duration, when(l.CreatedAt), when(l.UsedAt), l.UsedByName, l.Note)
	}
	return t
}

type licensesList struct {
	appFlag
	pageFlags
	licenseConditions
	Sort string `help:"created for oldest first, -created for newest first; with --status used also used and -used." enum:"created,-created,used,-used" default:"-created"`
}

func (l *licensesList) query() url.Values { return l.licenseConditions.query(l.Sort) }

func (l *licenseConditions) query(sort string) url.Values {
	q := url.Values{"sort": {sort}}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("search", l.Search)
	set("status", l.Status)
	if l.Level != 0 {
		set("level", strconv.FormatInt(l.Level, 10))
	}
	set("created_by", l.CreatedBy)
	set("created_after", api.At(l.CreatedAfter).String())
	set("created_before", api.At(l.CreatedBefore).String())
	return q
}

func (l *licensesList) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/licenses")
	if err != nil {
		return err
	}
	list, err := c.licenses(ctx, path, l.query(), l.pageFlags)
	if err != nil {
		return err
	}
	if !c.json {
		// Not among the licenses, which other programs may read line by line.
		if err := printf(c.std.Err, "%s\n", countsLine(list.Counts)); err != nil {
			return err
		}
	}
	return c.show(list, licenseTable(list.Licenses...))
}

func countsLine(n api.LicenseCounts) string {
	return "The application has " + countsText(n) + "."
}

func countsText(n api.LicenseCounts) string {
	return fmt.Sprintf("%s: %d unused, %d used, %d banned", counted(int(n.Total), "license"), n.NotUsed, n.Used, n.Banned)
}

func (c *call) licenses(ctx context.Context, path string, query url.Values, flags pageFlags) (all api.LicenseList, err error) {
	all.Licenses, all.Next, err = listAll(ctx, c, path, query, flags, func(p api.LicenseList) ([]api.License, string) {
		all.Counts = p.Counts
		return p.Licenses, p.Next
	})
	return all, err
}

// licenseArg names one license of an app.
type licenseArg struct {
	appFlag
	License string `arg:"" help:"Key or id."`
}

// licensePath finds the license and fills its id into a pattern that begins
// with /apps/%s/licenses/%s.
func (l licenseArg) licensePath(ctx context.Context, c *call, pattern string) (string, error) {
	app, err := c.appID(ctx, l.App)
	if err != nil {
		return "", err
	}
	id, err := c.licenseID(ctx, app, l.License)
	if err != nil {
		return "", err
	}
	return route(pattern, app, id), nil
}

// licenseID finds a license by its key or takes its id.
func (c *call) licenseID(ctx context.Context, appID, keyOrID string) (string, error) {
	if latchkey.IsID(latchkey.KindLicense, keyOrID) {
		return keyOrID, nil
	}
	// The search also reads notes and names, so the key may not come first.
	list, err := c.licenses(ctx, route("/apps/%s/licenses", appID), url.Values{"search": {keyOrID}}, pageFlags{Limit: serverPage})
	if err != nil {
		return "", err
	}
	for _, l := range list.Licenses {
		if l.Key == keyOrID {
			return l.ID, nil
		}
	}
	return "", latchkey.Fail(latchkey.CodeLicenseNotFound)
}

// act calls one license and shows how it is afterwards.
func (l licenseArg) act(ctx context.Context, c *call, method func(context.Context, string, any, any) error, pattern string, in any) error {
	path, err := l.licensePath(ctx, c, pattern)
	if err != nil {
		return err
	}
	var after api.License
	if err := method(ctx, path, in, &after); err != nil {
		return err
	}
	return c.show(after, licenseTable(after))
}

// actOnLicense calls one license of a known id and shows how it is afterwards.
func (c *call) actOnLicense(ctx context.Context, path string, in any) error {
	var after api.License
	if err := c.post(ctx, path, in, &after); err != nil {
		return err
	}
	return c.show(after, licenseTable(after))
}

type licensesShow struct{ licenseArg }

func (l *licensesShow) Run(ctx context.Context, c *call) error {
	read := func(ctx context.Context, path string, _, out any) error { return c.get(ctx, path, nil, out) }
	return l.act(ctx, c, read, "/apps/%s/licenses/%s", nil)
}

type licensesUpdate struct {
	licenseArg
	Level    *int64  `help:"New level." placeholder:"N"`
	Duration *string `help:"New duration, of an unused license: 45s, 30m, 12h, 30d, 5w, 1mo, 1y or lifetime."`
	Note     *string `help:"New note."`
}

func (l *licensesUpdate) Run(ctx context.Context, c *call) error {
	if l.Level == nil && l.Duration == nil && l.Note == nil {
		return usageError("Say what to change: --level, --duration or --note.")
	}
	return l.act(ctx, c, c.patch, "/apps/%s/licenses/%s", api.UpdateLicense{Level: l.Level, Duration: l.Duration, Note: l.Note})
}
