package panelapi

import (
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// page is what everybody may know of an app's page.
type page struct {
	Name              string   `json:"name"`
	Paused            bool     `json:"paused"`
	Disabled          bool     `json:"disabled"`
	MinUsernameLength int64    `json:"min_username_length"`
	PasswordReset     bool     `json:"password_reset"` // by mail
	Buttons           []button `json:"buttons"`
}

// button calls the customer's running program by its value.
type button struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

func newPage(app *service.ClientApp, mails bool) page {
	p := page{Name: app.Name, Paused: !app.PausedAt.IsZero(), Disabled: !app.DisabledAt.IsZero(),
		MinUsernameLength: app.Settings.MinUsernameLength, PasswordReset: mails, Buttons: []button{}}
	for _, b := range app.Settings.PanelButtons {
		p.Buttons = append(p.Buttons, button(b))
	}
	return p
}

// session says who is signed in.
type session struct {
	Username     string   `json:"username"`
	LicenseNamed bool     `json:"license_named"` // the user name is a license key
	ExpiresAt    api.Time `json:"expires_at"`
}

func newSession(p *service.PanelSession) session {
	return session{Username: p.Username, LicenseNamed: p.LicenseNamed, ExpiresAt: api.At(p.ExpiresAt)}
}

// card is what customers see of themselves.
type card struct {
	Username         string         `json:"username"`
	LicenseNamed     bool           `json:"license_named"`
	Email            string         `json:"email,omitempty"`
	Password         bool           `json:"password"` // they have one
	TwoFactor        bool           `json:"two_factor"`
	RecoveryCodes    int64          `json:"recovery_codes"` // unused
	CreatedAt        api.Time       `json:"created_at"`
	Now              api.Time       `json:"now"` // the server's time, which decides
	Subscriptions    []subscription `json:"subscriptions"`
	Devices          []device       `json:"devices"`
	NextDeviceReset  api.Time       `json:"next_device_reset,omitzero"`  // absent: now
	ResetApproval    bool           `json:"device_reset_approval"`       // a reset is asked for
	ResetRequestedAt api.Time       `json:"reset_requested_at,omitzero"` // since when it waits
	ResetDeclinedAt  api.Time       `json:"reset_declined_at,omitzero"`  // the last request; absent after a reset
}

type subscription struct {
	Name        string   `json:"name"`
	Level       int64    `json:"level"`
	Status      string   `json:"status"` // active, paused, expired
	ExpiresAt   api.Time `json:"expires_at,omitzero"`
	SecondsLeft *int64   `json:"seconds_left,omitempty"` // absent for a lifetime
	License     string   `json:"license,omitempty"`      // the end of its key
}

// device is one that the customer is bound to. Its hardware id is the program's
// business.
type device struct {
	BoundAt    api.Time `json:"bound_at"`
	LastSeenAt api.Time `json:"last_seen_at,omitzero"`
}

func newCard(v *service.PanelCard) card {
	c := card{Username: v.Name, LicenseNamed: v.LicenseNamed, Email: v.Email, Password: v.PasswordState == latchkey.PasswordSet,
		TwoFactor: !v.TwoFactorAt.IsZero(), RecoveryCodes: v.RecoveryLeft, CreatedAt: api.At(v.CreatedAt), Now: api.At(v.Now),
		Subscriptions: []subscription{}, Devices: []device{}, NextDeviceReset: api.At(v.NextDeviceReset),
		ResetApproval: v.ResetApproval, ResetRequestedAt: api.At(v.ResetRequested), ResetDeclinedAt: api.At(v.ResetDeclined)}
	for i := range v.Holdings {
		c.Subscriptions = append(c.Subscriptions, newSubscription(&v.Holdings[i], v.Now))
	}
	for i := range v.Devices {
		c.Devices = append(c.Devices, device{BoundAt: api.At(v.Devices[i].BoundAt), LastSeenAt: api.At(v.Devices[i].LastSeenAt)})
	}
	return c
}

func newSubscription(h *latchkey.Holding, now time.Time) subscription {
	s := subscription{Name: h.Name, Level: h.Level, Status: "active", ExpiresAt: api.At(h.ExpiresAt), License: h.LicenseKey.Last4()}
	switch {
	case h.Expired(now):
		s.Status = "expired"
	case h.Paused():
		s.Status = "paused"
	}
	if !h.IsLifetime() {
		s.SecondsLeft = new(int64(h.TimeLeft(now) / time.Second))
	}
	return s
}

// openSession is one of the customer's sessions.
type openSession struct {
	ID         string   `json:"id"`
	Kind       string   `json:"kind"` // program, page
	Current    bool     `json:"current,omitzero"`
	IP         string   `json:"ip,omitempty"`
	Browser    string   `json:"browser,omitempty"`
	SignedInAt api.Time `json:"signed_in_at"`
	LastSeenAt api.Time `json:"last_seen_at,omitzero"`
	ExpiresAt  api.Time `json:"expires_at"`
}

type openSessions struct {
	Sessions []openSession `json:"sessions"`
}

func newSessions(v *service.PanelSessions) openSessions {
	out := openSessions{Sessions: []openSession{}}
	for i := range v.Programs {
		s := &v.Programs[i]
		out.Sessions = append(out.Sessions, openSession{ID: s.ID, Kind: "program", IP: s.IP, SignedInAt: api.At(s.SignedInAt),
			LastSeenAt: api.At(s.LastSeenAt), ExpiresAt: api.At(s.ExpiresAt)})
	}
	for i := range v.Pages {
		s := &v.Pages[i]
		out.Sessions = append(out.Sessions, openSession{ID: s.ID, Kind: "page", Current: s.ID == v.Current, IP: s.IP, Browser: s.UserAgent,
			SignedInAt: api.At(s.CreatedAt), LastSeenAt: api.At(s.LastSeenAt), ExpiresAt: api.At(s.ExpiresAt)})
	}
	return out
}

// file is one that the seller shows here.
type file struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size,omitzero"` // absent of one whose content lies elsewhere
	SHA256 string `json:"sha256,omitempty"`
}

type files struct {
	Files []file `json:"files"`
}
