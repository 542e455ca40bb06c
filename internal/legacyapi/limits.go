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
	t := ratelimit.Trial{AppID: c.app.ID, Guessed: f.guessed, Subject: c.get("username"), Registers: f.typ == typeRegister}
	t.Addr, _ = netip.ParseAddr(service.OriginFrom(ctx).IP) // none on a Unix socket
	if f.guessed == ratelimit.LicenseKey {
		t.Subject = c.get("key")
	}
	err = a.opts.Limits.Try(t, func() (err error) {
		done, err = f.run(a, ctx, c)
		return err
	})
	return done, err
}
