package latchkey

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxNameLength bounds the names of applications, subscriptions and API keys,
// in characters.
const MaxNameLength = 70

// DefaultSubscription is the subscription that a new application has, level 1.
const DefaultSubscription = "default"

// Subscription is a tier of an application. Several may share a level: a
// license of that level gives them all.
type Subscription struct {
	ID        string
	AppID     string
	Name      string
	Level     int64
	PausedAt  time.Time // zero unless paused
	CreatedAt time.Time
	UpdatedAt time.Time
}

// UserSubscription is what a user holds of a subscription.
type UserSubscription struct {
	ID             string
	AppID          string
	UserID         string
	SubscriptionID string
	LicenseID      string    // the license that gave or last extended it; "" if none did
	ExpiresAt      time.Time // zero for a lifetime
	PausedAt       time.Time // zero unless paused for this user alone
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Holding is a user's subscription with all that decides whether it is active.
type Holding struct {
	UserSubscription
	Name                 string
	Level                int64
	SubscriptionPausedAt time.Time
	AppPausedAt          time.Time
	LicenseKey           Secret // "" if it came from no license or the license is gone
}

// Clock is the moment that the holding's time is counted from: now, or the
// earliest pause that lies on it (its own, its subscription's, its
// application's). A paused holding loses no time.
func (h *Holding) Clock(now time.Time) time.Time {
	return Frozen(now, h.PausedAt, h.SubscriptionPausedAt, h.AppPausedAt)
}

// Paused reports whether any pause lies on the holding.
func (h *Holding) Paused() bool {
	return !h.PausedAt.IsZero() || !h.SubscriptionPausedAt.IsZero() || !h.AppPausedAt.IsZero()
}

// IsLifetime reports whether the holding never expires.
func (h *Holding) IsLifetime() bool { return h.ExpiresAt.IsZero() }

// TimeLeft is how long the holding still gives, 0 when it has expired. It must
// not be asked of a lifetime.
func (h *Holding) TimeLeft(now time.Time) time.Duration {
	return max(0, h.ExpiresAt.Sub(h.Clock(now)))
}

// Expired reports that the holding's time is over.
func (h *Holding) Expired(now time.Time) bool {
	return !h.IsLifetime() && !h.ExpiresAt.After(h.Clock(now))
}

// Active reports that the holding lets its user in.
func (h *Holding) Active(now time.Time) bool { return !h.Paused() && !h.Expired(now) }

// CheckActive answers a sign-in: nil if one holding is active,
// [CodeSubscriptionPaused] if one would be but for a pause, else
// [CodeSubscriptionExpired].
func CheckActive(holdings []Holding, now time.Time) error {
	paused := false
	for i := range holdings {
		if holdings[i].Active(now) {
			return nil
		}
		paused = paused || holdings[i].Paused() && !holdings[i].Expired(now)
	}
	if paused {
		return Fail(CodeSubscriptionPaused)
	}
	return Fail(CodeSubscriptionExpired)
}

// Extended returns the expiry (zero: never) of a holding that expires at
// expiry, prolonged by d: counted from the later of clock and the old expiry.
// The first grant is Extended(clock, clock, d).
func Extended(expiry, clock time.Time, d Duration) time.Time {
	if expiry.IsZero() || d.IsLifetime() {
		return time.Time{}
	}
	if expiry.Before(clock) {
		expiry = clock
	}
	return d.AddTo(expiry)
}

// Shortened returns the expiry of a holding from which d is taken, at the least
// clock; one that has expired keeps its expiry. A lifetime cannot be shortened by a part, and nothing by a
// lifetime: that is [CodeInvalid]; set an expiry instead.
func Shortened(expiry, clock time.Time, d Duration) (time.Time, error) {
	if expiry.IsZero() || d.IsLifetime() {
		return time.Time{}, Invalid("duration", "A lifetime has no time to take away; remove the subscription or set its expiry.")
	}
	if expiry.Before(clock) {
		return expiry, nil
	}
	shorter := d.SubtractFrom(expiry)
	if shorter.Before(clock) {
		return clock, nil
	}
	return shorter, nil
}

// Frozen returns the earliest of now and the pauses that are set (not zero).
func Frozen(now time.Time, pauses ...time.Time) time.Time {
	for _, p := range pauses {
		if !p.IsZero() && p.Before(now) {
			now = p
		}
	}
	return now
}

// ResumeShift is how much later a holding expires when one pause, in force
// since pausedAt, ends at now while the other pauses stay (zero: none). The
// time that another pause froze anyway is not counted twice.
func ResumeShift(pausedAt, now time.Time, others ...time.Time) time.Duration {
	before := Frozen(Frozen(now, others...), pausedAt)
	return Frozen(now, others...).Sub(before)
}

// CheckName bounds a name of the seller's own: 1 to [MaxNameLength] printable
// characters without white space at its ends.
func CheckName(field, name string) error {
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > MaxNameLength ||
		strings.TrimSpace(name) != name || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Invalid(field, "A name has 1 to 70 printable characters and no white space at its ends.")
	}
	return nil
}
