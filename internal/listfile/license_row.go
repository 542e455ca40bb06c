package listfile

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// field is what a named value of a row means.
type field int

const (
	fieldKey      field = iota + 1
	fieldLevel          // a number
	fieldRank           // a number, one less than the level
	fieldDuration       // 30d
	fieldDays           // a number, perhaps with a fraction
	fieldSeconds        // a number
	fieldNote
	fieldStatus
	fieldReason
	fieldBanned // a reason, or whether
	fieldUsedAt
	fieldUsedBy
	fieldBannedAt
)

// licenses are what [Reader] reads. Who used a license is not made use of: users
// are not part of the file.
func licenses() kind {
	return kind{things: "licenses", name: fieldKey, column: "key", lists: []string{"licenses", "keys", "data"}, fieldOf: licenseField,
		unused: func(of field) bool { return of == 0 || of == fieldUsedBy },
		isList: func(field) bool { return false },
		maxRow: 64 << 10} // keys, notes and reasons are at most 1,070 characters together, escaped or not
}

// licenseField knows our own names and those of other services' lists. KeyAuth's
// dashboard writes expiry in days, its seller API expires in seconds; token and
// rank are auth.gg's.
func licenseField(name string) field {
	switch name {
	case "key", "license", "license_key", "token":
		return fieldKey
	case "level":
		return fieldLevel
	case "rank":
		return fieldRank
	case "duration":
		return fieldDuration
	case "days", "expiry":
		return fieldDays
	case "expires":
		return fieldSeconds
	case "note":
		return fieldNote
	case "status":
		return fieldStatus
	case "ban_reason", "reason":
		return fieldReason
	case "banned":
		return fieldBanned
	case "used_at", "usedon":
		return fieldUsedAt
	case "used_by", "usedby":
		return fieldUsedBy
	case "banned_at":
		return fieldBannedAt
	}
	return 0
}

// canonical is a column's name as the lists of fields know it.
func canonical(name string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(name)))
}

// set takes a named value into the row.
func (row *Row) set(f field, value string) {
	trimmed := strings.TrimSpace(value)
	switch f {
	case fieldKey:
		row.Key = value
	case fieldLevel, fieldRank:
		row.setLevel(trimmed, f == fieldRank)
	case fieldDuration:
		d, err := latchkey.ParseDuration(strings.ToLower(trimmed))
		row.setDuration(d, err == nil)
		row.exact = true
	case fieldDays:
		row.setForeign(trimmed, 86_400)
	case fieldSeconds:
		row.setForeign(trimmed, 1)
	case fieldNote:
		row.Note = value
	case fieldStatus:
		row.Status = status(trimmed)
	case fieldReason:
		row.BanReason = value
	case fieldBanned:
		row.setBanned(value, trimmed)
	case fieldUsedAt:
		row.skip(readTime(&row.UsedAt, trimmed))
	case fieldBannedAt:
		row.skip(readTime(&row.BannedAt, trimmed))
	case fieldUsedBy:
		row.usedBy = true
	}
}

// skip notes why the row becomes no license; the first reason stays.
func (row *Row) skip(why latchkey.SkipReason) {
	if row.Skip == "" {
		row.Skip = why
	}
}

func (row *Row) setLevel(text string, rank bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if rank && err == nil && n < math.MaxInt64 {
		n++
	}
	if err != nil || latchkey.CheckLevel(n) != nil {
		row.skip(latchkey.SkipLevel)
		return
	}
	row.Level = n
}

func (row *Row) setDuration(d latchkey.Duration, ok bool) {
	if !ok {
		row.skip(latchkey.SkipDuration)
		return
	}
	row.Duration = d
}

// setForeign takes a duration of another service, unless the row has our own.
func (row *Row) setForeign(text string, unit float64) {
	if row.exact {
		return
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < 0 {
		row.skip(latchkey.SkipDuration)
		return
	}
	d, err := foreignDuration(n * unit)
	row.setDuration(d, err == nil)
}

// How other services write a lifetime: KeyAuth's dashboard as a number of ten
// nominal years, its shops as 9,999 days, bots as more.
const (
	foreignLifetimeUnit = 315_569_260 // seconds
	foreignLifetime     = 863_910_000 // seconds; nobody sells 27 years
)

// foreignDuration is a number of seconds in the largest unit that holds it
// exactly. Fractions of a second are what fractions of days leave.
func foreignDuration(seconds float64) (latchkey.Duration, error) {
	if seconds >= foreignLifetime {
		return latchkey.Lifetime(), nil
	}
	n := int64(math.Round(seconds))
	if n > 0 && n%foreignLifetimeUnit == 0 {
		return latchkey.Lifetime(), nil
	}
	for _, u := range []struct {
		seconds int64
		unit    latchkey.Unit
	}{{86_400, latchkey.UnitDay}, {3600, latchkey.UnitHour}, {60, latchkey.UnitMinute}} {
		if n%u.seconds == 0 {
			return latchkey.NewDuration(n/u.seconds, u.unit)
		}
	}
	return latchkey.NewDuration(n, latchkey.UnitSecond)
}

// status reads not_used, Not Used, used and so on; what it does not know stays
// as it is, to be refused.
func status(text string) latchkey.LicenseStatus {
	switch name := canonical(text); name {
	case "not_used", "unused":
		return latchkey.LicenseNotUsed
	default:
		return latchkey.LicenseStatus(name)
	}
}

// setBanned takes a reason, or a plain yes or no.
func (row *Row) setBanned(value, trimmed string) {
	switch strings.ToLower(trimmed) {
	case "0", "false", "no", "":
	case "1", "true", "yes":
		row.banned = true
	default:
		row.banned, row.BanReason = true, value
	}
}

// readTime reads RFC 3339, or Unix seconds; 0 is none.
func readTime(to *time.Time, text string) latchkey.SkipReason {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 && seconds < 1<<37 {
		if seconds > 0 {
			*to = time.Unix(seconds, 0).UTC()
		}
		return ""
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.UnixMilli() <= 0 || at.Year() > 9999 {
		return latchkey.SkipTime
	}
	*to = at.UTC()
	return ""
}

// settle fills in what follows from the other values, and the defaults.
func (row *Row) settle(o Options) {
	switch {
	case row.banned:
		row.Status = latchkey.LicenseBanned
	case row.Status == "" && (row.usedBy || !row.UsedAt.IsZero()):
		row.Status = latchkey.LicenseUsed
	}
	if row.Level == 0 {
		row.Level = o.Level
	}
	if row.Duration == (latchkey.Duration{}) {
		row.Duration = o.Duration
	}
}
