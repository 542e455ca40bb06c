package latchkey

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A customer's second factor: a code of their authenticator, or one of the
// recovery codes that they got when they set it up.
const (
	TwoFactorPending = 5 * time.Minute  // how long an enrolment waits for its first code
	CodeTries        = 5                // codes of one user that are tried
	CodeWindow       = 15 * time.Minute // in this time
	RecoveryCodes    = 10               // made with each enrolment

	recoveryBytes = 10 // 80 random bits: 16 digits of base 32
	recoveryGroup = 4
)

// SignInTokenLife is how long a token for one sign-in is good: a page hands it
// to a program on the same computer.
const SignInTokenLife = time.Minute

// TwoFactor is the second factor of a user, or an enrolment that waits for its
// first code.
type TwoFactor struct {
	AppID        string
	UserID       string
	Seed         []byte
	ConfirmedAt  time.Time // zero: an enrolment
	PendingUntil time.Time // of an enrolment
	CreatedAt    time.Time
}

// NewRecoveryCode returns a code such as 7k2m-x9qd-04vt-hs8n. It fails only if
// rand does.
func NewRecoveryCode(rand io.Reader) (Secret, error) {
	var b [recoveryBytes]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	var out strings.Builder
	var bits, n uint
	for i := 0; i < recoveryBytes*8/5; i++ {
		if i > 0 && i%recoveryGroup == 0 {
			out.WriteByte('-')
		}
		for n < 5 {
			bits, n = bits<<8|uint(b[0]), n+8
			copy(b[:], b[1:])
		}
		n -= 5
		out.WriteByte(crockford[bits>>n&31])
	}
	return Secret(out.String()), nil
}

// NormalizeRecoveryCode returns the form of a recovery code that decides
// look-up: letters may be typed large or small, o for 0 and i or l for 1, and
// with or without hyphens and spaces. ok is false for what is none.
func NormalizeRecoveryCode(text string) (code Secret, ok bool) {
	if len(text) > 64 {
		return "", false
	}
	out := make([]byte, 0, recoveryBytes*8/5)
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '-' || c == ' ':
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		switch c {
		case 'o':
			c = '0'
		case 'i', 'l':
			c = '1'
		}
		if strings.IndexByte(crockford, c) < 0 {
			return "", false
		}
		out = append(out, c)
	}
	return Secret(out), len(out) == recoveryBytes*8/5
}
