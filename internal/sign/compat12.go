package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Compat12Key returns the HMAC key of version 1.2 of the compatible client API
// for a session whose program sent encKey at init: encKey, a dash and the
// app's secret, all as text. Answers to init itself are signed with the secret
// alone.
func Compat12Key(encKey, secret string) string { return encKey + "-" + secret }

// Compat12 signs an answer of version 1.2 of the compatible client API:
// HMAC-SHA256 of the exact body bytes under key, in 64 lower-case hex digits.
func Compat12(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	var sum [sha256.Size]byte
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], mac.Sum(sum[:0]))
	return string(digits[:])
}

// VerifyCompat12 reports whether signature is exactly what [Compat12] gives,
// in constant time.
func VerifyCompat12(key string, body []byte, signature string) bool {
	return hmac.Equal([]byte(Compat12(key, body)), []byte(signature))
}
