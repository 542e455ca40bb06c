package cli

import (
	"context"
	"net/url"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
)

type deliveriesCommand struct {
	remoteFlags
	List   deliveriesList   `cmd:"" help:"List what waits to be sent and what was given up."`
	Retry  deliveriesRetry  `cmd:"" help:"Try failed ones again."`
	Delete deliveriesDelete `cmd:"" help:"Delete failed ones."`
}

type deliveriesList struct {
	appFlag
	pageFlags
	State string `help:"waiting or failed." enum:",waiting,failed" default:""`
}

func (d *deliveriesList) Run(ctx context.Context, c *call) error {
	path, err := d.path(ctx, c, "/apps/%s/deliveries")
	if err != nil {
		return err
	}
	query := url.Values{}
	if d.State != "" {
		query.Set("state", d.State)
	}
	list, next, err := listAll(ctx, c, path, query, d.pageFlags,
		func(p api.DeliveryList) ([]api.Delivery, string) { return p.Deliveries, p.Next })
	if err != nil {
		return err
	}
	return c.show(api.DeliveryList{Deliveries: list, Next: next}, deliveryTable(list...))
}

func deliveryTable(list ...api.Delivery) *table {
	t := &table{header: []string{"ID", "KIND", "STATE", "ATTEMPTS", "CREATED", "DUE", "FAILED", "ERROR"}}
	for _, v := range list {
		t.add(v.ID, v.Kind, v.State, strconv.FormatInt(v.Attempts, 10), when(v.CreatedAt), when(v.DueAt), when(v.FailedAt), v.Error)
	}
	return t
}

// failedArg names failed deliveries of an app: one, or all.
type failedArg struct {
	appFlag
	Delivery string `arg:"" optional:"" help:"Id."`
	All      bool   `help:"All failed ones of the application."`
}

func (f *failedArg) check() error {
	if f.All == (f.Delivery != "") {
		return usageError("Name a failed delivery, or say --all.")
	}
	return nil
}

type deliveriesRetry struct{ failedArg }

func (d *deliveriesRetry) Run(ctx context.Context, c *call) error {
	if err := d.check(); err != nil {
		return err
	}
	app, err := c.appID(ctx, d.App)
	if err != nil {
		return err
	}
	if d.All {
		var change api.Change
		if err := c.post(ctx, route("/apps/%s/deliveries/retry", app), nil, &change); err != nil {
			return err
		}
		return c.changed(change, "deliveries are tried again")
	}
	var after api.Delivery
	if err := c.post(ctx, route("/apps/%s/deliveries/%s/retry", app, d.Delivery), nil, &after); err != nil {
		return err
	}
	return c.show(after, deliveryTable(after))
}

type deliveriesDelete struct {
	failedArg
	yesFlag
}

func (d *deliveriesDelete) Run(ctx context.Context, c *call) error {
	if err := d.check(); err != nil {
		return err
	}
	app, err := c.appID(ctx, d.App)
	if err != nil {
		return err
	}
	if !d.All {
		if err := c.delete(ctx, route("/apps/%s/deliveries/%s", app, d.Delivery), nil, nil); err != nil {
			return err
		}
		return c.did("Delivery " + d.Delivery + " deleted.")
	}
	if err := d.confirm(c, "Delete all failed deliveries of "+d.App+"?"); err != nil {
		return err
	}
	var change api.Change
	if err := c.post(ctx, route("/apps/%s/deliveries/delete", app), nil, &change); err != nil {
		return err
	}
	return c.changed(change, "failed deliveries deleted")
}
