package clientapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

// needsCode is the answer to a sign-in that everything but a code was right
// about: a token that opens verify and nothing else.
func (c *call) needsCode() (any, error) {
	ses, err := c.api.svc.ClientWaiting(c.app, c.session, c.waiting)
	if err != nil {
		return nil, err
	}
	return &client.SignedIn{Stage: client.Stage(ses.Stage), Session: ses.Token.Reveal(), SessionExpiresAt: ses.WaitsUntil.UnixMilli()}, nil
}

// verify ends a sign-in that waited for its code.
func (a *api) verify(ctx context.Context, c *call) (any, error) {
	in := c.signIn()
	in.Code = c.get("code")
	who, err := a.svc.ClientTwoFactorVerify(ctx, c.app, c.session, in, c.session.Waiting)
	return signedIn(c, who, err)
}

// enroll begins to set up a second factor.
func (a *api) enroll(ctx context.Context, c *call) (any, error) {
	password := latchkey.Secret(c.get("password"))
	return a.svc.ClientTwoFactorEnroll(ctx, c.app, c.session, &password)
}

// confirm ends it with the authenticator's first code.
func (a *api) confirm(ctx context.Context, c *call) (any, error) {
	code := c.get("code")
	if !totp.IsCode(code) {
		return nil, latchkey.Invalid("code", "The first code has 6 digits.")
	}
	return a.svc.ClientTwoFactorConfirm(ctx, c.app, c.session, code)
}

// disable removes the second factor.
func (a *api) disable(ctx context.Context, c *call) (any, error) {
	return nil, a.svc.ClientTwoFactorDisable(ctx, c.app, c.session, c.get("code"))
}
