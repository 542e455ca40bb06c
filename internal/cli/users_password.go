package cli

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
)

type usersPasswordReset struct{ userArg }

func (u *usersPasswordReset) Run(ctx context.Context, c *call) error {
	path, err := u.userPath(ctx, c, "/apps/%s/users/%s/password-reset")
	if err != nil {
		return err
	}
	var sent api.PasswordReset
	if err := c.create(ctx, path, nil, &sent); err != nil {
		return err
	}
	t := &table{header: []string{"USER", "LINK GOOD UNTIL"}}
	t.add(u.User, when(sent.ExpiresAt))
	return c.show(sent, t)
}
