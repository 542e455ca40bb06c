package cli

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/listfile"
)

// userConditions narrow a list of users.
type userConditions struct {
	Search         string    `help:"A user name or a part of it, a whole license key or mail address, or a key's last four characters."`
	Banned         *bool     `help:"Only banned users; with --no-banned only others." negatable:""`
	Holding        string    `help:"Only holders of this subscription, by name or id." placeholder:"NAME"`
	Time           string    `help:"left, also for a lifetime; over; or none of whoever holds no subscription." enum:",left,over,none" default:""`
	ExpiresAfter   time.Time `help:"Whose time ends at this moment or later (RFC 3339)." placeholder:"TIME"`
	ExpiresBefore  time.Time `help:"Whose time ends before this." placeholder:"TIME"`
	ResetRequested *bool     `help:"Only users who wait for a reset of their devices; with --no-reset-requested only others." negatable:""`
}

func (u *userConditions) narrow() bool { return *u != userConditions{} }

// conditions are those of the API.
func (u *userConditions) conditions(ctx context.Context, c *call, app string) (f api.UserConditions, err error) {
	f = api.UserConditions{Search: u.Search, Banned: u.Banned, ResetRequested: u.ResetRequested,
		Time: u.Time, ExpiresAfter: api.At(u.ExpiresAfter), ExpiresBefore: api.At(u.ExpiresBefore)}
	if u.Holding != "" {
		f.SubscriptionID, err = c.subscriptionID(ctx, app, u.Holding)
	}
	return f, err
}

func (u *userConditions) query(ctx context.Context, c *call, app, sort string) (url.Values, error) {
	f, err := u.conditions(ctx, c, app)
	if err != nil {
		return nil, err
	}
	q := url.Values{}
	for name, text := range map[string]string{"sort": sort, "search": f.Search, "subscription_id": f.SubscriptionID, "time": f.Time,
		"expires_after": f.ExpiresAfter.String(), "expires_before": f.ExpiresBefore.String()} {
		if text != "" {
			q.Set(name, text)
		}
	}
	for name, flag := range map[string]*bool{"banned": f.Banned, "reset_requested": f.ResetRequested} {
		if flag != nil {
			q.Set(name, strconv.FormatBool(*flag))
		}
	}
	return q, nil
}

type usersExport struct {
	appFlag
	userConditions
	Sort   string `help:"As of the list; created, oldest first, if not given." enum:",created,-created,name,-name,ends,-ends" default:""`
	Format string `help:"csv; json, a list; ndjson, a user a line. As the file's name says if not given, else csv." enum:",csv,json,ndjson" default:""`
	Output string `help:"File to write, readable by you alone; what is there is replaced once all has arrived." short:"o" placeholder:"FILE"`
}

func (u *usersExport) Run(ctx context.Context, c *call) error {
	format := c.exportFormat(u.Format, u.Output)
	if format == listfile.Text {
		return usageError("Users are no list of lines; add --format csv, json or ndjson.")
	}
	app, err := c.appID(ctx, u.App)
	if err != nil {
		return err
	}
	query, err := u.query(ctx, c, app, u.Sort)
	if err != nil {
		return err
	}
	query.Set("format", string(format))
	return c.output(u.Output, func(w io.Writer) error {
		return c.export(ctx, withQuery(route("/apps/%s/users/export", app), query), w, "receiving users", u.expected(ctx, c, app))
	})
}

// expected is how many users will come, as far as that is known beforehand.
func (u *usersExport) expected(ctx context.Context, c *call, app string) int64 {
	var stats api.AppStats
	if u.narrow() || c.get(ctx, route("/apps/%s/stats", app), nil, &stats) != nil {
		return 0 // there is no bar then
	}
	return stats.Users.Total
}

type usersImport struct {
	appFlag
	File    string `arg:"" help:"File to read; - for standard input."`
	Format  string `help:"csv, json or ndjson. As the file's name says if not given." enum:",csv,json,ndjson" default:""`
	DryRun  bool   `help:"Change nothing, and say what would come of it."`
	OnError string `help:"What a row does that cannot be imported: skip it, or abort and import nothing." enum:"skip,abort" default:"skip"`
	Repeat  string `name:"idempotency-key" help:"A name for this call: made again with it, the call gives the same report and imports nothing. A random one if not given." placeholder:"KEY"`
}

func (u *usersImport) Run(ctx context.Context, c *call) error {
	format := importFormat(u.Format, u.File)
	if format == "" || format == listfile.Text {
		return usageError("The name of the file does not say its format; add --format csv, json or ndjson.")
	}
	path, err := u.path(ctx, c, "/apps/%s/users/import")
	if err != nil {
		return err
	}
	query := url.Values{"format": {string(format)}, "on_error": {u.OnError}, "dry_run": {strconv.FormatBool(u.DryRun)}}
	report, err := c.importFile(ctx, sentFile{name: u.File, path: withQuery(path, query), format: format, repeat: u.Repeat, dryRun: u.DryRun, doing: "importing users"})
	if err != nil {
		return err
	}
	return c.showImport(report, userReasons())
}

func userReasons() map[string]string {
	return map[string]string{
		"exists":                    "the application has a user of that name already, or a license of that key",
		"repeated":                  "the name appears earlier in the file",
		"name_malformed":            "no name, or none that a user can have",
		"password_invalid":          "a password longer than 1,024 bytes",
		"password_leaked":           "a password that is known from leaks, which the application refuses",
		"hash_invalid":              "a hash that is not one of bcrypt",
		"hash_too_costly":           "a bcrypt hash of a cost above 12",
		"email_invalid":             "not a mail address",
		"subscription_invalid":      "a subscription that cannot be read, stands twice or has no expiry",
		"subscription_unknown":      "a subscription that the application does not have",
		"device_invalid":            "a hardware id or a number of devices that cannot be",
		"license_not_used":          "named by a license that can still be redeemed",
		"text_invalid":              "a reason longer than 500 characters",
		"time_invalid":              "a time that cannot be read",
		"row_malformed":             "not a row of this format",
		"not_utf8":                  "not UTF-8",
		"row_too_long":              "longer than a row can be",
		"password_at_first_sign_in": "have no password in the file: whoever signs in first, within 14 days, sets it",
		"second_factor_lost":        "had a second factor, which a file cannot carry",
	}
}
