package latchkey

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The reasons why a row of an import becomes no user, beside those that
// licenses have as well.
const (
	SkipName         SkipReason = "name_malformed"       // missing, longer than 70 characters, or not printable
	SkipPassword     SkipReason = "password_invalid"     // longer than 1,024 bytes
	SkipLeaked       SkipReason = "password_leaked"      // one that the app refuses
	SkipHash         SkipReason = "hash_invalid"         // not a bcrypt hash
	SkipCost         SkipReason = "hash_too_costly"      // a bcrypt hash of a cost above 12
	SkipEmail        SkipReason = "email_invalid"        // not a mail address
	SkipSubscription SkipReason = "subscription_invalid" // one that cannot be read, that stands twice, or without a name, level or expiry
	SkipNoTier       SkipReason = "subscription_unknown" // one that the app does not have
	SkipDevice       SkipReason = "device_invalid"       // a hardware id or limit that no device rule knows, or more than 1,000 devices
	SkipUnused       SkipReason = "license_not_used"     // named by a license that can still be redeemed
)

// The warnings about users that are imported all the same.
const (
	WarnFirstPassword ImportWarning = "password_at_first_sign_in" // the file has no password; the first sign-in sets it
	WarnTwoFactor     ImportWarning = "second_factor_lost"        // signed in with a second factor, which no file has
)

// ImportedUser is a row of an import as it was read. Zero fields were not there.
type ImportedUser struct {
	Name          string
	LicenseNamed  bool   // the name is a license key
	Password      Secret // in clear
	PasswordHash  string // bcrypt
	PasswordState PasswordState
	Email         string
	HWIDAffected  *bool
	DeviceLimit   *int64
	Banned        bool
	BanReason     string
	BannedAt      time.Time
	CreatedAt     time.Time
	LastSignInAt  time.Time
	TwoFactor     bool
	Subscriptions []ImportedHolding
	Devices       []ImportedDevice
}

// ImportedHolding is a subscription that a user of an import holds.
type ImportedHolding struct {
	Name      string // of the subscription; "": all of Level
	Level     int64
	ExpiresAt time.Time // zero with Lifetime
	Lifetime  bool
	Paused    bool          // for this user alone
	Frozen    bool          // some pause lay on it, and Left is what remained
	Left      time.Duration // of one that a pause lies on
}

// ImportedDevice is a device that a user of an import is bound to.
type ImportedDevice struct {
	HWID       string
	BoundAt    time.Time
	LastSeenAt time.Time
}

// User returns the user that the row describes, without ids and password hash
// of ours, or why there is none ("": there is one). Who has no password sets it
// at the first sign-in, except where the row says that there is to be none. No
// moment is later than now.
func (in *ImportedUser) User(now time.Time) (u User, why SkipReason) {
	u = User{Name: in.Name, LicenseNamed: in.LicenseNamed, HWIDAffected: true, DeviceLimit: in.DeviceLimit, AuthVersion: 1,
		CreatedAt: MomentOr(in.CreatedAt, now), UpdatedAt: now}
	if in.HWIDAffected != nil {
		u.HWIDAffected = *in.HWIDAffected
	}
	if !in.LastSignInAt.IsZero() {
		u.LastSignInAt = MomentOr(in.LastSignInAt, now)
	}
	if in.Banned {
		u.BannedAt, u.BanReason = MomentOr(in.BannedAt, now), in.BanReason
	}
	for _, check := range []func(*User, time.Time) SkipReason{in.checkName, in.setPassword, in.setEmail, in.checkDevices, in.checkSubscriptions} {
		if why = check(&u, now); why != "" {
			return User{}, why
		}
	}
	if CheckReason(in.BanReason) != nil {
		return User{}, SkipText
	}
	return u, ""
}

func (in *ImportedUser) checkName(u *User, _ time.Time) SkipReason {
	if !u.LicenseNamed {
		return skipIf(CheckUsername(u.Name) != nil, SkipName)
	}
	key, err := NormalizeKey(u.Name)
	u.Name = key.Reveal()
	return skipIf(err != nil || strings.ContainsFunc(u.Name, func(r rune) bool { return !unicode.IsPrint(r) }), SkipName)
}

func skipIf(bad bool, why SkipReason) SkipReason {
	if bad {
		return why
	}
	return ""
}

func (in *ImportedUser) setPassword(u *User, now time.Time) SkipReason {
	switch {
	case in.PasswordHash != "":
		cost, ok := BcryptCost(in.PasswordHash)
		if !ok {
			return SkipHash
		}
		if cost > MaxBcryptCost {
			return SkipCost
		}
		u.PasswordState, u.PasswordHash = PasswordSet, in.PasswordHash
	case in.Password != "":
		u.PasswordState = PasswordSet
		return skipIf(CheckPassword(in.Password, 1) != nil, SkipPassword)
	case in.PasswordState == PasswordNone || in.LicenseNamed && in.PasswordState == "":
		u.PasswordState = PasswordNone
	default:
		u.PasswordState, u.PasswordUntil = PasswordFirstSignIn, now.AddDate(0, 0, FirstPasswordDays)
	}
	return ""
}

func (in *ImportedUser) setEmail(u *User, _ time.Time) (why SkipReason) {
	if in.Email == "" {
		return ""
	}
	var err error
	if u.Email, err = NormalizeEmail(in.Email); err != nil {
		return SkipEmail
	}
	return ""
}

func (in *ImportedUser) checkDevices(*User, time.Time) SkipReason {
	if in.DeviceLimit != nil && (*in.DeviceLimit < 1 || *in.DeviceLimit > MaxDevicesPerUser) || len(in.Devices) > MaxDevicesPerUser {
		return SkipDevice
	}
	seen := make(map[Secret]bool, len(in.Devices))
	for _, d := range in.Devices {
		hwid, err := NormalizeHWID(d.HWID)
		if err != nil || hwid == "" || seen[hwid] || strings.ContainsRune(hwid.Reveal(), 0) {
			return SkipDevice
		}
		seen[hwid] = true
	}
	return ""
}

func (in *ImportedUser) checkSubscriptions(*User, time.Time) SkipReason {
	for i, h := range in.Subscriptions {
		named := h.Name != "" && utf8.RuneCountInString(h.Name) <= MaxNameLength
		if !named && CheckLevel(h.Level) != nil || h.ExpiresAt.IsZero() != h.Lifetime && !h.Frozen {
			return SkipSubscription
		}
		if slices.ContainsFunc(in.Subscriptions[:i], func(o ImportedHolding) bool { return h.Name != "" && o.Name == h.Name }) {
			return SkipSubscription
		}
	}
	return ""
}

// Expiry is when a holding of an import expires whose time is counted from
// clock: it keeps what is left of it at now, or, if a pause lay on it, what was
// left then. Zero is a lifetime.
func (h *ImportedHolding) Expiry(clock, now time.Time) time.Time {
	switch {
	case h.Lifetime:
		return time.Time{}
	case h.Frozen:
		return clock.Add(h.Left).Truncate(time.Millisecond)
	case h.ExpiresAt.After(now): // a pause that lies on it here must not give time
		return h.ExpiresAt.Add(-now.Sub(clock))
	}
	return Frozen(h.ExpiresAt, clock)
}
