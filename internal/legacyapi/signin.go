package legacyapi

import (
	"context"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// register makes a user out of a license, with a name and password.
func (a *api) register(ctx context.Context, c *call) (answer, error) {
	in := c.signIn()
	if utf8.RuneCountInString(in.Username) > latchkey.MaxUsernameLength {
		return answer{}, refusal{textUsernameLong}
	}
	if utf8.RuneCountInString(in.Key) > latchkey.MaxKeyLength {
		return answer{}, refusal{textKeyLong}
	}
	customer, err := a.svc.ClientRegister(ctx, c.app, c.session, in)
	return signedIn(c, customer, false, err)
}

// login signs in by name and password, or by a token in its place.
func (a *api) login(ctx context.Context, c *call) (answer, error) {
	customer, err := a.svc.ClientLogin(ctx, c.app, c.session, c.signIn())
	return signedIn(c, customer, true, err)
}

// loginEmail signs in by mail address and password.
func (a *api) loginEmail(ctx context.Context, c *call) (answer, error) {
	customer, err := a.svc.ClientLoginEmail(ctx, c.app, c.session, c.signIn())
	return signedIn(c, customer, true, err)
}

// license signs in by a license alone.
func (a *api) license(ctx context.Context, c *call) (answer, error) {
	in := c.signIn()
	if utf8.RuneCountInString(in.Key) > latchkey.MaxKeyLength {
		return answer{}, refusal{textKeyLong}
	}
	customer, err := a.svc.ClientLicense(ctx, c.app, c.session, in)
	return signedIn(c, customer, true, err)
}

func signedIn(c *call, customer service.Customer, withLevels bool, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{Message: c.app.Messages.Text(latchkey.MsgLoggedIn, ""), Info: newInfo(customer, withLevels)}, nil
}
