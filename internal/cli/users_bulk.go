package cli

import (
	"context"
	"fmt"

	"github.com/latchkey-dev/latchkey/api"
)

// userSelection names users one by one, by conditions, or all of them.
type userSelection struct {
	appFlag
	yesFlag
	bulkFlags
	userConditions
	Users   []string `arg:"" optional:"" help:"User names, license keys or ids."`
	All     bool     `help:"All of the application's users, or all that the other flags leave."`
	Active  bool     `help:"Those with an active subscription." xor:"active"`
	Expired bool     `help:"Those whose subscriptions have all expired." xor:"active"`
}

// everyone reports that nobody is named: all are meant, or all that is left of them.
func (s userSelection) everyone() bool { return s.All || s.Active || s.Expired || s.narrow() }

func (s userSelection) selection(ctx context.Context, c *call) (appID string, sel api.UserSelection, err error) {
	if s.everyone() == (len(s.Users) > 0) {
		return "", sel, usageError("Name users, or say --all, or which ones: --search, --banned, --holding, --time, --expires-after, --expires-before, --reset-requested, --active, --expired.")
	}
	if appID, err = c.appID(ctx, s.App); err != nil {
		return "", sel, err
	}
	sel.All, sel.Active, sel.Expired, sel.DryRun = s.everyone() && !s.narrow(), s.Active, s.Expired, s.DryRun
	if s.narrow() {
		f, err := s.conditions(ctx, c, appID)
		if err != nil {
			return "", sel, err
		}
		sel.Filter = &f
	}
	for _, u := range s.Users {
		id, err := c.userID(ctx, appID, u)
		if err != nil {
			return "", sel, fmt.Errorf("%s: %w", u, err)
		}
		sel.IDs = append(sel.IDs, id)
	}
	return appID, sel, nil
}

func (s userSelection) question(verb string) string {
	switch {
	case s.narrow():
		return fmt.Sprintf("%s all users of %s that the flags leave (--dry-run counts them)?", verb, s.App)
	case s.Active:
		return fmt.Sprintf("%s all users of %s with an active subscription?", verb, s.App)
	case s.Expired:
		return fmt.Sprintf("%s all users of %s whose subscriptions have all expired?", verb, s.App)
	case s.All:
		return fmt.Sprintf("%s all users of %s?", verb, s.App)
	}
	return fmt.Sprintf("%s %s?", verb, counted(len(s.Users), "user"))
}

// run makes the call, after a question if it asks one, and reports its outcome.
func (s *userSelection) run(ctx context.Context, c *call, question, done string, in bulkCall) error {
	if question != "" && !s.DryRun {
		if err := s.confirm(c, question); err != nil {
			return err
		}
	}
	in.dryRun, in.what = s.DryRun, done
	var change api.UsersChanged
	if err := s.send(ctx, c, in, s.everyone(), &change); err != nil {
		return err
	}
	if c.json {
		return printJSON(c.std.Out, change)
	}
	return printf(c.std.Out, "%d of %d users %s%s.\n%s", change.Changed, change.Matched, either(change.DryRun, "would be ", ""), done, notChanged(change.Skipped))
}

// questionIfAll asks about all who are not named, not about users who are named.
func (s *userSelection) questionIfAll(verb string) string {
	if !s.everyone() {
		return ""
	}
	return s.question(verb)
}

type usersDelete struct{ userSelection }

func (u *usersDelete) Run(ctx context.Context, c *call) error {
	app, sel, err := u.selection(ctx, c)
	if err != nil {
		return err
	}
	if len(sel.IDs) == 1 && !u.DryRun && u.Repeat == "" { // which also tells if there is none
		if err := u.confirm(c, u.question("Delete")); err != nil {
			return err
		}
		if err := c.delete(ctx, route("/apps/%s/users/%s", app, sel.IDs[0]), nil, nil); err != nil {
			return err
		}
		return c.changed(api.Change{Matched: 1, Changed: 1}, "users deleted")
	}
	return u.run(ctx, c, u.question("Delete"), "deleted", bulkCall{path: route("/apps/%s/users/delete", app), in: sel})
}

type usersTime struct {
	userSelection
	Add          string `help:"Time to give: 45s, 30m, 12h, 30d, 5w, 1mo, 1y or lifetime." xor:"time" required:"" placeholder:"TIME"`
	Subtract     string `help:"Time to take." xor:"time" required:"" placeholder:"TIME"`
	Subscription string `help:"Of which subscription, by name or id; of all that they hold if not given." placeholder:"NAME"`
}

func (u *usersTime) Run(ctx context.Context, c *call) error {
	app, sel, err := u.selection(ctx, c)
	if err != nil {
		return err
	}
	in := api.ChangeTime{UserSelection: sel, Duration: u.Add + u.Subtract, Subtract: u.Subtract != ""}
	if u.Subscription != "" {
		if in.SubscriptionID, err = c.subscriptionID(ctx, app, u.Subscription); err != nil {
			return err
		}
	}
	return u.run(ctx, c, u.questionIfAll("Change the time of"), "changed", bulkCall{path: route("/apps/%s/users/time", app), in: in})
}

type usersResetDevices struct{ userSelection }

func (u *usersResetDevices) Run(ctx context.Context, c *call) error {
	app, sel, err := u.selection(ctx, c)
	if err != nil {
		return err
	}
	return u.run(ctx, c, u.questionIfAll("Reset the devices of"), "unbound from their devices",
		bulkCall{path: route("/apps/%s/users/reset-devices", app), in: sel})
}

type usersBan struct {
	userSelection
	Reason           string `help:"Shown to the user."`
	BlacklistDevices bool   `help:"Put their devices on the blacklist until the ban is lifted."`
	BlacklistIP      bool   `name:"blacklist-ip" help:"Put the addresses that they signed in from last on the blacklist until the ban is lifted."`
}

func (u *usersBan) Run(ctx context.Context, c *call) error {
	app, sel, err := u.selection(ctx, c)
	if err != nil {
		return err
	}
	ban := api.BanUser{Reason: u.Reason, BlacklistDevices: u.BlacklistDevices, BlacklistIP: u.BlacklistIP}
	if u.isOne(sel) {
		return c.actOnUser(ctx, route("/apps/%s/users/%s/ban", app, sel.IDs[0]), ban)
	}
	return u.run(ctx, c, u.questionIfAll("Ban"), "banned", bulkCall{path: route("/apps/%s/users/ban", app), in: api.BanUsers{UserSelection: sel, BanUser: ban}})
}

type usersUnban struct{ userSelection }

func (u *usersUnban) Run(ctx context.Context, c *call) error {
	app, sel, err := u.selection(ctx, c)
	if err != nil {
		return err
	}
	if u.isOne(sel) {
		return c.actOnUser(ctx, route("/apps/%s/users/%s/unban", app, sel.IDs[0]), nil)
	}
	return u.run(ctx, c, u.questionIfAll("Let in again"), "let in again", bulkCall{path: route("/apps/%s/users/unban", app), in: sel})
}

// isOne reports that a single user is named and nothing asked for that only the
// call for many can do: the one for one tells what is wrong with them.
func (s *userSelection) isOne(sel api.UserSelection) bool {
	return len(sel.IDs) == 1 && !s.DryRun && s.Repeat == ""
}

// actOnUser makes a call on one user and shows the card afterwards.
func (c *call) actOnUser(ctx context.Context, path string, in any) error {
	var after api.User
	if err := c.post(ctx, path, in, &after); err != nil {
		return err
	}
	return c.show(after, userCard(after))
}
