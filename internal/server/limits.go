package server

import (
	"github.com/latchkey-dev/latchkey/internal/manageapi"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
)

// Defaults of [Limits]. Ten mistakes a minute are more than the people behind
// one address make and far fewer than a guesser needs. A hundred attempts a
// second are all customers behind a provider's shared address starting a
// program in the same minute, with repetitions. A registration uses a license
// up, so it is nothing to guess with: its limit only keeps one address with
// many free licenses from filling the table, and an internet café or a school
// on the day of a release stays under it.
const (
	DefaultFailuresPerMinute    = 10
	DefaultSignInsPerMinute     = 6000
	DefaultRegistrationsPerHour = 600
)

// Limits are how often one client address (one /64 of IPv6) may try. The zero
// Limits is complete. Each server counts for itself and in memory.
type Limits struct {
	Off                  bool // nothing at all is limited, as for measurements
	FailuresPerMinute    int  // failed attempts; in an hour, ten times as many
	SignInsPerMinute     int  // attempts at the client API, right ones as well
	RegistrationsPerHour int  // users made
}

func (l Limits) withDefaults() Limits {
	for _, setting := range []struct {
		value    *int
		standard int
	}{
		{&l.FailuresPerMinute, DefaultFailuresPerMinute},
		{&l.SignInsPerMinute, DefaultSignInsPerMinute},
		{&l.RegistrationsPerHour, DefaultRegistrationsPerHour},
	} {
		if *setting.value <= 0 {
			*setting.value = setting.standard
		}
	}
	return l
}

// counters are what the surfaces count with; nil if nothing is limited.
func (c Config) counters() (*manageapi.Limits, *ratelimit.Customers) {
	if c.Limits.Off {
		return nil, nil
	}
	return manageapi.NewLimits(c.Now, c.Limits.FailuresPerMinute), ratelimit.NewCustomers(c.Now, ratelimit.Rates{
		FailuresPerMinute:    c.Limits.FailuresPerMinute,
		SignInsPerMinute:     c.Limits.SignInsPerMinute,
		RegistrationsPerHour: c.Limits.RegistrationsPerHour,
	})
}
