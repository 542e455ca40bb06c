package latchkey

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of what programs report, in characters.
const (
	MaxLogMessage = 1024
	MaxDeviceName = 100
)

// LogLine is what a program reports.
type LogLine struct {
	ID        string
	AppID     string
	UserID    string // "" if nobody had signed in
	Device    string // name of the computer, as the program gives it; "" if it gives none
	IP        string // "" if the app does not keep addresses, or not for so long
	Message   string
	CreatedAt time.Time
}

// CheckLogMessage refuses a message that is blank or too long.
func CheckLogMessage(message string) error {
	if strings.TrimSpace(message) == "" || utf8.RuneCountInString(message) > MaxLogMessage {
		return Invalid("message", "A message has 1 to 1,024 characters and is not blank.")
	}
	return checkText("message", message, MaxLogMessage)
}

// DeviceName is a name as it is kept: what is too long is cut off.
func DeviceName(name string) string {
	name = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", ""))
	if runes := []rune(name); len(runes) > MaxDeviceName {
		return strings.TrimSpace(string(runes[:MaxDeviceName]))
	}
	return name
}

// Mentions reports whether the line's message contains text, without regard to
// case.
func (l *LogLine) Mentions(text string) bool {
	return strings.Contains(strings.ToLower(l.Message), strings.ToLower(text))
}

// LogWebhook is where the lines of an app are posted as well: the address of a
// Discord channel's webhook, or of something that takes the same.
type LogWebhook struct {
	AppID     string
	URL       Secret // whoever has it can post
	CreatedAt time.Time
	StoppedAt time.Time // since the receiver wants no more; zero: it does
	Error     string    // why it wants no more
}
