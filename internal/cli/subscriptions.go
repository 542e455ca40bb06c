package cli

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type subscriptionsCommand struct {
	remoteFlags
	List   subscriptionsList   `cmd:"" help:"List an application's subscriptions."`
	Create subscriptionsCreate `cmd:"" help:"Add a subscription."`
	Update subscriptionsUpdate `cmd:"" help:"Rename a subscription or change its level."`
	Pause  subscriptionsPause  `cmd:"" help:"Stop sign-ins with it; its holders lose no time."`
	Resume subscriptionsResume `cmd:"" help:"End a pause."`
	Delete subscriptionsDelete `cmd:"" help:"Delete a subscription."`
}

func subscriptionTable(list ...api.Subscription) *table {
	t := &table{header: []string{"NAME", "ID", "LEVEL", "STATE", "HOLDERS", "ACTIVE", "EXPIRED"}}
	for _, s := range list {
		number := func(n int64) string { return strconv.FormatInt(n, 10) }
		t.add(s.Name, s.ID, number(s.Level), either(s.PausedAt.IsZero(), "open", "paused"), number(s.Holders), number(s.Active), number(s.Expired))
	}
	return t
}

type subscriptionsList struct {
	appFlag
	pageFlags
}

func (l *subscriptionsList) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/subscriptions")
	if err != nil {
		return err
	}
	list, next, err := c.subscriptions(ctx, path, l.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.SubscriptionList{Subscriptions: list, Next: next}, subscriptionTable(list...))
}

func (c *call) subscriptions(ctx context.Context, path string, flags pageFlags) ([]api.Subscription, string, error) {
	return listAll(ctx, c, path, nil, flags,
		func(p api.SubscriptionList) ([]api.Subscription, string) { return p.Subscriptions, p.Next })
}

type subscriptionsCreate struct {
	appFlag
	Name  string `arg:"" help:"Name."`
	Level int64  `help:"Licenses of this level give it." required:"" placeholder:"N"`
}

func (s *subscriptionsCreate) Run(ctx context.Context, c *call) error {
	path, err := s.path(ctx, c, "/apps/%s/subscriptions")
	if err != nil {
		return err
	}
	var created api.Subscription
	if err := c.create(ctx, path, api.CreateSubscription{Name: s.Name, Level: s.Level}, &created); err != nil {
		return err
	}
	return c.show(created, subscriptionTable(created))
}

// subscriptionArg names one subscription of an app.
type subscriptionArg struct {
	appFlag
	Subscription string `arg:"" help:"Name or id."`
}

// subscriptionPath finds the subscription and fills its id into a pattern that
// begins with /apps/%s/subscriptions/%s.
func (s subscriptionArg) subscriptionPath(ctx context.Context, c *call, pattern string) (string, error) {
	app, err := c.appID(ctx, s.App)
	if err != nil {
		return "", err
	}
	id, err := c.subscriptionID(ctx, app, s.Subscription)
	if err != nil {
		return "", err
	}
	return route(pattern, app, id), nil
}

func (c *call) subscriptionID(ctx context.Context, appID, nameOrID string) (string, error) {
	if latchkey.IsID(latchkey.KindSubscription, nameOrID) {
		return nameOrID, nil
	}
	everything := pageFlags{Limit: 1 << 30}
	list, _, err := c.subscriptions(ctx, route("/apps/%s/subscriptions", appID), everything)
	if err != nil {
		return "", err
	}
	for _, s := range list {
		if s.Name == nameOrID {
			return s.ID, nil
		}
	}
	return "", latchkey.Fail(latchkey.CodeSubscriptionNotFound)
}

func (s subscriptionArg) act(ctx context.Context, c *call, method func(context.Context, string, any, any) error, pattern string, in any) error {
	path, err := s.subscriptionPath(ctx, c, pattern)
	if err != nil {
		return err
	}
	var after api.Subscription
	if err := method(ctx, path, in, &after); err != nil {
		return err
	}
	return c.show(after, subscriptionTable(after))
}

type subscriptionsUpdate struct {
	subscriptionArg
	Name  *string `help:"New name."`
	Level *int64  `help:"New level." placeholder:"N"`
}

func (s *subscriptionsUpdate) Run(ctx context.Context, c *call) error {
	if s.Name == nil && s.Level == nil {
		return usageError("Say what to change: --name or --level.")
	}
	return s.act(ctx, c, c.patch, "/apps/%s/subscriptions/%s", api.UpdateSubscription{Name: s.Name, Level: s.Level})
}

type subscriptionsPause struct{ subscriptionArg }

func (s *subscriptionsPause) Run(ctx context.Context, c *call) error {
	return s.act(ctx, c, c.post, "/apps/%s/subscriptions/%s/pause", nil)
}

type subscriptionsResume struct{ subscriptionArg }

func (s *subscriptionsResume) Run(ctx context.Context, c *call) error {
	return s.act(ctx, c, c.post, "/apps/%s/subscriptions/%s/resume", nil)
}

type subscriptionsDelete struct {
	subscriptionArg
	yesFlag
	TakeAway bool `help:"Delete it although users hold it, and take it from them."`
}

func (s *subscriptionsDelete) Run(ctx context.Context, c *call) error {
	path, err := s.subscriptionPath(ctx, c, "/apps/%s/subscriptions/%s")
	if err != nil {
		return err
	}
	if err := s.confirm(c, fmt.Sprintf("Delete the subscription %s?", s.Subscription)); err != nil {
		return err
	}
	query := url.Values{}
	if s.TakeAway {
		query.Set("take_away", "true")
	}
	if err := c.delete(ctx, path, query, nil); err != nil {
		return err
	}
	return c.did("Subscription " + s.Subscription + " deleted.")
}
