package latchkey

import (
	"slices"
	"time"
)

// MinAccountPassword is the least length of an account's password, in bytes.
const MinAccountPassword = 10

// Account is a person who signs in to the dashboard.
type Account struct {
	ID            string
	OwnerID       string // public id of its apps on the compatible wire, 10 characters
	Email         string
	PasswordHash  string
	Administrator bool // the operator of this server
	AuthVersion   int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
	DisabledAt    time.Time // by an administrator: nobody signs in with it; zero: not
}

// AccountSession is a dashboard sign-in.
type AccountSession struct {
	ID         string
	AccountID  string
	IP         string
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time

	ConfirmedAt time.Time // when the password was last typed in
}

// AccountSignIn is a line of an account's log of sign-ins.
type AccountSignIn struct {
	ID        string
	AccountID string
	At        time.Time
	IP        string
	UserAgent string
	Method    string // one of the SignInBy constants
	Succeeded bool
}

// How somebody showed who they are.
const (
	SignInByPassword = "password"
	SignInBySetup    = "setup"   // the link that the server printed
	SignInByConfirm  = "confirm" // the password of who is signed in, once more
)

// AccountSignInsKept is how long an account's log of sign-ins reaches back.
const AccountSignInsKept = 90 * 24 * time.Hour

// ConfirmationLasts is for how long a password that was typed in counts for what
// asks for it anew.
const ConfirmationLasts = 15 * time.Minute

// PreviousTokenLasts is for how long a dashboard session's token is good after
// the session has got another one.
const PreviousTokenLasts = 30 * time.Second

// How long a dashboard session lives: idle, unless the operator lets it end
// earlier, but not before the least; and at most.
const (
	AccountSessionIdle      = 12 * time.Hour
	LeastAccountSessionIdle = 30 * time.Minute
	AccountSessionMax       = 7 * 24 * time.Hour
)

// APIKey is a machine's credential for the management API.
type APIKey struct {
	ID          string
	AccountID   string
	Name        string
	Permissions []Permission
	AppIDs      []string // the apps that it reaches; empty: all of the account's
	Last4       string
	CreatedAt   time.Time
	ExpiresAt   time.Time // zero: never
	LastUsedAt  time.Time
}

// Permission is what a call of the management API asks for.
type Permission string

// The permissions. Secrets and deletion of apps are apart from changing them.
const (
	PermAppsRead           Permission = "apps.read"
	PermAppsCreate         Permission = "apps.create"
	PermAppsUpdate         Permission = "apps.update"
	PermAppsSecrets        Permission = "apps.secrets"
	PermAppsDelete         Permission = "apps.delete"
	PermSubscriptionsRead  Permission = "subscriptions.read"
	PermSubscriptionsWrite Permission = "subscriptions.write"
	PermLicensesRead       Permission = "licenses.read"
	PermLicensesCreate     Permission = "licenses.create"
	PermLicensesUpdate     Permission = "licenses.update"
	PermLicensesBan        Permission = "licenses.ban"
	PermLicensesDelete     Permission = "licenses.delete"
	PermUsersRead          Permission = "users.read"
	PermUsersCreate        Permission = "users.create"
	PermUsersUpdate        Permission = "users.update"
	PermUsersBan           Permission = "users.ban"
	PermUsersDelete        Permission = "users.delete"
	PermSessionsRead       Permission = "sessions.read"
	PermSessionsKill       Permission = "sessions.kill"
	PermVariablesRead      Permission = "variables.read"
	PermVariablesWrite     Permission = "variables.write"
	PermFilesRead          Permission = "files.read"
	PermFilesWrite         Permission = "files.write"
	PermWebhooksRead       Permission = "webhooks.read"
	PermWebhooksWrite      Permission = "webhooks.write"
	PermChatsRead          Permission = "chats.read"
	PermChatsWrite         Permission = "chats.write"
	PermLogsRead           Permission = "logs.read"
	PermLogsWrite          Permission = "logs.write"
	PermTokensRead         Permission = "tokens.read"
	PermTokensWrite        Permission = "tokens.write"
	PermBlacklistsRead     Permission = "blacklists.read"
	PermBlacklistsWrite    Permission = "blacklists.write"
	PermWhitelistsRead     Permission = "whitelists.read"
	PermWhitelistsWrite    Permission = "whitelists.write"
	PermAuditRead          Permission = "audit.read"
	PermAccount            Permission = "account"       // the account itself and its API keys
	PermAdministrator      Permission = "administrator" // the server: accounts
)

// Permissions returns every permission.
func Permissions() []Permission {
	return []Permission{
		PermAppsRead, PermAppsCreate, PermAppsUpdate, PermAppsSecrets, PermAppsDelete,
		PermSubscriptionsRead, PermSubscriptionsWrite,
		PermLicensesRead, PermLicensesCreate, PermLicensesUpdate, PermLicensesBan, PermLicensesDelete,
		PermUsersRead, PermUsersCreate, PermUsersUpdate, PermUsersBan, PermUsersDelete,
		PermSessionsRead, PermSessionsKill,
		PermVariablesRead, PermVariablesWrite,
		PermFilesRead, PermFilesWrite,
		PermWebhooksRead, PermWebhooksWrite,
		PermChatsRead, PermChatsWrite,
		PermLogsRead, PermLogsWrite,
		PermTokensRead, PermTokensWrite,
		PermBlacklistsRead, PermBlacklistsWrite,
		PermWhitelistsRead, PermWhitelistsWrite,
		PermAuditRead, PermAccount, PermAdministrator,
	}
}

// CheckPermissions refuses an empty list, unknown names and repetitions.
func CheckPermissions(list []Permission) error {
	if len(list) == 0 {
		return Invalid("permissions", "An API key has at least one permission.")
	}
	for i, p := range list {
		if !slices.Contains(Permissions(), p) || slices.Contains(list[:i], p) {
			return Invalid("permissions", "There is no such permission, or it is named twice.")
		}
	}
	return nil
}
