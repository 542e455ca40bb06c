package cli

import (
	"context"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
)

type accountCommand struct {
	remoteFlags
	Show    accountShow    `cmd:"" help:"Show the account."`
	SignIns accountSignIns `cmd:"" name:"sign-ins" help:"List who signed in to the account at the dashboard, or tried to."`
}

type accountShow struct{}

func (*accountShow) Run(ctx context.Context, c *call) error {
	var a api.Account
	if err := c.get(ctx, "/account", nil, &a); err != nil {
		return err
	}
	t := &table{header: []string{"FIELD", "VALUE"}}
	t.add("id", a.ID)
	t.add("mail address", a.Email)
	t.add("owner id", a.OwnerID)
	t.add("administrator", strconv.FormatBool(a.Administrator))
	t.add("created", when(a.CreatedAt))
	return c.show(a, t)
}

type accountSignIns struct{ pageFlags }

func (s *accountSignIns) Run(ctx context.Context, c *call) error {
	list, next, err := listAll(ctx, c, "/account/sign-ins", nil, s.pageFlags,
		func(p api.AccountSignInList) ([]api.AccountSignIn, string) { return p.SignIns, p.Next })
	if err != nil {
		return err
	}
	t := &table{header: []string{"TIME", "OUTCOME", "BY", "IP", "BROWSER"}}
	for _, v := range list {
		t.add(when(v.At), either(v.Succeeded, "signed in", "wrong password"), v.Method, v.IP, v.UserAgent)
	}
	return c.show(api.AccountSignInList{SignIns: list, Next: next}, t)
}
