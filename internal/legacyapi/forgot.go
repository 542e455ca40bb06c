package legacyapi

import (
	"context"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// forgot asks for a new password by mail. The answer is the same whether there
// is such a user, and whether the address is theirs.
func (a *api) forgot(ctx context.Context, c *call) (answer, error) {
	if utf8.RuneCountInString(c.get("username")) > latchkey.MaxUsernameLength {
		return answer{}, refusal{textUsernameLong}
	}
	if err := a.svc.ClientForgot(ctx, c.app, c.session, c.get("username"), c.get("email")); err != nil {
		return answer{}, err
	}
	return answer{Message: textForgot}, nil
}
