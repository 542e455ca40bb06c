package legacyapi

import (
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// version11 is plain text without a signature.
type version11 struct{}

func (version11) protocol() latchkey.Protocol { return latchkey.Protocol11 }

func (version11) names(*form) {}

func (version11) open(*call) error { return nil }

func (version11) complete(*answer, *call, [16]byte) {}

func (version11) sign(http.Header, *call, time.Time, []byte) {}

func (version11) seal(_ http.Header, _ *call, body []byte) []byte { return body }

// version10 writes names in hex and encrypts values and answers, under the
// app's secret at init and under the program's encryption key after it. It
// signs nothing.
type version10 struct{}

func (version10) protocol() latchkey.Protocol { return latchkey.Protocol10 }

// names are the parameters that say what a call is; the rest is encrypted.
var namesOf10 = [...]string{"type", "name", "ownerid", "sessionid"}

func (version10) names(f *form) {
	for _, name := range namesOf10 {
		if p := f.find(name); p != nil {
			text, err := hex.DecodeString(p.value)
			if err != nil {
				text = nil // read as absent, and refused as that
			}
			f.replace(p, string(text))
		}
	}
}

// clearIn10 reports whether programs send a parameter as it is.
func clearIn10(name string) bool {
	switch name {
	case "init_iv", "hash", "reason", "newUsername":
		return true
	}
	for _, n := range namesOf10 {
		if n == name {
			return true
		}
	}
	return false
}

func (v version10) open(c *call) error {
	key, known := v.key(c)
	if !known {
		return nil // the call is refused for that
	}
	for i := range c.form.params {
		p := &c.form.params[i]
		if p.value == "" || clearIn10(p.name) {
			continue
		}
		text, err := sign.OpenCompat10(key, c.get("init_iv"), p.value)
		if err != nil {
			c.inClear = true // the program has another key
			return refusal{textUndecipherable}
		}
		c.form.replace(p, string(text))
	}
	return nil
}

// key is what the call is encrypted under, if that is known.
func (version10) key(c *call) (key string, known bool) {
	switch {
	case c.app == nil:
		return "", false
	case c.isInit():
		return c.app.Secret.Reveal(), true
	case c.session == nil:
		return "", false
	}
	return c.session.EncKey, true
}

// complete leaves out what 1.0 does not have.
func (version10) complete(a *answer, c *call, _ [16]byte) {
	a.NewSession, a.Role = false, ""
	if !a.Success && a.Message == textUnknownType { // which a variable may hold
		a.Message, c.inClear = textUnhandledType, true
	}
}

func (version10) sign(http.Header, *call, time.Time, []byte) {}

func (v version10) seal(h http.Header, c *call, body []byte) []byte {
	h["Content-Type"] = nil // programs were never told one
	key, known := v.key(c)
	if !known || c.inClear || strings.HasPrefix(string(body), textNoSuchApp) {
		return body
	}
	return sign.SealCompat10(key, c.get("init_iv"), body)
}
