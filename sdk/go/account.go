package latchkey

import (
	"context"

	"github.com/latchkey-dev/latchkey/api/client"
)

// ForgotPassword asks for a mail with a link to set a new password. It answers
// nil whether there is such a user or not.
func (c *Client) ForgotPassword(ctx context.Context, username, email string) error {
	token, err := c.anyToken(ctx)
	if err != nil {
		return err
	}
	return c.do(ctx, client.PathForgot, client.Forgot{Session: token, Username: username, Email: email})
}

// Rename changes the user's name. It ends the user's sessions: sign in again.
func (c *Client) Rename(ctx context.Context, username string) error {
	return c.doSignedIn(ctx, client.PathRename, func(token string) any {
		return client.Rename{Session: token, Username: username}
	})
}

// BanSelf bans the user who is signed in, for example when the program has
// caught them tampering.
func (c *Client) BanSelf(ctx context.Context, reason string) error {
	err := c.doSignedIn(ctx, client.PathBan, func(token string) any {
		return client.Ban{Session: token, Reason: reason}
	})
	if err == nil {
		c.forget()
	}
	return err
}

// Enrollment is a second factor that waits for its first code.
type Enrollment = client.Enrollment

// EnrollTwoFactor begins to set up a second factor; the password is asked for
// again. It counts only after [Client.ConfirmTwoFactor].
func (c *Client) EnrollTwoFactor(ctx context.Context, password string) (*Enrollment, error) {
	token, err := c.signedInToken()
	if err != nil {
		return nil, err
	}
	var out client.Enrollment
	if _, err := c.call(ctx, client.PathTwoFactorEnroll, client.Password{Session: token, Password: password}, &out); err != nil {
		return nil, c.refusedLater(err)
	}
	return &out, nil
}

// ConfirmTwoFactor switches the second factor on with its first code and
// returns the recovery codes, which are shown once.
func (c *Client) ConfirmTwoFactor(ctx context.Context, code string) (recoveryCodes []string, err error) {
	token, err := c.signedInToken()
	if err != nil {
		return nil, err
	}
	var out client.Enrolled
	_, err = c.call(ctx, client.PathTwoFactorConfirm, client.Code{Session: token, Code: code}, &out)
	return out.RecoveryCodes, c.refusedLater(err)
}

// DisableTwoFactor switches the second factor off.
func (c *Client) DisableTwoFactor(ctx context.Context, code string) error {
	return c.doSignedIn(ctx, client.PathTwoFactorDisable, func(token string) any {
		return client.Code{Session: token, Code: code}
	})
}

func (c *Client) doSignedIn(ctx context.Context, path string, request func(token string) any) error {
	token, err := c.signedInToken()
	if err != nil {
		return err
	}
	return c.do(ctx, path, request(token))
}
