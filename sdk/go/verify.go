package latchkey

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
)

const (
	headerSignature = "Latchkey-Signature"
	headerKey       = "Latchkey-Key"
	headerTime      = "Latchkey-Time"
	headerApp       = "Latchkey-App"
	headerNonce     = "Latchkey-Nonce"
	headerKeys      = "Latchkey-Keys"

	contextAnswer     = "latchkey-resp-v1"
	contextKey        = "latchkey-key-v1"
	contextSuccession = "latchkey-succ-v1"
)

// asked is one request, with all that its answer must be bound to.
type asked struct {
	app    string
	method string
	target string
	nonce  string
	body   [sha256.Size]byte // its hash
}

// proof is what an answer carries to prove itself.
type proof struct {
	key       string
	signature string
	ms        int64 // the server's time
}

// readProof takes the three headers, each of which must be there once.
func readProof(h http.Header) (p proof, err error) {
	for _, field := range []struct {
		name string
		size int // bytes in hex, 0: a time
		to   *string
	}{{headerSignature, ed25519.SignatureSize, &p.signature}, {headerKey, 16, &p.key}} {
		values := h.Values(field.name)
		if len(values) != 1 {
			return p, fmt.Errorf("%w: header %s stands there %d times", ErrUnverified, field.name, len(values))
		}
		if _, ok := lowerHex(values[0], field.size); !ok {
			return p, fmt.Errorf("%w: header %s is malformed", ErrUnverified, field.name)
		}
		*field.to = values[0]
	}
	values := h.Values(headerTime)
	if len(values) != 1 {
		return p, fmt.Errorf("%w: header %s stands there %d times", ErrUnverified, headerTime, len(values))
	}
	p.ms, err = strconv.ParseInt(values[0], 10, 64)
	if err != nil || p.ms < 1 || p.ms > maxTime || strconv.FormatInt(p.ms, 10) != values[0] {
		return p, fmt.Errorf("%w: header %s is malformed", ErrUnverified, headerTime)
	}
	return p, nil
}

const nonceSize = 16 // bytes

// maxTime is the largest integer that every JSON reader keeps exactly.
const maxTime = 1<<53 - 1

// errUnknownKey is wrapped where an answer is signed by a key that is not
// trusted; a trusted one may vouch for it.
var errUnknownKey = fmt.Errorf("%w: it is signed by a key that is not trusted", ErrUnverified)

// verify reports whether the answer to a request is proven under a trusted key.
func verify(trusted []ed25519.PublicKey, a *asked, p proof, status int, body []byte) error {
	if _, ok := lowerHex(a.nonce, nonceSize); !ok {
		return fmt.Errorf("%w: it answers no nonce", ErrUnverified)
	}
	public := findKey(trusted, p.key)
	if public == nil {
		return errUnknownKey
	}
	got := sha256.Sum256(body)
	message := frame(contextAnswer, p.key, a.app, a.method, a.target, string(a.body[:]), a.nonce,
		strconv.FormatInt(p.ms, 10), strconv.Itoa(status), string(got[:]))
	if !verifyHex(public, message, p.signature) {
		return fmt.Errorf("%w: the signature is wrong", ErrUnverified)
	}
	return nil
}

func findKey(trusted []ed25519.PublicKey, id string) (found ed25519.PublicKey) {
	for _, key := range trusted {
		if subtle.ConstantTimeCompare([]byte(keyID(key)), []byte(id)) == 1 {
			found = key
		}
	}
	return found
}

// keyID names a public key.
func keyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(frame(contextKey, string(public)))
	return hex.EncodeToString(sum[:16])
}

// frame writes fields one after the other, each after its length in four bytes.
func frame(fields ...string) []byte {
	b := make([]byte, 0, 512)
	for _, f := range fields {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
	}
	return b
}

func verifyHex(public ed25519.PublicKey, message []byte, signature string) bool {
	sig, ok := lowerHex(signature, ed25519.SignatureSize)
	return ok && len(public) == ed25519.PublicKeySize && ed25519.Verify(public, message, sig)
}

// lowerHex reads exactly size bytes of lower-case hex.
func lowerHex(text string, size int) ([]byte, bool) {
	b, err := hex.DecodeString(text)
	return b, err == nil && len(b) == size && hex.EncodeToString(b) == text
}
