package latchkey

import "time"

// Day is a day in UTC: how many have passed since 1 January 1970.
type Day int64

const dayForm = "2006-01-02"

// DayOf is the day of a moment.
func DayOf(at time.Time) Day {
	ms := at.UnixMilli()
	day := ms / msPerDay
	if ms%msPerDay < 0 {
		day--
	}
	return Day(day)
}

const msPerDay = 24 * 60 * 60 * 1000

// ParseDay reads a day written as 2026-11-01; request.invalid with the field.
func ParseDay(field, text string) (Day, error) {
	at, err := time.Parse(dayForm, text)
	if err != nil || at.Year() < 1970 {
		return 0, Invalid(field, "A day is written as 2026-11-01.")
	}
	return DayOf(at), nil
}

// String writes a day as 2026-11-01.
func (d Day) String() string { return time.UnixMilli(int64(d) * msPerDay).UTC().Format(dayForm) }
