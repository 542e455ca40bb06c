package legacyapi

import (
	"encoding/hex"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// version is one version of the client API: how it writes a request down, what
// it adds to every answer and how it signs. The functions inside are the same
// for all versions.
type version interface {
	protocol() latchkey.Protocol
	// names makes those parameters plain that say what the call is.
	names(f *form)
	// open makes all others plain, once app and session are known.
	open(c *call) error
	// complete adds what every answer of the version holds. random is fresh.
	complete(a *answer, c *call, random [16]byte)
	// sign adds the signature of the exact body bytes. The call has its app.
	sign(h http.Header, c *call, now time.Time, body []byte)
	// seal returns the body as it is sent.
	seal(h http.Header, c *call, body []byte) []byte
}

// Signature headers. They are written in lower case, past Header.Set: widely
// used C++ clients look for exactly these bytes at the start of a line.
const (
	headerHMAC      = "signature"
	headerEd25519   = "x-signature-ed25519"
	headerTimestamp = "x-signature-timestamp"
)

// textNoEncKey stands in the 1.2 signature header of programs that sent no
// encryption key; they do not check it.
const textNoEncKey = "No encryption key supplied"

// version12 signs by HMAC under a secret that the program holds too.
type version12 struct{}

func (version12) protocol() latchkey.Protocol { return latchkey.Protocol12 }

func (version12) names(*form) {}

func (version12) open(*call) error { return nil }

func (version12) seal(_ http.Header, _ *call, body []byte) []byte { return body }

func (version12) complete(a *answer, _ *call, random [16]byte) {
	if a.Success {
		a.Nonce = hex.EncodeToString(random[:])
	}
}

func (version12) sign(h http.Header, c *call, _ time.Time, body []byte) {
	if c.opened() && c.encKey() == "" {
		h[headerHMAC] = []string{textNoEncKey}
		return
	}
	h[headerHMAC] = []string{sign.Compat12(c.hmacKey(), body)}
}

// Codes of 1.3. Clients end the program on a success with another code than
// codeDone; of a failure they only want a number.
const (
	codeDone    = 68
	codeRefused = 1
)

// version13 signs by Ed25519 under the app's own key, and by HMAC as well for
// programs that sent an encryption key: one client checks both.
type version13 struct{}

func (version13) protocol() latchkey.Protocol { return latchkey.Protocol13 }

func (version13) names(*form) {}

func (version13) open(*call) error { return nil }

func (version13) seal(_ http.Header, _ *call, body []byte) []byte { return body }

func (version13) complete(a *answer, c *call, random [16]byte) {
	a.Code = codeRefused
	if a.Success {
		a.Code, a.Nonce = codeDone, uuid4(random)
	}
	a.OwnerID = c.ownerID()
}

func (version13) sign(h http.Header, c *call, now time.Time, body []byte) {
	signature, timestamp := sign.Compat13(c.app.CompatKey, now, body)
	values := [2]string{signature, timestamp}
	h[headerEd25519], h[headerTimestamp] = values[:1:1], values[1:]
	if c.encKey() != "" {
		h[headerHMAC] = []string{sign.Compat12(c.hmacKey(), body)}
	}
}

// uuid4 writes random bytes as a UUID of version 4.
func uuid4(b [16]byte) string {
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:], b[:4])
	hex.Encode(text[9:], b[4:6])
	hex.Encode(text[14:], b[6:8])
	hex.Encode(text[19:], b[8:10])
	hex.Encode(text[24:], b[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
