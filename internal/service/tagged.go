package service

import (
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// What of each thing an edit can change, and so what two edits may not both
// believe to be as it was. License keys and hardware ids never change.

func (v AccountView) tagged() any {
	return struct {
		ID, Email     string
		Administrator bool
		DisabledAt    time.Time
	}{v.ID, v.Email, v.Administrator, v.DisabledAt}
}

func (v AppView) tagged() any {
	messages := v.Messages
	if len(messages) == 0 {
		messages = nil // none and an empty list are one
	}
	return struct {
		ID, Name             string
		Settings             latchkey.Settings
		Messages             latchkey.Messages
		PausedAt, DisabledAt time.Time
	}{v.ID, v.Name, v.Settings, messages, v.PausedAt, v.DisabledAt}
}

func (s AppSecrets) tagged() any {
	type generation struct {
		ID        string
		RetiresAt time.Time
	}
	list := make([]generation, len(s.Credentials))
	for i, c := range s.Credentials {
		list[i] = generation{c.ID, c.RetiresAt}
	}
	return list
}

func (v SubscriptionView) tagged() any { return v.Subscription }

func (v ChannelView) tagged() any { return v.Channel }

func (v LicenseView) tagged() any { return v.License }

func (v VariableView) tagged() any {
	return struct {
		ID, Name, Value string // in clear: a tag is keyed
		NeedsSignIn     bool
		MinLevel        int64
	}{v.ID, v.Name, v.Value.Reveal(), v.NeedsSignIn, v.MinLevel}
}

func (v UserVariableView) tagged() any {
	return struct {
		ID, Value string
		ReadOnly  bool
	}{v.ID, v.Value.Reveal(), v.ReadOnly}
}

func (v AccessView) tagged() any {
	return struct {
		ID, Reason string
		ExpiresAt  time.Time
	}{v.ID, v.Reason, v.ExpiresAt}
}

func (v APIKeyView) tagged() any {
	return struct {
		ID, Name    string
		Permissions []latchkey.Permission
		AppIDs      []string
		ExpiresAt   time.Time
	}{v.ID, v.Name, v.Permissions, append([]string{}, v.AppIDs...), v.ExpiresAt}
}

func (v TokenView) tagged() any { // of which the value never changes
	return v.Token
}

func (v UserView) tagged() any {
	type holding struct {
		ID, License         string
		ExpiresAt, PausedAt time.Time
	}
	type device struct {
		ID      string
		BoundAt time.Time
	}
	user := v.User
	user.LastSignInAt, user.LastIP, user.UpdatedAt = time.Time{}, "", time.Time{}
	user.PasswordHash = "" // a new password raises AuthVersion; a new hash of the old one changes nothing
	holdings, devices := make([]holding, len(v.Holdings)), make([]device, len(v.Devices))
	for i, h := range v.Holdings {
		holdings[i] = holding{h.ID, h.LicenseID, h.ExpiresAt, h.PausedAt}
	}
	for i, d := range v.Devices {
		devices[i] = device{d.ID, d.BoundAt}
	}
	return struct {
		User     latchkey.User
		Holdings []holding
		Devices  []device
	}{user, holdings, devices}
}

func (v FileView) tagged() any {
	return struct {
		ID, Name, Link, Blob, SHA256 string
		NeedsSignIn                  bool
		MinLevel                     int64
	}{v.ID, v.Name, v.Link.Reveal(), v.BlobID, v.SHA256, v.NeedsSignIn, v.MinLevel}
}

func (v WebhookView) tagged() any {
	return struct {
		ID, Name, URL, UserAgent string
		NeedsSignIn, ShowAnswer  bool
		MinLevel                 int64
	}{v.ID, v.Name, v.URL.Reveal(), v.UserAgent, v.NeedsSignIn, v.ShowAnswer, v.MinLevel}
}
