package sign

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// Context strings of the native protocol. Each kind of signed bytes begins with
// its own, so that no signature can be passed off as one of another kind.
const (
	nativeAnswerContext     = "latchkey-resp-v1"
	nativeKeyContext        = "latchkey-key-v1"
	nativeSuccessionContext = "latchkey-succ-v1"
)

// NativeAnswer is what the signature on an answer of the native protocol binds
// together. docs/client-protocol.md has the canonical bytes.
type NativeAnswer struct {
	KeyID  string // of the signing key, see [NativeKeyID]
	AppID  string // as the client sent it in Latchkey-App
	Method string // "POST"
	Target string // path from /api/client/v1/ on, and the query with its "?" if there is one
	// RequestHash is the SHA-256 of the request's body; empty if the server has
	// not read the body to its end. No client accepts such an answer.
	RequestHash []byte
	Nonce       string // as sent in Latchkey-Nonce; "" if that was missing or malformed
	Time        int64  // of the server, in Unix milliseconds
	Status      int    // the HTTP status
	BodyHash    [sha256.Size]byte
}

// AppendCanonical appends the bytes that are signed: each field with its length
// before it, since fields that merely stand one after the other could be cut
// elsewhere and read as other fields.
func (a *NativeAnswer) AppendCanonical(b []byte) []byte {
	var digits [20]byte
	b = appendText(b, nativeAnswerContext)
	b = appendText(b, a.KeyID)
	b = appendText(b, a.AppID)
	b = appendText(b, a.Method)
	b = appendText(b, a.Target)
	b = appendField(b, a.RequestHash)
	b = appendText(b, a.Nonce)
	b = appendField(b, strconv.AppendInt(digits[:0], a.Time, 10))
	b = appendField(b, strconv.AppendInt(digits[:0], int64(a.Status), 10))
	return appendField(b, a.BodyHash[:])
}

func appendText(b []byte, field string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(field))), field...)
}

func appendField(b, field []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(field))), field...)
}

// canonicalSize is enough for the canonical bytes of ordinary answers, so that
// they are built on the stack.
const canonicalSize = 512

// NativeKeyID names a public key: the first 16 bytes of a SHA-256 over it, in
// 32 lower-case hex digits.
func NativeKeyID(public ed25519.PublicKey) string {
	var space [64]byte
	sum := sha256.Sum256(appendField(appendText(space[:0], nativeKeyContext), public))
	return hex.EncodeToString(sum[:16])
}

// NativeKey signs answers of one application. It is safe for concurrent use.
type NativeKey struct {
	ID      string
	private ed25519.PrivateKey
}

// NewNativeKey returns the signer of a private key.
func NewNativeKey(private ed25519.PrivateKey) *NativeKey {
	return &NativeKey{ID: NativeKeyID(private.Public().(ed25519.PublicKey)), private: private}
}

// Sign signs an answer, whose KeyID it sets; the signature is 128 lower-case
// hex digits.
func (k *NativeKey) Sign(a *NativeAnswer) string {
	a.KeyID = k.ID
	var space [canonicalSize]byte
	return k.signHex(a.AppendCanonical(space[:0]))
}

func (k *NativeKey) signHex(message []byte) string {
	var digits [2 * ed25519.SignatureSize]byte
	hex.Encode(digits[:], ed25519.Sign(k.private, message))
	return string(digits[:])
}

// VerifyNative reports whether signature is that of the answer under the
// public key that the answer names. Everything in the answer but KeyID, Time,
// Status and BodyHash must be what the caller itself has asked, never what an
// answer says of it.
func VerifyNative(public ed25519.PublicKey, a *NativeAnswer, signature string) bool {
	if len(public) != ed25519.PublicKeySize || len(a.RequestHash) != sha256.Size || !IsNativeNonce(a.Nonce) || a.KeyID != NativeKeyID(public) {
		return false
	}
	var space [canonicalSize]byte
	return verifyHex(public, a.AppendCanonical(space[:0]), signature)
}

// verifyHex accepts one spelling of a signature only.
func verifyHex(public ed25519.PublicKey, message []byte, signature string) bool {
	sig, ok := lowerHex(signature, ed25519.SignatureSize)
	return ok && ed25519.Verify(public, message, sig)
}

// lowerHex reads exactly size bytes of lower-case hex.
func lowerHex(text string, size int) ([]byte, bool) {
	b, err := hex.DecodeString(text)
	return b, err == nil && len(b) == size && hex.EncodeToString(b) == text
}
