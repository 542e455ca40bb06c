package cli

import (
	"context"
	"fmt"

	"github.com/latchkey-dev/latchkey/api"
)

type chatsLiftMutes struct {
	appFlag
	yesFlag
	bulkFlags
	Mutes  []string `arg:"" optional:"" help:"Ids of mutes."`
	All    bool     `help:"All of the application's, or that which --search leaves."`
	Search string   `help:"With --all: only that of the user of exactly this name or license key." placeholder:"TEXT"`
}

func (l *chatsLiftMutes) Run(ctx context.Context, c *call) error {
	if l.All == (len(l.Mutes) > 0) || !l.All && l.Search != "" {
		return usageError("Name mutes by their ids, or say --all, which --search narrows.")
	}
	app, err := c.appID(ctx, l.App)
	if err != nil {
		return err
	}
	in := api.LiftMutes{IDs: l.Mutes, All: l.All, Search: l.Search, DryRun: true}
	var change api.MutesLifted
	call := func() error {
		return l.send(ctx, c, bulkCall{path: route("/apps/%s/chat-mutes/delete", app), in: in, dryRun: in.DryRun, what: "mutes lifted"}, l.All, &change)
	}
	if !l.DryRun && !l.Yes {
		if err := call(); err != nil {
			return err
		}
		if err := l.confirm(c, fmt.Sprintf("Lift %s of %s?", counted(int(change.Changed), "mute"), l.App)); err != nil {
			return err
		}
	}
	in.DryRun = l.DryRun
	if err := call(); err != nil {
		return err
	}
	return c.changed(change.Change, either(l.DryRun, "mutes would be lifted", "mutes lifted"))
}
