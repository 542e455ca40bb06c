package sign_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/sign"
)

// TestNativeCanonicalBytes holds the example of docs/client-protocol.md byte by
// byte.
func TestNativeCanonicalBytes(t *testing.T) {
	sent, got := sha256.Sum256([]byte(`{}`)), sha256.Sum256([]byte(`{"ok":true}`))
	a := sign.NativeAnswer{KeyID: "k", AppID: "app", Method: "POST", Target: "/api/client/v1/x", RequestHash: sent[:], Nonce: "n", Time: 1, Status: 200, BodyHash: got}
	want := "00000010" + hex.EncodeToString([]byte("latchkey-resp-v1")) +
		"00000001" + hex.EncodeToString([]byte("k")) +
		"00000003" + hex.EncodeToString([]byte("app")) +
		"00000004" + hex.EncodeToString([]byte("POST")) +
		"00000010" + hex.EncodeToString([]byte("/api/client/v1/x")) +
		"00000020" + hex.EncodeToString(sent[:]) +
		"00000001" + hex.EncodeToString([]byte("n")) +
		"00000001" + hex.EncodeToString([]byte("1")) +
		"00000003" + hex.EncodeToString([]byte("200")) +
		"00000020" + hex.EncodeToString(got[:])
	if bytes := hex.EncodeToString(a.AppendCanonical(nil)); bytes != want {
		t.Errorf("canonical bytes\n%s, want\n%s", bytes, want)
	}
}

func TestNativeAnswersToUnreadRequestsAreNotAccepted(t *testing.T) {
	key := sign.NewNativeKey(testKey(1))
	a := sign.NativeAnswer{AppID: vectorApp, Method: "POST", Target: sign.NativePrefix + "log", Nonce: nonceOf("x"), Time: vectorTime, Status: 413}
	if signature := key.Sign(&a); sign.VerifyNative(public(testKey(1)), &a, signature) {
		t.Error("an answer that is bound to no request is accepted")
	}
	sent := sha256.Sum256(nil)
	a.RequestHash, a.Nonce = sent[:], ""
	if signature := key.Sign(&a); sign.VerifyNative(public(testKey(1)), &a, signature) {
		t.Error("an answer without a nonce is accepted")
	}
}

func TestNativeForms(t *testing.T) {
	for text, want := range map[string]bool{"00112233445566778899aabbccddeeff": true, "00112233445566778899AABBCCDDEEFF": false,
		"00112233445566778899aabbccddeef": false, "00112233445566778899aabbccddeeff0": false, "": false, "00112233445566778899aabbccddeefg": false,
		" 0112233445566778899aabbccddeeff": false} {
		if sign.IsNativeNonce(text) != want || sign.IsNativeKeyID(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
	for text, want := range map[string]bool{"1": true, "9007199254740991": true, "9007199254740992": false, "0": false, "-1": false, "01": false,
		"1.5": false, "": false, "1e3": false, "99999999999999999999": false} {
		if _, ok := sign.ParseNativeTime(text); ok != want {
			t.Errorf("time %q: want %v", text, want)
		}
	}
}

// FuzzNativeAnswer holds that only what signing has made is accepted.
func FuzzNativeAnswer(f *testing.F) {
	stored, err := os.ReadFile(vectorsFile)
	if err != nil {
		f.Fatal(err)
	}
	var file vectors
	if err := json.Unmarshal(stored, &file); err != nil {
		f.Fatal(err)
	}
	for _, v := range file.Answers {
		if h := v.Answer.Headers; len(h) == 3 {
			f.Add(v.Request.App, v.Request.Target, v.Request.Nonce, []byte(v.Request.Body), h[0][1], h[1][1], h[2][1], v.Answer.Status, v.Answer.Body)
		}
	}
	key := sign.NewNativeKey(testKey(1))
	f.Fuzz(func(t *testing.T, app, target, nonce string, sent []byte, signature, keyID, at string, status int, body []byte) {
		asked := sign.NativeRequest{AppID: app, Method: "POST", Target: target, Nonce: nonce, Body: sent}
		header := map[string][]string{sign.HeaderNativeSignature: {signature}, sign.HeaderNativeKey: {keyID}, sign.HeaderNativeTime: {at}}
		ms, err := sign.VerifyNativeAnswer([]ed25519.PublicKey{public(testKey(1))}, &asked, header, status, body)
		sum := sha256.Sum256(sent)
		own := sign.NativeAnswer{AppID: app, Method: "POST", Target: target, RequestHash: sum[:], Nonce: nonce, Time: ms, Status: status, BodyHash: sha256.Sum256(body)}
		made := key.Sign(&own)
		if err == nil && (signature != made || keyID != key.ID) {
			t.Errorf("accepts %q by %q, which signing does not give", signature, keyID)
		}
		if again, ok := sign.ParseNativeTime(at); ok && sign.IsNativeNonce(nonce) && status >= 100 && status <= 999 {
			own.Time = again
			header[sign.HeaderNativeSignature], header[sign.HeaderNativeKey] = []string{key.Sign(&own)}, []string{key.ID}
			if _, err := sign.VerifyNativeAnswer([]ed25519.PublicKey{public(testKey(1))}, &asked, header, status, body); err != nil {
				t.Errorf("refuses its own: %v", err)
			}
		}
		// Moving a byte between neighboring fields must change what is signed.
		if nonce != "" {
			moved := own
			moved.Target, moved.Nonce = target+nonce[:1], nonce[1:]
			if bytes.Equal(own.AppendCanonical(nil), moved.AppendCanonical(nil)) {
				t.Error("two answers have the same canonical bytes")
			}
		}
	})
}

func BenchmarkNative(b *testing.B) {
	key, body := sign.NewNativeKey(testKey(1)), bytes.Repeat([]byte("a"), 300)
	sent := sha256.Sum256([]byte(`{"session":"` + vectorSession + `"}`))
	a := sign.NativeAnswer{AppID: vectorApp, Method: "POST", Target: sign.NativePrefix + "check", RequestHash: sent[:], Nonce: nonceOf("b"), Time: vectorTime, Status: 200}
	var signature string
	b.Run("sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a.BodyHash = sha256.Sum256(body)
			signature = key.Sign(&a)
		}
	})
	b.Run("canonical", func(b *testing.B) {
		b.ReportAllocs()
		var space [512]byte
		for b.Loop() {
			a.AppendCanonical(space[:0])
		}
	})
	b.Run("verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !sign.VerifyNative(public(testKey(1)), &a, signature) {
				b.Fatal("refused")
			}
		}
	})
}
