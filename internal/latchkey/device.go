package latchkey

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a hardware id.
const (
	MaxHWIDLength        = 256 // bytes, after trimming
	LowestMinHWIDLength  = 8
	DefaultMinHWIDLength = 20
	MaxDevicesPerUser    = 1000
)

// Device is a hardware id that a user signs in from.
type Device struct {
	ID         string
	AppID      string
	UserID     string
	HWID       Secret
	BoundAt    time.Time
	LastSeenAt time.Time
}

// DeviceRule is what an application asks of hardware ids at sign-in.
type DeviceRule struct {
	Enabled bool  // off: hardware ids are neither asked for nor bound
	Force   bool  // a missing hardware id is refused
	MinLen  int64 // in characters
	Limit   int64 // devices per user
}

// CheckForm refuses a hardware id that is missing where the rule forces one,
// too short or too long. hwid must be trimmed already ([NormalizeHWID]).
func (r DeviceRule) CheckForm(hwid Secret) error {
	if !r.Enabled {
		return nil
	}
	n := int64(utf8.RuneCountInString(hwid.Reveal()))
	switch {
	case n == 0 && r.Force:
		return Fail(CodeDeviceRequired)
	case n > 0 && n < r.MinLen:
		return &Error{Code: CodeDeviceShort, Field: "hwid",
			Message: fmt.Sprintf("The hardware id has %d characters; this application asks for at least %d.", n, r.MinLen)}
	}
	return nil
}

// DeviceDecision is what a sign-in does about the device.
type DeviceDecision int

// The decisions.
const (
	DeviceNone DeviceDecision = iota // nothing to check or bind
	DeviceKnown
	DeviceBind
)

// Decide judges a sign-in from hwid by a user who is bound to count devices,
// known telling whether hwid is one of them: exact matches only. The first
// devices, up to the limit, bind by themselves. A user with a bound device
// must always name one; with Force off, a user without any may sign in bare.
func (r DeviceRule) Decide(hwid Secret, known bool, count int64) (DeviceDecision, error) {
	switch {
	case !r.Enabled:
		return DeviceNone, nil
	case hwid == "" && r.Force:
		return DeviceNone, Fail(CodeDeviceRequired)
	case hwid == "" && count == 0:
		return DeviceNone, nil
	case known:
		return DeviceKnown, nil
	case hwid != "" && count < r.Limit:
		return DeviceBind, nil
	}
	return DeviceNone, Fail(CodeDeviceMismatch)
}

// NormalizeHWID returns a hardware id as it is compared: without the white
// space around it (several clients send a trailing newline), otherwise
// exactly. Over-long or non-UTF-8 ids are refused with [CodeInvalid].
func NormalizeHWID(text string) (Secret, error) {
	h := strings.TrimSpace(text)
	if len(h) > MaxHWIDLength || !utf8.ValidString(h) {
		return "", Invalid("hwid", "A hardware id has at most 256 bytes of UTF-8.")
	}
	return Secret(h), nil
}
