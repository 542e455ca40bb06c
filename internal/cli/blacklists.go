package cli

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type blacklistsCommand struct {
	remoteFlags
	Add blacklistsAdd `cmd:"" help:"Add an entry."`
	accessCommand[blacklistKind]
}

var _ listKind = blacklistKind{}

type blacklistKind struct {
	Kind string `help:"ip, cidr, hwid, country or asn." enum:",ip,cidr,hwid,country,asn" default:"" placeholder:"KIND"`
}

func (blacklistKind) list() latchkey.AccessList { return latchkey.Blacklist }

func (k blacklistKind) kind() string { return k.Kind }

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
