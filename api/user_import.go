package api

// ImportedUser is a user as an import takes it, and as an export writes it; what
// else an export has of a user is left aside. Rows of files that other services
// wrote may have their names instead; docs/importing-and-exporting.md lists them.
type ImportedUser struct {
	Username      string                 `json:"username" minLength:"1" maxLength:"70"`
	LicenseNamed  bool                   `json:"license_named,omitempty" doc:"The name is the license key that made the user."`
	Password      string                 `json:"password,omitempty" maxLength:"1024" writeOnly:"true" doc:"In clear, or a bcrypt hash. At most 10,000 rows of a file have one in clear."`
	PasswordHash  string                 `json:"password_hash,omitempty" maxLength:"60" writeOnly:"true" doc:"$2a$, $2b$ or $2y$, of a cost up to 12. It is replaced at the first sign-in."`
	PasswordState string                 `json:"password_state,omitempty" enum:"none,set,first_sign_in" doc:"none: nobody signs in by password. Else a row without a password is one whose user sets it at the first sign-in, within 14 days."`
	Email         string                 `json:"email,omitempty" maxLength:"254"`
	HWIDAffected  *bool                  `json:"hwid_affected,omitempty" doc:"True if left out."`
	DeviceLimit   *int64                 `json:"device_limit,omitempty" minimum:"1" maximum:"1000"`
	BannedAt      Time                   `json:"banned_at,omitzero"`
	BanReason     string                 `json:"ban_reason,omitempty" maxLength:"500"`
	CreatedAt     Time                   `json:"created_at,omitzero" doc:"Now if left out."`
	LastSignInAt  Time                   `json:"last_sign_in_at,omitzero"`
	Subscriptions []ImportedSubscription `json:"subscriptions,omitempty"`
	Devices       []ImportedDevice       `json:"devices,omitempty" maxItems:"1000"`
}

// ImportedSubscription is a subscription that an imported user holds.
type ImportedSubscription struct {
	Name        string `json:"name,omitempty" maxLength:"70" doc:"Of a subscription of this application. Left out: all of the level."`
	Level       int64  `json:"level,omitempty" minimum:"1" maximum:"1000000"`
	ExpiresAt   Time   `json:"expires_at,omitzero" doc:"Needed unless it is a lifetime."`
	Lifetime    bool   `json:"lifetime,omitempty"`
	Status      string `json:"status,omitempty" enum:"active,paused,expired" doc:"Of a paused one, seconds_left is what remains."`
	PausedAt    Time   `json:"paused_at,omitzero" doc:"Paused for this user alone: it is so from now on."`
	SecondsLeft *int64 `json:"seconds_left,omitempty"`
}

// ImportedDevice is a device that an imported user is bound to.
type ImportedDevice struct {
	HWID       string `json:"hwid" minLength:"1" maxLength:"256"`
	BoundAt    Time   `json:"bound_at,omitzero" doc:"Now if left out."`
	LastSeenAt Time   `json:"last_seen_at,omitzero"`
}
