package latchkey

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of what a customer sends.
const (
	MaxUsernameLength = 70   // characters
	MaxPasswordLength = 1024 // bytes
	MaxEmailLength    = 254  // bytes, RFC 5321
	FirstPasswordDays = 14   // how long "set at first sign-in" stays open
)

// DefaultBanReason is that of a user whom their own program banned without one.
const DefaultBanReason = "User banned from triggering ban function in the client"

// PasswordState says whether and how a user signs in by password.
type PasswordState string

// The states. Nobody can sign in by password to a user in PasswordNone.
const (
	PasswordNone        PasswordState = "none"          // made by a license alone
	PasswordSet         PasswordState = "set"           // a hash is stored
	PasswordFirstSignIn PasswordState = "first_sign_in" // the next sign-in sets it, until PasswordUntil
)

// User is a customer of an application.
type User struct {
	ID    string
	AppID string
	// Name is the user name as entered. For a user made by a license alone it
	// is the license key, and LicenseNamed is true: treat it as a [Secret].
	Name          string
	LicenseNamed  bool
	PasswordState PasswordState
	PasswordHash  string    // PHC string; never leaves the service
	PasswordUntil time.Time // end of PasswordFirstSignIn
	Email         string    // "" if none; encrypted at rest
	HWIDAffected  bool      // whether the device rule applies
	DeviceLimit   *int64    // nil: the application's
	BannedAt      time.Time // zero unless banned
	BanReason     string
	BannedWith    string // id of the license whose ban took the user along
	// AuthVersion grows whenever every open session has to end: ban, password
	// change, rename, device reset, a second factor set up or removed.
	AuthVersion  int64
	CreatedAt    time.Time
	CreatedBy    string // id of the account or API key; for a redemption the license's creator
	LicenseID    string // the license that made the user, if one did
	LastSignInAt time.Time
	LastIP       string
	DevicesReset time.Time // last reset by the user themself, or that they had asked for
	// ResetRequested is since when a reset that the user asked for waits for the
	// seller, ResetDeclined when the seller last declined one.
	ResetRequested time.Time
	ResetDeclined  time.Time
	TwoFactorAt    time.Time // since when they sign in with a second factor; zero: without
	UpdatedAt      time.Time
}

// CheckBan refuses a banned user with [CodeUserBanned] and the reason.
func (u *User) CheckBan() error {
	if u.BannedAt.IsZero() {
		return nil
	}
	e := Fail(CodeUserBanned)
	e.Reason = u.BanReason
	return e
}

// Ban shuts the user out and ends their sessions. licenseID names the license
// that was banned along, "" if none was.
func (u *User) Ban(reason, licenseID string, now time.Time) error {
	if !u.BannedAt.IsZero() {
		return FailWith(CodeUserBanned, "The user is banned already.")
	}
	if err := CheckReason(reason); err != nil {
		return err
	}
	u.BannedAt, u.BanReason, u.BannedWith, u.UpdatedAt = now, reason, licenseID, now
	u.AuthVersion++
	return nil
}

// Unban lets the user in again.
func (u *User) Unban(now time.Time) error {
	if u.BannedAt.IsZero() {
		return Fail(CodeUserNotBanned)
	}
	u.BannedAt, u.BanReason, u.BannedWith, u.UpdatedAt = time.Time{}, "", "", now
	return nil
}

// CanonicalName is the form of a user name that decides uniqueness and
// look-up: NFC and case folded, so that Ann and ANN are one name.
func CanonicalName(name string) string {
	folded := cases.Fold().String(norm.NFC.String(name))
	return norm.NFC.String(strings.Map(foldCherokee, folded))
}

// foldCherokee maps small Cherokee letters to capital ones, which is how
// Unicode folds them; [cases.Fold] swaps the two.
func foldCherokee(r rune) rune {
	switch {
	case r >= 0x13F8 && r <= 0x13FD:
		return r - 0x13F8 + 0x13F0
	case r >= 0xAB70 && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	}
	return r
}

// CheckUsername refuses names that are empty, too long, hold control,
// direction-changing or invisible characters, or white space at their ends.
func CheckUsername(name string) error {
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > MaxUsernameLength || strings.TrimSpace(name) != name {
		return Invalid("username", "A user name has 1 to 70 characters and no white space at its ends.")
	}
	if strings.ContainsFunc(name, invisible) {
		return Invalid("username", "A user name holds neither control nor invisible characters.")
	}
	return nil
}

// invisible reports characters by which two names could differ without a
// reader seeing it: controls, format characters, spaces other than the plain
// one, blank letters and variation selectors.
func invisible(r rune) bool {
	const brailleBlank = 0x2800
	return !unicode.IsGraphic(r) || unicode.Is(unicode.Zs, r) && r != ' ' || r == brailleBlank ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// CheckPassword bounds a password in length only; what it is made of is the
// customer's choice. The least length is 1 for customers, 10 for accounts.
func CheckPassword(password Secret, least int) error {
	p := password.Reveal()
	if len(p) < least || len(p) > MaxPasswordLength || !utf8.ValidString(p) {
		if least > 1 {
			return Invalid("password", "A password has 10 to 1,024 characters.")
		}
		return Invalid("password", "A password has 1 to 1,024 bytes of UTF-8.")
	}
	return nil
}

// NormalizeEmail checks the form of a mail address loosely (one @ with text on
// both sides, no white space or control characters) and lower-cases it.
func NormalizeEmail(address string) (string, error) {
	a := strings.ToLower(strings.TrimSpace(address)) // turns broken UTF-8 into U+FFFD, so that is judged on address
	local, domain, ok := strings.Cut(a, "@")
	bad := !ok || local == "" || domain == "" || strings.Contains(domain, "@") || len(a) > MaxEmailLength || !utf8.ValidString(address) ||
		strings.ContainsFunc(a, func(r rune) bool {
			return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("<>()[],;:\\\"", r)
		})
	if bad {
		return "", Invalid("email", "This is not a mail address.")
	}
	return a, nil
}

// UserTime says what is left of a user's time.
type UserTime string

// The kinds of UserTime.
const (
	TimeLeft UserTime = "left" // time, or a lifetime, is left, also if a pause keeps it
	TimeOver UserTime = "over" // they hold subscriptions, and the time of all is over
	TimeNone UserTime = "none" // they hold no subscription
)

// TimeOf says what is left of what a user holds.
func TimeOf(holdings []Holding, now time.Time) UserTime {
	if len(holdings) == 0 {
		return TimeNone
	}
	for i := range holdings {
		if !holdings[i].Expired(now) {
			return TimeLeft
		}
	}
	return TimeOver
}

// Ends returns when the last of what a user holds ends: never for a lifetime, and
// not ok if they hold nothing. Pauses do not count.
func Ends(holdings []Holding) (at time.Time, never, ok bool) {
	for i := range holdings {
		if holdings[i].IsLifetime() {
			return time.Time{}, true, true
		}
		if !ok || holdings[i].ExpiresAt.After(at) {
			at, ok = holdings[i].ExpiresAt, true
		}
	}
	return at, false, ok
}
