package latchkey

import "time"

const (
	// ResetLife is for how long a link for a new password is good.
	ResetLife = 24 * time.Hour
	// MaxResets is how many links for a new password a user may have asked for
	// within an hour.
	MaxResets = 5
)

// MayReset reports whether a user can be sent a link for a new password at all:
// they have, or may set, a password, and an address to send it to.
func (u *User) MayReset() bool {
	return u.BannedAt.IsZero() && u.Email != "" && u.PasswordState != PasswordNone
}

// ResetMail is the mail with a link for a new password.
func ResetMail(app, username, link string) (subject, text string) {
	return "A new password for " + app,
		"Somebody, we hope you, asked for a new password for " + username + " in " + app + ".\n\n" +
			"Choose it here, within 24 hours:\n\n" + link + "\n\n" +
			"The link works once. If you did not ask for it, do nothing: your password stays as it is.\n"
}
