package latchkey

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of chats.
const (
	MaxChatDelay       = 3600 // seconds
	DefaultChatHistory = 100  // messages
	MaxChatHistory     = 1000
	ShownChatMessages  = 50   // that programs are given
	MaxChatMessage     = 2000 // characters
	DefaultChatAuthor  = "System"
)

// Channel is a chat of an application, in which its users talk.
type Channel struct {
	ID        string
	AppID     string
	Name      string // unique in the app, compared exactly
	Delay     int64  // seconds between two messages of one user; 0: none
	History   int64  // how many messages are kept; older ones go
	MinLevel  int64  // who reads or writes has an active subscription of it; 0: any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Check refuses settings out of their ranges, naming the first bad field.
func (c *Channel) Check() error {
	if err := CheckName("name", c.Name); err != nil {
		return err
	}
	switch {
	case c.Delay < 0 || c.Delay > MaxChatDelay:
		return Invalid("delay", "The delay is 0 to 3,600 seconds.")
	case c.History < 1 || c.History > MaxChatHistory:
		return Invalid("history", "A channel keeps 1 to 1,000 messages.")
	case c.MinLevel < 0 || c.MinLevel > MaxLevel:
		return Invalid("min_level", "A level is a number from 1 to 1,000,000, or 0 for none.")
	}
	return nil
}

// Pause is how long a user waits after a message before the next one.
func (c *Channel) Pause() time.Duration { return time.Duration(c.Delay) * time.Second }

// ChatMessage is what somebody said in a channel.
type ChatMessage struct {
	ID        string
	AppID     string
	ChannelID string
	UserID    string // "" if the seller said it
	// Author is the user's name as it now is, or the name under which the
	// seller spoke. With LicenseNamed it is a license key: treat it as a [Secret].
	Author       string
	LicenseNamed bool
	Text         string // encrypted at rest
	SentAt       time.Time
}

// AuthorFor is the author's name as one user of the app may see it. Whoever is
// named by a license is told apart from others without showing them the key; a
// customer sees their own name as it is.
func (m *ChatMessage) AuthorFor(userID string) string {
	if !m.LicenseNamed || m.UserID == userID {
		return m.Author
	}
	return maskedKey(m.Author) + "-" + Secret(m.UserID).Last4()
}

// maskedKey shows at most an eighth of a key, so that what is hidden is as hard
// to guess as before, and not how long it is.
func maskedKey(key string) string {
	const most = 4
	runes := []rune(key)
	return string(runes[:min(most, len(runes)/8)]) + "******"
}

// CheckChatText refuses what cannot be said: nothing, or more than
// [MaxChatMessage] characters of UTF-8.
func CheckChatText(text string) error {
	if strings.TrimSpace(text) == "" {
		return Invalid("text", "A message is not blank.")
	}
	if utf8.RuneCountInString(text) > MaxChatMessage {
		return Invalid("text", "A message has at most 2,000 characters.")
	}
	return checkText("text", text, MaxChatMessage)
}

// Mute keeps a user from writing in the chats of an application.
type Mute struct {
	ID        string
	AppID     string
	UserID    string
	Until     time.Time
	Reason    string
	CreatedAt time.Time
	CreatedBy string // id of the account or API key
}

// Check refuses a mute without a future or with a reason that is too long.
func (m *Mute) Check(now time.Time) error {
	if !m.Until.After(now) || m.Until.After(Never()) {
		return Invalid("until", "A mute ends in the future.")
	}
	return CheckReason(m.Reason)
}

// Refuse is the refusal of what a muted user says.
func (m *Mute) Refuse() error {
	e := Fail(CodeChatMuted)
	e.Reason, e.Until = m.Reason, m.Until
	return e
}
