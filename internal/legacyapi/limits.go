package legacyapi

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Rates are the limits that an operator can set, each for one client address
// (one /64 of IPv6). None concerns an app as a whole: its owner id is public,
// so a stranger could use such a limit up for everybody.
type Rates struct {
	FailuresPerMinute    int // failed attempts; in an hour, ten times as many
	SignInsPerMinute     int // attempts of all kinds, right ones as well
	RegistrationsPerHour int // users made
}

// Limits counts what clients try; init, check and logout are not limited. A
// nil *Limits limits nothing.
type Limits struct {
	names         *ratelimit.Guesses
	keys          *ratelimit.Guesses
	signIns       *ratelimit.Buckets
	registrations *ratelimit.Buckets
}

// NewLimits returns fresh counters. Failures with one user name are also
// limited to 10 in 15 minutes and 30 a day, those with one license key to 20 a
// minute, under the rule of [ratelimit.Guesses].
func NewLimits(now func() time.Time, r Rates) *Limits {
	failures := ratelimit.New(now, ratelimit.PerMinute(r.FailuresPerMinute), ratelimit.PerHour(10*r.FailuresPerMinute))
	return &Limits{
		names: ratelimit.NewGuesses(now, failures,
			ratelimit.Limit{Quota: 10, Window: 15 * time.Minute}, ratelimit.Limit{Quota: 30, Window: 24 * time.Hour}),
		keys:          ratelimit.NewGuesses(now, failures, ratelimit.PerMinute(20)),
		signIns:       ratelimit.New(now, ratelimit.PerMinute(r.SignInsPerMinute)),
		registrations: ratelimit.New(now, ratelimit.PerHour(r.RegistrationsPerHour)),
	}
}

// guessed is what an attempt of a function is counted for.
type guessed int

const (
	nothing guessed = iota
	userName
	licenseKey
)

// limited runs a function within the limits, which come before everything that
// costs: a refused attempt reads nothing and hashes nothing.
func (a *api) limited(ctx context.Context, f function, c *call) (done answer, err error) {
	l := a.opts.Limits
	if l == nil || f.guessed == nothing {
		return f.run(a, ctx, c)
	}
	addr, _ := netip.ParseAddr(service.OriginFrom(ctx).IP) // none on a Unix socket
	client := ratelimit.Key{Addr: addr}
	registers := f.typ == typeRegister && addr.IsValid()
	if addr.IsValid() {
		if d := l.signIns.Take(client); !d.Allowed {
			return answer{}, ratelimit.Refuse(d.Wait)
		}
	}
	if registers {
		if d := l.registrations.Look(client); !d.Allowed {
			return answer{}, ratelimit.Refuse(d.Wait)
		}
	}
	guesses, subject := l.subject(f, c)
	err = guesses.Try(ratelimit.Attempt{Addr: addr, Subject: subject}, func() (err error) {
		done, err = f.run(a, ctx, c)
		return err
	})
	if registers && err == nil {
		l.registrations.Spend(client)
	}
	return done, err
}

// subject is what the call tries, in the form that decides look-up: other
// spellings of a name are the same name. Ids of apps hold no line end.
func (l *Limits) subject(f function, c *call) (*ratelimit.Guesses, string) {
	if f.guessed == licenseKey {
		return l.keys, c.app.ID + "\n" + strings.TrimSpace(c.get("key"))
	}
	return l.names, c.app.ID + "\n" + latchkey.CanonicalName(c.get("username"))
}
