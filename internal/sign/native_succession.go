package sign

import (
	"crypto/ed25519"
	"strconv"
)

// Succession is a key's word for its successor: whoever trusts the key may
// trust the successor's answers for the same application. It is made when keys
// are rotated with an overlap, never when a key has leaked.
type Succession struct {
	AppID     string
	KeyID     string            // of the key that vouches
	Successor ed25519.PublicKey // whom it vouches for
	From      int64             // when the successor was made, in Unix milliseconds
}

func (s *Succession) canonical() []byte {
	b := appendText(make([]byte, 0, canonicalSize), nativeSuccessionContext)
	b = appendText(b, s.AppID)
	b = appendText(b, s.KeyID)
	b = appendField(b, s.Successor)
	return appendText(b, strconv.FormatInt(s.From, 10))
}

// Vouch signs a statement, whose KeyID it sets; the signature is 128 lower-case
// hex digits and always the same for the same statement.
func (k *NativeKey) Vouch(s *Succession) string {
	s.KeyID = k.ID
	return k.signHex(s.canonical())
}

// VerifySuccession reports whether the key public has made the statement.
func VerifySuccession(public ed25519.PublicKey, s *Succession, signature string) bool {
	return len(public) == ed25519.PublicKeySize && len(s.Successor) == ed25519.PublicKeySize && s.From > 0 && s.From <= maxNativeTime &&
		s.KeyID == NativeKeyID(public) && verifyHex(public, s.canonical(), signature)
}
