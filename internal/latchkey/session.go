package latchkey

import "time"

// Session is one run of a seller's program that has signed in. Before sign-in
// a session is only its token; nothing is stored.
type Session struct {
	ID          string
	AppID       string
	UserID      string  // "" in the stone that a log-out without sign-in leaves
	DeviceID    string  // "" without a device
	HWID        HWIDKey // of what the sign-in sent, bound or not; zero: nothing
	Protocol    Protocol
	IP          string
	AuthVersion int64 // the user's at sign-in; the session ends when they differ
	CreatedAt   time.Time
	SignedInAt  time.Time
	LastSeenAt  time.Time
	ExpiresAt   time.Time
	EndedAt     time.Time // zero while open
	EndedReason SessionEnd
}

// Stage is how far a session of the native protocol has come. Each stage has a
// token of its own, so that none ever gains rights. Of the other protocols
// every session stays [StageStarted], also when somebody has signed in with it.
type Stage string

// The stages.
const (
	StageStarted   Stage = "started"
	StageTwoFactor Stage = "two_factor" // the password was right; a code is asked for
	StageSignedIn  Stage = "signed_in"
)

// Opens refuses a call that needs a token of another stage: one that signed in
// may do what one that started may, and no other stands in for another.
func (s Stage) Opens(needed Stage) error {
	switch {
	case s == needed, s == StageSignedIn && needed == StageStarted:
		return nil
	case s == StageStarted && needed == StageSignedIn:
		return Fail(CodeSessionNotSignedIn)
	}
	return Fail(CodeSessionNotFound)
}

// SessionEnd says why a session ended before its time.
type SessionEnd string

// The reasons.
const (
	EndLogout      SessionEnd = "logout"
	EndKilled      SessionEnd = "killed"
	EndReplaced    SessionEnd = "replaced" // one session per user
	EndUserDeleted SessionEnd = "user_deleted"
)

// Bounds of an application's session length, in seconds.
const (
	MinSessionLength     = 60
	MaxSessionLength     = 7 * 86_400
	DefaultSessionLength = 6 * 3600
)

// Protocol is a version of the client API.
type Protocol string

// The protocols. Native and 1.3 are on for a new application.
const (
	ProtocolNative Protocol = "native"
	Protocol13     Protocol = "1.3"
	Protocol12     Protocol = "1.2"
	Protocol11     Protocol = "1.1"
	Protocol10     Protocol = "1.0"
)

// ProtocolPanel stands in the sign-in history for a customer's own page. It is
// no protocol that programs speak, nor one that an app accepts.
const ProtocolPanel Protocol = "panel"

// Protocols returns every protocol, newest first.
func Protocols() []Protocol {
	return []Protocol{ProtocolNative, Protocol13, Protocol12, Protocol11, Protocol10}
}
