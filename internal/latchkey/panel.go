package latchkey

import "time"

// PanelSession is a customer's sign-in to their own page.
type PanelSession struct {
	ID          string
	AppID       string
	UserID      string
	AuthVersion int64 // the user's at sign-in; the session ends when they differ
	IP          string
	UserAgent   string
	CreatedAt   time.Time
	LastSeenAt  time.Time
	ExpiresAt   time.Time
}

// How long a customer stays signed in to their own page: without doing
// anything, and at all.
const (
	PanelSessionIdle = 2 * time.Hour
	PanelSessionMax  = 7 * 24 * time.Hour
)

// CheckDeviceReset refuses a user who has reset their own devices less than the
// app's cool-down ago, with the time that is left.
func (u *User) CheckDeviceReset(s *Settings, now time.Time) error {
	next := u.NextDeviceReset(s)
	if !next.After(now) {
		return nil
	}
	e := Fail(CodeDeviceResetSoon)
	e.RetryAfter = next.Sub(now)
	return e
}

// NextDeviceReset is when a user may reset their own devices again; zero: they
// never have.
func (u *User) NextDeviceReset(s *Settings) time.Time {
	if u.DevicesReset.IsZero() {
		return u.DevicesReset
	}
	return u.DevicesReset.Add(time.Duration(s.HWIDResetCooldown) * time.Second)
}
