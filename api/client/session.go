package client

// Init opens a session for one run of the program.
type Init struct {
	Version string `json:"version,omitempty"` // of the program, 1 to 32 characters; absent: not checked
	Hash    string `json:"hash,omitempty"`    // of the program's file, 32 to 128 lower-case hex digits
	Token   string `json:"token,omitempty"`   // where the seller hands out tokens, at most 128 characters
}

// Started is the answer to [Init].
type Started struct {
	Stage            Stage  `json:"stage"`
	Session          string `json:"session"`
	SessionExpiresAt int64  `json:"session_expires_at"`
	App              App    `json:"app"`
}

// App is what a program learns about its application.
type App struct {
	Name     string `json:"name"`
	Version  string `json:"version"`   // the current one
	PanelURL string `json:"panel_url"` // the customers' own page; "" if there is none
}

// License signs in by a license alone; the first time redeems it.
type License struct {
	Session string `json:"session"`
	License string `json:"license"`
	HWID    string `json:"hwid,omitempty"`
}

// Login signs in by user name and password.
type Login struct {
	Session  string `json:"session"`
	Username string `json:"username"`
	Password string `json:"password"`
	HWID     string `json:"hwid,omitempty"`
}

// Register redeems a license for a new user.
type Register struct {
	Session  string `json:"session"`
	Username string `json:"username"`
	Password string `json:"password"`
	License  string `json:"license"`
	Email    string `json:"email,omitempty"`
	HWID     string `json:"hwid,omitempty"`
}

// SignedIn is the answer to every sign-in. With [StageTwoFactor] nobody is
// signed in yet: there is no user, and the session opens two-factor/verify only.
type SignedIn struct {
	Stage            Stage  `json:"stage"`
	Session          string `json:"session"`
	SessionExpiresAt int64  `json:"session_expires_at"`
	Message          string `json:"message,omitempty"` // the seller's greeting
	User             *User  `json:"user,omitempty"`
}

// User is a customer, as their own program sees them.
type User struct {
	Username      string         `json:"username"`
	CreatedAt     int64          `json:"created_at"`
	Subscriptions []Subscription `json:"subscriptions"` // those in force; never empty
	// Device is the SHA-256 of the hardware id that this session is bound to,
	// in lower-case hex; "" if it is bound to none.
	Device string `json:"device,omitempty"`
	// OfflineUntil is until when the program may go on without the server; null
	// leaves it to the program.
	OfflineUntil *int64 `json:"offline_until,omitempty"`
}

// Subscription is one that a user holds and that is in force.
type Subscription struct {
	Name      string `json:"name"`
	Level     int64  `json:"level"`
	ExpiresAt *int64 `json:"expires_at"` // null: lifetime
}

// Code carries a six-digit code of two-factor sign-in.
type Code struct {
	Session string `json:"session"`
	Code    string `json:"code"`
}

// Upgrade redeems a license on top of a user: the one signed in, or the one
// named where nobody is.
type Upgrade struct {
	Session  string `json:"session"`
	Username string `json:"username,omitempty"`
	License  string `json:"license"`
}

// Session is the request of calls that say nothing else: check, logout, online,
// stats.
type Session struct {
	Session string `json:"session"`
}

// Checked is the answer to check: the user may go on.
type Checked struct {
	SessionExpiresAt int64 `json:"session_expires_at"`
	User             *User `json:"user"`
}

// Empty is the answer of calls that have nothing to say.
type Empty struct{}

// Forgot asks for a mail to set a new password.
type Forgot struct {
	Session  string `json:"session"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

// Rename changes the user's name and ends their sessions.
type Rename struct {
	Session  string `json:"session"`
	Username string `json:"username"`
}

// Ban bans the session's own user.
type Ban struct {
	Session string `json:"session"`
	Reason  string `json:"reason,omitempty"`
}

// Password repeats the user's password before something weighty. Users made by
// a license alone send their license key.
type Password struct {
	Session  string `json:"session"`
	Password string `json:"password"`
}

// Enrollment is a second factor that waits for its first code.
type Enrollment struct {
	Secret string `json:"secret"` // base 32
	URI    string `json:"uri"`    // otpauth://…, for a QR code
}

// Enrolled is the answer to a confirmed second factor.
type Enrolled struct {
	RecoveryCodes []string `json:"recovery_codes"` // shown once
}
