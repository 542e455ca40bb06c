package latchkey

import (
	"testing"
	"time"
)

func TestDays(t *testing.T) {
	for moment, want := range map[string]string{
		"1970-01-01T00:00:00Z":          "1970-01-01",
		"1969-12-31T23:59:59.999Z":      "1969-12-31",
		"2026-11-01T00:00:00Z":          "2026-11-01",
		"2026-10-31T23:59:59.999Z":      "2026-10-31",
		"2026-11-01T00:30:00+01:00":     "2026-10-31",
		"2028-02-29T12:00:00.000-05:00": "2028-02-29",
	} {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayOf(at).String(); got != want {
			t.Errorf("%s is on %s, want %s", moment, got, want)
		}
	}
	for _, text := range []string{"", "today", "2026-11-1", "2026-13-01", "2027-02-29", "1969-12-31", "2026-11-01T00:00:00Z", " 2026-11-01"} {
		if d, err := ParseDay("from", text); CodeOf(err) != CodeInvalid {
			t.Errorf("%q is taken for %s", text, d)
		}
	}
}

// FuzzParseDay holds that a day has one spelling.
func FuzzParseDay(f *testing.F) {
	for _, text := range []string{"2026-11-01", "1970-01-01", "9999-12-31", "2026-02-30", "+2026-1-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDay("from", text)
		if err == nil && (d.String() != text || d < 0) {
			t.Errorf("%q is read as %s", text, d)
		}
	})
}
