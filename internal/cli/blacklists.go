package cli

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type blacklistsCommand struct {
	remoteFlags
	List   blacklistsList   `cmd:"" help:"List or search the entries."`
	Add    blacklistsAdd    `cmd:"" help:"Add an entry."`
	Import blacklistsImport `cmd:"" help:"Add every line of a file."`
	Show   blacklistsShow   `cmd:"" help:"Show an entry."`
	Update blacklistsUpdate `cmd:"" help:"Change an entry's reason or end."`
	Delete blacklistsDelete `cmd:"" help:"Delete entries."`
}

// blacklistKind narrows to one kind of entry.
type blacklistKind struct {
	Kind string `help:"ip, cidr, hwid, country or asn." enum:",ip,cidr,hwid,country,asn" default:"" placeholder:"KIND"`
}

type blacklistsList struct {
	appFlag
	pageFlags
	blacklistKind
	accessFilter
}

func (l *blacklistsList) Run(ctx context.Context, c *call) error {
	return c.listAccess(ctx, latchkey.Blacklist, l.App, l.query(l.Kind), l.pageFlags)
}

type blacklistsAdd struct {
	appFlag
	entryFlags
	Kind  string `arg:"" enum:"ip,cidr,hwid,country,asn" help:"ip, cidr, hwid, country or asn."`
	Value string `arg:"" help:"An address, a network, a hardware id, a country such as DE, or a system such as AS64500."`
}

func (a *blacklistsAdd) Run(ctx context.Context, c *call) error {
	end, err := endOf(a.Until)
	if err != nil {
		return err
	}
	return c.createAccess(ctx, latchkey.Blacklist, a.App, api.CreateBlacklistEntry{Kind: a.Kind, Value: a.Value, Reason: a.Reason, ExpiresAt: end})
}

type blacklistsImport struct {
	accessImport
	blacklistKind
}

func (i *blacklistsImport) Run(ctx context.Context, c *call) error {
	return i.run(ctx, c, latchkey.Blacklist, i.Kind)
}

type blacklistsShow struct{ accessArg }

func (s *blacklistsShow) Run(ctx context.Context, c *call) error {
	return s.show(ctx, c, latchkey.Blacklist)
}

type blacklistsUpdate struct{ accessUpdate }

func (u *blacklistsUpdate) Run(ctx context.Context, c *call) error {
	return u.run(ctx, c, latchkey.Blacklist)
}

type blacklistsDelete struct {
	accessDelete
	blacklistKind
}

func (d *blacklistsDelete) Run(ctx context.Context, c *call) error {
	return d.run(ctx, c, latchkey.Blacklist, d.Kind)
}
