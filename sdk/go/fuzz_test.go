package latchkey_test

import (
	"crypto/ed25519"
	"net/http"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// FuzzVerify holds that this package and the server's own reading of the
// protocol never differ about an answer.
func FuzzVerify(f *testing.F) {
	for _, a := range readVectors(f).Answers {
		if h := a.Answer.Headers; len(h) == 3 {
			f.Add(a.Request.App, a.Request.Target, a.Request.Nonce, a.Request.Body, h[0][1], h[1][1], h[2][1], "", a.Answer.Status, a.Answer.Body)
		}
	}
	pinned := []ed25519.PublicKey{testKey(1).Public().(ed25519.PublicKey), testKey(2).Public().(ed25519.PublicKey)}
	f.Fuzz(func(t *testing.T, app, target, nonce, sent, signature, key, at, twice string, status int, body []byte) {
		header := http.Header{sign.HeaderNativeSignature: {signature}, sign.HeaderNativeKey: {key}, sign.HeaderNativeTime: {at}}
		if twice != "" {
			header.Add(twice, signature)
		}
		asked := sign.NativeRequest{AppID: app, Method: "POST", Target: target, Nonce: nonce, Body: []byte(sent)}
		_, want := sign.VerifyNativeAnswer(pinned, &asked, header, status, body)
		got := latchkey.VerifyAnswer(pinned, latchkey.Asked{App: app, Method: "POST", Target: target, Nonce: nonce, Body: sent}, header, status, body)
		if (got == nil) != (want == nil) {
			t.Errorf("the SDK says %v, the server's package %v", got, want)
		}
	})
}
