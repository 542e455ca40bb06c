package latchkey

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// PanelButton is a button of the seller's on their customers' own page. Pressed,
// it has the page call the customer's running program by Value, which is a path
// of the program's on the customer's computer.
type PanelButton struct {
	Text  string `json:"text"`  // what stands on it
	Value string `json:"value"` // what the program is called by
}

// Limits of buttons.
const (
	MaxPanelButtons     = 20 // of an app
	MaxPanelButtonText  = 50 // characters
	MaxPanelButtonValue = 64 // bytes
)

// panelHandshake is the path of a program that takes the sign-in of its user.
const panelHandshake = "handshake"

func checkPanelButtons(list []PanelButton) error {
	bad := Invalid("panel_buttons", "Up to 20 buttons, each with a text of 1 to 50 printable characters and a value of its own: 1 to 64 letters, digits, dots, hyphens and underscores, but not \"handshake\".")
	if len(list) > MaxPanelButtons {
		return bad
	}
	values := map[string]bool{panelHandshake: true}
	for _, b := range list {
		if values[b.Value] || !isPanelButtonValue(b.Value) || !isPanelButtonText(b.Text) {
			return bad
		}
		values[b.Value] = true
	}
	return nil
}

func isPanelButtonText(t string) bool {
	return t != "" && utf8.ValidString(t) && utf8.RuneCountInString(t) <= MaxPanelButtonText && strings.TrimSpace(t) == t &&
		!strings.ContainsFunc(t, func(r rune) bool { return !unicode.IsPrint(r) })
}

// isPanelButtonValue reports whether a value is one segment of a path that needs
// no escaping, and leads nowhere else.
func isPanelButtonValue(v string) bool {
	return v != "" && len(v) <= MaxPanelButtonValue && strings.Trim(v, ".") != "" &&
		!strings.ContainsFunc(v, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r))
		})
}
