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

// CheckDeviceReset refuses a user who has reset their own devices, or whose
// request for it was declined, less than the app's cool-down ago, with the time
// that is left.
func (u *User) CheckDeviceReset(s *Settings, now time.Time) error {
	next := u.NextDeviceReset(s)
	if !next.After(now) {
		return nil
	}
	e := Fail(CodeDeviceResetSoon)
	e.RetryAfter = next.Sub(now)
	return e
}

// NextDeviceReset is when a user may reset their own devices again, or ask for
// it; zero: they never have.
func (u *User) NextDeviceReset(s *Settings) time.Time {
	last := u.DevicesReset
	if u.ResetDeclined.After(last) {
		last = u.ResetDeclined
	}
	if last.IsZero() {
		return last
	}
	return last.Add(time.Duration(s.HWIDResetCooldown) * time.Second)
}

// RequestReset asks the seller for a reset of the user's devices.
func (u *User) RequestReset(now time.Time) { u.ResetRequested = now }

// OwnReset notes that the user's devices were reset by themself, or as they had
// asked for.
func (u *User) OwnReset(now time.Time) {
	u.DevicesReset, u.ResetRequested, u.ResetDeclined = now, time.Time{}, time.Time{}
}

// DeclineReset turns a request down; [CodeResetNotRequested] if none waits.
func (u *User) DeclineReset(now time.Time) error {
	if u.ResetRequested.IsZero() {
		return Fail(CodeResetNotRequested)
	}
	u.ResetRequested, u.ResetDeclined = time.Time{}, now
	return nil
}
