package client

// Prefix is where every path of the native client API begins. What stands
// before it in an address is no part of the signed target.
const Prefix = "/api/client/v1/"

// Paths of the functions, after [Prefix].
const (
	PathInit             = "init"
	PathKeys             = "keys"
	PathLicense          = "license"
	PathLogin            = "login"
	PathRegister         = "register"
	PathTwoFactorVerify  = "two-factor/verify"
	PathTwoFactorEnroll  = "two-factor/enroll"
	PathTwoFactorConfirm = "two-factor/confirm"
	PathTwoFactorDisable = "two-factor/disable"
	PathUpgrade          = "upgrade"
	PathCheck            = "check"
	PathLogout           = "logout"
	PathForgot           = "password/forgot"
	PathRename           = "user/rename"
	PathBan              = "user/ban"
	PathVariable         = "variables/get"
	PathUserVariable     = "user-variables/get"
	PathSetUserVariable  = "user-variables/set"
	PathFileInfo         = "files/info"
	PathFileContent      = "files/content"
	PathLog              = "log"
	PathWebhook          = "webhooks/call"
	PathChatMessages     = "chat/messages"
	PathChatSend         = "chat/send"
	PathBlacklist        = "blacklist/check"
	PathOnline           = "online"
	PathStats            = "stats"
)

// Stage is how far a session has come. A token never gains rights: each stage
// has a token of its own.
type Stage string

// The stages, each with more rights than the one before, but for the second,
// which opens the one call that it waits for.
const (
	StageNone      Stage = ""
	StageStarted   Stage = "started"
	StageTwoFactor Stage = "two_factor"
	StageSignedIn  Stage = "signed_in"
)

// Repetition says what the same request, sent again, does.
type Repetition string

// The kinds of repetition.
const (
	// RepeatReads has no effect.
	RepeatReads Repetition = "reads"
	// RepeatFindsDone has its effect once by its nature: the second time finds
	// it done and answers as the first time.
	RepeatFindsDone Repetition = "finds_done"
	// RepeatRemembered has its effect once because the server remembers nonce
	// and answer.
	RepeatRemembered Repetition = "remembered"
)

// Function is one call of the API.
type Function struct {
	Path   string
	Stage  Stage // the token that it asks for; started also admits signed_in
	Repeat Repetition
}

// Functions is the one table of calls. A change of it is a change of
// docs/client-protocol.md.
func Functions() []Function {
	return []Function{
		{PathInit, StageNone, RepeatReads},
		{PathKeys, StageNone, RepeatReads},
		{PathLicense, StageStarted, RepeatFindsDone},
		{PathLogin, StageStarted, RepeatFindsDone},
		{PathRegister, StageStarted, RepeatFindsDone},
		{PathTwoFactorVerify, StageTwoFactor, RepeatFindsDone},
		{PathTwoFactorEnroll, StageSignedIn, RepeatRemembered},
		{PathTwoFactorConfirm, StageSignedIn, RepeatRemembered},
		{PathTwoFactorDisable, StageSignedIn, RepeatRemembered},
		{PathUpgrade, StageStarted, RepeatFindsDone},
		{PathCheck, StageSignedIn, RepeatReads},
		{PathLogout, StageStarted, RepeatFindsDone},
		{PathForgot, StageStarted, RepeatRemembered},
		{PathRename, StageSignedIn, RepeatRemembered},
		{PathBan, StageSignedIn, RepeatRemembered},
		{PathVariable, StageStarted, RepeatReads},
		{PathUserVariable, StageSignedIn, RepeatReads},
		{PathSetUserVariable, StageSignedIn, RepeatFindsDone},
		{PathFileInfo, StageStarted, RepeatReads},
		{PathFileContent, StageStarted, RepeatReads},
		{PathLog, StageStarted, RepeatRemembered},
		{PathWebhook, StageStarted, RepeatRemembered},
		{PathChatMessages, StageSignedIn, RepeatReads},
		{PathChatSend, StageSignedIn, RepeatRemembered},
		{PathBlacklist, StageStarted, RepeatReads},
		{PathOnline, StageStarted, RepeatReads},
		{PathStats, StageStarted, RepeatReads},
	}
}

// Limits of requests and answers, in bytes unless said otherwise.
const (
	MaxRequest     = 64 << 10
	MaxAnswer      = 8 << 20 // what a client reads of one answer
	MaxSession     = 1024    // characters of a token of a session
	MaxToken       = 128     // characters of a token that the seller hands out
	MaxContent     = 4 << 20 // of a file in one answer
	MinHWID        = 8
	MaxHWID        = 256
	MaxName        = 70 // user names, license keys and names of variables, in characters
	MaxPassword    = 1024
	MaxEmail       = 254
	MaxCode        = 64 // characters of a recovery code, as somebody may type it
	MaxUserValue   = 4 << 10
	MaxLogMessage  = 1024 // characters
	MaxDeviceName  = 100  // characters
	MaxReason      = 100  // characters
	MaxChatMessage = 2000 // characters
	MaxWebhookBody = 16 << 10
	MaxParameters  = 16 // of a webhook
	MaxID          = 64 // characters of the id of a file or webhook

	MaxParameterName  = 64 // characters
	MaxParameterValue = 1024
)
