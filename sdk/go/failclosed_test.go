package latchkey_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// oneCall is a call of the SDK that ends in one function of the protocol.
type oneCall struct {
	path string
	make func(context.Context, *latchkey.Client) error
}

// everyCall is one call of every kind, for a client that is signed in.
func everyCall() []oneCall {
	var (
		noUser = func(_ *latchkey.User, err error) error { return err }
		noText = func(_ string, err error) error { return err }
	)
	type cx = context.Context
	type cl = *latchkey.Client
	return []oneCall{
		{client.PathInit, func(ctx cx, c cl) error { _, err := c.Init(ctx); return err }},
		{client.PathLicense, func(ctx cx, c cl) error { return noUser(c.License(ctx, "K")) }},
		{client.PathLogin, func(ctx cx, c cl) error { return noUser(c.Login(ctx, "ada", "pw")) }},
		{client.PathRegister, func(ctx cx, c cl) error { return noUser(c.Register(ctx, latchkey.Registration{Username: "ada"})) }},
		{client.PathCheck, func(ctx cx, c cl) error { _, err := c.Check(ctx); return err }},
		{client.PathUpgrade, func(ctx cx, c cl) error { return c.Upgrade(ctx, "", "K2") }},
		{client.PathVariable, func(ctx cx, c cl) error { return noText(c.Variable(ctx, "motd")) }},
		{client.PathUserVariable, func(ctx cx, c cl) error { return noText(c.UserVariable(ctx, "motd")) }},
		{client.PathSetUserVariable, func(ctx cx, c cl) error { return c.SetUserVariable(ctx, "motd", "x") }},
		{client.PathLog, func(ctx cx, c cl) error { return c.Log(ctx, "line", "pc") }},
		{client.PathWebhook, func(ctx cx, c cl) error { _, err := c.Webhook(ctx, latchkey.WebhookCall{ID: "1"}); return err }},
		{client.PathChatMessages, func(ctx cx, c cl) error { _, err := c.ChatMessages(ctx, "lobby"); return err }},
		{client.PathChatSend, func(ctx cx, c cl) error { return c.ChatSend(ctx, "lobby", "hi") }},
		{client.PathBlacklist, func(ctx cx, c cl) error { _, err := c.Blacklisted(ctx); return err }},
		{client.PathOnline, func(ctx cx, c cl) error { _, _, err := c.Online(ctx); return err }},
		{client.PathStats, func(ctx cx, c cl) error { _, err := c.Stats(ctx); return err }},
		{client.PathForgot, func(ctx cx, c cl) error { return c.ForgotPassword(ctx, "ada", "ada@example.com") }},
		{client.PathTwoFactorEnroll, func(ctx cx, c cl) error { _, err := c.EnrollTwoFactor(ctx, "pw"); return err }},
		{client.PathTwoFactorConfirm, func(ctx cx, c cl) error { _, err := c.ConfirmTwoFactor(ctx, "123456"); return err }},
		{client.PathTwoFactorDisable, func(ctx cx, c cl) error { return c.DisableTwoFactor(ctx, "123456") }},
		{client.PathRename, func(ctx cx, c cl) error { return c.Rename(ctx, "grace") }},
		{client.PathFileInfo, func(ctx cx, c cl) error { _, err := c.FileInfo(ctx, "fil_1"); return err }},
		{client.PathFileContent, func(ctx cx, c cl) error { _, err := c.WriteFile(ctx, "fil_1", io.Discard); return err }},
		{client.PathBan, func(ctx cx, c cl) error { return c.BanSelf(ctx, "caught") }},
		{client.PathTwoFactorVerify, func(ctx cx, c cl) error { return noUser(c.TwoFactor(ctx, "123456")) }},
		{client.PathLogout, func(ctx cx, c cl) error { return c.Logout(ctx) }},
	}
}

// prepare brings a client to where the call can be made.
func prepare(t *testing.T, s *server, c *latchkey.Client, path string) {
	t.Helper()
	if path == client.PathTwoFactorVerify {
		s.replies[client.PathLogin] = `{"stage":"two_factor","session":"pending","session_expires_at":1}`
		if _, err := c.Login(t.Context(), "ada", "pw"); !errors.Is(err, latchkey.ErrTwoFactor) {
			t.Fatal(err)
		}
		return
	}
	if _, err := c.License(t.Context(), "K"); err != nil {
		t.Fatal(err)
	}
}

// TestEveryFunctionIsTried holds that the tests below leave no function out.
func TestEveryFunctionIsTried(t *testing.T) {
	tried := map[string]bool{client.PathKeys: true} // proves itself otherwise
	for _, c := range everyCall() {
		tried[c.path] = true
	}
	for _, f := range client.Functions() {
		if !tried[f.Path] {
			t.Errorf("%s is not tried", f.Path)
		}
	}
}

func TestGenuineAnswersAreAccepted(t *testing.T) {
	for _, call := range everyCall() {
		s := newServer(t)
		c, _ := s.client(t)
		prepare(t, s, c, call.path)
		if err := call.make(t.Context(), c); err != nil {
			t.Errorf("%s: %v", call.path, err)
		}
		if s.made(call.path) == 0 {
			t.Errorf("%s was not called", call.path)
		}
	}
}

// TestRecordedSessionIsRefused plays a whole recorded session to a new run of
// the program, call by call.
func TestRecordedSessionIsRefused(t *testing.T) {
	for _, call := range everyCall() {
		s := newServer(t)
		recorded := map[string]*answer{}
		record := func(r *http.Request, a *answer) { recorded[r.URL.Path] = a.clone() }
		s.spoil = record
		c, _ := s.client(t)
		prepare(t, s, c, call.path)
		if err := call.make(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		s.spoil = nil
		again, _ := s.client(t)
		prepare(t, s, again, call.path)
		s.spoil = func(r *http.Request, a *answer) { *a = *recorded[r.URL.Path].clone() }
		if err := call.make(t.Context(), again); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%s: a recorded answer gives %v", call.path, err)
		}
	}
}

// TestSpoiledProofIsRefused spoils what proves an answer, for every call: there
// is none for which the check is left out.
func TestSpoiledProofIsRefused(t *testing.T) {
	headers := []string{sign.HeaderNativeSignature, sign.HeaderNativeKey, sign.HeaderNativeTime}
	spoils := map[string]func(*http.Request, *answer){
		"no proof at all": func(_ *http.Request, a *answer) {
			for _, h := range headers {
				a.header.Del(h)
			}
		},
		"a body with one byte more":     func(_ *http.Request, a *answer) { a.body = append(a.body, ' ') },
		"an empty body":                 func(_ *http.Request, a *answer) { a.body = nil },
		"another status":                func(_ *http.Request, a *answer) { a.status = http.StatusAccepted },
		"a refusal turned into success": func(_ *http.Request, a *answer) { a.status = http.StatusBadRequest },
	}
	for _, h := range headers {
		spoils["no "+h] = func(_ *http.Request, a *answer) { a.header.Del(h) }
		spoils["empty "+h] = func(_ *http.Request, a *answer) { a.header.Set(h, "") }
		spoils["truncated "+h] = func(_ *http.Request, a *answer) { v := a.header.Get(h); a.header.Set(h, v[:len(v)-1]) }
		spoils["twice "+h] = func(_ *http.Request, a *answer) { a.header.Add(h, a.header.Get(h)) }
		spoils["twice on one line "+h] = func(_ *http.Request, a *answer) { a.header.Set(h, a.header.Get(h)+", "+a.header.Get(h)) }
	}
	for _, call := range everyCall() {
		s := newServer(t)
		c, _ := s.client(t)
		for name, spoil := range spoils {
			s.spoil = nil
			prepare(t, s, c, call.path)
			s.spoil = func(r *http.Request, a *answer) {
				if strings.HasSuffix(r.URL.Path, client.Prefix+call.path) {
					spoil(r, a)
				}
			}
			if err := call.make(t.Context(), c); !errors.Is(err, latchkey.ErrUnverified) {
				t.Errorf("%s: %s gives %v", call.path, name, err)
			}
		}
	}
}

// TestAnswersOfAnotherApplicationAreRefused stands for a customer who has an
// application of their own on the same server.
func TestAnswersOfAnotherApplicationAreRefused(t *testing.T) {
	for name, key := range map[string]byte{"with its own key": 3, "even under the same key": 1} {
		s := newServer(t)
		c, _ := s.client(t)
		s.key = sign.NewNativeKey(testKey(key))
		s.spoil = func(r *http.Request, a *answer) {
			body := s.last().body
			r.Header.Set(sign.HeaderNativeApp, otherApp)
			s.sign(r, r.URL.Path, body, a)
		}
		if _, err := c.License(t.Context(), "K"); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryBitCounts flips bits of 300 answers: between them, each bit of body,
// signature, key id and time; and of one answer all.
func TestEveryBitCounts(t *testing.T) {
	const answers = 300
	key := sign.NewNativeKey(testKey(1))
	pinned := []ed25519.PublicKey{testKey(1).Public().(ed25519.PublicKey)}
	flipped := 0
	for i := range answers {
		asked := latchkey.Asked{App: testApp, Method: "POST", Target: client.Prefix + client.PathCheck, Nonce: fmt.Sprintf("%032x", i), Body: fmt.Sprintf(`{"session":"%d"}`, i)}
		body := fmt.Appendf(nil, `{"session_expires_at":1767247200123,"user":{"username":"customer %d","subscriptions":[{"name":"default","level":%d}]}}`, i, i%7)
		sent := sha256.Sum256([]byte(asked.Body))
		n := sign.NativeAnswer{AppID: asked.App, Method: asked.Method, Target: asked.Target, RequestHash: sent[:], Nonce: asked.Nonce,
			Time: serverTime.UnixMilli(), Status: 200, BodyHash: sha256.Sum256(body)}
		parts := []string{string(body), key.Sign(&n), n.KeyID, fmt.Sprint(n.Time)}
		judge := func(p []string) error {
			h := http.Header{sign.HeaderNativeSignature: {p[1]}, sign.HeaderNativeKey: {p[2]}, sign.HeaderNativeTime: {p[3]}}
			return latchkey.VerifyAnswer(pinned, asked, h, 200, []byte(p[0]))
		}
		if err := judge(parts); err != nil {
			t.Fatal(err)
		}
		step := answers
		if i == 0 {
			step = 1
		}
		offset := i
		for which, part := range parts {
			for ; offset < 8*len(part); offset += step {
				spoiled := append([]string(nil), parts...)
				b := []byte(part)
				b[offset/8] ^= 1 << (offset % 8)
				spoiled[which] = string(b)
				flipped++
				if err := judge(spoiled); !errors.Is(err, latchkey.ErrUnverified) {
					t.Fatalf("answer %d, part %d, bit %d: %v", i, which, offset, err)
				}
			}
			offset -= 8 * len(part)
		}
	}
	t.Logf("%d flipped bits", flipped)
}
