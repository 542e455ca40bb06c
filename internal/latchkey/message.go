package latchkey

import (
	"strings"
	"unicode/utf8"
)

// MessageKey names a text that customers see and sellers may change.
type MessageKey string

// MaxMessageLength bounds a message, in characters.
const MaxMessageLength = 100

// The messages. Keys and default texts are facts of the compatible wire.
const (
	MsgAppDisabled      MessageKey = "appdisabled"
	MsgUsernameTaken    MessageKey = "usernametaken"
	MsgKeyNotFound      MessageKey = "keynotfound"
	MsgKeyUsed          MessageKey = "keyused"
	MsgNoSubLevel       MessageKey = "nosublevel"
	MsgUsernameNotFound MessageKey = "usernamenotfound"
	MsgPassMismatch     MessageKey = "passmismatch"
	MsgHWIDMismatch     MessageKey = "hwidmismatch"
	MsgNoActiveSubs     MessageKey = "noactivesubs"
	MsgHWIDBlacked      MessageKey = "hwidblacked"
	MsgPausedSub        MessageKey = "pausedsub"
	MsgVPNBlocked       MessageKey = "vpnblocked"
	MsgKeyBanned        MessageKey = "keybanned"
	MsgUserBanned       MessageKey = "userbanned"
	MsgSessionUnauthed  MessageKey = "sessionunauthed"
	MsgHashCheckFail    MessageKey = "hashcheckfail"
	MsgLoggedIn         MessageKey = "loggedInMsg"
	MsgPausedApp        MessageKey = "pausedApp"
	MsgUsernameTooShort MessageKey = "unTooShort"
	MsgPasswordLeaked   MessageKey = "pwLeaked"
	MsgChatHitDelay     MessageKey = "chatHitDelay"
	MsgTokenInvalid     MessageKey = "tokeninvalid"
)

// Message is a key with its default text.
type Message struct {
	Key     MessageKey
	Default string
}

// DefaultMessages returns every message in its order on the settings page.
func DefaultMessages() []Message {
	return []Message{
		{MsgLoggedIn, "Logged in!"},
		{MsgAppDisabled, "This application is disabled"},
		{MsgPausedApp, "Application is currently paused, please wait for the developer to say otherwise."},
		{MsgUsernameTaken, "Username already taken, choose a different one"},
		{MsgUsernameNotFound, "Invalid username"},
		{MsgUsernameTooShort, "Username too short, try longer one."},
		{MsgPassMismatch, "Password does not match."},
		{MsgPasswordLeaked, "This password has been leaked in a data breach (not from us), please use a different one."},
		{MsgUserBanned, "The user is banned"},
		{MsgKeyNotFound, "Invalid license key"},
		{MsgKeyUsed, "License key has already been used"},
		{MsgKeyBanned, "Your license is banned"},
		{MsgNoSubLevel, "There is no subscription created for your key level. Contact application developer."},
		{MsgNoActiveSubs, "No active subscription(s) found"},
		{MsgPausedSub, "Your subscription is paused and can't be used right now"},
		{MsgHWIDMismatch, "HWID doesn't match. Ask for a HWID reset"},
		{MsgHWIDBlacked, "You've been blacklisted from our application"},
		{MsgVPNBlocked, "VPNs are blocked on this application"},
		{MsgSessionUnauthed, "Session is not validated"},
		{MsgHashCheckFail, "This program hash does not match, make sure you're using latest version"},
		{MsgChatHitDelay, "Chat slower, you've hit the delay limit"},
		{MsgTokenInvalid, "Token Invalid"},
	}
}

// MessageOf returns the message that tells customers of a refusal; "" for
// refusals that have none.
func MessageOf(code Code) MessageKey {
	switch code {
	case CodeAppDisabled:
		return MsgAppDisabled
	case CodeAppPaused:
		return MsgPausedApp
	case CodeAppHash:
		return MsgHashCheckFail
	case CodeSessionNotSignedIn:
		return MsgSessionUnauthed
	case CodeUserNameShort:
		return MsgUsernameTooShort
	case CodeUserExists:
		return MsgUsernameTaken
	case CodeUserNotFound:
		return MsgUsernameNotFound
	case CodeUserBanned:
		return MsgUserBanned
	case CodePasswordWrong, CodePasswordAbsent:
		return MsgPassMismatch
	case CodePasswordLeaked:
		return MsgPasswordLeaked
	case CodeLicenseNotFound:
		return MsgKeyNotFound
	case CodeLicenseUsed:
		return MsgKeyUsed
	case CodeLicenseBanned:
		return MsgKeyBanned
	case CodeDeviceMismatch:
		return MsgHWIDMismatch
	case CodeSubscriptionNoLevel:
		return MsgNoSubLevel
	case CodeSubscriptionExpired:
		return MsgNoActiveSubs
	case CodeSubscriptionPaused:
		return MsgPausedSub
	case CodeClientBlacklisted:
		return MsgHWIDBlacked
	case CodeClientVPN:
		return MsgVPNBlocked
	case CodeTokenInvalid:
		return MsgTokenInvalid
	case CodeChatTooFast:
		return MsgChatHitDelay
	}
	return ""
}

// Messages holds the texts that a seller changed.
type Messages map[MessageKey]string

// Text returns the seller's text of a message, or the default, with {reason}
// filled in once: a reason that itself holds {reason} stays as it is.
func (m Messages) Text(key MessageKey, reason string) string {
	text, ok := m[key]
	if !ok {
		for _, d := range DefaultMessages() {
			if d.Key == key {
				text = d.Default
			}
		}
	}
	return strings.ReplaceAll(text, "{reason}", reason)
}

// ForCustomer is what a refusal says to a customer: the app's message, which its
// seller may have changed, unless there is something to say that is about this
// request alone. ok is false if there is no message for it.
func (m Messages) ForCustomer(e *Error) (text string, ok bool) {
	key := MessageOf(e.Code)
	if _, changed := m[key]; key == "" || !changed && e.Message != e.Code.Sentence() {
		return "", false
	}
	return m.Text(key, e.Reason), true
}

// Check refuses unknown keys and texts that are empty or too long.
func (m Messages) Check() error {
	known := map[MessageKey]bool{}
	for _, d := range DefaultMessages() {
		known[d.Key] = true
	}
	for key, text := range m {
		field := "messages." + string(key)
		switch {
		case !known[key]:
			return Invalid("messages", "There is no message of this name.")
		case text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > MaxMessageLength || strings.ContainsRune(text, 0):
			return Invalid(field, "A message has 1 to 100 characters.")
		}
	}
	return nil
}
