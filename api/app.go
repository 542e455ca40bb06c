package api

// App is a seller's program.
type App struct {
	ID              string            `json:"id"`
	Name            string            `json:"name"`
	OwnerID         string            `json:"owner_id" doc:"Names the owner on the compatible client API; 10 characters."`
	Version         string            `json:"version" doc:"The same as settings.version."`
	ClientPublicKey string            `json:"client_public_key" doc:"Ed25519, hex: verifies answers of the native client API. While a rotation's overlap runs, the old one."`
	CompatPublicKey string            `json:"compat_public_key" doc:"Ed25519, hex: verifies answers of the compatible client API 1.3. While a rotation's overlap runs, the old one."`
	NextClientKey   *NextKey          `json:"next_client_key,omitempty" doc:"While a rotation's overlap runs: the new key. Build it into new programs."`
	NextCompatKey   *NextKey          `json:"next_compat_key,omitempty" doc:"While a rotation's overlap runs: the new key, which signs nothing before its end."`
	Settings        Settings          `json:"settings"`
	Messages        map[string]string `json:"messages" doc:"The texts that the seller changed, by name of the message."`
	PausedAt        Time              `json:"paused_at,omitzero"`
	DisabledAt      Time              `json:"disabled_at,omitzero"`
	CreatedAt       Time              `json:"created_at"`
	UpdatedAt       Time              `json:"updated_at"`
}

// NextKey is a public key that takes over from the one beside it.
type NextKey struct {
	PublicKey  string `json:"public_key" doc:"Ed25519, hex."`
	ActiveFrom Time   `json:"active_from" doc:"From then on it signs all answers."`
	OldUntil   Time   `json:"old_until" doc:"When the one beside it ends: then, or before if it was replaced twice."`
}

// AppCreated is a new app with its secrets.
type AppCreated struct {
	App
	Secret    string `json:"secret" doc:"64 hex digits, for the compatible client API."`
	SellerKey string `json:"seller_key" doc:"32 hex digits, for the compatible seller API."`
}

// AppList is a page of apps.
type AppList struct {
	Apps []App  `json:"apps"`
	Next string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// Settings is what a seller decides about an app.
type Settings struct {
	Version             string        `json:"version"`
	DownloadURL         string        `json:"download_url" doc:"Where outdated programs are sent; empty: nowhere."`
	AcceptProtocols     []string      `json:"accept_protocols" doc:"Versions of the client API that the app answers to."`
	DeviceRule          bool          `json:"device_rule" doc:"Bind users to their devices."`
	ForceHWID           bool          `json:"force_hwid" doc:"Refuse sign-ins without a hardware id."`
	MinHWIDLength       int64         `json:"min_hwid_length" doc:"In characters."`
	DevicesPerUser      int64         `json:"devices_per_user"`
	HWIDResetCooldown   int64         `json:"hwid_reset_cooldown" doc:"Seconds between two resets by the user."`
	SessionLength       int64         `json:"session_length" doc:"Seconds."`
	OneSessionPerUser   bool          `json:"one_session_per_user"`
	MinUsernameLength   int64         `json:"min_username_length" doc:"In characters."`
	HashCheck           bool          `json:"hash_check" doc:"Refuse programs whose file hash is not in hashes."`
	Hashes              []string      `json:"hashes" doc:"Lower-case hex."`
	ForceEncryption     bool          `json:"force_encryption" doc:"Refuse an init without an encryption key."`
	MinKeyBits          int64         `json:"min_key_bits" doc:"Least strength of a license mask, in bits."`
	VPNBlock            bool          `json:"vpn_block" doc:"Refuse addresses of VPNs, proxies and hosting providers."`
	AllowedCountries    []string      `json:"allowed_countries" doc:"ISO 3166-1 codes; empty: all countries."`
	TokenSystem         bool          `json:"token_system" doc:"Refuse an init without a token."`
	LeakedPasswordCheck bool          `json:"leaked_password_check" doc:"Refuse passwords that are known from data breaches."`
	HashLearn           bool          `json:"hash_learn" doc:"While hashes is empty, list the first hash that a program sends."`
	BanDevices          bool          `json:"ban_devices" doc:"A ban by the program blacklists the user's devices."`
	BanIP               bool          `json:"ban_ip" doc:"A ban by the program blacklists the caller's address."`
	IPLogging           bool          `json:"ip_logging" doc:"Keep the addresses of users."`
	IPRetention         int64         `json:"ip_retention" doc:"Days for which addresses of users are kept."`
	LogRetention        int64         `json:"log_retention" doc:"Days for which log lines of programs are kept."`
	CustomerPanel       bool          `json:"customer_panel" doc:"Customers have a page of their own."`
	PanelButtons        []PanelButton `json:"panel_buttons" doc:"Buttons of the seller's on that page."`
	DeviceResetApproval bool          `json:"device_reset_approval" doc:"A reset by the user waits until it is approved."`
}

// PanelButton is a button on customers' own pages, which calls their running program.
type PanelButton struct {
	Text  string `json:"text" minLength:"1" maxLength:"50" doc:"What stands on it." example:"Start"`
	Value string `json:"value" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9._-]+$" doc:"What the program is called by, different in each." example:"start"`
}

// CreateApp asks for an app, or for a clone of one.
type CreateApp struct {
	Name string `json:"name" minLength:"1" maxLength:"70" example:"Demo"`
}

// UpdateApp is what to change of an app; fields left out stay.
type UpdateApp struct {
	Name     *string                     `json:"name,omitempty" minLength:"1" maxLength:"70"`
	Settings *UpdateSettings             `json:"settings,omitempty"`
	Messages map[string]Nullable[string] `json:"messages,omitempty" doc:"Texts by name of the message; null puts the default back."`
}

// UpdateSettings is what to change of an app's settings; fields left out stay.
type UpdateSettings struct {
	Version             *string        `json:"version,omitempty" minLength:"1" maxLength:"32"`
	DownloadURL         *string        `json:"download_url,omitempty" maxLength:"2048"`
	AcceptProtocols     *[]string      `json:"accept_protocols,omitempty" maxItems:"5" enum:"native,1.3,1.2,1.1,1.0"`
	DeviceRule          *bool          `json:"device_rule,omitempty"`
	ForceHWID           *bool          `json:"force_hwid,omitempty"`
	MinHWIDLength       *int64         `json:"min_hwid_length,omitempty" minimum:"8" maximum:"256"`
	DevicesPerUser      *int64         `json:"devices_per_user,omitempty" minimum:"1" maximum:"1000"`
	HWIDResetCooldown   *int64         `json:"hwid_reset_cooldown,omitempty" minimum:"0" maximum:"31536000" doc:"Seconds."`
	SessionLength       *int64         `json:"session_length,omitempty" minimum:"60" maximum:"604800" doc:"Seconds."`
	OneSessionPerUser   *bool          `json:"one_session_per_user,omitempty"`
	MinUsernameLength   *int64         `json:"min_username_length,omitempty" minimum:"1" maximum:"70"`
	HashCheck           *bool          `json:"hash_check,omitempty"`
	Hashes              *[]string      `json:"hashes,omitempty" maxItems:"100" minLength:"32" maxLength:"128"`
	ForceEncryption     *bool          `json:"force_encryption,omitempty"`
	MinKeyBits          *int64         `json:"min_key_bits,omitempty" minimum:"40" maximum:"256"`
	VPNBlock            *bool          `json:"vpn_block,omitempty"`
	AllowedCountries    *[]string      `json:"allowed_countries,omitempty" maxItems:"250" minLength:"2" maxLength:"2"`
	TokenSystem         *bool          `json:"token_system,omitempty"`
	LeakedPasswordCheck *bool          `json:"leaked_password_check,omitempty"`
	HashLearn           *bool          `json:"hash_learn,omitempty"`
	BanDevices          *bool          `json:"ban_devices,omitempty"`
	BanIP               *bool          `json:"ban_ip,omitempty"`
	IPLogging           *bool          `json:"ip_logging,omitempty"`
	IPRetention         *int64         `json:"ip_retention,omitempty" minimum:"1" maximum:"3650" doc:"Days."`
	LogRetention        *int64         `json:"log_retention,omitempty" minimum:"1" maximum:"3650" doc:"Days."`
	CustomerPanel       *bool          `json:"customer_panel,omitempty"`
	PanelButtons        *[]PanelButton `json:"panel_buttons,omitempty" maxItems:"20"`
	DeviceResetApproval *bool          `json:"device_reset_approval,omitempty"`
}

// AppSecrets is what an app's owner puts into programs and keeps.
type AppSecrets struct {
	Secret          string       `json:"secret" doc:"64 hex digits, for the compatible client API."`
	SellerKey       string       `json:"seller_key" doc:"32 hex digits, for the compatible seller API."`
	ClientPublicKey string       `json:"client_public_key" doc:"Ed25519, hex."`
	CompatPublicKey string       `json:"compat_public_key" doc:"Ed25519, hex."`
	Credentials     []Credential `json:"credentials" doc:"Every generation in force or to come, newest first."`
}

// Credential is one generation of one of an app's secrets.
type Credential struct {
	ID         string `json:"id"`
	Kind       string `json:"kind" enum:"secret,seller_key,client_key,compat_key"`
	Value      string `json:"value,omitempty" doc:"Of secret and seller_key; signing keys never leave the server."`
	PublicKey  string `json:"public_key,omitempty" doc:"Hex, of the signing keys."`
	ActiveFrom Time   `json:"active_from"`
	RetiresAt  Time   `json:"retires_at,omitzero" doc:"Absent: not replaced."`
	CreatedAt  Time   `json:"created_at"`
}

// RotateCredentials replaces credentials.
type RotateCredentials struct {
	Kinds   []string `json:"kinds" minItems:"1" maxItems:"4" enum:"secret,seller_key,client_key,compat_key"`
	Overlap int64    `json:"overlap,omitempty" minimum:"0" maximum:"2592000" doc:"Seconds for which the old ones stay in force."`
}

// AppStats is how many licenses and users an app has.
type AppStats struct {
	Licenses      LicenseCounts `json:"licenses"`
	Users         UserCounts    `json:"users"`
	ResetRequests int64         `json:"reset_requests" doc:"Users who wait for a reset of their devices."`
	Online        int64         `json:"online" doc:"Sessions seen in the last ten minutes, as it was some seconds ago at most."`
}

// DailyStats is what happened in an app, day by day, oldest first.
type DailyStats struct {
	Data           []DayStats `json:"data" doc:"One entry for each day, also where nothing happened."`
	TellsCountries bool       `json:"tells_countries" doc:"Whether this server has a geolocation file that tells countries, by which sign-ins are counted now."`
}

// DayStats is what happened in an app on a day.
type DayStats struct {
	Day             string           `json:"day" doc:"In UTC, such as 2026-11-01."`
	SignIns         int64            `json:"sign_ins"`
	Registrations   int64            `json:"registrations" doc:"New users, whether a license or the seller made them."`
	Redemptions     int64            `json:"redemptions" doc:"Of licenses, by customers or the seller."`
	LicensesCreated int64            `json:"licenses_created" doc:"Also imported ones."`
	OnlinePeak      int64            `json:"online_peak" doc:"The most sessions online at once, looked at every five minutes."`
	Refused         int64            `json:"refused" doc:"Calls of programs that were refused."`
	RefusedBy       map[string]int64 `json:"refused_by" doc:"The same by error code."`
	Countries       map[string]int64 `json:"countries" doc:"Sign-ins by the country of the address, as ISO 3166 code; ZZ is one that the geolocation file does not know. Only while the server has such a file and the app keeps addresses."`
	Versions        map[string]int64 `json:"versions" doc:"Starts of programs by the version that they said they are, also refused ones; the empty name stands for further versions."`
}

// UserCounts is how many users an app has.
type UserCounts struct {
	Total  int64 `json:"total"`
	Banned int64 `json:"banned" doc:"Of all."`
}
