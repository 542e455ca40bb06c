package manageapi

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// Limits counts calls by rate class, for each API key or account and, where
// nobody is signed in, for each client address; and attempts at passwords by
// address and account. A nil *Limits limits nothing.
type Limits struct {
	calls   map[rateClass]*ratelimit.Buckets
	guesses *ratelimit.Guesses
}

// NewLimits returns fresh counters. From one address, failuresPerMinute
// attempts at a password or the setup link may fail, and ten times as many in
// an hour; with one account 5 a minute and 20 an hour, under the rule of
// [ratelimit.Guesses].
func NewLimits(now func() time.Time, failuresPerMinute int) *Limits {
	l := &Limits{calls: map[rateClass]*ratelimit.Buckets{}}
	for class, limit := range ceilings() {
		l.calls[class] = ratelimit.New(now, limit)
	}
	failures := ratelimit.New(now, ratelimit.PerMinute(failuresPerMinute), ratelimit.PerHour(10*failuresPerMinute))
	l.guesses = ratelimit.NewGuesses(now, failures, ratelimit.PerMinute(5), ratelimit.PerHour(20))
	return l
}

// ceilings are what one API key, account or address may ask for: far more than
// a shop or a team at its dashboard needs, and little enough that a program
// gone wild leaves the server to the others.
func ceilings() map[rateClass]ratelimit.Limit {
	return map[rateClass]ratelimit.Limit{
		rateAuth:  ratelimit.PerMinute(300),
		rateRead:  ratelimit.PerMinute(6000),
		rateWrite: ratelimit.PerMinute(3000),
		rateBulk:  ratelimit.PerMinute(600),
	}
}

// count takes one call from its class, and says in the answer's headers what
// is left. A stranger at an unknown address, as on a Unix socket, is not counted.
func (s *surface) count(h http.Header, class rateClass, actor service.Actor, r *http.Request) error {
	if s.limits == nil {
		return nil
	}
	who := ratelimit.Key{Text: actor.ID}
	if actor.ID == "" {
		if who.Addr = clientAddr(r.Context()); !who.Addr.IsValid() {
			return nil
		}
	}
	d := s.limits.calls[class].Take(who)
	// The header fields of draft-ietf-httpapi-ratelimit-headers: the quota and
	// its window, what is left of it, and in how many seconds all is back.
	h.Set("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", class, d.Limit.Quota, int(d.Limit.Window/time.Second)))
	h.Set("RateLimit", fmt.Sprintf("%q;r=%d;t=%s", class, d.Remaining, web.RetryAfter(d.Full)))
	if !d.Allowed {
		return ratelimit.Refuse(d.Wait)
	}
	return nil
}

// guess makes an attempt at what could be found out by trying: the password of
// an account, or the setup token (subject "").
func (s *surface) guess(ctx context.Context, subject string, try func() error) error {
	if s.limits == nil {
		return try()
	}
	return s.limits.guesses.Try(ratelimit.Attempt{Addr: clientAddr(ctx), Subject: subject}, try)
}

// subjectOf is a mail address as the limits know it: in the form in which
// accounts are looked up.
func subjectOf(email string) string {
	if address, err := latchkey.NormalizeEmail(email); err == nil {
		return address
	}
	return "no address: " + strings.ToLower(email)
}

func clientAddr(ctx context.Context) netip.Addr {
	addr, _ := netip.ParseAddr(service.OriginFrom(ctx).IP) // none on a Unix socket
	return addr
}
