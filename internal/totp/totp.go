// Package totp makes and recognises the codes of authenticator apps (RFC 6238:
// SHA-1, 6 digits, 30 seconds, what all of them can). It is pure: whose seed it
// is, which step has been used up and how often somebody may try is the
// service's business.
package totp

import (
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	otptotp "github.com/pquerna/otp/totp"
)

const (
	// Digits is the length of a code.
	Digits = 6
	// Period is how long a code is shown.
	Period = 30 * time.Second

	seedBytes = 20 // 160 bits, as RFC 4226 recommends
	skew      = 1  // steps that a clock may be off, either way
)

// NewSeed returns what an authenticator and the server share. It fails only if
// rand does.
func NewSeed(rand io.Reader) ([]byte, error) {
	seed := make([]byte, seedBytes)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return seed, nil
}

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text is a seed as people type it into an authenticator.
func Text(seed []byte) string { return encoding.EncodeToString(seed) }

// URI is a seed as authenticators scan it, with what they show beside the code:
// who asks for it, and for whom.
func URI(issuer, account string, seed []byte) (string, error) {
	// A colon is what parts the two in it.
	plain := strings.NewReplacer(":", " ")
	key, err := otptotp.Generate(otptotp.GenerateOpts{Issuer: plain.Replace(issuer), AccountName: plain.Replace(account), Secret: seed})
	if err != nil {
		return "", fmt.Errorf("make otpauth URI: %w", err)
	}
	return key.URL(), nil
}

// IsCode reports whether text has the form of a code: six ASCII digits and
// nothing else, no space around them and no digits of other scripts.
func IsCode(text string) bool {
	if len(text) != Digits {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// Step is the number of the period that a moment falls into.
func Step(now time.Time) int64 { return now.Unix() / int64(Period/time.Second) }

// Code is what an authenticator shows in a step, from 0 on.
func Code(seed []byte, step int64) (string, error) {
	code, err := hotp.GenerateCodeCustom(Text(seed), uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", fmt.Errorf("make code: %w", err)
	}
	return code, nil
}

// Match returns the step of a code: the one of now, or the one before or after
// it, for clocks that are a little off. Whoever lets somebody in by it must see
// to it that no step is good twice.
func Match(seed []byte, code string, now time.Time) (step int64, ok bool) {
	if !IsCode(code) {
		return 0, false
	}
	for s := Step(now) + skew; s >= Step(now)-skew; s-- {
		want, err := Code(seed, s)
		if err != nil {
			return 0, false
		}
		// All are compared, so that the time does not tell which it was.
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}
