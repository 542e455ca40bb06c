package cli

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
)

type usersCreate struct {
	appFlag
	Username     string `arg:"" help:"User name."`
	PasswordFile string `help:"File that holds the password, - for standard input; without one it is set at the first sign-in, within 14 days." placeholder:"FILE"`
	Email        string `help:"Mail address." placeholder:"ADDRESS"`
	Subscription string `help:"Subscription to give, by name or id." placeholder:"NAME"`
	Duration     string `help:"For how long: 45s, 30m, 12h, 30d, 5w, 1mo, 1y or lifetime." placeholder:"TIME"`
	HWIDAffected bool   `name:"hwid-affected" help:"The device rule applies to the user." default:"true" negatable:""`
}

func (u *usersCreate) Run(ctx context.Context, c *call) (err error) {
	if (u.Subscription == "") != (u.Duration == "") {
		return usageError("--subscription and --duration go together.")
	}
	in := api.CreateUser{Username: u.Username, Email: u.Email, Duration: u.Duration, HWIDAffected: &u.HWIDAffected}
	if u.PasswordFile != "" {
		if in.Password, err = readSecret(u.PasswordFile, c.std.In); err != nil {
			return err
		}
	}
	app, err := c.appID(ctx, u.App)
	if err != nil {
		return err
	}
	if u.Subscription != "" {
		if in.SubscriptionID, err = c.subscriptionID(ctx, app, u.Subscription); err != nil {
			return err
		}
	}
	var created api.User
	if err := c.create(ctx, route("/apps/%s/users", app), in, &created); err != nil {
		return err
	}
	return c.show(created, userCard(created))
}

type usersUpdate struct {
	userArg
	Username           *string `help:"New user name."`
	Email              *string `help:"New mail address; empty removes it." placeholder:"ADDRESS"`
	PasswordFile       string  `help:"File that holds the new password, - for standard input." placeholder:"FILE" xor:"password"`
	ClearPassword      bool    `help:"The next sign-in sets the password, within 14 days." xor:"password"`
	HWIDAffected       *bool   `name:"hwid-affected" help:"The device rule applies to the user." negatable:""`
	DeviceLimit        *int64  `help:"Devices that the user may have." placeholder:"N" xor:"limit"`
	DefaultDeviceLimit bool    `help:"As many devices as the application says." xor:"limit"`
}

func (u *usersUpdate) Run(ctx context.Context, c *call) error {
	in := api.UpdateUser{Username: u.Username, Email: u.Email, ClearPassword: u.ClearPassword, HWIDAffected: u.HWIDAffected}
	if u.DeviceLimit != nil {
		in.DeviceLimit = api.Value(*u.DeviceLimit)
	}
	if u.DefaultDeviceLimit {
		in.DeviceLimit = api.Null[int64]()
	}
	if u.PasswordFile != "" {
		password, err := readSecret(u.PasswordFile, c.std.In)
		if err != nil {
			return err
		}
		in.Password = &password
	}
	if in == (api.UpdateUser{}) {
		return usageError("Say what to change; --help lists it.")
	}
	return u.act(ctx, c, c.patch, "/apps/%s/users/%s", in)
}

type userSubscription struct {
	Add    userSubscriptionAdd    `cmd:"" help:"Give a subscription, or more time of it."`
	Remove userSubscriptionRemove `cmd:"" help:"Take a subscription away."`
	Pause  userSubscriptionPause  `cmd:"" help:"Stop its time for this user."`
	Resume userSubscriptionResume `cmd:"" help:"Let its time run again."`
}

// userSubscriptionArg names a subscription of a user.
type userSubscriptionArg struct {
	userArg
	Subscription string `arg:"" help:"Name or id."`
}

func (u userSubscriptionArg) act(ctx context.Context, c *call, method func(context.Context, string, any, any) error, pattern string) error {
	app, user, subscription, err := u.ids(ctx, c)
	if err != nil {
		return err
	}
	var after api.User
	if err := method(ctx, route(pattern, app, user, subscription), nil, &after); err != nil {
		return err
	}
	return c.show(after, userCard(after))
}

func (u userSubscriptionArg) ids(ctx context.Context, c *call) (app, user, subscription string, err error) {
	if app, err = c.appID(ctx, u.App); err != nil {
		return "", "", "", err
	}
	if user, err = c.userID(ctx, app, u.User); err != nil {
		return "", "", "", err
	}
	subscription, err = c.subscriptionID(ctx, app, u.Subscription)
	return app, user, subscription, err
}

type userSubscriptionAdd struct {
	userSubscriptionArg
	Duration string `help:"For how long: 45s, 30m, 12h, 30d, 5w, 1mo, 1y or lifetime." required:"" placeholder:"TIME"`
}

func (u *userSubscriptionAdd) Run(ctx context.Context, c *call) error {
	app, user, subscription, err := u.ids(ctx, c)
	if err != nil {
		return err
	}
	var after api.User
	in := api.AddSubscription{SubscriptionID: subscription, Duration: u.Duration}
	if err := c.create(ctx, route("/apps/%s/users/%s/subscriptions", app, user), in, &after); err != nil {
		return err
	}
	return c.show(after, userCard(after))
}

type userSubscriptionRemove struct {
	userSubscriptionArg
	yesFlag
}

func (u *userSubscriptionRemove) Run(ctx context.Context, c *call) error {
	if err := u.confirm(c, "Take "+u.Subscription+" from "+u.User+"?"); err != nil {
		return err
	}
	remove := func(ctx context.Context, path string, _, out any) error { return c.delete(ctx, path, nil, out) }
	return u.act(ctx, c, remove, "/apps/%s/users/%s/subscriptions/%s")
}

type userSubscriptionPause struct{ userSubscriptionArg }

func (u *userSubscriptionPause) Run(ctx context.Context, c *call) error {
	return u.act(ctx, c, c.post, "/apps/%s/users/%s/subscriptions/%s/pause")
}

type userSubscriptionResume struct{ userSubscriptionArg }

func (u *userSubscriptionResume) Run(ctx context.Context, c *call) error {
	return u.act(ctx, c, c.post, "/apps/%s/users/%s/subscriptions/%s/resume")
}
