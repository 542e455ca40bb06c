package legacyapi

import (
	"context"
	"net/netip"

	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// limited runs a function within the limits on those who guess.
func (a *api) limited(ctx context.Context, f function, c *call) (done answer, err error) {
	if a.opts.Limits == nil || f.guessed == ratelimit.Nothing {
		return f.run(a, ctx, c)
	}
	t := ratelimit.Trial{AppID: c.app.ID, Guessed: f.guessed, Subject: a.subject(ctx, f, c), Registers: f.typ == typeRegister}
	t.Addr, _ = netip.ParseAddr(service.OriginFrom(ctx).IP) // none on a Unix socket
	err = a.opts.Limits.Try(t, func() (err error) {
		done, err = f.run(a, ctx, c)
		return err
	})
	return done, err
}

// subject is what a call tries: a user, a license key, or any name at all.
func (a *api) subject(ctx context.Context, f function, c *call) string {
	switch {
	case f.guessed == ratelimit.LicenseKey:
		return c.get("key")
	case f.typ == typeLoginEmail:
		return a.svc.ClientNameByEmail(ctx, c.app, c.get("email"))
	case f.typ == typeRename:
		return "" // it asks which names are taken
	}
	return c.get("username")
}
