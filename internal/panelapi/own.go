package panelapi

import (
	"context"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// card tells the customer about themself.
func (c *call) card(ctx context.Context) (any, error) {
	v, err := c.api.svc.PanelCard(ctx, c.app, c.token)
	return newCard(&v), err
}

// redeem redeems another license.
func (c *call) redeem(ctx context.Context) (any, error) {
	in, err := read[struct {
		License string `json:"license"`
	}](c)
	if err != nil {
		return nil, err
	}
	var v service.PanelCard
	err = c.guess(ratelimit.LicenseKey, in.License, false, func() (err error) {
		v, err = c.api.svc.PanelRedeem(ctx, c.app, c.token, in.License)
		return err
	})
	return newCard(&v), err
}

// resetDevices unbinds the customer's devices, or asks for it.
func (c *call) resetDevices(ctx context.Context) (any, error) {
	if _, err := read[struct{}](c); err != nil {
		return nil, err
	}
	v, renewed, err := c.api.svc.PanelResetDevices(ctx, c.app, c.token)
	if err != nil {
		return nil, err
	}
	c.renew(renewed)
	return newCard(&v), nil
}

// prove makes an attempt at the customer's own password: who has found a browser
// that is signed in must not find it out.
func (c *call) prove(try func() error) error {
	return c.guess(ratelimit.UserName, c.session.Username, false, try)
}

func (c *call) changePassword(ctx context.Context) (any, error) {
	in, err := read[struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}](c)
	if err != nil {
		return nil, err
	}
	return nil, c.prove(func() error {
		renewed, err := c.api.svc.PanelChangePassword(ctx, c.app, c.token, latchkey.Secret(in.Current), latchkey.Secret(in.New))
		if err == nil {
			c.renew(renewed)
		}
		return err
	})
}

func (c *call) changeEmail(ctx context.Context) (any, error) {
	in, err := read[struct {
		Password string `json:"password"`
		Email    string `json:"email"`
	}](c)
	if err != nil {
		return nil, err
	}
	return nil, c.prove(func() error {
		return c.api.svc.PanelChangeEmail(ctx, c.app, c.token, latchkey.Secret(in.Password), in.Email)
	})
}

func (c *call) enroll(ctx context.Context) (any, error) {
	in, err := read[struct {
		Password string `json:"password"`
	}](c)
	if err != nil {
		return nil, err
	}
	var e service.Enrolment
	err = c.prove(func() (err error) {
		e, err = c.api.svc.PanelTwoFactorEnroll(ctx, c.app, c.token, latchkey.Secret(in.Password))
		return err
	})
	return struct {
		Secret string `json:"secret"`
		URI    string `json:"uri"`
	}{e.Secret.Reveal(), e.URI.Reveal()}, err
}

// code is a body with a code of the second factor.
type code struct {
	Code string `json:"code"`
}

func (c *call) confirm(ctx context.Context) (any, error) {
	in, err := read[code](c)
	if err != nil {
		return nil, err
	}
	recovery, renewed, err := c.api.svc.PanelTwoFactorConfirm(ctx, c.app, c.token, in.Code)
	if err != nil {
		return nil, err
	}
	c.renew(renewed)
	return shown(recovery), nil
}

func (c *call) disable(ctx context.Context) (any, error) {
	in, err := read[code](c)
	if err != nil {
		return nil, err
	}
	renewed, err := c.api.svc.PanelTwoFactorDisable(ctx, c.app, c.token, in.Code)
	if err == nil {
		c.renew(renewed)
	}
	return nil, err
}

func (c *call) recoveryCodes(ctx context.Context) (any, error) {
	in, err := read[code](c)
	if err != nil {
		return nil, err
	}
	recovery, err := c.api.svc.PanelRecoveryCodes(ctx, c.app, c.token, in.Code)
	return shown(recovery), err
}

// recovery shows recovery codes, this once.
type recovery struct {
	RecoveryCodes []string `json:"recovery_codes"`
}

func shown(codes []latchkey.Secret) recovery {
	out := recovery{RecoveryCodes: make([]string, len(codes))}
	for i, c := range codes {
		out.RecoveryCodes[i] = c.Reveal()
	}
	return out
}

// signInToken makes what the page hands to the program on the same computer.
func (c *call) signInToken(ctx context.Context) (any, error) {
	if _, err := read[struct{}](c); err != nil {
		return nil, err
	}
	t, err := c.api.svc.PanelSignInToken(ctx, c.app, c.token)
	c.status = http.StatusCreated
	return struct {
		Username  string   `json:"username"`
		Token     string   `json:"token"`
		ExpiresAt api.Time `json:"expires_at"`
	}{t.Username, t.Token.Reveal(), api.At(t.ExpiresAt)}, err
}

// files lists what the seller shows here.
func (c *call) files(ctx context.Context) (any, error) {
	list, err := c.api.svc.PanelFiles(ctx, c.app, c.token)
	out := files{Files: []file{}}
	for _, f := range list {
		out.Files = append(out.Files, file{ID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256})
	}
	return out, err
}

// fileContent answers a whole content, or ranges of it.
func (c *call) fileContent(ctx context.Context) (any, error) {
	id := c.r.PathValue("file")
	if !latchkey.IsID(latchkey.KindFile, id) {
		return nil, latchkey.Fail(latchkey.CodeFileNotFound)
	}
	content, err := c.api.svc.PanelFileContent(ctx, c.app, c.token, id)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	h := c.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", web.Attachment(content.Name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", `"`+content.SHA256+`"`)
	http.ServeContent(web.Patient(c.w, c.api.opts.KeepOpen), c.r, "", time.Time{}, content)
	return noAnswer{}, nil
}
