package cli

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type usersCommand struct {
	remoteFlags
	List             usersList             `cmd:"" help:"List or search users."`
	Create           usersCreate           `cmd:"" help:"Make a user by hand."`
	Show             usersShow             `cmd:"" help:"Show a user's card."`
	Update           usersUpdate           `cmd:"" help:"Change a user's name, mail address, password or device rule."`
	Ban              usersBan              `cmd:"" help:"Shut users out."`
	Unban            usersUnban            `cmd:"" help:"Let banned users in again."`
	Delete           usersDelete           `cmd:"" help:"Delete users."`
	Time             usersTime             `cmd:"" help:"Give users time, or take it."`
	Export           usersExport           `cmd:"" help:"Write users to a file, without passwords."`
	Import           usersImport           `cmd:"" help:"Make users from a file, of this server or another service."`
	Redeem           usersRedeem           `cmd:"" help:"Redeem a license for a user."`
	ResetDevices     usersResetDevices     `cmd:"" help:"Unbind users from their devices; who has asked for it is no longer waiting."`
	DeclineReset     usersDeclineReset     `cmd:"" help:"Decline a reset of devices that a user asked for."`
	DisableTwoFactor usersDisableTwoFactor `cmd:"" help:"Remove a user's second factor, for who has lost it."`
	SignInToken      usersSignInToken      `cmd:"" help:"Make a token that signs a user in to a program once, within a minute."`
	PasswordReset    usersPasswordReset    `cmd:"" help:"Send a user a mail with a link for a new password."`
	SignIns          usersSignIns          `cmd:"" help:"Show a user's sign-in history."`
	Subscription     userSubscription      `cmd:"" help:"A user's subscriptions."`
	Variables        usersVariables        `cmd:"" help:"List a user's variables."`
	SetVariable      usersSetVariable      `cmd:"" help:"Set a variable of users."`
	DeleteVariable   usersDeleteVariable   `cmd:"" help:"Delete a variable of users."`
}

func userTable(list ...api.User) *table {
	t := &table{header: []string{"USERNAME", "ID", "STATE", "SUBSCRIPTIONS", "DEVICES", "CREATED", "LAST SIGN-IN"}}
	for _, u := range list {
		holdings := make([]string, len(u.Subscriptions))
		for i, h := range u.Subscriptions {
			holdings[i] = h.Name + " (" + holdingState(h) + ")"
		}
		t.add(u.Username, u.ID, either(u.BannedAt.IsZero(), "open", "banned"), strings.Join(holdings, ", "),
			strconv.Itoa(len(u.Devices)), when(u.CreatedAt), when(u.LastSignInAt))
	}
	return t
}

func holdingState(h api.Holding) string {
	switch {
	case h.Status != "active":
		return h.Status
	case h.Lifetime:
		return "lifetime"
	}
	return "until " + when(h.ExpiresAt)
}

type usersList struct {
	appFlag
	pageFlags
	userConditions
	Sort string `help:"-created, newest first, if not given; created, name, -name. With --time or --expires-…: ends or -ends." enum:",created,-created,name,-name,ends,-ends" default:""`
}

func (l *usersList) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, l.App)
	if err != nil {
		return err
	}
	q, err := l.query(ctx, c, app, l.Sort)
	if err != nil {
		return err
	}
	list, next, err := c.users(ctx, app, q, l.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.UserList{Users: list, Next: next}, userTable(list...))
}

func (c *call) users(ctx context.Context, appID string, query url.Values, flags pageFlags) ([]api.User, string, error) {
	return listAll(ctx, c, route("/apps/%s/users", appID), query, flags,
		func(p api.UserList) ([]api.User, string) { return p.Users, p.Next })
}

// userArg names one user of an app.
type userArg struct {
	appFlag
	User string `arg:"" help:"User name, license key or id."`
}

// userPath finds the user and fills its id, and further elements, into a
// pattern that begins with /apps/%s/users/%s.
func (u userArg) userPath(ctx context.Context, c *call, pattern string, elements ...string) (string, error) {
	app, err := c.appID(ctx, u.App)
	if err != nil {
		return "", err
	}
	id, err := c.userID(ctx, app, u.User)
	if err != nil {
		return "", err
	}
	return route(pattern, append([]string{app, id}, elements...)...), nil
}

// userID finds a user by name or takes its id.
func (c *call) userID(ctx context.Context, appID, nameOrID string) (string, error) {
	if latchkey.IsID(latchkey.KindUser, nameOrID) {
		return nameOrID, nil
	}
	// The search also finds names that only begin so: read on until it is there.
	flags := pageFlags{Limit: serverPage}
	for {
		list, next, err := c.users(ctx, appID, url.Values{"search": {nameOrID}}, flags)
		if err != nil {
			return "", err
		}
		for _, u := range list {
			if isNamed(u, nameOrID) {
				return u.ID, nil
			}
		}
		if flags.Cursor = next; next == "" {
			return "", latchkey.Fail(latchkey.CodeUserNotFound)
		}
	}
}

// isNamed compares as the server does: keys exactly, names by canonical form.
func isNamed(u api.User, name string) bool {
	if u.LicenseNamed {
		return u.Username == name
	}
	return latchkey.CanonicalName(u.Username) == latchkey.CanonicalName(name)
}

// act calls one user and shows the card afterwards.
func (u userArg) act(ctx context.Context, c *call, method func(context.Context, string, any, any) error, pattern string, in any) error {
	path, err := u.userPath(ctx, c, pattern)
	if err != nil {
		return err
	}
	var after api.User
	if err := method(ctx, path, in, &after); err != nil {
		return err
	}
	return c.show(after, userCard(after))
}

// userCard is one user with holdings and devices.
func userCard(u api.User) *table {
	t := &table{header: []string{"FIELD", "VALUE"}}
	t.add("username", u.Username)
	t.add("id", u.ID)
	t.add("state", either(u.BannedAt.IsZero(), "open", "banned: "+u.BanReason))
	t.add("password", u.PasswordState)
	t.add("second factor", either(u.TwoFactor, "on", "off"))
	t.add("email", u.Email)
	t.add("device rule", strconv.FormatBool(u.HWIDAffected))
	if !u.ResetRequestedAt.IsZero() {
		t.add("waits for a device reset", "since "+when(u.ResetRequestedAt))
	}
	if !u.ResetDeclinedAt.IsZero() {
		t.add("device reset declined", when(u.ResetDeclinedAt))
	}
	t.add("created", when(u.CreatedAt))
	t.add("last sign-in", strings.TrimSpace(when(u.LastSignInAt)+" "+u.LastIP))
	for _, h := range u.Subscriptions {
		t.add("subscription "+h.Name, "level "+strconv.FormatInt(h.Level, 10)+", "+holdingState(h))
	}
	for _, d := range u.Devices {
		t.add("device "+d.ID, d.HWID+", last seen "+when(d.LastSeenAt))
	}
	return t
}

type usersShow struct{ userArg }

func (u *usersShow) Run(ctx context.Context, c *call) error {
	read := func(ctx context.Context, path string, _, out any) error { return c.get(ctx, path, nil, out) }
	return u.act(ctx, c, read, "/apps/%s/users/%s", nil)
}

type usersDisableTwoFactor struct{ userArg }

func (u *usersDisableTwoFactor) Run(ctx context.Context, c *call) error {
	return u.act(ctx, c, c.post, "/apps/%s/users/%s/two-factor/disable", nil)
}

type usersDeclineReset struct {
	userArg
	Reason string `help:"For the audit log; the user is not told."`
}

func (u *usersDeclineReset) Run(ctx context.Context, c *call) error {
	return u.act(ctx, c, c.post, "/apps/%s/users/%s/decline-reset", api.DeclineReset{Reason: u.Reason})
}

type usersSignInToken struct{ userArg }

func (u *usersSignInToken) Run(ctx context.Context, c *call) error {
	path, err := u.userPath(ctx, c, "/apps/%s/users/%s/sign-in-token")
	if err != nil {
		return err
	}
	var token api.SignInToken
	if err := c.create(ctx, path, nil, &token); err != nil {
		return err
	}
	t := &table{header: []string{"FIELD", "VALUE"}}
	t.add("username", token.Username)
	t.add("token", token.Token)
	t.add("good until", when(token.ExpiresAt))
	return c.show(token, t)
}

type usersRedeem struct {
	userArg
	Key string `arg:"" help:"License key."`
}

func (u *usersRedeem) Run(ctx context.Context, c *call) error {
	return u.act(ctx, c, c.create, "/apps/%s/users/%s/redeem", api.RedeemLicense{Key: u.Key})
}

type usersSignIns struct {
	userArg
	pageFlags
}

func (u *usersSignIns) Run(ctx context.Context, c *call) error {
	path, err := u.userPath(ctx, c, "/apps/%s/users/%s/sign-ins")
	if err != nil {
		return err
	}
	list, next, err := listAll(ctx, c, path, nil, u.pageFlags,
		func(p api.UserSignInList) ([]api.UserSignIn, string) { return p.SignIns, p.Next })
	if err != nil {
		return err
	}
	t := &table{header: []string{"AT", "IP", "METHOD", "PROTOCOL", "DEVICE"}}
	for _, s := range list {
		t.add(when(s.At), s.IP, s.Method, s.Protocol, s.DeviceID)
	}
	return c.show(api.UserSignInList{SignIns: list, Next: next}, t)
}
