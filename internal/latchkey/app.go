package latchkey

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// App is a seller's program.
type App struct {
	ID         string
	AccountID  string // its owner
	OwnerID    string // the owner's public id on the compatible wire, 10 characters
	Name       string // unique per owner, compared exactly
	PausedAt   time.Time
	DisabledAt time.Time
	// SessionsFrom ends every session that began before it.
	SessionsFrom time.Time
	Settings     Settings
	Messages     Messages
	// Revision grows with every change of the app or its credentials.
	Revision int64
	// AccessRevision grows with every change of the app's lists; 0: they have
	// always been empty. AccessFloor is its value after the last deletion.
	AccessRevision int64
	AccessFloor    int64
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Settings is what a seller decides about an app.
type Settings struct {
	Version             string        `json:"version"`
	DownloadURL         string        `json:"download_url"`
	AcceptProtocols     []Protocol    `json:"accept_protocols"`
	DeviceRule          bool          `json:"device_rule"`
	ForceHWID           bool          `json:"force_hwid"`
	MinHWIDLength       int64         `json:"min_hwid_length"`
	DevicesPerUser      int64         `json:"devices_per_user"`
	HWIDResetCooldown   int64         `json:"hwid_reset_cooldown"` // seconds
	SessionLength       int64         `json:"session_length"`      // seconds
	OneSessionPerUser   bool          `json:"one_session_per_user"`
	MinUsernameLength   int64         `json:"min_username_length"`
	HashCheck           bool          `json:"hash_check"`
	Hashes              []string      `json:"hashes"` // lower-case hex
	ForceEncryption     bool          `json:"force_encryption"`
	MinKeyBits          int64         `json:"min_key_bits"`
	VPNBlock            bool          `json:"vpn_block"`
	AllowedCountries    []string      `json:"allowed_countries"`
	TokenSystem         bool          `json:"token_system"`
	LeakedPasswordCheck bool          `json:"leaked_password_check"`
	HashLearn           bool          `json:"hash_learn"`
	BanDevices          bool          `json:"ban_devices"`
	BanIP               bool          `json:"ban_ip"`
	IPLogging           bool          `json:"ip_logging"`
	IPRetention         int64         `json:"ip_retention"`
	LogRetention        int64         `json:"log_retention"`
	CustomerPanel       bool          `json:"customer_panel"`
	PanelButtons        []PanelButton `json:"panel_buttons"`
	DeviceResetApproval bool          `json:"device_reset_approval"`
}

// Limits of settings.
const (
	MaxVersionLength    = 32 // characters
	MaxURLLength        = 2048
	MaxHashes           = 100
	DefaultVersion      = "1.0"
	DefaultCooldown     = 7 * 86_400 // seconds
	MaxCountries        = 250
	DefaultIPRetention  = 90   // days
	DefaultLogRetention = 30   // days
	MaxRetention        = 3650 // days
	maxCooldown         = 365 * 86_400
)

// DefaultSettings is what a new app starts with.
func DefaultSettings() Settings {
	return Settings{
		Version:           DefaultVersion,
		AcceptProtocols:   []Protocol{ProtocolNative, Protocol13},
		DeviceRule:        true,
		ForceHWID:         true,
		MinHWIDLength:     DefaultMinHWIDLength,
		DevicesPerUser:    1,
		HWIDResetCooldown: DefaultCooldown,
		SessionLength:     DefaultSessionLength,
		MinUsernameLength: 1,
		Hashes:            []string{},
		MinKeyBits:        DefaultMinKeyBits,
		AllowedCountries:  []string{},
		BanDevices:        true,
		IPLogging:         true,
		IPRetention:       DefaultIPRetention,
		LogRetention:      DefaultLogRetention,
		PanelButtons:      []PanelButton{},
	}
}

// Check refuses settings out of their ranges, naming the first bad field.
func (s *Settings) Check() error {
	inRange := func(field string, v, low, high int64, message string) error {
		if v < low || v > high {
			return Invalid(field, message)
		}
		return nil
	}
	for _, err := range []error{
		checkVersion(s.Version),
		checkDownloadURL(s.DownloadURL),
		checkProtocols(s.AcceptProtocols),
		checkHashes(s.Hashes),
		inRange("min_hwid_length", s.MinHWIDLength, LowestMinHWIDLength, MaxHWIDLength, "The least length of a hardware id is 8 to 256 characters."),
		inRange("devices_per_user", s.DevicesPerUser, 1, MaxDevicesPerUser, "A user has 1 to 1,000 devices."),
		inRange("hwid_reset_cooldown", s.HWIDResetCooldown, 0, maxCooldown, "The cool-down is 0 to 31,536,000 seconds."),
		inRange("session_length", s.SessionLength, MinSessionLength, MaxSessionLength, "A session lasts 60 to 604,800 seconds."),
		inRange("min_username_length", s.MinUsernameLength, 1, MaxUsernameLength, "The least length of a user name is 1 to 70 characters."),
		inRange("min_key_bits", s.MinKeyBits, LowestMinKeyBits, 256, "The strength floor is 40 to 256 bits."),
		checkCountries(s.AllowedCountries),
		inRange("ip_retention", s.IPRetention, 1, MaxRetention, "Addresses are kept for 1 to 3,650 days."),
		inRange("log_retention", s.LogRetention, 1, MaxRetention, "Log lines are kept for 1 to 3,650 days."),
		checkPanelButtons(s.PanelButtons),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// Accepts reports whether the app answers to a protocol.
func (s *Settings) Accepts(p Protocol) bool { return slices.Contains(s.AcceptProtocols, p) }

// Rule is the device rule for a user of the app.
func (a *App) Rule(u *User) DeviceRule {
	r := DeviceRule{Enabled: a.Settings.DeviceRule, Force: a.Settings.ForceHWID,
		MinLen: a.Settings.MinHWIDLength, Limit: a.Settings.DevicesPerUser}
	if u != nil {
		r.Enabled = r.Enabled && u.HWIDAffected
		if u.DeviceLimit != nil {
			r.Limit = *u.DeviceLimit
		}
	}
	return r
}

// CheckOpen refuses a disabled or paused app, in this order.
func (a *App) CheckOpen() error {
	if !a.DisabledAt.IsZero() {
		return Fail(CodeAppDisabled)
	}
	if !a.PausedAt.IsZero() {
		return Fail(CodeAppPaused)
	}
	return nil
}

// CheckLeaked refuses a password that is known to have leaked, if the app does.
func (a *App) CheckLeaked(leaked bool) error {
	if leaked && a.Settings.LeakedPasswordCheck {
		return Fail(CodePasswordLeaked)
	}
	return nil
}

// CheckProgram judges what a program says of itself at init: its version, if
// it sends one, and its file hash, if the app checks hashes (exact, without
// regard to case; an empty hash matches nothing).
func (s *Settings) CheckProgram(version, hash string) error {
	if version != "" && version != s.Version {
		return Fail(CodeAppVersion)
	}
	if s.HashCheck && !slices.Contains(s.Hashes, strings.ToLower(hash)) && !s.LearnsHash(hash) {
		return Fail(CodeAppHash)
	}
	return nil
}

// LearnsHash reports whether a file hash is to become the one that the app
// allows: the first that a program sends while none is listed, where the seller
// has asked for that.
func (s *Settings) LearnsHash(hash string) bool {
	return s.HashCheck && s.HashLearn && len(s.Hashes) == 0 && isHash(strings.ToLower(hash))
}

func checkVersion(v string) error {
	if v == "" || !utf8.ValidString(v) || utf8.RuneCountInString(v) > MaxVersionLength || strings.TrimSpace(v) != v ||
		strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Invalid("version", "A version has 1 to 32 printable characters and no white space at its ends.")
	}
	return nil
}

func checkDownloadURL(link string) error {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || len(link) > MaxURLLength || !utf8.ValidString(link) ||
		u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return Invalid("download_url", "A download link is an http or https address of at most 2,048 bytes, or empty.")
	}
	return nil
}

func checkProtocols(list []Protocol) error {
	for i, p := range list {
		if !slices.Contains(Protocols(), p) || slices.Contains(list[:i], p) {
			return Invalid("accept_protocols", "The protocols are native, 1.3, 1.2, 1.1 and 1.0, each at most once.")
		}
	}
	return nil
}

func checkCountries(list []string) error {
	bad := Invalid("allowed_countries", "Up to 250 countries, each once, as two capital letters such as DE.")
	if len(list) > MaxCountries {
		return bad
	}
	for i, c := range list {
		if !IsCountry(c) || slices.Contains(list[:i], c) {
			return bad
		}
	}
	return nil
}

// IsCountry reports whether text has the form of an ISO 3166-1 code: two
// capital letters.
func IsCountry(text string) bool {
	return len(text) == 2 && 'A' <= text[0] && text[0] <= 'Z' && 'A' <= text[1] && text[1] <= 'Z'
}

func checkHashes(list []string) error {
	bad := Invalid("hashes", "Up to 100 file hashes, each 32 to 128 lower-case hexadecimal digits.")
	if len(list) > MaxHashes {
		return bad
	}
	for _, h := range list {
		if !isHash(h) {
			return bad
		}
	}
	return nil
}

func isHash(text string) bool {
	return 32 <= len(text) && len(text) <= 128 && strings.Trim(text, "0123456789abcdef") == ""
}

// CredentialKind is the use of one of an app's secrets.
type CredentialKind string

// The kinds: what signs answers, what the 1.2 wire mixes in, and the seller
// key of the compatible seller API.
const (
	CredentialSecret    CredentialKind = "secret"     // 64 hex digits
	CredentialSellerKey CredentialKind = "seller_key" // 32 hex digits
	CredentialClientKey CredentialKind = "client_key" // Ed25519 seed in hex, native protocol
	CredentialCompatKey CredentialKind = "compat_key" // Ed25519 seed in hex, 1.3
)

// CredentialKinds returns every kind.
func CredentialKinds() []CredentialKind {
	return []CredentialKind{CredentialSecret, CredentialSellerKey, CredentialClientKey, CredentialCompatKey}
}

// Credential is one generation of one of an app's secrets.
type Credential struct {
	ID         string
	AppID      string
	Kind       CredentialKind
	Value      Secret
	PublicKey  string    // hex, of the two signing kinds
	ActiveFrom time.Time // later than CreatedAt while its predecessor still signs
	RetiresAt  time.Time // zero: not replaced
	CreatedAt  time.Time
}

// Current returns the credential of a kind that is in force at now: the newest
// that has become active and has not retired. One may retire before it becomes
// active, when it is replaced during the overlap with its predecessor. ok is
// false if there is none.
func Current(list []Credential, kind CredentialKind, now time.Time) (current Credential, ok bool) {
	for _, c := range list {
		retired := !c.RetiresAt.IsZero() && !c.RetiresAt.After(now)
		if c.Kind == kind && !retired && !c.ActiveFrom.After(now) && (!ok || !c.ActiveFrom.Before(current.ActiveFrom)) {
			current, ok = c, true
		}
	}
	return current, ok
}

// Successor returns the credential of a kind that is to take over from the one
// in force: the newest, if it becomes active later than now and none has
// replaced it. ok is false if none is to.
func Successor(list []Credential, kind CredentialKind, now time.Time) (next Credential, ok bool) {
	for _, c := range list {
		if c.Kind == kind && c.RetiresAt.IsZero() && c.ActiveFrom.After(now) {
			return c, true
		}
	}
	return next, false
}

// NextInForce returns the next moment at which credentials begin or cease to be
// in force, zero if nothing is planned.
func NextInForce(list []Credential, now time.Time) (next time.Time) {
	for i := range list {
		for _, at := range [...]time.Time{list[i].ActiveFrom, list[i].RetiresAt} {
			if at.After(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}
