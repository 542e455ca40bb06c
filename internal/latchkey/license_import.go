package latchkey

import (
	"math"
	"strings"
	"time"
	"unicode"
)

// SkipReason says why a row of an import becomes no license. Reasons are as
// stable as codes: programs compare them.
type SkipReason string

// The reasons.
const (
	SkipExists   SkipReason = "exists"           // the app has a license with this key
	SkipRepeated SkipReason = "repeated"         // an earlier row has this key
	SkipKey      SkipReason = "key_malformed"    // missing, longer than 70 characters, or not printable
	SkipLevel    SkipReason = "level_invalid"    // not a number from 1 to 1,000,000
	SkipDuration SkipReason = "duration_invalid" // missing, unreadable, or longer than 100 years
	SkipStatus   SkipReason = "status_unknown"   // not one of not_used, used, banned
	SkipText     SkipReason = "text_invalid"     // note or ban reason longer than 500 characters, or with NUL
	SkipTime     SkipReason = "time_invalid"     // used_at or banned_at cannot be read
	SkipRow      SkipReason = "row_malformed"    // not a row of the format
	SkipUTF8     SkipReason = "not_utf8"
	SkipLong     SkipReason = "row_too_long"
)

// ImportWarning says what is odd about a license that is imported all the same.
type ImportWarning string

// The warnings.
const (
	WarnWeak    ImportWarning = "weak_key"          // easier to guess than the app's floor
	WarnNoLevel ImportWarning = "no_subscription"   // no subscription has its level, so nobody can redeem it yet
	WarnNoUser  ImportWarning = "used_without_user" // used, and this server does not know by whom
)

// ImportedLicense is a row of an import as it was read. Zero fields were not
// there; the key is as it was written.
type ImportedLicense struct {
	Key       string
	Level     int64 // 0: 1
	Duration  Duration
	Note      string
	Status    LicenseStatus // "": unused
	BanReason string
	UsedAt    time.Time
	BannedAt  time.Time
}

// License returns the license that the row describes, without ids, or why
// there is none ("": there is one). What is used but does not say since when
// is so from now on, likewise what is banned: an unbanned license is to be
// what it was before. No moment is later than now.
func (in *ImportedLicense) License(now time.Time) (License, SkipReason) {
	key, err := NormalizeKey(in.Key)
	if err != nil || strings.ContainsFunc(key.Reveal(), func(r rune) bool { return !unicode.IsPrint(r) }) {
		return License{}, SkipKey
	}
	l := License{Key: key, Level: in.Level, Duration: in.Duration, Note: in.Note, Status: in.Status, CreatedAt: now, UpdatedAt: now}
	if l.Level == 0 {
		l.Level = 1
	}
	if CheckLevel(l.Level) != nil {
		return License{}, SkipLevel
	}
	if l.Duration == (Duration{}) {
		return License{}, SkipDuration
	}
	if CheckNote(l.Note) != nil || CheckReason(in.BanReason) != nil {
		return License{}, SkipText
	}
	switch l.Status {
	case "", LicenseNotUsed:
		l.Status = LicenseNotUsed
	case LicenseUsed:
		l.UsedAt = MomentOr(in.UsedAt, now)
	case LicenseBanned:
		l.BanReason, l.BannedAt = in.BanReason, MomentOr(in.BannedAt, now)
		if !in.UsedAt.IsZero() {
			l.UsedAt = MomentOr(in.UsedAt, now)
		}
	default:
		return License{}, SkipStatus
	}
	return l, ""
}

// MomentOr is a moment of the past, as the database keeps it; now if at is zero
// or later.
func MomentOr(at, now time.Time) time.Time {
	if at.IsZero() || at.After(now) {
		return now
	}
	return at.UTC().Truncate(time.Millisecond)
}

// KeyBits is the most that the strength of a key can be whose mask is not
// known: as if every letter and digit were random, of the cases that it has.
func KeyBits(key Secret) float64 {
	var set Charset
	n := 0
	for _, r := range key.Reveal() {
		switch {
		case r >= '0' && r <= '9':
		case r >= 'a' && r <= 'z':
			set.Lowercase = true
		case r >= 'A' && r <= 'Z':
			set.Uppercase = true
		default:
			continue
		}
		n++
	}
	return float64(n) * math.Log2(float64(len(set.alphabet())))
}
