package listfile

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
)

// UserWriter writes a list of users as CSV, JSON or JSON lines. It does not
// buffer. It is used by one goroutine.
type UserWriter struct {
	w      io.Writer
	format Format
	row    []byte
	count  int64
}

// NewUserWriter returns a writer of a format.
func NewUserWriter(w io.Writer, f Format) *UserWriter { return &UserWriter{w: w, format: f} }

// userColumns are those of CSV. What a user has several of is a list in JSON, as
// the management API writes it.
const userColumns = "username,license_named,password_state,email,subscriptions,devices,hwid_affected,device_limit,two_factor," +
	"banned_at,ban_reason,created_at,created_by,license_id,last_sign_in_at,last_ip,devices_reset_at,updated_at,id"

// Write adds a user.
func (w *UserWriter) Write(u *api.User) error {
	b := w.row[:0]
	var err error
	switch w.format {
	case CSV:
		if w.count == 0 {
			b = append(b, userColumns+"\r\n"...)
		}
		b, err = appendUserCSV(b, u)
	case JSON:
		b = append(b, either(w.count == 0, "[\n", ",\n")...)
		b, err = appendValue(b, u)
	default:
		b, err = appendValue(b, u)
		b = append(b, '\n')
	}
	if err != nil {
		return err
	}
	w.row = b
	w.count++
	return w.write(b)
}

// Finish writes what ends the list. A file without it is not whole.
func (w *UserWriter) Finish() error {
	switch {
	case w.format == CSV && w.count == 0:
		return w.write([]byte(userColumns + "\r\n"))
	case w.format == JSON:
		return w.write([]byte(either(w.count == 0, "[]\n", "\n]\n")))
	}
	return nil
}

// Count is how many users have been written.
func (w *UserWriter) Count() int64 { return w.count }

func (w *UserWriter) write(b []byte) error {
	if _, err := w.w.Write(b); err != nil {
		return fmt.Errorf("write users: %w", err)
	}
	return nil
}

func appendValue(b []byte, value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return b, fmt.Errorf("write user: %w", err)
	}
	return append(b, text...), nil
}

func appendUserCSV(b []byte, u *api.User) ([]byte, error) {
	subscriptions, err := json.Marshal(writtenHoldings(u.Subscriptions))
	if err != nil {
		return b, fmt.Errorf("write subscriptions: %w", err)
	}
	devices, err := json.Marshal(writtenDevices(u.Devices))
	if err != nil {
		return b, fmt.Errorf("write devices: %w", err)
	}
	limit := ""
	if u.DeviceLimit != nil {
		limit = strconv.FormatInt(*u.DeviceLimit, 10)
	}
	for _, cell := range []string{u.Username, strconv.FormatBool(u.LicenseNamed), u.PasswordState, u.Email, string(subscriptions), string(devices),
		strconv.FormatBool(u.HWIDAffected), limit, strconv.FormatBool(u.TwoFactor), u.BannedAt.String(), u.BanReason, u.CreatedAt.String(), u.CreatedBy,
		u.LicenseID, u.LastSignInAt.String(), u.LastIP, u.DevicesResetAt.String(), u.UpdatedAt.String()} {
		b = append(AppendCell(b, cell), ',')
	}
	return append(append(b, u.ID...), "\r\n"...), nil
}

// writtenHolding is a subscription in a cell: what an import reads of it.
type writtenHolding struct {
	Name        string   `json:"name"`
	Level       int64    `json:"level"`
	Status      string   `json:"status"`
	Lifetime    bool     `json:"lifetime,omitempty"`
	ExpiresAt   api.Time `json:"expires_at,omitzero"`
	PausedAt    api.Time `json:"paused_at,omitzero"`
	SecondsLeft *int64   `json:"seconds_left,omitempty"`
}

func writtenHoldings(list []api.Holding) []writtenHolding {
	written := make([]writtenHolding, len(list))
	for i, h := range list {
		written[i] = writtenHolding{h.Name, h.Level, h.Status, h.Lifetime, h.ExpiresAt, h.PausedAt, nil}
		if h.Status == "paused" { // only then it says more than the expiry
			written[i].SecondsLeft = h.SecondsLeft
		}
	}
	return written
}

// writtenDevice is a device in a cell.
type writtenDevice struct {
	HWID       string   `json:"hwid"`
	BoundAt    api.Time `json:"bound_at"`
	LastSeenAt api.Time `json:"last_seen_at,omitzero"`
}

func writtenDevices(list []api.Device) []writtenDevice {
	written := make([]writtenDevice, len(list))
	for i, d := range list {
		written[i] = writtenDevice{d.HWID, d.BoundAt, d.LastSeenAt}
	}
	return written
}
