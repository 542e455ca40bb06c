package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// licenseConditions narrow a list of licenses.
type licenseConditions struct {
	Search        string    `help:"A whole key or its last four characters, a user's whole name, or text of the note: anywhere, or its beginning if shorter than 3 characters."`
	Status        string    `help:"not_used, used or banned." enum:",not_used,used,banned" default:""`
	Level         int64     `help:"Only this level." placeholder:"N"`
	CreatedBy     string    `help:"Id of the account or API key that made them." placeholder:"ID"`
	CreatedAfter  time.Time `help:"Made after this time (RFC 3339)." placeholder:"TIME"`
	CreatedBefore time.Time `help:"Made before this time (RFC 3339)." placeholder:"TIME"`
}

// licenseSelection names licenses one by one, by conditions, or all of them.
type licenseSelection struct {
	appFlag
	yesFlag
	bulkFlags
	licenseConditions
	Licenses []string `arg:"" optional:"" help:"Keys or ids."`
	All      bool     `help:"All of the application's licenses, or all that the other flags leave."`
}

// bulkAction is what a command does with a selection.
type bulkAction struct {
	verb, done string // Delete, deleted
	path       string // of the call
	asks       bool   // also about licenses that are named
	// body is the call's; one, unless nil, acts on a single license instead,
	// which also tells why it cannot be.
	body func(sel api.LicenseSelection) any
	one  func(app, id string) error
}

func (act bulkAction) call(path string, sel api.LicenseSelection) bulkCall {
	return bulkCall{path: path, in: act.body(sel), dryRun: sel.DryRun, what: "licenses " + act.done}
}

func (s *licenseSelection) run(ctx context.Context, c *call, act bulkAction) error {
	app, sel, err := s.selection(ctx, c)
	if err != nil {
		return err
	}
	if len(sel.IDs) == 1 && act.one != nil && !s.DryRun && s.Repeat == "" {
		return act.one(app, sel.IDs[0])
	}
	path := route("/apps/%s/licenses/"+act.path, app)
	if !s.DryRun && !s.Yes && (act.asks || len(sel.IDs) == 0) {
		question, err := s.question(ctx, c, act, path, sel)
		if err != nil {
			return err
		}
		if err := s.confirm(c, question); err != nil {
			return err
		}
	}
	sel.DryRun = s.DryRun
	var change api.TokensCreated // of which all but the making of tokens answer with the beginning
	err = s.send(ctx, c, act.call(path, sel), len(sel.IDs) == 0, &change)
	if err != nil {
		return err
	}
	if len(sel.IDs) == 1 && change.Matched == 0 {
		return latchkey.Fail(latchkey.CodeLicenseNotFound)
	}
	return c.licensesChanged(change, act)
}

func (s *licenseSelection) selection(ctx context.Context, c *call) (appID string, sel api.LicenseSelection, err error) {
	f := api.LicenseConditions{Search: s.Search, Status: s.Status, Level: s.Level, CreatedBy: s.CreatedBy, CreatedAfter: api.At(s.CreatedAfter), CreatedBefore: api.At(s.CreatedBefore)}
	narrowed := f != api.LicenseConditions{}
	if (s.All || narrowed) == (len(s.Licenses) > 0) {
		return "", sel, usageError("Name licenses, or say --all, or which ones: --search, --status, --level, --created-by, --created-after, --created-before.")
	}
	if appID, err = c.appID(ctx, s.App); err != nil {
		return "", sel, err
	}
	if narrowed {
		sel.Filter = &f
	}
	sel.All = s.All && !narrowed
	for _, l := range s.Licenses {
		id, err := c.licenseID(ctx, appID, l)
		if err != nil {
			return "", sel, fmt.Errorf("%s: %w", l, err)
		}
		sel.IDs = append(sel.IDs, id)
	}
	return appID, sel, nil
}

// question says how many a bulk action is about to touch.
func (s *licenseSelection) question(ctx context.Context, c *call, act bulkAction, path string, sel api.LicenseSelection) (string, error) {
	if len(sel.IDs) > 0 {
		return fmt.Sprintf("%s %s?", act.verb, counted(len(sel.IDs), "license")), nil
	}
	sel.DryRun = true
	var would api.LicensesChanged
	err := s.send(ctx, c, act.call(path, sel), true, &would)
	return fmt.Sprintf("%s %d of %s of %s?", act.verb, would.Changed, counted(int(would.Before.Total), "license"), s.App), err
}

// licensesChanged reports the outcome of a bulk action on licenses.
func (c *call) licensesChanged(change api.TokensCreated, act bulkAction) error {
	if c.json {
		return printJSON(c.std.Out, change)
	}
	text := fmt.Sprintf("%d of %d licenses %s%s.\n", change.Changed, change.Matched, either(change.DryRun, "would be ", ""), act.done)
	text += notChanged(change.Skipped) + "Before: " + countsText(change.Before) + ". After: " + countsText(change.After) + ".\n"
	if change.Batch != "" && change.Changed > 0 {
		text += "Show them with: tokens list --batch " + change.Batch + "\n"
	}
	return printf(c.std.Out, "%s", text)
}

// notChanged is a line that says why things were skipped, "" if none were.
func notChanged(skipped map[string]int64) string {
	var left []string
	for _, code := range slices.Sorted(maps.Keys(skipped)) {
		why, known := map[string]string{"license.used": "used", "license.banned": "banned", "license.not_banned": "not banned", "request.invalid": "too long",
			"variable.quota_exceeded": "with as many variables as a user may have", "token.exists": "with a token already"}[code]
		left = append(left, fmt.Sprintf("%d %s", skipped[code], either(known, why, code)))
	}
	if len(left) == 0 {
		return ""
	}
	return "Not changed: " + strings.Join(left, ", ") + ".\n"
}

type licensesExtend struct {
	licenseSelection
	Duration string `help:"How much longer: 45s, 30m, 12h, 30d, 5w, 1mo, 1y or lifetime." required:"" placeholder:"TIME"`
}

func (l *licensesExtend) Run(ctx context.Context, c *call) error {
	return l.run(ctx, c, bulkAction{verb: "Extend", done: "extended", path: "extend",
		body: func(sel api.LicenseSelection) any {
			return api.ExtendLicenses{LicenseSelection: sel, Duration: l.Duration}
		},
		one: func(app, id string) error {
			return c.actOnLicense(ctx, route("/apps/%s/licenses/%s/extend", app, id), api.ExtendLicense{Duration: l.Duration})
		}})
}

type licensesBan struct {
	licenseSelection
	Reason  string `help:"Shown to whoever tries the license."`
	UserToo bool   `help:"Ban the user who redeemed it as well."`
}

func (l *licensesBan) Run(ctx context.Context, c *call) error {
	return l.run(ctx, c, bulkAction{verb: "Ban", done: "banned", path: "ban",
		body: func(sel api.LicenseSelection) any {
			return api.BanLicenses{LicenseSelection: sel, Reason: l.Reason, UserToo: l.UserToo}
		},
		one: func(app, id string) error {
			return c.actOnLicense(ctx, route("/apps/%s/licenses/%s/ban", app, id), api.BanLicense{Reason: l.Reason, UserToo: l.UserToo})
		}})
}

type licensesUnban struct{ licenseSelection }

func (l *licensesUnban) Run(ctx context.Context, c *call) error {
	return l.run(ctx, c, bulkAction{verb: "Lift the bans of", done: "unbanned", path: "unban",
		body: func(sel api.LicenseSelection) any { return api.UnbanLicenses{LicenseSelection: sel} },
		one: func(app, id string) error {
			return c.actOnLicense(ctx, route("/apps/%s/licenses/%s/unban", app, id), nil)
		}})
}

type licensesDelete struct {
	licenseSelection
	UserToo bool `help:"Delete the users who redeemed them as well."`
}

func (l *licensesDelete) Run(ctx context.Context, c *call) error {
	return l.run(ctx, c, bulkAction{verb: "Delete", done: "deleted", path: "delete", asks: true,
		body: func(sel api.LicenseSelection) any {
			return api.DeleteLicenses{LicenseSelection: sel, UserToo: l.UserToo}
		}})
}
