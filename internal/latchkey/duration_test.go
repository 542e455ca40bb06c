package latchkey_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestParseDuration(t *testing.T) {
	for _, tt := range []struct {
		rule string
		in   string
		want latchkey.Duration
	}{
		{"s is seconds", "45s", latchkey.Duration{Amount: 45, Unit: latchkey.UnitSecond}},
		{"m is minutes", "30m", latchkey.Duration{Amount: 30, Unit: latchkey.UnitMinute}},
		{"h is hours", "12h", latchkey.Duration{Amount: 12, Unit: latchkey.UnitHour}},
		{"d is days", "30d", latchkey.Duration{Amount: 30, Unit: latchkey.UnitDay}},
		{"w is weeks, and five of them are five", "5w", latchkey.Duration{Amount: 5, Unit: latchkey.UnitWeek}},
		{"mo is months", "1mo", latchkey.Duration{Amount: 1, Unit: latchkey.UnitMonth}},
		{"y is years", "1y", latchkey.Duration{Amount: 1, Unit: latchkey.UnitYear}},
		{"lifetime stands alone", "lifetime", latchkey.Lifetime()},
		{"leading zeros mean nothing", "007d", latchkey.Duration{Amount: 7, Unit: latchkey.UnitDay}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, err := latchkey.ParseDuration(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseDuration_refuses(t *testing.T) {
	for rule, in := range map[string]string{
		"nothing":                  "",
		"a number without a unit":  "30",
		"a unit without a number":  "d",
		"an unknown unit":          "3q",
		"capital letters":          "3D",
		"a capital lifetime":       "Lifetime",
		"an amount of lifetimes":   "1lifetime",
		"a sign":                   "+3d",
		"a negative amount":        "-3d",
		"zero":                     "0d",
		"a fraction":               "1.5d",
		"a combination":            "1d12h",
		"a space before the unit":  "3 d",
		"white space around":       " 3d",
		"a line end":               "3d\n",
		"digits of other scripts":  "٣d",
		"more than 64 bits":        "99999999999999999999d",
		"64 bits to the last":      "9223372036854775807s",
		"more than 100 years":      "101y",
		"100 years and a second":   "3155692601s",
		"a product that overflows": "9223372036854775d",
		"an exponent":              "1e3d",
		"a NUL":                    "3d\x00",
	} {
		t.Run(rule, func(t *testing.T) {
			d, err := latchkey.ParseDuration(in)
			wantInvalid(t, err, "duration")
			if d != (latchkey.Duration{}) {
				t.Errorf("ParseDuration(%q) = %v beside its error", in, d)
			}
		})
	}
}

func TestNewDuration_bounds(t *testing.T) {
	for unit, most := range map[latchkey.Unit]int64{
		latchkey.UnitSecond: 3_155_692_600,
		latchkey.UnitMinute: 52_594_876,
		latchkey.UnitHour:   876_581,
		latchkey.UnitDay:    36_524,
		latchkey.UnitWeek:   5217,
		latchkey.UnitMonth:  1200,
		latchkey.UnitYear:   100,
	} {
		for _, tt := range []struct {
			rule   string
			amount int64
			ok     bool
		}{
			{"1 is the least", 1, true},
			{"100 years is the most", most, true},
			{"one more is refused", most + 1, false},
			{"zero is refused", 0, false},
			{"a negative amount is refused", -1, false},
			{"the largest number is refused", math.MaxInt64, false},
			{"the smallest number is refused", math.MinInt64, false},
		} {
			t.Run(string(unit)+"/"+tt.rule, func(t *testing.T) {
				d, err := latchkey.NewDuration(tt.amount, unit)
				if !tt.ok {
					wantInvalid(t, err, "duration")
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if s := d.NominalSeconds(); s < 1 || s > latchkey.Lifetime().NominalSeconds() {
					t.Errorf("%v is %d nominal seconds", d, s)
				}
			})
		}
	}
	t.Run("a lifetime has no amount", func(t *testing.T) {
		_, err := latchkey.NewDuration(1, latchkey.UnitLifetime)
		wantInvalid(t, err, "duration")
	})
	t.Run("an unknown unit is refused", func(t *testing.T) {
		for _, u := range []latchkey.Unit{"", "days", "decade"} {
			_, err := latchkey.NewDuration(1, u)
			wantInvalid(t, err, "duration")
		}
	})
}

func TestDuration_String_is_read_back(t *testing.T) {
	for _, unit := range []latchkey.Unit{
		latchkey.UnitSecond, latchkey.UnitMinute, latchkey.UnitHour, latchkey.UnitDay,
		latchkey.UnitWeek, latchkey.UnitMonth, latchkey.UnitYear,
	} {
		for _, amount := range []int64{1, 7, 100} {
			want := latchkey.Duration{Amount: amount, Unit: unit}
			got, err := latchkey.ParseDuration(want.String())
			if err != nil || got != want {
				t.Errorf("ParseDuration(%q) = %v, %v", want.String(), got, err)
			}
		}
	}
	if got := latchkey.Lifetime().String(); got != "lifetime" {
		t.Errorf("a lifetime is written %q", got)
	}
	if got := (latchkey.Duration{}).String(); got != "invalid" {
		t.Errorf("the zero duration is written %q", got)
	}
}

func TestDuration_NominalSeconds(t *testing.T) {
	for in, want := range map[string]int64{
		"1s": 1, "1m": 60, "1h": 3600, "1d": 86_400, "5w": 5 * 604_800,
		"1mo": 2_629_743, "12mo": 12 * 2_629_743, "1y": 31_556_926, "lifetime": 3_155_692_600,
	} {
		if got := duration(t, in).NominalSeconds(); got != want {
			t.Errorf("%s is %d nominal seconds, want %d", in, got, want)
		}
	}
}

func TestDuration_AddTo(t *testing.T) {
	for _, tt := range []struct{ rule, from, add, want string }{
		{"a second", "2026-01-31T23:59:59Z", "1s", "2026-02-01T00:00:00Z"},
		{"a minute", "2026-01-31T23:59:59Z", "1m", "2026-02-01T00:00:59Z"},
		{"an hour", "2026-01-31T23:59:59Z", "1h", "2026-02-01T00:59:59Z"},
		{"a day is 86,400 seconds", "2024-02-28T12:00:00Z", "1d", "2024-02-29T12:00:00Z"},
		{"five weeks are 35 days", "2026-01-01T00:00:00Z", "5w", "2026-02-05T00:00:00Z"},
		{"a month keeps the day", "2026-03-15T10:20:30Z", "1mo", "2026-04-15T10:20:30Z"},
		{"31 January and a month is 28 February", "2026-01-31T10:20:30Z", "1mo", "2026-02-28T10:20:30Z"},
		{"31 January and a month is 29 February in a leap year", "2024-01-31T10:20:30Z", "1mo", "2024-02-29T10:20:30Z"},
		{"30 January and a month is 28 February", "2026-01-30T00:00:00Z", "1mo", "2026-02-28T00:00:00Z"},
		{"31 May and a month is 30 June", "2026-05-31T00:00:00Z", "1mo", "2026-06-30T00:00:00Z"},
		{"31 December and two months is the end of February", "2026-12-31T00:00:00Z", "2mo", "2027-02-28T00:00:00Z"},
		{"two months at once are not two times one", "2026-01-31T00:00:00Z", "2mo", "2026-03-31T00:00:00Z"},
		{"twelve months are a year", "2026-07-04T00:00:00Z", "12mo", "2027-07-04T00:00:00Z"},
		{"1,200 months are 100 years", "2026-07-31T00:00:00Z", "1200mo", "2126-07-31T00:00:00Z"},
		{"a year over 29 February keeps the date", "2024-01-15T00:00:00Z", "1y", "2025-01-15T00:00:00Z"},
		{"29 February and a year is 28 February", "2024-02-29T06:00:00Z", "1y", "2025-02-28T06:00:00Z"},
		{"29 February and four years is 29 February", "2024-02-29T06:00:00Z", "4y", "2028-02-29T06:00:00Z"},
		{"2100 is no leap year", "2024-02-29T00:00:00Z", "76y", "2100-02-28T00:00:00Z"},
		{"2000 was one", "1999-02-28T00:00:00Z", "366d", "2000-02-29T00:00:00Z"},
		{"100 years", "2026-02-28T00:00:00Z", "100y", "2126-02-28T00:00:00Z"},
		{"100 years in seconds do not overflow", "2026-01-01T00:00:00Z", "3155692600s", "2126-01-01T05:16:40Z"},
		{"the calendar is UTC's", "2026-01-31T23:30:00-05:00", "1mo", "2026-03-01T04:30:00Z"},
		{"nothing ends after 9999", "9990-06-01T00:00:00Z", "100y", "9999-12-31T23:59:59Z"},
		{"nothing in months ends after 9999", "9999-12-31T00:00:00Z", "1mo", "9999-12-31T23:59:59Z"},
		{"nothing in seconds ends after 9999", "9999-12-31T23:59:59Z", "3155692600s", "9999-12-31T23:59:59Z"},
		{"a lifetime is never", "2026-01-01T00:00:00Z", "lifetime", "9999-12-31T23:59:59Z"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got := duration(t, tt.add).AddTo(moment(t, tt.from))
			if want := moment(t, tt.want); !got.Equal(want) || got.Location() != time.UTC {
				t.Errorf("%s + %s = %s, want %s", tt.from, tt.add, got.Format(time.RFC3339), tt.want)
			}
		})
	}
	t.Run("milliseconds stay", func(t *testing.T) {
		from := time.Date(2026, 1, 31, 1, 2, 3, int(456*time.Millisecond), time.UTC)
		for _, add := range []string{"1d", "1mo", "1y"} {
			if got := duration(t, add).AddTo(from).Nanosecond(); got != from.Nanosecond() {
				t.Errorf("%s leaves %d ns", add, got)
			}
		}
	})
}

func TestDuration_SubtractFrom(t *testing.T) {
	for _, tt := range []struct{ rule, from, subtract, want string }{
		{"a day", "2026-03-01T00:00:00Z", "1d", "2026-02-28T00:00:00Z"},
		{"a month keeps the day", "2026-03-15T00:00:00Z", "1mo", "2026-02-15T00:00:00Z"},
		{"31 March less a month is the end of February", "2024-03-31T00:00:00Z", "1mo", "2024-02-29T00:00:00Z"},
		{"January less a month is December", "2026-01-31T00:00:00Z", "1mo", "2025-12-31T00:00:00Z"},
		{"29 February less a year is 28 February", "2024-02-29T00:00:00Z", "1y", "2023-02-28T00:00:00Z"},
		{"more months than the year has", "2026-01-31T00:00:00Z", "25mo", "2023-12-31T00:00:00Z"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got := duration(t, tt.subtract).SubtractFrom(moment(t, tt.from))
			if want := moment(t, tt.want); !got.Equal(want) {
				t.Errorf("%s - %s = %s, want %s", tt.from, tt.subtract, got.Format(time.RFC3339), tt.want)
			}
		})
	}
}

func TestDuration_AddTo_never_ends_earlier_for_a_later_start(t *testing.T) {
	for _, in := range []string{"1mo", "13mo", "1y", "30d"} {
		d := duration(t, in)
		last := time.Time{}
		for day := range 3 * 366 {
			end := d.AddTo(time.Date(2023, 1, 1+day, 12, 0, 0, 0, time.UTC))
			if end.Before(last) {
				t.Fatalf("%s from day %d ends %s, before %s", in, day, end, last)
			}
			last = end
		}
	}
}

func TestDuration_Plus(t *testing.T) {
	for _, tt := range []struct{ rule, a, b, want string }{
		{"months add up as months", "1mo", "2mo", "3mo"},
		{"days add up as days", "30d", "5d", "35d"},
		{"different units meet in nominal seconds", "1mo", "1w", "3234543s"},
		{"a lifetime stays one", "lifetime", "1d", "lifetime"},
		{"a lifetime more makes one", "1d", "lifetime", "lifetime"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, err := duration(t, tt.a).Plus(duration(t, tt.b))
			if err != nil || got.String() != tt.want {
				t.Errorf("%s + %s = %v, %v; want %s", tt.a, tt.b, got, err, tt.want)
			}
		})
	}
	t.Run("more than 100 years is refused", func(t *testing.T) {
		_, err := duration(t, "99y").Plus(duration(t, "2y"))
		wantInvalid(t, err, "duration")
		_, err = duration(t, "100y").Plus(duration(t, "1s"))
		wantInvalid(t, err, "duration")
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"45s", "30m", "12h", "30d", "5w", "1mo", "1y", "lifetime", "0d", "100y", "101y", "9223372036854775807s", "-1d", "1.5h"} {
		f.Add(s)
	}
	from := time.Date(2024, 1, 31, 23, 59, 59, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := latchkey.ParseDuration(s)
		if err != nil {
			wantInvalid(t, err, "duration")
			return
		}
		again, err := latchkey.ParseDuration(d.String())
		if err != nil || again != d {
			t.Fatalf("%q is %#v, its text %q is %#v, %v", s, d, d.String(), again, err)
		}
		if n := d.NominalSeconds(); n < 1 || n > latchkey.Lifetime().NominalSeconds() {
			t.Fatalf("%q is %d nominal seconds", s, n)
		}
		if end := d.AddTo(from); !end.After(from) || end.After(latchkey.Never()) {
			t.Fatalf("%q from %s ends %s", s, from, end)
		}
		if start := d.SubtractFrom(from); !d.IsLifetime() && !start.Before(from) {
			t.Fatalf("%q before %s is %s", s, from, start)
		}
	})
}

func duration(t *testing.T, s string) latchkey.Duration {
	t.Helper()
	d, err := latchkey.ParseDuration(s)
	if err != nil {
		t.Fatal(fmt.Errorf("%q: %w", s, err))
	}
	return d
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
