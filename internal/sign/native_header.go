package sign

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
)

// Headers of an answer of the native protocol. Each stands there exactly once.
const (
	HeaderNativeSignature = "Latchkey-Signature" // 128 lower-case hex digits
	HeaderNativeKey       = "Latchkey-Key"       // key id, 32 lower-case hex digits
	HeaderNativeTime      = "Latchkey-Time"      // Unix milliseconds, decimal
)

// Headers of a request of the native protocol.
const (
	HeaderNativeApp   = "Latchkey-App"   // the application's id
	HeaderNativeNonce = "Latchkey-Nonce" // 32 lower-case hex digits, never used before
	HeaderNativeKeys  = "Latchkey-Keys"  // key ids that the client trusts, best first
)

// NativePrefix is where the signed part of a path begins.
const NativePrefix = "/api/client/v1/"

// MaxNativeKeys bounds the key ids in [HeaderNativeKeys].
const MaxNativeKeys = 8

// maxNativeTime is the largest integer that every JSON reader keeps exactly.
const maxNativeTime = 1<<53 - 1

// IsNativeNonce reports whether a nonce has its one form: 128 bits in 32
// lower-case hex digits.
func IsNativeNonce(text string) bool {
	_, ok := lowerHex(text, 16)
	return ok
}

// IsNativeKeyID reports whether text has the form of a key id.
func IsNativeKeyID(text string) bool {
	_, ok := lowerHex(text, 16)
	return ok
}

// ParseNativeTime reads a moment as [HeaderNativeTime] has it: one spelling for
// each, from 1 to 2^53-1.
func ParseNativeTime(text string) (ms int64, ok bool) {
	ms, err := strconv.ParseInt(text, 10, 64)
	return ms, err == nil && ms > 0 && ms <= maxNativeTime && strconv.FormatInt(ms, 10) == text
}

// NativeRequest is what a client has asked and therefore knows by itself.
type NativeRequest struct {
	AppID  string
	Method string
	Target string
	Nonce  string
	Body   []byte
}

// ErrNativeAnswer is wrapped by every refusal of [VerifyNativeAnswer].
var ErrNativeAnswer = errors.New("the answer is not proven to be the server's")

// VerifyNativeAnswer judges a whole answer as a client does: that each of the
// three headers stands there once and in its one form, that the key is one of
// the pinned ones, and that the signature binds the answer to the request. It
// returns the server's time. Header has canonical names, as net/http gives them.
func VerifyNativeAnswer(pinned []ed25519.PublicKey, asked *NativeRequest, header map[string][]string, status int, body []byte) (ms int64, err error) {
	var value [3]string
	for i, name := range []string{HeaderNativeSignature, HeaderNativeKey, HeaderNativeTime} {
		if len(header[name]) != 1 {
			return 0, fmt.Errorf("%w: %d headers %s", ErrNativeAnswer, len(header[name]), name)
		}
		value[i] = header[name][0]
	}
	ms, ok := ParseNativeTime(value[2])
	if !ok {
		return 0, fmt.Errorf("%w: malformed time", ErrNativeAnswer)
	}
	if status < 100 || status > 999 {
		return 0, fmt.Errorf("%w: malformed status", ErrNativeAnswer)
	}
	sent := sha256.Sum256(asked.Body)
	a := NativeAnswer{KeyID: value[1], AppID: asked.AppID, Method: asked.Method, Target: asked.Target, RequestHash: sent[:],
		Nonce: asked.Nonce, Time: ms, Status: status, BodyHash: sha256.Sum256(body)}
	for _, public := range pinned {
		if NativeKeyID(public) == value[1] {
			if !VerifyNative(public, &a, value[0]) {
				return 0, fmt.Errorf("%w: wrong signature", ErrNativeAnswer)
			}
			return ms, nil
		}
	}
	return 0, fmt.Errorf("%w: unknown key", ErrNativeAnswer)
}
