package latchkey

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is text that must not reach a log, an error or a JSON body by
// accident: license keys, application secrets, tokens. Only Reveal gives it.
type Secret string

const redacted = "[redacted]"

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// Last4 returns the last four characters, which are kept in clear for search.
// Secrets shorter than twelve characters have none: four would be too large a
// part of them.
func (s Secret) Last4() string {
	r := []rune(string(s))
	if len(r) < 12 {
		return ""
	}
	return string(r[len(r)-4:])
}

// Format redacts under every verb of fmt; without it a wrong one, such as %d,
// would print the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String, GoString, LogValue and MarshalText redact.
func (s Secret) String() string               { return redacted }
func (s Secret) GoString() string             { return redacted }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
