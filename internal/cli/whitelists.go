package cli

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type whitelistsCommand struct {
	remoteFlags
	Add whitelistsAdd `cmd:"" help:"Add an entry."`
	accessCommand[whitelistKind]
}

var _ listKind = whitelistKind{}

type whitelistKind struct {
	Kind string `help:"ip or cidr." enum:",ip,cidr" default:"" placeholder:"KIND"`
}

func (whitelistKind) list() latchkey.AccessList { return latchkey.Whitelist }

func (k whitelistKind) kind() string { return k.Kind }

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
