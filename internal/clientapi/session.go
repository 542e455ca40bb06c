package clientapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// init opens a session for one run of a program.
func (a *api) init(ctx context.Context, c *call) (any, error) {
	ses, err := a.svc.ClientInit(ctx, c.app, service.ClientInit{Protocol: latchkey.ProtocolNative, Version: c.get("version"), Hash: c.get("hash"),
		Token: latchkey.Secret(c.get("token")), TokenHash: c.get("hash")}) // here a token is bound to the program itself
	if err != nil {
		return nil, err
	}
	return &client.Started{Stage: client.Stage(ses.Stage), Session: ses.Token.Reveal(), SessionExpiresAt: ses.ExpiresAt.UnixMilli(),
		App: client.App{Name: c.app.Name, Version: c.app.Settings.Version}}, nil // and no page of customers' own yet
}

// keys tells which keys sign, and which have vouched for which.
func (a *api) keys(_ context.Context, c *call) (any, error) {
	known := a.svc.ClientKeys(c.app)
	out := &client.Keys{Keys: []client.Key{}, Successions: []client.Succession{}}
	for _, k := range known.Keys {
		out.Keys = append(out.Keys, client.Key{ID: k.ID, PublicKey: k.PublicKey})
	}
	for _, s := range known.Successions {
		out.Successions = append(out.Successions, client.Succession{Key: s.KeyID, PublicKey: s.PublicKey, From: s.From.UnixMilli(), Signature: s.Signature})
	}
	return out, nil
}

// check tells who is signed in, if they still may be.
func (a *api) check(ctx context.Context, c *call) (any, error) {
	who, err := a.svc.ClientCustomer(ctx, c.app, c.session)
	if err != nil {
		return nil, err
	}
	return &client.Checked{SessionExpiresAt: c.session.ExpiresAt.UnixMilli(), User: newUser(&who)}, nil
}

// logout ends the session.
func (a *api) logout(ctx context.Context, c *call) (any, error) {
	return &client.Empty{}, a.svc.ClientLogout(ctx, c.app, c.session)
}

// upgrade redeems a license on top of a user: the one who is signed in, or the
// one who is named.
func (a *api) upgrade(ctx context.Context, c *call) (any, error) {
	named := c.get("username") != ""
	switch signedIn := c.session.Stage == latchkey.StageSignedIn; {
	case signedIn && named:
		return nil, latchkey.Invalid("username", "Somebody is signed in, and the license is for them; leave the user name out.")
	case !signedIn && !named:
		return nil, latchkey.Invalid("username", "Nobody is signed in; say for whom the license is.")
	}
	return &client.Empty{}, a.svc.ClientUpgrade(ctx, c.app, c.session, c.signIn())
}
