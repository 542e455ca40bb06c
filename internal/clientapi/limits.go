package clientapi

import (
	"net/netip"

	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// limited runs a function within the limits on those who guess.
func (c *call) limited(f *function) (done any, err error) {
	if c.api.opts.Limits == nil || f.guessed == ratelimit.Nothing {
		return c.run(f)
	}
	t := ratelimit.Trial{AppID: c.app.ID, Guessed: f.guessed, Subject: c.get(f.subject), Registers: f.Path == "register"}
	t.Addr, _ = netip.ParseAddr(service.OriginFrom(c.r.Context()).IP) // none on a Unix socket
	err = c.api.opts.Limits.Try(t, func() (err error) {
		done, err = c.run(f)
		return err
	})
	return done, err
}
