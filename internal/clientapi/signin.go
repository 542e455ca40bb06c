package clientapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// license signs in by a license alone.
func (a *api) license(ctx context.Context, c *call) (any, error) {
	who, err := a.svc.ClientLicense(ctx, c.app, c.session, c.signIn())
	return signedIn(c, who, err)
}

// login signs in by name and password. Which of the two is wrong is not said.
func (a *api) login(ctx context.Context, c *call) (any, error) {
	who, err := a.svc.ClientLogin(ctx, c.app, c.session, c.signIn())
	switch latchkey.CodeOf(err) {
	case latchkey.CodeUserNotFound, latchkey.CodePasswordWrong:
		err = latchkey.FailWith(latchkey.CodePasswordWrong, "The user name or the password is wrong.").Because(err)
	}
	return signedIn(c, who, err)
}

// register makes a user out of a license, with a name and password.
func (a *api) register(ctx context.Context, c *call) (any, error) {
	who, err := a.svc.ClientRegister(ctx, c.app, c.session, c.signIn())
	return signedIn(c, who, err)
}

// signedIn is the answer to a sign-in.
func signedIn(c *call, who service.Customer, err error) (any, error) {
	if err != nil {
		c.waiting = who.Waiting
		return nil, err
	}
	user := newUser(&who)
	if who.Bound {
		sum := sha256.Sum256([]byte(who.HWID))
		user.Device = hex.EncodeToString(sum[:])
	}
	return &client.SignedIn{Stage: client.Stage(who.Session.Stage), Session: who.Session.Token.Reveal(),
		SessionExpiresAt: who.Session.ExpiresAt.UnixMilli(), Message: c.app.Messages.Text(latchkey.MsgLoggedIn, ""), User: user}, nil
}

// newUser tells of a customer.
func newUser(who *service.Customer) *client.User {
	u := &client.User{Username: who.Username, CreatedAt: who.CreatedAt.UnixMilli(), Subscriptions: make([]client.Subscription, len(who.Holdings))}
	for i := range who.Holdings {
		h := &who.Holdings[i]
		u.Subscriptions[i] = client.Subscription{Name: h.Name, Level: h.Level, ExpiresAt: orNever(h.ExpiresAt)}
	}
	return u
}

// orNever is a moment as the wire has it, nil for the zero one.
func orNever(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
