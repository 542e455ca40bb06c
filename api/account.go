package api

// Account is a person who signs in to the dashboard.
type Account struct {
	ID            string `json:"id"`
	Email         string `json:"email"`
	OwnerID       string `json:"owner_id" doc:"Names the account on the compatible client API; 10 characters."`
	Administrator bool   `json:"administrator" doc:"Operates this server."`
	CreatedAt     Time   `json:"created_at"`
	UpdatedAt     Time   `json:"updated_at"`
	DisabledAt    Time   `json:"disabled_at,omitzero" doc:"Absent: the account is open."`
}

// AccountList is a page of accounts.
type AccountList struct {
	Accounts []Account `json:"accounts"`
	Next     string    `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// CreateAccount asks for a further account.
type CreateAccount struct {
	Email    string `json:"email" minLength:"3" maxLength:"254" example:"ann@example.com"`
	Password string `json:"password" minLength:"1" maxLength:"1024" writeOnly:"true" doc:"10 to 1,024 bytes."`

	Administrator bool `json:"administrator,omitempty" doc:"Operates this server too: sees and changes all accounts."`
}

// Setup makes the server's first account.
type Setup struct {
	Token    string `json:"token" minLength:"1" maxLength:"256" writeOnly:"true" doc:"From the setup link that the server printed."`
	Email    string `json:"email" minLength:"3" maxLength:"254" example:"ann@example.com"`
	Password string `json:"password" minLength:"1" maxLength:"1024" writeOnly:"true" doc:"10 to 1,024 bytes."`
}

// SetupDone is the first account with an API key that is shown this once.
type SetupDone struct {
	AccountID string `json:"account_id"`
	APIKey    string `json:"api_key" doc:"Has every permission. Keep it: it is never shown again."`
}

// SignIn starts a dashboard session.
type SignIn struct {
	Email    string `json:"email" minLength:"1" maxLength:"254"`
	Password string `json:"password" minLength:"1" maxLength:"1024" writeOnly:"true"`
}

// CurrentSession is the dashboard session of the cookie.
type CurrentSession struct {
	Account   Account `json:"account"`
	SessionID string  `json:"session_id"`

	ConfirmedUntil Time `json:"confirmed_until" doc:"Until then nothing asks for the password once more."`
}

// Confirm asks for what needs the password once more.
type Confirm struct {
	Password string `json:"password" minLength:"1" maxLength:"1024" writeOnly:"true"`
}

// Confirmed is until when the password counts.
type Confirmed struct {
	ConfirmedUntil Time `json:"confirmed_until"`
}

// ChangePassword needs the current password and ends every other session.
type ChangePassword struct {
	Current string `json:"current" minLength:"1" maxLength:"1024" writeOnly:"true"`
	New     string `json:"new" minLength:"1" maxLength:"1024" writeOnly:"true" doc:"10 to 1,024 bytes."`
}

// AccountSession is a dashboard sign-in.
type AccountSession struct {
	ID         string `json:"id"`
	Current    bool   `json:"current" doc:"The session that asks."`
	IP         string `json:"ip"`
	UserAgent  string `json:"user_agent"`
	CreatedAt  Time   `json:"created_at"`
	LastSeenAt Time   `json:"last_seen_at"`
	ExpiresAt  Time   `json:"expires_at"`
}

// AccountSessionList is every open dashboard session of the account.
type AccountSessionList struct {
	Sessions []AccountSession `json:"sessions"`
}

// ChangeEmail needs the password.
type ChangeEmail struct {
	Email    string `json:"email" minLength:"3" maxLength:"254" example:"ann@example.com"`
	Password string `json:"password" minLength:"1" maxLength:"1024" writeOnly:"true"`
}

// AccountSignIn is a line of the account's log of sign-ins.
type AccountSignIn struct {
	ID        string `json:"id"`
	At        Time   `json:"at"`
	Succeeded bool   `json:"succeeded" doc:"false: the password was wrong."`
	Method    string `json:"method" enum:"password,setup,confirm" doc:"password, setup (by the link that the server printed), or confirm (the password of who was signed in already, once more)."`
	IP        string `json:"ip"`
	UserAgent string `json:"user_agent"`
}

// AccountSignInList is a page of sign-ins.
type AccountSignInList struct {
	SignIns []AccountSignIn `json:"sign_ins"`
	Next    string          `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// APIKey is a machine's credential. It never holds the key itself.
type APIKey struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Permissions []string `json:"permissions"`
	AppIDs      []string `json:"app_ids" doc:"The applications that it reaches; empty: all of the account's."`
	Last4       string   `json:"last4" doc:"The key's last four characters."`
	CreatedAt   Time     `json:"created_at"`
	ExpiresAt   Time     `json:"expires_at,omitzero" doc:"Absent: never."`
	LastUsedAt  Time     `json:"last_used_at,omitzero"`
}

// APIKeyCreated is a new API key with, this once, the key itself.
type APIKeyCreated struct {
	APIKey
	Key string `json:"key" doc:"Keep it: it is never shown again."`
}

// APIKeyList is a page of API keys.
type APIKeyList struct {
	APIKeys []APIKey `json:"api_keys"`
	Next    string   `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// CreateAPIKey asks for an API key.
type CreateAPIKey struct {
	Name        string   `json:"name" minLength:"1" maxLength:"70" example:"shop"`
	Permissions []string `json:"permissions" minItems:"1" maxItems:"64" example:"licenses.read,licenses.create" doc:"Within those of whoever asks."`
	AppIDs      []string `json:"app_ids,omitempty" maxItems:"100" doc:"Applications that it reaches; empty or absent: all of the account's."`
	ExpiresAt   *Time    `json:"expires_at,omitempty" doc:"Absent: never."`
}

// UpdateAPIKey changes an API key; fields that are left out stay as they are.
type UpdateAPIKey struct {
	Name        *string        `json:"name,omitempty" minLength:"1" maxLength:"70" example:"shop"`
	Permissions *[]string      `json:"permissions,omitempty" minItems:"1" maxItems:"64" example:"licenses.read,licenses.create"`
	AppIDs      *[]string      `json:"app_ids,omitempty" maxItems:"100" doc:"Applications that it reaches; empty: all of the account's."`
	ExpiresAt   Nullable[Time] `json:"expires_at,omitzero" doc:"null: never."`
}
