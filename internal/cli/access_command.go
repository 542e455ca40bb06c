package cli

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// listKind is one of the two lists, with the flag that narrows to one kind of
// its entries.
type listKind interface {
	list() latchkey.AccessList
	kind() string
}

// accessCommand is what can be done with the list of K, but for adding an entry,
// of which each list has kinds of its own.
type accessCommand[K listKind] struct {
	List   accessListing[K]  `cmd:"" help:"List or search the entries."`
	Import accessImporter[K] `cmd:"" help:"Add every line of a file."`
	Show   accessShow[K]     `cmd:"" help:"Show an entry."`
	Update accessUpdater[K]  `cmd:"" help:"Change an entry's reason or end."`
	Delete accessDeleter[K]  `cmd:"" help:"Delete entries."`
}

func listOf[K listKind]() latchkey.AccessList {
	var k K
	return k.list()
}

type accessListing[K listKind] struct {
	appFlag
	pageFlags
	Narrow K `embed:""`
	accessFilter
}

func (l *accessListing[K]) Run(ctx context.Context, c *call) error {
	return c.listAccess(ctx, listOf[K](), l.App, l.query(l.Narrow.kind()), l.pageFlags)
}

type accessImporter[K listKind] struct {
	accessImport
	Narrow K `embed:""`
}

func (i *accessImporter[K]) Run(ctx context.Context, c *call) error {
	return i.run(ctx, c, listOf[K](), i.Narrow.kind())
}

type accessShow[K listKind] struct{ accessArg }

func (s *accessShow[K]) Run(ctx context.Context, c *call) error { return s.show(ctx, c, listOf[K]()) }

type accessUpdater[K listKind] struct{ accessUpdate }

func (u *accessUpdater[K]) Run(ctx context.Context, c *call) error { return u.run(ctx, c, listOf[K]()) }

type accessDeleter[K listKind] struct {
	accessDelete
	Narrow K `embed:""`
}

func (d *accessDeleter[K]) Run(ctx context.Context, c *call) error {
	return d.run(ctx, c, listOf[K](), d.Narrow.kind())
}
