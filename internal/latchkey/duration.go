package latchkey

import (
	"strconv"
	"time"
)

// Unit is the unit of a [Duration].
type Unit string

// The units of a duration. Months and years are calendar ones, counted from
// the moment of redemption; everything else is a fixed number of seconds.
const (
	UnitSecond   Unit = "second"
	UnitMinute   Unit = "minute"
	UnitHour     Unit = "hour"
	UnitDay      Unit = "day"
	UnitWeek     Unit = "week"
	UnitMonth    Unit = "month"
	UnitYear     Unit = "year"
	UnitLifetime Unit = "lifetime"
)

// MaxDurationYears bounds every duration, so that no sum of a time and a
// duration leaves the range of the database or of published clients.
const MaxDurationYears = 100

const (
	nominalMonth = 2_629_743  // seconds, as the compatible wire counts a month
	nominalYear  = 31_556_926 // seconds, as the compatible wire counts a year
)

// Duration is how long a license gives: an amount of a unit, or a lifetime.
// The zero Duration is invalid. Build one with [NewDuration] or
// [ParseDuration].
type Duration struct {
	Amount int64 // 0 exactly when Unit is UnitLifetime
	Unit   Unit
}

// Lifetime never ends.
func Lifetime() Duration { return Duration{Unit: UnitLifetime} }

type unitFacts struct {
	unit    Unit
	suffix  string
	seconds int64 // nominal, for calendar units
}

func unitTable() []unitFacts {
	return []unitFacts{
		{UnitSecond, "s", 1},
		{UnitMinute, "m", 60},
		{UnitHour, "h", 3600},
		{UnitDay, "d", 86_400},
		{UnitWeek, "w", 604_800},
		{UnitMonth, "mo", nominalMonth},
		{UnitYear, "y", nominalYear},
		{UnitLifetime, "lifetime", 0},
	}
}

func (u Unit) facts() (unitFacts, bool) {
	for _, f := range unitTable() {
		if f.unit == u {
			return f, true
		}
	}
	return unitFacts{}, false
}

// NewDuration checks amount and unit: 1 second to [MaxDurationYears] years, or
// amount 0 with UnitLifetime. Its error is an [*Error] on the field duration.
func NewDuration(amount int64, unit Unit) (Duration, error) {
	f, ok := unit.facts()
	if !ok {
		return Duration{}, Invalid("duration", "The unit is one of second, minute, hour, day, week, month, year, lifetime.")
	}
	if unit == UnitLifetime {
		if amount != 0 {
			return Duration{}, Invalid("duration", "A lifetime has no amount.")
		}
		return Lifetime(), nil
	}
	if amount < 1 {
		return Duration{}, Invalid("duration", "A duration is at least 1.")
	}
	if amount > MaxDurationYears*int64(nominalYear)/f.seconds {
		return Duration{}, Invalid("duration", "A duration is at most 100 years; use lifetime for one that never ends.")
	}
	return Duration{Amount: amount, Unit: unit}, nil
}

// ParseDuration reads what people type: 45s, 30m, 12h, 30d, 5w, 1mo, 1y or
// lifetime. No sign, space, fraction or combination is accepted.
func ParseDuration(s string) (Duration, error) {
	if s == "lifetime" {
		return Lifetime(), nil
	}
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	for _, f := range unitTable() {
		if digits > 0 && s[digits:] == f.suffix && f.unit != UnitLifetime {
			n, err := strconv.ParseInt(s[:digits], 10, 64)
			if err != nil {
				n = 1 << 62 // out of range: refused by NewDuration with its sentence
			}
			return NewDuration(n, f.unit)
		}
	}
	return Duration{}, Invalid("duration", "Write a duration as a number and a unit, such as 45s, 30m, 12h, 30d, 5w, 1mo or 1y, or lifetime.")
}

// String is the inverse of [ParseDuration].
func (d Duration) String() string {
	f, ok := d.Unit.facts()
	if !ok {
		return "invalid"
	}
	if d.IsLifetime() {
		return f.suffix
	}
	return strconv.FormatInt(d.Amount, 10) + f.suffix
}

// IsLifetime reports whether the duration never ends.
func (d Duration) IsLifetime() bool { return d.Unit == UnitLifetime }

// NominalSeconds is the length that the compatible wire shows: a month counts
// 2,629,743 seconds, a year 31,556,926, a lifetime 100 nominal years.
func (d Duration) NominalSeconds() int64 {
	if d.IsLifetime() {
		return MaxDurationYears * nominalYear
	}
	f, _ := d.Unit.facts()
	return d.Amount * f.seconds
}

// AddTo returns the moment d after t. Calendar units keep the day of the month
// where the target month has it and else take that month's last day: 31
// January + 1 month is 28 or 29 February. It must not be called on a lifetime,
// which has no end; it then returns the latest moment, [Never].
func (d Duration) AddTo(t time.Time) time.Time { return d.shift(t, 1) }

// SubtractFrom returns the moment d before t, by the same calendar.
func (d Duration) SubtractFrom(t time.Time) time.Time { return d.shift(t, -1) }

// Never is later than every expiry; it stands in where a moment is needed for
// something that does not end (31 December 9999).
func Never() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }

func (d Duration) shift(t time.Time, sign int64) time.Time {
	t = t.UTC()
	switch d.Unit {
	case UnitLifetime:
		return Never()
	case UnitMonth:
		return addMonths(t, int(sign*d.Amount))
	case UnitYear:
		return addMonths(t, int(sign*12*d.Amount))
	}
	// In milliseconds: a time.Duration would overflow after 292 years.
	end := time.UnixMilli(t.UnixMilli() + sign*d.NominalSeconds()*1000).UTC()
	if end.After(Never()) {
		return Never()
	}
	return end
}

func addMonths(t time.Time, months int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	lastDay := first.AddDate(0, 1, -1).Day()
	end := first.AddDate(0, 0, min(t.Day(), lastDay)-1)
	if end.After(Never()) {
		return Never()
	}
	return end
}
