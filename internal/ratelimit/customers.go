package ratelimit

import (
	"net/netip"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Rates are the limits on customers that an operator can set, each for one
// client address (one /64 of IPv6). None concerns an app as a whole: how it is
// named is public, so a stranger could use such a limit up for everybody.
type Rates struct {
	FailuresPerMinute    int // failed attempts; in an hour, ten times as many
	SignInsPerMinute     int // attempts of all kinds, right ones as well
	RegistrationsPerHour int // users made
}

// Customers counts what is tried through programs. All client protocols of a
// server share one, so that none is a second door with fresh counters. A nil
// *Customers limits nothing.
type Customers struct {
	names         *Guesses
	keys          *Guesses
	signIns       *Buckets
	registrations *Buckets
}

// NewCustomers returns fresh counters. Failures with one user name are also
// limited to 10 in 15 minutes and 30 a day, those with one license key to 20 a
// minute, under the rule of [Guesses].
func NewCustomers(now func() time.Time, r Rates) *Customers {
	failures := New(now, PerMinute(r.FailuresPerMinute), PerHour(10*r.FailuresPerMinute))
	return &Customers{
		names: NewGuesses(now, failures,
			Limit{Quota: 10, Window: 15 * time.Minute}, Limit{Quota: 30, Window: 24 * time.Hour}),
		keys:          NewGuesses(now, failures, PerMinute(20)),
		signIns:       New(now, PerMinute(r.SignInsPerMinute)),
		registrations: New(now, PerHour(r.RegistrationsPerHour)),
	}
}

// Guessed is what could be found out by trying.
type Guessed int

// What customers' calls let somebody guess at. Calls with [Nothing] are not
// limited.
const (
	Nothing Guessed = iota
	UserName
	LicenseKey
)

// Trial is one attempt of a customer.
type Trial struct {
	Addr      netip.Addr // the client's; the zero Addr on a Unix socket
	AppID     string
	Guessed   Guessed
	Subject   string // the user name or license key, as entered; "" counts for the address alone
	Registers bool   // it makes a user if it succeeds
}

// Try makes an attempt unless it is refused, which comes before everything
// that costs: a refused attempt reads nothing and hashes nothing. Error:
// request.rate_limited, beside those of run.
func (c *Customers) Try(t Trial, run func() error) error {
	if c == nil || t.Guessed == Nothing {
		return run()
	}
	client := Key{Addr: t.Addr}
	registers := t.Registers && t.Addr.IsValid()
	if t.Addr.IsValid() {
		if d := c.signIns.Take(client); !d.Allowed {
			return Refuse(d.Wait)
		}
	}
	if registers {
		if d := c.registrations.Look(client); !d.Allowed {
			return Refuse(d.Wait)
		}
	}
	guesses, subject := c.subject(t)
	err := guesses.Try(Attempt{Addr: t.Addr, Subject: subject}, run)
	if registers && err == nil {
		c.registrations.Spend(client)
	}
	return err
}

// subject is what is tried, in the form that decides look-up: other spellings
// of a name are the same name. Ids of apps hold no line end.
func (c *Customers) subject(t Trial) (*Guesses, string) {
	guesses, subject := c.names, ""
	if t.Guessed == LicenseKey {
		guesses, subject = c.keys, strings.TrimSpace(t.Subject)
	} else {
		subject = latchkey.CanonicalName(t.Subject)
	}
	if subject == "" {
		return guesses, ""
	}
	return guesses, t.AppID + "\n" + subject
}
