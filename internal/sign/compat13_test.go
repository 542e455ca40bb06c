package sign_test

import (
	"bytes"
	"crypto/ed25519"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/sign"
)

func testKey(fill byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{fill}, ed25519.SeedSize))
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func TestCompat13(t *testing.T) {
	key, at := testKey(1), time.Unix(1_767_225_600, 999e6)
	for _, body := range []string{`{"success":true}`, "KeyAuth_Invalid", ""} {
		signature, timestamp := sign.Compat13(key, at, []byte(body))
		if timestamp != "1767225600" {
			t.Errorf("timestamp %s", timestamp)
		}
		if len(signature) != 128 || strings.Trim(signature, "0123456789abcdef") != "" {
			t.Errorf("signature %s is not 128 lower-case hex digits", signature)
		}
		if !sign.VerifyCompat13(public(key), timestamp, []byte(body), signature) {
			t.Errorf("the signature of %q does not verify", body)
		}
	}
}

func TestVerifyCompat13Refuses(t *testing.T) {
	key, at, body := testKey(1), time.Unix(1_767_225_600, 0), `{"success":true}`
	good, stamp := sign.Compat13(key, at, []byte(body))
	onDigit, _ := sign.Compat13(key, at, []byte("5"+body))
	for name, c := range map[string]struct {
		public                     ed25519.PublicKey
		timestamp, body, signature string
	}{
		"another key":                        {public(testKey(2)), stamp, body, good},
		"a key of the wrong length":          {public(key)[:31], stamp, body, good},
		"another body":                       {public(key), stamp, body + " ", good},
		"another time":                       {public(key), "1767225601", body, good},
		"a time with a sign":                 {public(key), "+1767225600", body, good},
		"a time with a leading zero":         {public(key), "01767225600", body, good},
		"a short time":                       {public(key), "176722560", "0" + body, good},
		"no time":                            {public(key), "", stamp + body, good},
		"a digit moved from body to time":    {public(key), stamp + "5", body, onDigit},
		"an empty signature":                 {public(key), stamp, body, ""},
		"a cut signature":                    {public(key), stamp, body, good[:126]},
		"a longer signature":                 {public(key), stamp, body, good + "00"},
		"upper-case hex":                     {public(key), stamp, body, strings.ToUpper(good)},
		"a signature that is not hex at all": {public(key), stamp, body, strings.Repeat("z", 128)},
	} {
		if sign.VerifyCompat13(c.public, c.timestamp, []byte(c.body), c.signature) {
			t.Errorf("%s is accepted", name)
		}
	}
}

// FuzzVerify holds that verification accepts only what signing produced.
func FuzzVerify(f *testing.F) {
	key := testKey(1)
	signature, timestamp := sign.Compat13(key, time.Unix(1_767_225_600, 0), []byte("{}"))
	f.Add(timestamp, []byte("{}"), signature)
	f.Add(timestamp, []byte("{}"), sign.Compat12("key", []byte("{}")))
	f.Add(timestamp+"1", []byte("{}"), signature)
	f.Add("", []byte{}, "")
	f.Fuzz(func(t *testing.T, timestamp string, body []byte, signature string) {
		if sign.VerifyCompat12("key", body, signature) != (signature == sign.Compat12("key", body)) {
			t.Error("1.2 accepts another signature than its own")
		}
		if sign.VerifyCompat12(sign.Compat12Key("enc", "key"), body, sign.Compat12("key", body)) {
			t.Error("1.2 accepts the signature of init for a later answer")
		}
		seconds, err := strconv.ParseInt(timestamp, 10, 64)
		own, stamp := sign.Compat13(key, time.Unix(seconds, 0), body)
		if sign.VerifyCompat13(public(key), timestamp, body, signature) && (err != nil || stamp != timestamp || own != signature) {
			t.Errorf("1.3 accepts %q at %q, which signing does not give", signature, timestamp)
		}
		if err == nil && seconds >= 1e9 && seconds < 1e10 &&
			!sign.VerifyCompat13(public(key), stamp, body, own) {
			t.Error("1.3 refuses its own signature")
		}
	})
}
