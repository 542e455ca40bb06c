package latchkey

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
)

// App is what a program learns about its application.
type App = client.App

// User is who is signed in.
type User struct {
	Username      string
	CreatedAt     time.Time
	Subscriptions []Subscription // those in force; never empty
}

// Subscription is one that a user holds and that was in force when the server
// answered.
type Subscription struct {
	Name      string
	Level     int64
	ExpiresAt time.Time // zero: lifetime
}

// Level returns the highest level of the user's subscriptions.
func (u *User) Level() int64 {
	var highest int64
	for _, s := range u.Subscriptions {
		highest = max(highest, s.Level)
	}
	return highest
}

// Status is the answer to [Client.Check].
type Status struct {
	User             User
	SessionExpiresAt time.Time // then the customer signs in again
}

// Registration is what a new customer enters.
type Registration struct {
	Username string
	Password string
	License  string
	Email    string // optional; for setting a new password
}

// Init opens a session. Sign-ins call it by themselves; a program calls it to
// learn of a new version before it asks for anything. [CodeAppVersion] comes
// with the address of the current version.
func (c *Client) Init(ctx context.Context) (*App, error) {
	var out client.Started
	if _, err := c.call(ctx, client.PathInit, c.init, &out); err != nil {
		return nil, c.refused(err)
	}
	if out.Stage != client.StageStarted || out.Session == "" {
		return nil, fmt.Errorf("%w: it opens no session", ErrUnverified)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started, c.pending, c.session = out.Session, "", ""
	return &out.App, nil
}

// License signs in by a license alone. The first time redeems it.
func (c *Client) License(ctx context.Context, license string) (*User, error) {
	return c.signIn(ctx, client.PathLicense, func(session, hwid string) any {
		return client.License{Session: session, License: license, HWID: hwid}
	})
}

// Login signs in by user name and password. [ErrTwoFactor] asks for a code.
func (c *Client) Login(ctx context.Context, username, password string) (*User, error) {
	return c.signIn(ctx, client.PathLogin, func(session, hwid string) any {
		return client.Login{Session: session, Username: username, Password: password, HWID: hwid}
	})
}

// Register redeems a license for a new user and signs them in.
func (c *Client) Register(ctx context.Context, r Registration) (*User, error) {
	return c.signIn(ctx, client.PathRegister, func(session, hwid string) any {
		return client.Register{Session: session, Username: r.Username, Password: r.Password, License: r.License, Email: r.Email, HWID: hwid}
	})
}

// TwoFactor ends a sign-in that [ErrTwoFactor] interrupted. Code has six digits
// or is a recovery code.
func (c *Client) TwoFactor(ctx context.Context, code string) (*User, error) {
	c.mu.Lock()
	token := c.pending
	c.mu.Unlock()
	if token == "" {
		return nil, ErrNotSignedIn
	}
	var out client.SignedIn
	a, err := c.call(ctx, client.PathTwoFactorVerify, client.Code{Session: token, Code: code}, &out)
	if err != nil {
		return nil, c.refused(err)
	}
	return c.admit(a, &out)
}

// signIn signs in with the token of init, opening a session first if there is
// none or if it has expired meanwhile.
func (c *Client) signIn(ctx context.Context, path string, request func(session, hwid string) any) (*User, error) {
	hwid, err := c.hardwareID()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	token := c.started
	c.session, c.pending = "", ""
	c.mu.Unlock()
	for fresh := false; ; fresh = true {
		if token == "" || fresh {
			if _, err := c.Init(ctx); err != nil {
				return nil, err
			}
			token, fresh = c.token(), true
		}
		var out client.SignedIn
		a, err := c.call(ctx, path, request(token, hwid), &out)
		if CodeOf(err) == CodeSessionNotFound && !fresh {
			continue
		}
		if err != nil {
			return nil, c.refused(err)
		}
		return c.admit(a, &out)
	}
}

// admit takes the answer of a sign-in. Whatever is not plainly a signed-in user
// is refused.
func (c *Client) admit(a *answer, out *client.SignedIn) (*User, error) {
	switch {
	case out.Session == "":
	case out.Stage == client.StageTwoFactor && out.User == nil:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.pending = out.Session
		return nil, ErrTwoFactor
	case out.Stage == client.StageSignedIn && isUser(out.User):
		c.mu.Lock()
		c.session, c.pending = out.Session, ""
		c.mu.Unlock()
		c.keep(a)
		return userOf(out.User), nil
	}
	return nil, fmt.Errorf("%w: it signs nobody in", ErrUnverified)
}

func isUser(u *client.User) bool { return u != nil && u.Username != "" && len(u.Subscriptions) > 0 }

func userOf(u *client.User) *User {
	user := &User{Username: u.Username, CreatedAt: time.UnixMilli(u.CreatedAt).UTC()}
	for _, s := range u.Subscriptions {
		one := Subscription{Name: s.Name, Level: s.Level}
		if s.ExpiresAt != nil {
			one.ExpiresAt = time.UnixMilli(*s.ExpiresAt).UTC()
		}
		user.Subscriptions = append(user.Subscriptions, one)
	}
	return user
}

// refused looks at an error on its way to the program: some refusals end what
// the customer had, and with it what was kept for times without the server.
func (c *Client) refused(err error) error {
	if CodeOf(err).final() {
		c.forget()
	}
	return err
}

// Check asks whether the user who is signed in may go on. Programs call it
// every few minutes; bans, kills and pauses show at the next one.
func (c *Client) Check(ctx context.Context) (*Status, error) {
	token, err := c.signedInToken()
	if err != nil {
		return nil, err
	}
	var out client.Checked
	if _, err := c.call(ctx, client.PathCheck, client.Session{Session: token}, &out); err != nil {
		return nil, c.refused(err)
	}
	if !isUser(out.User) {
		return nil, fmt.Errorf("%w: it names no user", ErrUnverified)
	}
	return &Status{User: *userOf(out.User), SessionExpiresAt: time.UnixMilli(out.SessionExpiresAt).UTC()}, nil
}

// Upgrade redeems a license on top of the user who is signed in, or of the one
// named where nobody is. Who is signed in sees it at the next [Client.Check].
func (c *Client) Upgrade(ctx context.Context, username, license string) error {
	token, err := c.anyToken(ctx)
	if err != nil {
		return err
	}
	return c.do(ctx, client.PathUpgrade, client.Upgrade{Session: token, Username: username, License: license})
}

// Logout ends the session. What was kept for times without the server goes too.
func (c *Client) Logout(ctx context.Context) error {
	token, err := c.signedInToken()
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.session, c.pending = "", ""
	c.mu.Unlock()
	c.forget()
	return c.do(ctx, client.PathLogout, client.Session{Session: token})
}

// do makes a call that has nothing to say but yes or no.
func (c *Client) do(ctx context.Context, path string, in any) error {
	var out client.Empty
	_, err := c.call(ctx, path, in, &out)
	return c.refusedLater(err)
}

// refusedLater is [Client.refused] for calls beside sign-in and check, where
// only the end of the session counts.
func (c *Client) refusedLater(err error) error {
	if CodeOf(err) == CodeUserBanned {
		c.forget()
	}
	return err
}
