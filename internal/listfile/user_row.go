package listfile

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// What a named value of a row of users means.
const (
	fieldName field = iota + 101
	fieldLicenseNamed
	fieldPassword // in clear, or a bcrypt hash
	fieldHash
	fieldPasswordState
	fieldEmail
	fieldHWIDAffected
	fieldDeviceLimit
	fieldUserBanned // a reason, or whether
	fieldUserReason
	fieldUserBannedAt
	fieldCreatedAt
	fieldLastSignIn
	fieldTwoFactor
	fieldSubscriptions // a list
	fieldSubscription  // the only one: its name
	fieldExpiry        // of the only one
	fieldDevices       // a list
	fieldHWID          // the only one
)

// userField knows our own names and those that other services' lists have.
func userField(name string) field {
	return map[string]field{
		"username": fieldName, "user": fieldName, "user_name": fieldName, "name": fieldName, "login": fieldName, "credentials": fieldName,
		"license_named": fieldLicenseNamed,
		"password":      fieldPassword, "password_hash": fieldHash, "hash": fieldHash, "bcrypt": fieldHash, "password_state": fieldPasswordState,
		"email": fieldEmail, "mail": fieldEmail, "e_mail": fieldEmail,
		"hwid_affected": fieldHWIDAffected, "device_limit": fieldDeviceLimit,
		"banned": fieldUserBanned, "ban_reason": fieldUserReason, "reason": fieldUserReason, "banned_at": fieldUserBannedAt,
		"created_at": fieldCreatedAt, "created": fieldCreatedAt, "createdate": fieldCreatedAt,
		"last_sign_in_at": fieldLastSignIn, "last_login": fieldLastSignIn, "lastlogin": fieldLastSignIn,
		"two_factor":    fieldTwoFactor,
		"subscriptions": fieldSubscriptions, "subscription": fieldSubscription, "expires_at": fieldExpiry, "expiry": fieldExpiry, "expires": fieldExpiry,
		"devices": fieldDevices, "hwid": fieldHWID,
	}[name]
}

// users are what [UserReader] reads. A row is as large as a user with a thousand
// devices may be.
func users() kind {
	return kind{things: "users", name: fieldName, column: "username", lists: []string{"users", "data"}, fieldOf: userField,
		unused: func(of field) bool { return of == 0 },
		isList: func(of field) bool { return of == fieldSubscriptions || of == fieldDevices },
		maxRow: 1 << 20}
}

// UserRow is a row of a file of users.
type UserRow struct {
	Number int64 // 1, 2, … of the rows
	Line   int64 // on which it begins; 0 in JSON, where lines mean nothing
	latchkey.ImportedUser
	Skip latchkey.SkipReason // why the row says no user; "": it does

	single latchkey.ImportedHolding // of the columns for the only subscription
	expiry bool                     // that there is one
}

// UserReader reads a file of users row by row. It is used by one goroutine.
type UserReader struct{ *file }

// NewUserReader returns a reader of a file in UTF-8, with or without a byte
// order mark. Its error is request.malformed, or what in returns.
func NewUserReader(in io.Reader, format Format) (*UserReader, error) {
	f, err := open(in, format, users())
	return &UserReader{file: f}, err
}

// Next returns the next row; [io.EOF] after the last. Any other error means
// that the file cannot be read to its end: request.malformed, or what the
// underlying reader returned.
func (r *UserReader) Next() (UserRow, error) {
	rec, err := r.next()
	if err != nil {
		return UserRow{}, err
	}
	row := UserRow{Number: r.number, Line: rec.line}
	for _, v := range rec.values {
		if row.skip(v.skip); v.skip == "" {
			row.skip(row.set(v.of, v.text))
		}
	}
	if rec.broken {
		row.Skip = latchkey.SkipRow
	}
	row.settle()
	return row, nil
}

// skip notes why the row becomes no user; the first reason stays.
func (row *UserRow) skip(why latchkey.SkipReason) {
	if row.Skip == "" {
		row.Skip = why
	}
}

// set takes a named value into the row.
func (row *UserRow) set(of field, text string) latchkey.SkipReason {
	trimmed := strings.TrimSpace(text)
	switch of {
	case fieldName:
		row.Name = trimmed
	case fieldLicenseNamed:
		return readBool(&row.LicenseNamed, trimmed)
	case fieldPassword, fieldHash:
		row.setPassword(text, trimmed, of == fieldHash)
	case fieldPasswordState:
		row.PasswordState = latchkey.PasswordState(canonical(trimmed))
	case fieldEmail:
		row.Email = trimmed
	case fieldHWIDAffected:
		row.HWIDAffected = new(false)
		return readBool(row.HWIDAffected, trimmed)
	case fieldDeviceLimit:
		n, err := strconv.ParseInt(trimmed, 10, 64)
		if err != nil {
			return latchkey.SkipDevice
		}
		row.DeviceLimit = &n
	case fieldUserBanned:
		row.setBanned(text, trimmed)
	case fieldUserReason:
		row.BanReason = text
	case fieldUserBannedAt:
		return readTime(&row.BannedAt, trimmed)
	case fieldCreatedAt:
		return readTime(&row.CreatedAt, trimmed)
	case fieldLastSignIn:
		return readTime(&row.LastSignInAt, trimmed)
	case fieldTwoFactor:
		return readBool(&row.TwoFactor, trimmed)
	case fieldSubscriptions:
		return row.setSubscriptions(trimmed)
	case fieldSubscription:
		row.single.Name = trimmed
	case fieldExpiry:
		row.expiry = true
		return readExpiry(&row.single, trimmed)
	case fieldDevices:
		return row.setDevices(trimmed)
	case fieldHWID:
		row.Devices = append(row.Devices, latchkey.ImportedDevice{HWID: trimmed})
	}
	return ""
}

// setPassword takes a hash for one also where the column says password: so
// other services export them, and nobody's password looks like that.
func (row *UserRow) setPassword(text, trimmed string, hash bool) {
	if _, is := latchkey.BcryptCost(trimmed); is || hash {
		row.PasswordHash = trimmed
		return
	}
	row.Password = latchkey.Secret(text)
}

// setBanned takes a reason, or a plain yes or no.
func (row *UserRow) setBanned(text, trimmed string) {
	var yes bool
	if readBool(&yes, trimmed) == "" {
		row.Banned = yes
		return
	}
	row.Banned, row.BanReason = true, text
}

func readBool(to *bool, text string) latchkey.SkipReason {
	switch strings.ToLower(text) {
	case "0", "false", "no":
		*to = false
	case "1", "true", "yes":
		*to = true
	default:
		return latchkey.SkipRow
	}
	return ""
}

// readExpiry takes a moment, or the word lifetime.
func readExpiry(h *latchkey.ImportedHolding, text string) latchkey.SkipReason {
	if strings.EqualFold(text, "lifetime") {
		h.Lifetime = true
		return ""
	}
	if readTime(&h.ExpiresAt, text) != "" {
		return latchkey.SkipSubscription
	}
	return ""
}

// loose is a JSON value that may be a text or a number, as services write them.
type loose string

// UnmarshalJSON takes texts as they are, and everything else as it is written.
func (l *loose) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(l))
	}
	if text := string(b); text != "null" {
		*l = loose(text)
	}
	return nil
}

// listedHolding is an element of subscriptions, as the API shows them or as
// KeyAuth does: subscription and expiry.
type listedHolding struct {
	Name         loose `json:"name"`
	Subscription loose `json:"subscription"`
	Level        loose `json:"level"`
	ExpiresAt    loose `json:"expires_at"`
	Expiry       loose `json:"expiry"`
	Lifetime     bool  `json:"lifetime"`
	Status       loose `json:"status"`
	PausedAt     loose `json:"paused_at"`
	SecondsLeft  loose `json:"seconds_left"`
}

func (row *UserRow) setSubscriptions(text string) latchkey.SkipReason {
	var list []listedHolding
	if json.Unmarshal([]byte(text), &list) != nil {
		return latchkey.SkipSubscription
	}
	for i := range list {
		h, ok := list[i].holding()
		if !ok {
			return latchkey.SkipSubscription
		}
		row.Subscriptions = append(row.Subscriptions, h)
	}
	return ""
}

// maxLeft bounds what is left of a subscription, in seconds.
const maxLeft = 100 * 366 * 86_400

func (l *listedHolding) holding() (h latchkey.ImportedHolding, ok bool) {
	h = latchkey.ImportedHolding{Name: string(l.Name), Lifetime: l.Lifetime, Paused: l.PausedAt != ""}
	if h.Name == "" {
		h.Name = string(l.Subscription)
	}
	if l.Level != "" {
		level, err := strconv.ParseInt(string(l.Level), 10, 64)
		if err != nil {
			return h, false
		}
		h.Level = level
	}
	expiry := l.ExpiresAt
	if expiry == "" {
		expiry = l.Expiry
	}
	if !h.Lifetime && expiry != "" && readExpiry(&h, string(expiry)) != "" {
		return h, false
	}
	if h.Frozen = !h.Lifetime && (l.Status == "paused" || h.Paused) && l.SecondsLeft != ""; h.Frozen {
		left, err := strconv.ParseFloat(string(l.SecondsLeft), 64)
		if err != nil || math.IsNaN(left) || left < 0 || left > maxLeft {
			return h, false
		}
		h.Left = time.Duration(left) * time.Second
	}
	return h, true
}

// listedDevice is an element of devices: an object, or the hardware id alone.
type listedDevice struct {
	HWID       string `json:"hwid"`
	BoundAt    loose  `json:"bound_at"`
	LastSeenAt loose  `json:"last_seen_at"`
}

// UnmarshalJSON takes either form.
func (d *listedDevice) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &d.HWID)
	}
	type object listedDevice
	return json.Unmarshal(b, (*object)(d))
}

func (row *UserRow) setDevices(text string) latchkey.SkipReason {
	var list []listedDevice
	if json.Unmarshal([]byte(text), &list) != nil {
		return latchkey.SkipDevice
	}
	for _, d := range list {
		device := latchkey.ImportedDevice{HWID: d.HWID}
		for _, at := range []struct {
			text loose
			to   *time.Time
		}{{d.BoundAt, &device.BoundAt}, {d.LastSeenAt, &device.LastSeenAt}} {
			if at.text != "" && readTime(at.to, string(at.text)) != "" {
				return latchkey.SkipTime
			}
		}
		row.Devices = append(row.Devices, device)
	}
	return ""
}

// settle fills in what follows from the other values.
func (row *UserRow) settle() {
	if !row.BannedAt.IsZero() {
		row.Banned = true
	}
	if row.single.Name != "" || row.expiry {
		row.Subscriptions = append(row.Subscriptions, row.single)
	}
}
