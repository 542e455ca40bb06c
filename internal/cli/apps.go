package cli

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/api"
)

type appsCommand struct {
	remoteFlags
	List        appsList        `cmd:"" help:"List applications."`
	Create      appsCreate      `cmd:"" help:"Make an application and show its credentials."`
	Show        appsShow        `cmd:"" help:"Show an application and its settings."`
	Stats       appsStats       `cmd:"" help:"Show how many licenses and users an application has."`
	Daily       appsDaily       `cmd:"" help:"Show what happened in an application, day by day."`
	Watch       appsWatch       `cmd:"" help:"Tell of changes in an application as they happen."`
	Update      appsUpdate      `cmd:"" help:"Change an application's name, settings or messages."`
	Pause       appsPause       `cmd:"" help:"Shut an application and freeze the time of its users."`
	Resume      appsResume      `cmd:"" help:"Open a paused application."`
	Disable     appsDisable     `cmd:"" help:"Shut an application while time runs on."`
	Enable      appsEnable      `cmd:"" help:"Open a disabled application."`
	Clone       appsClone       `cmd:"" help:"Make an application with another's settings."`
	Credentials appsCredentials `cmd:"" help:"Show an application's secrets."`
	Rotate      appsRotate      `cmd:"" help:"Replace an application's secrets."`
	Delete      appsDelete      `cmd:"" help:"Delete an application and everything in it."`
}

type appArg struct {
	App string `arg:"" help:"Name or id."`
}

func (a appArg) path(ctx context.Context, c *call, pattern string) (string, error) {
	return appFlag(a).path(ctx, c, pattern)
}

// act posts to an action of the app and shows how it is afterwards.
func (a appArg) act(ctx context.Context, c *call, pattern string) error {
	path, err := a.path(ctx, c, pattern)
	if err != nil {
		return err
	}
	var app api.App
	if err := c.post(ctx, path, nil, &app); err != nil {
		return err
	}
	return c.show(app, appTable(app))
}

func appState(a api.App) string {
	switch {
	case !a.DisabledAt.IsZero():
		return "disabled"
	case !a.PausedAt.IsZero():
		return "paused"
	}
	return "open"
}

func appTable(apps ...api.App) *table {
	t := &table{header: []string{"NAME", "ID", "STATE", "VERSION", "PROTOCOLS", "CREATED"}}
	for _, a := range apps {
		t.add(a.Name, a.ID, appState(a), a.Version, strings.Join(a.Settings.AcceptProtocols, ","), when(a.CreatedAt))
	}
	return t
}

type appsList struct {
	pageFlags
	Name string `help:"Only the one of exactly this name."`
}

func (l *appsList) Run(ctx context.Context, c *call) error {
	query := url.Values{}
	if l.Name != "" {
		query.Set("name", l.Name)
	}
	apps, next, err := listAll(ctx, c, "/apps", query, l.pageFlags,
		func(p api.AppList) ([]api.App, string) { return p.Apps, p.Next })
	if err != nil {
		return err
	}
	return c.show(api.AppList{Apps: apps, Next: next}, appTable(apps...))
}

type appsCreate struct {
	Name string `arg:"" help:"A name that is not taken yet."`
}

func (a *appsCreate) Run(ctx context.Context, c *call) error {
	var created api.AppCreated
	if err := c.create(ctx, "/apps", api.CreateApp{Name: a.Name}, &created); err != nil {
		return err
	}
	return c.showCreated(created)
}

// showCreated prints what goes into the seller's program.
func (c *call) showCreated(a api.AppCreated) error {
	t := &table{header: []string{"FIELD", "VALUE"}}
	t.add("name", a.Name)
	t.add("id", a.ID)
	t.add("owner id", a.OwnerID)
	t.add("secret", a.Secret)
	t.add("version", a.Version)
	t.add("seller key", a.SellerKey)
	t.add("client public key", a.ClientPublicKey)
	t.add("compat public key", a.CompatPublicKey)
	return c.show(a, t)
}

type appsShow struct{ appArg }

func (a *appsShow) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s")
	if err != nil {
		return err
	}
	var app api.App
	if err := c.get(ctx, path, nil, &app); err != nil {
		return err
	}
	return c.show(app, appCard(app))
}

type appsStats struct{ appArg }

func (a *appsStats) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s/stats")
	if err != nil {
		return err
	}
	var n api.AppStats
	if err := c.get(ctx, path, nil, &n); err != nil {
		return err
	}
	t := &table{header: []string{"WHAT", "HOW MANY"}}
	for _, row := range []struct {
		what string
		n    int64
	}{{"licenses", n.Licenses.Total}, {"unused", n.Licenses.NotUsed}, {"used", n.Licenses.Used}, {"banned", n.Licenses.Banned},
		{"users", n.Users.Total}, {"banned users", n.Users.Banned}, {"waiting for a device reset", n.ResetRequests}, {"online", n.Online}} {
		t.add(row.what, strconv.FormatInt(row.n, 10))
	}
	return c.show(n, t)
}

type appsDaily struct {
	appArg
	From string `help:"The first day; 29 days before the last if not given." placeholder:"2026-11-01"`
	To   string `help:"The last day; today if not given." placeholder:"2026-11-30"`

	Countries bool `help:"Show the sign-ins of these days by country instead."`
}

func (a *appsDaily) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s/stats/daily")
	if err != nil {
		return err
	}
	query := url.Values{}
	for name, day := range map[string]string{"from": a.From, "to": a.To} {
		if day != "" {
			query.Set(name, day)
		}
	}
	var stats api.DailyStats
	if err := c.get(ctx, path, query, &stats); err != nil {
		return err
	}
	if a.Countries {
		return c.show(stats, countryTable(&stats))
	}
	t := &table{header: []string{"DAY", "SIGN-INS", "NEW USERS", "REDEEMED", "LICENSES MADE", "MOST ONLINE", "REFUSED"}}
	for _, d := range stats.Data {
		row := []string{d.Day}
		for _, n := range []int64{d.SignIns, d.Registrations, d.Redemptions, d.LicensesCreated, d.OnlinePeak, d.Refused} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		t.add(row...)
	}
	return c.show(stats, t)
}

// countryTable adds the days up, most first.
func countryTable(stats *api.DailyStats) *table {
	all := map[string]int64{}
	for _, d := range stats.Data {
		for country, n := range d.Countries {
			all[country] += n
		}
	}
	t := &table{header: []string{"COUNTRY", "SIGN-INS"}}
	for _, country := range slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(all[b], all[a]), strings.Compare(a, b))
	}) {
		t.add(country, strconv.FormatInt(all[country], 10))
	}
	return t
}

type appsPause struct{ appArg }

func (a *appsPause) Run(ctx context.Context, c *call) error { return a.act(ctx, c, "/apps/%s/pause") }

type appsResume struct{ appArg }

func (a *appsResume) Run(ctx context.Context, c *call) error { return a.act(ctx, c, "/apps/%s/resume") }

type appsDisable struct{ appArg }

func (a *appsDisable) Run(ctx context.Context, c *call) error {
	return a.act(ctx, c, "/apps/%s/disable")
}

type appsEnable struct{ appArg }

func (a *appsEnable) Run(ctx context.Context, c *call) error { return a.act(ctx, c, "/apps/%s/enable") }

type appsClone struct {
	appArg
	Name string `arg:"" help:"Name of the new application."`
}

func (a *appsClone) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s/clone")
	if err != nil {
		return err
	}
	var created api.AppCreated
	if err := c.create(ctx, path, api.CreateApp{Name: a.Name}, &created); err != nil {
		return err
	}
	return c.showCreated(created)
}

type appsDelete struct {
	appArg
	yesFlag
}

func (a *appsDelete) Run(ctx context.Context, c *call) error {
	path, err := a.path(ctx, c, "/apps/%s")
	if err != nil {
		return err
	}
	var app api.App
	if err := c.get(ctx, path, nil, &app); err != nil {
		return err
	}
	if !a.Yes {
		answer, err := c.ask("This deletes the application with its licenses and users. Its name, to confirm: ")
		if err != nil {
			return err
		}
		if answer != app.Name {
			return errNotConfirmed
		}
	}
	if err := c.delete(ctx, path, url.Values{"confirm": {app.Name}}, nil); err != nil {
		return err
	}
	return c.did("Application " + app.Name + " deleted.")
}
