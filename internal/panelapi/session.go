package panelapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// about says what a page shows before anybody has signed in.
func (c *call) about(context.Context) (any, error) {
	return newPage(c.app, c.api.svc.MailsResets()), nil
}

// forgot asks for a new password by mail. The answer is the same whether there
// is such a user or not.
func (c *call) forgot(ctx context.Context) (any, error) {
	in, err := read[struct {
		Username string `json:"username"`
		Email    string `json:"email"`
	}](c)
	if err != nil {
		return nil, err
	}
	return nil, c.api.svc.PanelForgot(ctx, c.app, in.Username, in.Email)
}

// signIn opens a session by user name and password, or by a license.
func (c *call) signIn(ctx context.Context) (any, error) {
	in, err := read[struct {
		Username string `json:"username"`
		Password string `json:"password"`
		License  string `json:"license"`
		Code     string `json:"code"`
	}](c)
	if err != nil {
		return nil, err
	}
	byLicense := in.License != ""
	if byLicense == (in.Username != "") || byLicense && in.Password != "" {
		return nil, latchkey.Invalid("username", "Send a user name and a password, or a license.")
	}
	asked := c.panelSignIn(service.ClientSignIn{Username: in.Username, Password: latchkey.Secret(in.Password), Key: in.License, Code: in.Code})
	var p service.PanelSession
	if byLicense {
		err = c.guess(ratelimit.LicenseKey, in.License, false, func() (err error) {
			p, err = c.api.svc.PanelSignInByLicense(ctx, c.app, asked)
			return err
		})
	} else {
		err = c.guess(ratelimit.UserName, in.Username, false, func() (err error) {
			p, err = c.api.svc.PanelSignIn(ctx, c.app, asked)
			return err
		})
	}
	return c.entered(&p, http.StatusOK, err)
}

// register makes a user out of a license, with a name and password.
func (c *call) register(ctx context.Context) (any, error) {
	in, err := read[struct {
		Username string `json:"username"`
		Password string `json:"password"`
		License  string `json:"license"`
		Email    string `json:"email"`
		Code     string `json:"code"`
	}](c)
	if err != nil {
		return nil, err
	}
	asked := c.panelSignIn(service.ClientSignIn{Username: in.Username, Password: latchkey.Secret(in.Password), Key: in.License, Email: in.Email, Code: in.Code})
	var p service.PanelSession
	err = c.guess(ratelimit.UserName, in.Username, true, func() (err error) {
		p, err = c.api.svc.PanelRegister(ctx, c.app, asked)
		return err
	})
	return c.entered(&p, http.StatusCreated, err)
}

func (c *call) panelSignIn(in service.ClientSignIn) service.PanelSignIn {
	return service.PanelSignIn{ClientSignIn: in, UserAgent: strings.ToValidUTF8(c.r.UserAgent(), "?")}
}

// entered answers a sign-in with the cookie of a new session. One that the
// browser still had is over.
func (c *call) entered(p *service.PanelSession, status int, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if old := c.api.cookies.read(c.r); old != "" {
		_ = c.api.svc.PanelSignOut(c.r.Context(), c.app, old) // it may be over already
	}
	c.keep(p.Token, p.ExpiresAt)
	c.status = status
	return newSession(p), nil
}

// current says who is signed in.
func (c *call) current(context.Context) (any, error) { return newSession(&c.session), nil }

// signOut ends the session.
func (c *call) signOut(ctx context.Context) (any, error) {
	if err := c.api.svc.PanelSignOut(ctx, c.app, c.token); err != nil {
		return nil, err
	}
	c.w.Header().Add("Set-Cookie", c.api.cookies.clear(c.r))
	return nil, nil
}

// sessions tells where the customer is signed in.
func (c *call) sessions(ctx context.Context) (any, error) {
	list, err := c.api.svc.PanelSessions(ctx, c.app, c.token)
	return newSessions(&list), err
}

// endSession ends one of them.
func (c *call) endSession(ctx context.Context) (any, error) {
	id := c.r.PathValue("session")
	if !latchkey.IsID(latchkey.KindSession, id) && !latchkey.IsID(latchkey.KindPanelSession, id) {
		return nil, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return nil, c.api.svc.PanelEndSession(ctx, c.app, c.token, id)
}

// endSessions ends all but the one that asks.
func (c *call) endSessions(ctx context.Context) (any, error) {
	renewed, err := c.api.svc.PanelEndSessions(ctx, c.app, c.token)
	if err == nil {
		c.renew(renewed)
	}
	return nil, err
}
