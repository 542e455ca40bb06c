package api

// Session is one run of a seller's program with somebody signed in.
type Session struct {
	ID           string `json:"id"`
	UserID       string `json:"user_id"`
	Username     string `json:"username"`
	LicenseNamed bool   `json:"license_named" doc:"The user name is a license key."`
	DeviceID     string `json:"device_id,omitempty"`
	Protocol     string `json:"protocol"`
	IP           string `json:"ip"`
	CreatedAt    Time   `json:"created_at"`
	SignedInAt   Time   `json:"signed_in_at"`
	LastSeenAt   Time   `json:"last_seen_at"`
	ExpiresAt    Time   `json:"expires_at"`
}

// SessionList is a page of sessions.
type SessionList struct {
	Sessions []Session `json:"sessions"`
	Next     string    `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}
