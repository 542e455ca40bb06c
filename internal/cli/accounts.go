package cli

import (
	"context"
	"fmt"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type accountsCommand struct {
	remoteFlags
	List    accountsList    `cmd:"" help:"List the accounts of the server."`
	Show    accountsShow    `cmd:"" help:"Show an account."`
	Create  accountsCreate  `cmd:"" help:"Make an account."`
	Disable accountsDisable `cmd:"" help:"End an account's sessions and have its password and API keys refused; its applications go on."`
	Enable  accountsEnable  `cmd:"" help:"Open a disabled account."`
	Delete  accountsDelete  `cmd:"" help:"Delete an account that owns no applications."`
}

func accountTable(list ...api.Account) *table {
	t := &table{header: []string{"MAIL ADDRESS", "ID", "ROLE", "STATE", "CREATED"}}
	for _, a := range list {
		t.add(a.Email, a.ID, either(a.Administrator, "administrator", "seller"), either(a.DisabledAt.IsZero(), "open", "disabled"), when(a.CreatedAt))
	}
	return t
}

type accountsList struct{ pageFlags }

func (l *accountsList) Run(ctx context.Context, c *call) error {
	list, next, err := c.accounts(ctx, l.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.AccountList{Accounts: list, Next: next}, accountTable(list...))
}

func (c *call) accounts(ctx context.Context, flags pageFlags) ([]api.Account, string, error) {
	return listAll(ctx, c, "/accounts", nil, flags,
		func(p api.AccountList) ([]api.Account, string) { return p.Accounts, p.Next })
}

type accountsCreate struct {
	Email         string `arg:"" help:"Mail address, for signing in."`
	PasswordFile  string `help:"File that holds the password; - reads it from standard input." required:"" placeholder:"FILE"`
	Administrator bool   `help:"Operates the server too: sees and changes all accounts."`
}

func (a *accountsCreate) Run(ctx context.Context, c *call) error {
	password, err := readSecret(a.PasswordFile, c.std.In)
	if err != nil {
		return err
	}
	var created api.Account
	if err := c.create(ctx, "/accounts", api.CreateAccount{Email: a.Email, Password: password, Administrator: a.Administrator}, &created); err != nil {
		return err
	}
	return c.show(created, accountTable(created))
}

// accountArg names one account of the server.
type accountArg struct {
	Account string `arg:"" help:"Mail address or id."`
}

// accountPath finds the account and fills its id into a pattern.
func (a accountArg) accountPath(ctx context.Context, c *call, pattern string) (string, error) {
	if latchkey.IsID(latchkey.KindAccount, a.Account) {
		return route(pattern, a.Account), nil
	}
	email, err := latchkey.NormalizeEmail(a.Account)
	if err != nil {
		return "", latchkey.Fail(latchkey.CodeAccountGone)
	}
	everything := pageFlags{Limit: 1 << 30}
	list, _, err := c.accounts(ctx, everything)
	if err != nil {
		return "", err
	}
	for _, v := range list {
		if v.Email == email {
			return route(pattern, v.ID), nil
		}
	}
	return "", latchkey.Fail(latchkey.CodeAccountGone)
}

type accountsShow struct{ accountArg }

func (a *accountsShow) Run(ctx context.Context, c *call) error {
	path, err := a.accountPath(ctx, c, "/accounts/%s")
	if err != nil {
		return err
	}
	var v api.Account
	if err := c.get(ctx, path, nil, &v); err != nil {
		return err
	}
	return c.show(v, accountTable(v))
}

type accountsDisable struct {
	accountArg
	yesFlag
}

func (a *accountsDisable) Run(ctx context.Context, c *call) error {
	question := fmt.Sprintf("Disable the account %s? Its sessions end and its API keys stop; its applications go on.", a.Account)
	return a.turn(ctx, c, "/accounts/%s/disable", func() error { return a.confirm(c, question) })
}

type accountsEnable struct{ accountArg }

func (a *accountsEnable) Run(ctx context.Context, c *call) error {
	return a.turn(ctx, c, "/accounts/%s/enable", func() error { return nil })
}

func (a accountArg) turn(ctx context.Context, c *call, pattern string, asked func() error) error {
	path, err := a.accountPath(ctx, c, pattern)
	if err != nil {
		return err
	}
	if err := asked(); err != nil {
		return err
	}
	var after api.Account
	if err := c.post(ctx, path, nil, &after); err != nil {
		return err
	}
	return c.show(after, accountTable(after))
}

type accountsDelete struct {
	accountArg
	yesFlag
}

func (a *accountsDelete) Run(ctx context.Context, c *call) error {
	path, err := a.accountPath(ctx, c, "/accounts/%s")
	if err != nil {
		return err
	}
	if err := a.confirm(c, fmt.Sprintf("Delete the account %s with its API keys?", a.Account)); err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("Account " + a.Account + " deleted.")
}
