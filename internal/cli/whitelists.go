package cli

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type whitelistsCommand struct {
	remoteFlags
	List   whitelistsList   `cmd:"" help:"List or search the entries."`
	Add    whitelistsAdd    `cmd:"" help:"Add an entry."`
	Import whitelistsImport `cmd:"" help:"Add every line of a file."`
	Show   whitelistsShow   `cmd:"" help:"Show an entry."`
	Update whitelistsUpdate `cmd:"" help:"Change an entry's reason or end."`
	Delete whitelistsDelete `cmd:"" help:"Delete entries."`
}

// whitelistKind narrows to one kind of entry.
type whitelistKind struct {
	Kind string `help:"ip or cidr." enum:",ip,cidr" default:"" placeholder:"KIND"`
}

type whitelistsList struct {
	appFlag
	pageFlags
	whitelistKind
	accessFilter
}

func (l *whitelistsList) Run(ctx context.Context, c *call) error {
	return c.listAccess(ctx, latchkey.Whitelist, l.App, l.query(l.Kind), l.pageFlags)
}

type whitelistsAdd struct {
	appFlag
	entryFlags
	Kind  string `arg:"" enum:"ip,cidr" help:"ip or cidr."`
	Value string `arg:"" help:"An address or a network."`
}

func (a *whitelistsAdd) Run(ctx context.Context, c *call) error {
	end, err := endOf(a.Until)
	if err != nil {
		return err
	}
	return c.createAccess(ctx, latchkey.Whitelist, a.App, api.CreateWhitelistEntry{Kind: a.Kind, Value: a.Value, Reason: a.Reason, ExpiresAt: end})
}

type whitelistsImport struct {
	accessImport
	whitelistKind
}

func (i *whitelistsImport) Run(ctx context.Context, c *call) error {
	return i.run(ctx, c, latchkey.Whitelist, i.Kind)
}

type whitelistsShow struct{ accessArg }

func (s *whitelistsShow) Run(ctx context.Context, c *call) error {
	return s.show(ctx, c, latchkey.Whitelist)
}

type whitelistsUpdate struct{ accessUpdate }

func (u *whitelistsUpdate) Run(ctx context.Context, c *call) error {
	return u.run(ctx, c, latchkey.Whitelist)
}

type whitelistsDelete struct {
	accessDelete
	whitelistKind
}

func (d *whitelistsDelete) Run(ctx context.Context, c *call) error {
	return d.run(ctx, c, latchkey.Whitelist, d.Kind)
}
