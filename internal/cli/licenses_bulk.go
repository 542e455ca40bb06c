package cli

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
)

// licenseSelection names licenses one by one or all of them.
type licenseSelection struct {
	appFlag
	yesFlag
	Licenses []string `arg:"" optional:"" help:"Keys or ids."`
	All      bool     `help:"All of the application's licenses."`
}

func (s licenseSelection) selection(ctx context.Context, c *call, status string) (appID string, sel api.LicenseSelection, err error) {
	switch {
	case s.All == (len(s.Licenses) > 0):
		return "", sel, usageError("Name licenses, or say --all.")
	case status != "" && !s.All:
		return "", sel, usageError("--status narrows --all.")
	}
	if appID, err = c.appID(ctx, s.App); err != nil {
		return "", sel, err
	}
	sel.All, sel.Status = s.All, status
	for _, l := range s.Licenses {
		id, err := c.licenseID(ctx, appID, l)
		if err != nil {
			return "", sel, fmt.Errorf("%s: %w", l, err)
		}
		sel.IDs = append(sel.IDs, id)
	}
	return appID, sel, nil
}

// question says what a bulk action is about to touch.
func (s licenseSelection) question(verb, status string) string {
	if !s.All {
		return fmt.Sprintf("%s %s?", verb, counted(len(s.Licenses), "license"))
	}
	return fmt.Sprintf("%s all %slicenses of %s?", verb, map[string]string{"not_used": "unused ", "used": "used ", "banned": "banned "}[status], s.App)
}

type licensesExtend struct {
	licenseSelection
	Duration string `help:"How much longer: 45s, 30m, 12h, 30d, 5w, 1mo, 1y or lifetime." required:"" placeholder:"TIME"`
}

func (l *licensesExtend) Run(ctx context.Context, c *call) error {
	app, sel, err := l.selection(ctx, c, "")
	if err != nil {
		return err
	}
	if len(sel.IDs) == 1 { // which also tells why it cannot be
		var after api.License
		if err := c.post(ctx, route("/apps/%s/licenses/%s/extend", app, sel.IDs[0]), api.ExtendLicense{Duration: l.Duration}, &after); err != nil {
			return err
		}
		return c.show(after, licenseTable(after))
	}
	if l.All {
		if err := l.confirm(c, l.question("Extend", "not_used")); err != nil {
			return err
		}
	}
	var change api.Change
	if err := c.post(ctx, route("/apps/%s/licenses/extend", app), api.ExtendLicenses{LicenseSelection: sel, Duration: l.Duration}, &change); err != nil {
		return err
	}
	return c.changed(change, "licenses extended")
}

type licensesDelete struct {
	licenseSelection
	Status  string `help:"With --all: only not_used, used or banned ones." enum:",not_used,used,banned" default:""`
	UserToo bool   `help:"Delete the users who redeemed them as well."`
}

func (l *licensesDelete) Run(ctx context.Context, c *call) error {
	app, sel, err := l.selection(ctx, c, l.Status)
	if err != nil {
		return err
	}
	if err := l.confirm(c, l.question("Delete", l.Status)); err != nil {
		return err
	}
	if len(sel.IDs) == 1 { // which also tells if there is none
		query := url.Values{"user_too": {strconv.FormatBool(l.UserToo)}}
		if err := c.delete(ctx, route("/apps/%s/licenses/%s", app, sel.IDs[0]), query, nil); err != nil {
			return err
		}
		return c.changed(api.Change{Matched: 1, Changed: 1}, "licenses deleted")
	}
	var change api.Change
	if err := c.post(ctx, route("/apps/%s/licenses/delete", app), api.DeleteLicenses{LicenseSelection: sel, UserToo: l.UserToo}, &change); err != nil {
		return err
	}
	return c.changed(change, "licenses deleted")
}
