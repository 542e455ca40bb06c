package latchkey_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

const (
	testApp  = "app_06fs4kkq8vxg7m1x2ndn0k3b1r"
	otherApp = "app_06fs4kkq8vxg7m1x2ndn0k3b1s"
	testHWID = "0f8a4c1be6d0473f8a66c0b1d2e3f405"
)

var serverTime = time.UnixMilli(1_767_225_600_000).UTC()

func testKey(fill byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{fill}, ed25519.SeedSize))
}

func publicHex(key ed25519.PrivateKey) string {
	return hex.EncodeToString(key.Public().(ed25519.PublicKey))
}

// answer is what a server sends.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) clone() *answer {
	return &answer{a.status, a.header.Clone(), bytes.Clone(a.body)}
}

// server answers by the protocol, with made-up content, and lets a test spoil
// what it sends.
type server struct {
	*httptest.Server
	now         time.Time
	key         *sign.NativeKey
	refuse      map[string]client.Error // by function
	status      map[string]int
	replies     map[string]string // by function, in place of the usual
	file        []byte
	successions []client.Succession
	spoil       func(r *http.Request, a *answer) // nil: nothing
	hijack      http.HandlerFunc                 // nil: nothing

	mu    sync.Mutex
	calls []call
	once  map[string][]byte
}

// call is a request as it came.
type call struct {
	path, nonce, keys string
	body              []byte
}

func newServer(t testing.TB) *server {
	t.Helper()
	s := unstarted()
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	return s
}

func unstarted() *server {
	return &server{now: serverTime, key: sign.NewNativeKey(testKey(1)), refuse: map[string]client.Error{}, status: map[string]int{},
		replies: map[string]string{}, file: []byte("the file's content"), once: map[string][]byte{}}
}

// roots trusts the server's certificate.
func (s *server) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// client returns a client of the server on a machine of its own.
func (s *server) client(t testing.TB, options ...latchkey.Option) (*latchkey.Client, *latchkey.Machine) {
	t.Helper()
	m := &latchkey.Machine{Wall: serverTime}
	options = append([]latchkey.Option{latchkey.WithMachine(m), latchkey.WithHWID(testHWID), latchkey.WithRootCAs(s.roots())}, options...)
	c, err := latchkey.New(latchkey.Config{BaseURL: s.URL, AppID: testApp, PublicKeys: []string{publicHex(testKey(1))}, Version: "1.0"}, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, m
}

func (s *server) made(path string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.path == path {
			n++
		}
	}
	return n
}

func (s *server) last() call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[len(s.calls)-1]
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_, path, _ := strings.Cut(r.URL.Path, client.Prefix)
	s.mu.Lock()
	s.calls = append(s.calls, call{path, r.Header.Get(sign.HeaderNativeNonce), r.Header.Get(sign.HeaderNativeKeys), body})
	s.mu.Unlock()
	if s.hijack != nil {
		s.hijack(w, r)
		return
	}
	a := s.answer(path, body)
	s.sign(r, client.Prefix+path, body, a)
	if s.spoil != nil {
		s.spoil(r, a)
	}
	a.write(w)
}

func (a *answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// sign signs as the protocol has it.
func (s *server) sign(r *http.Request, target string, body []byte, a *answer) {
	sent := sha256.Sum256(body)
	n := sign.NativeAnswer{AppID: r.Header.Get(sign.HeaderNativeApp), Method: r.Method, Target: target, RequestHash: sent[:],
		Nonce: r.Header.Get(sign.HeaderNativeNonce), Time: s.now.UnixMilli(), Status: a.status, BodyHash: sha256.Sum256(a.body)}
	a.header.Set(sign.HeaderNativeSignature, s.key.Sign(&n))
	a.header.Set(sign.HeaderNativeKey, s.key.ID)
	a.header.Set(sign.HeaderNativeTime, strconv.FormatInt(n.Time, 10))
}

func (s *server) answer(path string, body []byte) *answer {
	a := &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}}
	if e, ok := s.refuse[path]; ok {
		e.Message, e.RequestID = "A sentence for people.", "req_06fs4kkq8vxg7m1x2ndn0k3b1r"
		a.status, a.body = s.status[path], mustJSON(client.Refusal{Error: e})
		if a.status == 0 {
			a.status = http.StatusForbidden
		}
		return a
	}
	if text, ok := s.replies[path]; ok {
		a.body = []byte(text)
		return a
	}
	if path == client.PathFileContent {
		a.header.Set("Content-Type", "application/octet-stream")
		var in client.Content
		if json.Unmarshal(body, &in) == nil && in.Offset >= 0 && in.Length > 0 && in.Offset+in.Length <= int64(len(s.file)) {
			a.body = s.file[in.Offset : in.Offset+in.Length]
		}
		return a
	}
	a.body = mustJSON(s.reply(path))
	return a
}

func (s *server) user() *client.User {
	expiry := s.now.Add(30 * 24 * time.Hour).UnixMilli()
	device := sha256.Sum256([]byte(testHWID))
	return &client.User{Username: "ada", CreatedAt: s.now.Add(-time.Hour).UnixMilli(), Device: hex.EncodeToString(device[:]),
		Subscriptions: []client.Subscription{{Name: "default", Level: 1, ExpiresAt: &expiry}}}
}

func (s *server) reply(path string) any {
	end := s.now.Add(6 * time.Hour).UnixMilli()
	switch path {
	case client.PathInit:
		return client.Started{Stage: client.StageStarted, Session: "started", SessionExpiresAt: end, App: client.App{Name: "demo", Version: "1.0"}}
	case client.PathKeys:
		return client.Keys{Keys: []client.Key{}, Successions: s.successions}
	case client.PathLicense, client.PathLogin, client.PathRegister, client.PathTwoFactorVerify:
		return client.SignedIn{Stage: client.StageSignedIn, Session: "signed-in", SessionExpiresAt: end, User: s.user()}
	case client.PathCheck:
		return client.Checked{SessionExpiresAt: end, User: s.user()}
	case client.PathVariable, client.PathUserVariable:
		return client.Variable{Name: "motd", Value: "hello"}
	case client.PathFileInfo:
		sum := sha256.Sum256(s.file)
		return client.File{ID: "fil_1", Name: "a.bin", Size: int64(len(s.file)), SHA256: hex.EncodeToString(sum[:])}
	case client.PathWebhook:
		return client.WebhookAnswer{Status: 200, Body: "called"}
	case client.PathChatMessages:
		return client.ChatMessages{Messages: []client.ChatMessage{{ID: "1", Author: "ada", Text: "hi", SentAt: s.now.UnixMilli()}}}
	case client.PathBlacklist:
		return client.BlacklistAnswer{}
	case client.PathOnline:
		return client.Online{Users: []string{"ada"}, Total: 1}
	case client.PathStats:
		return client.Stats{Users: 3, Online: 1, Licenses: 5, Version: "1.0"}
	case client.PathTwoFactorEnroll:
		return client.Enrollment{Secret: "JBSWY3DPEHPK3PXP", URI: "otpauth://totp/demo:ada"}
	case client.PathTwoFactorConfirm:
		return client.Enrolled{RecoveryCodes: []string{"one", "two"}}
	}
	return client.Empty{}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
