package sign

import (
	"crypto/ed25519"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Compat13 signs an answer of version 1.3 of the compatible client API at the
// time at. The signed message is the timestamp, Unix seconds in decimal,
// followed by the exact body bytes, under Ed25519 without prehash; signature is
// 128 lower-case hex digits.
//
// Nothing divides timestamp and body. What keeps a body's first digits from
// being passed off as the timestamp's last is that a timestamp has ten digits,
// as all have from 2001-09-09 to 2286-11-20; at must lie between these.
func Compat13(key ed25519.PrivateKey, at time.Time, body []byte) (signature, timestamp string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	var digits [2 * ed25519.SignatureSize]byte
	var space [1024]byte // holds nearly every message, and is no garbage
	hex.Encode(digits[:], ed25519.Sign(key, appendCompat13(space[:0], timestamp, body)))
	return string(digits[:]), timestamp
}

// VerifyCompat13 reports whether signature and timestamp are what [Compat13]
// gives for body. How old a timestamp may be is for the caller to judge.
func VerifyCompat13(public ed25519.PublicKey, timestamp string, body []byte, signature string) bool {
	if !isCompat13Timestamp(timestamp) {
		return false
	}
	sig, err := hex.DecodeString(signature)
	if err != nil || hex.EncodeToString(sig) != signature {
		return false
	}
	return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, appendCompat13(nil, timestamp, body), sig)
}

// appendCompat13 appends what is signed.
func appendCompat13(b []byte, timestamp string, body []byte) []byte {
	return append(append(b, timestamp...), body...)
}

// isCompat13Timestamp allows ten digits without a leading zero: one spelling
// for each second.
func isCompat13Timestamp(text string) bool {
	return len(text) == 10 && text[0] != '0' && strings.Trim(text, "0123456789") == ""
}
