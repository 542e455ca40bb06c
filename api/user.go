package api

// User is a customer of an app.
type User struct {
	ID               string    `json:"id"`
	Username         string    `json:"username"`
	LicenseNamed     bool      `json:"license_named" doc:"The name is the license key that made the user."`
	PasswordState    string    `json:"password_state" enum:"none,set,first_sign_in"`
	PasswordUntil    Time      `json:"password_until,omitzero" doc:"Until when the first sign-in may set the password."`
	Email            string    `json:"email,omitempty"`
	HWIDAffected     bool      `json:"hwid_affected" doc:"Whether the device rule applies."`
	DeviceLimit      *int64    `json:"device_limit,omitempty" doc:"Absent: the app's."`
	TwoFactor        bool      `json:"two_factor" doc:"The user signs in with a code as well."`
	BannedAt         Time      `json:"banned_at,omitzero"`
	BanReason        string    `json:"ban_reason,omitempty"`
	BannedWith       string    `json:"banned_with,omitempty" doc:"Id of the license whose ban took the user along."`
	LicenseID        string    `json:"license_id,omitempty" doc:"The license that made the user."`
	CreatedAt        Time      `json:"created_at"`
	CreatedBy        string    `json:"created_by" doc:"Id of the account or API key."`
	LastSignInAt     Time      `json:"last_sign_in_at,omitzero"`
	LastIP           string    `json:"last_ip,omitempty"`
	DevicesResetAt   Time      `json:"devices_reset_at,omitzero" doc:"Last reset by the user, or that they had asked for."`
	ResetRequestedAt Time      `json:"reset_requested_at,omitzero" doc:"Since when a reset of devices that the user asked for waits to be approved."`
	ResetDeclinedAt  Time      `json:"reset_declined_at,omitzero" doc:"When one was declined last; absent after a reset."`
	UpdatedAt        Time      `json:"updated_at"`
	Subscriptions    []Holding `json:"subscriptions"`
	Devices          []Device  `json:"devices"`
}

// UserList is a page of users.
type UserList struct {
	Users []User `json:"users"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// Holding is a subscription that a user holds.
type Holding struct {
	ID             string `json:"id"`
	SubscriptionID string `json:"subscription_id"`
	Name           string `json:"name" doc:"Of the subscription."`
	Level          int64  `json:"level"`
	Status         string `json:"status" enum:"active,paused,expired"`
	Lifetime       bool   `json:"lifetime"`
	ExpiresAt      Time   `json:"expires_at,omitzero" doc:"Absent for a lifetime. While paused it moves on."`
	SecondsLeft    *int64 `json:"seconds_left,omitempty" doc:"Absent for a lifetime."`
	PausedAt       Time   `json:"paused_at,omitzero" doc:"Paused for this user alone."`
	LicenseID      string `json:"license_id,omitempty" doc:"The license that gave or last extended it."`
	LicenseKey     string `json:"license_key,omitempty"`
	CreatedAt      Time   `json:"created_at"`
	UpdatedAt      Time   `json:"updated_at"`
}

// Device is a hardware id that a user signs in from.
type Device struct {
	ID         string `json:"id"`
	HWID       string `json:"hwid"`
	BoundAt    Time   `json:"bound_at"`
	LastSeenAt Time   `json:"last_seen_at,omitzero"`
}

// CreateUser asks for a user made by hand.
type CreateUser struct {
	Username       string `json:"username" minLength:"1" maxLength:"70"`
	Password       string `json:"password,omitempty" maxLength:"1024" writeOnly:"true" doc:"Left out: set at the first sign-in, within 14 days."`
	Email          string `json:"email,omitempty" maxLength:"254"`
	SubscriptionID string `json:"subscription_id,omitempty" maxLength:"64" doc:"Left out: none yet."`
	Duration       string `json:"duration,omitempty" maxLength:"32" example:"30d" doc:"Needed with a subscription."`
	HWIDAffected   *bool  `json:"hwid_affected,omitempty" doc:"True if left out."`
}

// UpdateUser is what to change of a user; fields left out stay.
type UpdateUser struct {
	Username      *string         `json:"username,omitempty" minLength:"1" maxLength:"70"`
	Email         *string         `json:"email,omitempty" maxLength:"254" doc:"Empty removes it."`
	Password      *string         `json:"password,omitempty" minLength:"1" maxLength:"1024" writeOnly:"true" doc:"Ends the user's sessions."`
	ClearPassword bool            `json:"clear_password,omitempty" doc:"The next sign-in sets it, within 14 days."`
	HWIDAffected  *bool           `json:"hwid_affected,omitempty"`
	DeviceLimit   Nullable[int64] `json:"device_limit,omitzero" minimum:"1" maximum:"1000" doc:"Null: the app's."`
}

// BanUser bans a user.
type BanUser struct {
	Reason           string `json:"reason,omitempty" maxLength:"500"`
	BlacklistDevices bool   `json:"blacklist_devices,omitempty" doc:"Put the devices that the user is bound to, and no other user who is not banned, on the blacklist, until the ban is lifted. Needs blacklists.write."`
	BlacklistIP      bool   `json:"blacklist_ip,omitempty" doc:"Put the address that the user signed in from last on the blacklist (of IPv6 the network of 64 bits), until the ban is lifted. Needs blacklists.write."`
}

// DeclineReset turns down a user's request for a reset of their devices.
type DeclineReset struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"For the audit log; the user is not told."`
}

// BanUsers bans many users.
type BanUsers struct {
	UserSelection
	BanUser
}

// SignInToken signs a user in to a program once, in place of the password and
// the second factor.
type SignInToken struct {
	Username  string `json:"username"`
	Token     string `json:"token" doc:"For the program on the user's own computer. It is never shown again."`
	ExpiresAt Time   `json:"expires_at" doc:"A minute after it was made."`
}

// RedeemLicense redeems a license for a user.
type RedeemLicense struct {
	Key string `json:"key" minLength:"1" maxLength:"256"`
}

// AddSubscription gives a user a subscription, or more time of it.
type AddSubscription struct {
	SubscriptionID string `json:"subscription_id" minLength:"1" maxLength:"64"`
	Duration       string `json:"duration" minLength:"1" maxLength:"32" example:"30d"`
}

// UserSelection names users for a bulk action: exactly one of ids, filter and all.
type UserSelection struct {
	IDs     []string        `json:"ids,omitempty" maxItems:"1000"`
	Filter  *UserConditions `json:"filter,omitempty" doc:"Those that the list shows when it is narrowed by the same. Like all, done in chunks."`
	All     bool            `json:"all,omitempty"`
	Active  bool            `json:"active,omitempty" doc:"Narrows all, or the filter's, to users with an active subscription."`
	Expired bool            `json:"expired,omitempty" doc:"Narrows them to users who hold subscriptions, all of them expired."`
	DryRun  bool            `json:"dry_run,omitempty" doc:"Change nothing; the answer says what would be changed."`
}

// UserConditions narrow a list of users; those left out do not. At least one is
// given.
type UserConditions struct {
	Search         string `json:"search,omitempty" maxLength:"254" doc:"As of the list of users, of at least 3 characters."`
	Banned         *bool  `json:"banned,omitempty"`
	SubscriptionID string `json:"subscription_id,omitempty" maxLength:"64" doc:"Only users who hold this subscription."`
	ResetRequested *bool  `json:"reset_requested,omitempty" doc:"Whether they wait for a reset of their devices."`
	Time           string `json:"time,omitempty" enum:"left,over,none" doc:"As of the list of users."`
	ExpiresAfter   Time   `json:"expires_after,omitzero" doc:"As of the list of users."`
	ExpiresBefore  Time   `json:"expires_before,omitzero" doc:"As of the list of users."`
}

// UsersChanged is the outcome of a bulk action on users.
type UsersChanged struct {
	Change
	Skipped map[string]int64 `json:"skipped" doc:"How many were refused for which reason: the error code that the call for one user would have answered with."`
	Before  UserCounts       `json:"before" doc:"Of the whole application."`
	After   UserCounts       `json:"after" doc:"Of the whole application, with what others have changed meanwhile."`
	DryRun  bool             `json:"dry_run,omitempty" doc:"Nothing was changed: this is what would be."`
}

// ChangeTime adds time to, or takes it from, users' subscriptions.
type ChangeTime struct {
	UserSelection
	SubscriptionID string `json:"subscription_id,omitempty" maxLength:"64" doc:"Left out: every one that a user holds."`
	Duration       string `json:"duration" minLength:"1" maxLength:"32" example:"30d"`
	Subtract       bool   `json:"subtract,omitempty"`
}

// UserSignIn is one line of a user's sign-in history.
type UserSignIn struct {
	ID       string `json:"id"`
	At       Time   `json:"at"`
	IP       string `json:"ip"`
	DeviceID string `json:"device_id,omitempty"`
	Protocol string `json:"protocol"`
	Method   string `json:"method" doc:"license, login, register or token."`
}

// UserSignInList is a page of sign-ins.
type UserSignInList struct {
	SignIns []UserSignIn `json:"sign_ins"`
	Next    string       `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}
