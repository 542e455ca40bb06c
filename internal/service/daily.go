package service

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// What a day is counted of comes from three places, none of which costs the
// calls of programs a statement: the audit log, which is followed once it is
// written; sign-ins and refusals, which are counted in memory; and how many
// sessions are online, which is looked at now and then.

// MaxDays is how many days [Service.DailyStats] tells at once.
const MaxDays = 400

const (
	usualDays    = 30
	keptDays     = 3 * 366
	countedChunk = 500 // events of one transaction

	// Anybody can name versions: so many of an app are told apart on a day.
	maxVersions      = 32
	maxVersionLength = 50 // bytes

	maxTallied = 65_536 // numbers between two flushes; further ones are not counted
)

// The names of what is counted.
const (
	dailySignIns       = "sign_ins"
	dailyRegistrations = "registrations"
	dailyRedemptions   = "redemptions"
	dailyLicenses      = "licenses_created"
	dailyOnline        = "online_peak"
	dailyRefused       = "refused"   // the label is the code
	dailyCountries     = "countries" // the label is the country
	dailyVersions      = "versions"  // the label is the version, "" of those told apart no more
)

// DayStats is what happened in an app on a day.
type DayStats struct {
	Day             latchkey.Day
	SignIns         int64
	Registrations   int64 // new users, whether a license or the seller made them
	Redemptions     int64
	LicensesCreated int64 // also imported ones
	OnlinePeak      int64 // the most sessions online at once
	Refusals        map[latchkey.Code]int64
	Countries       map[string]int64 // sign-ins by ISO 3166 code, [latchkey.CountryUnknown] of addresses that no file knows
	Versions        map[string]int64 // starts of programs by what version they said they are; "": others
}

// DaySpan is from one day to another, both included. Nil leaves them out: up to
// today, 30 days.
type DaySpan struct{ From, To *latchkey.Day }

// TellsCountries reports whether the operator's files tell countries, so that
// sign-ins are counted by them.
func (s *Service) TellsCountries() bool { return s.geo.Knows().Countries }

// DailyStats tells what happened in an app, one row for each day, oldest first.
// Today's numbers are about a minute old. Errors: request.invalid for a span
// that is empty or longer than [MaxDays].
func (s *Service) DailyStats(ctx context.Context, appID string, span DaySpan) ([]DayStats, error) {
	to := latchkey.DayOf(s.now())
	if span.To != nil {
		to = *span.To
	}
	from := to - usualDays + 1
	if span.From != nil {
		from = *span.From
	}
	var counts []store.DayCount
	err := s.read(ctx, latchkey.PermAppsRead, appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
		switch {
		case from > to:
			return latchkey.Invalid("from", "The first day is after the last.")
		case to-from >= MaxDays:
			return latchkey.Invalid("from", "These are more than 400 days.")
		}
		counts, err = tx.Daily(ctx, appID, from, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	days := make([]DayStats, to-from+1)
	for i := range days {
		days[i] = DayStats{Day: from + latchkey.Day(i), Refusals: map[latchkey.Code]int64{}, Countries: map[string]int64{}, Versions: map[string]int64{}}
	}
	for i := range counts {
		days[counts[i].Day-from].count(&counts[i])
	}
	return days, nil
}

func (d *DayStats) count(c *store.DayCount) {
	switch c.Name {
	case dailySignIns:
		d.SignIns = c.Value
	case dailyRegistrations:
		d.Registrations = c.Value
	case dailyRedemptions:
		d.Redemptions = c.Value
	case dailyLicenses:
		d.LicensesCreated = c.Value
	case dailyOnline:
		d.OnlinePeak = c.Value
	case dailyRefused:
		d.Refusals[latchkey.Code(c.Label)] = c.Value
	case dailyCountries:
		d.Countries[c.Label] = c.Value
	case dailyVersions:
		d.Versions[c.Label] = c.Value
	}
}
