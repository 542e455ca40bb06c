package clientapi_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/clientapi"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/sign"
	"github.com/latchkey-dev/latchkey/internal/web"
)

const machine = "4c4c4544-0042-3510-8052-b4c04f4e3832"

// world is a service with one app and a server in front of it.
type world struct {
	*testing.T
	*servicetest.Env
	app    service.AppView
	url    string
	pinned []ed25519.PublicKey
	ports  []uint16 // of those whom webhooks may call
}

func newWorld(t *testing.T) *world { return newWorldWith(t, nil) }

func newWorldWith(t *testing.T, limits func(*servicetest.Env) *ratelimit.Customers) *world {
	t.Helper()
	w := &world{T: t, Env: servicetest.New(t)}
	w.app = w.App("Demo App")
	w.pinned = []ed25519.PublicKey{w.clientKey(0)}
	o := clientapi.Options{Now: w.Clock.Now}
	if limits != nil {
		o.Limits = limits(w.Env)
	}
	w.url = w.serve(clientapi.New(w.Service, o))
	return w
}

// serve puts a handler on the network, with what the server has before it.
func (w *world) serve(h http.Handler) (url string) {
	w.Helper()
	srv := httptest.NewServer(web.Wrap(web.Options{Log: slog.New(slog.DiscardHandler), Now: w.Clock.Now, Rand: rand.Reader}, h))
	w.Cleanup(srv.Close)
	return srv.URL
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// clientKey is the n-th public key of the app, the newest first.
func (w *world) clientKey(n int) ed25519.PublicKey {
	w.Helper()
	secrets, err := w.Service.AppSecrets(w.Ctx(), w.app.ID)
	w.must(err)
	for _, c := range secrets.Credentials {
		if c.Kind != latchkey.CredentialClientKey {
			continue
		}
		if n == 0 {
			key, err := hex.DecodeString(c.PublicKey)
			w.must(err)
			return key
		}
		n--
	}
	w.Fatal("no such key")
	return nil
}

// request is a call as a client makes it, and what it makes otherwise.
type request struct {
	method, target string
	header         http.Header
	body           []byte
}

func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// newRequest is a well-formed call of a function.
func (w *world) newRequest(path string, body any) *request {
	w.Helper()
	text, ok := body.([]byte)
	if !ok {
		var err error
		text, err = json.Marshal(body)
		w.must(err)
	}
	ids := []string{}
	for _, key := range w.pinned {
		ids = append(ids, sign.NativeKeyID(key))
	}
	return &request{method: http.MethodPost, target: client.Prefix + path, body: text, header: http.Header{
		"Content-Type": {"application/json"}, "Accept-Encoding": {"identity"}, sign.HeaderNativeApp: {w.app.ID},
		sign.HeaderNativeNonce: {newNonce()}, sign.HeaderNativeKeys: {strings.Join(ids, ",")},
	}}
}

// answer is what came, as bytes and as far as it is a refusal.
type answer struct {
	*http.Response
	body    []byte
	ms      int64
	refusal client.Error
}

// send makes a call and proves the answer, as every client does.
func (w *world) send(r *request) *answer {
	w.Helper()
	a, err := w.sendUnproven(r)
	w.must(err)
	asked := sign.NativeRequest{AppID: r.header.Get(sign.HeaderNativeApp), Method: r.method, Target: r.target,
		Nonce: r.header.Get(sign.HeaderNativeNonce), Body: r.body}
	if a.ms, err = sign.VerifyNativeAnswer(w.pinned, &asked, a.Header, a.StatusCode, a.body); err != nil {
		w.Fatalf("%s: %v: %d %s", r.target, err, a.StatusCode, a.body)
	}
	return a
}

func (w *world) sendUnproven(r *request) (*answer, error) {
	req, err := http.NewRequest(r.method, w.url+r.target, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header = r.header
	resp, err := http.DefaultTransport.RoundTrip(req) // which follows nothing
	if err != nil {
		return nil, err
	}
	a := &answer{Response: resp}
	a.body, err = io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK && len(a.body) > 0 {
		var out client.Refusal
		err = json.Unmarshal(a.body, &out)
		a.refusal = out.Error
	}
	return a, err
}

// call makes a well-formed call and reads the answer.
func call[O any](w *world, path string, in any) (out O, refused client.Error) {
	w.Helper()
	a := w.send(w.newRequest(path, in))
	if a.StatusCode != http.StatusOK {
		return out, a.refusal
	}
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.DisallowUnknownFields()
	w.must(d.Decode(&out))
	return out, refused
}

// done is [call] where it must succeed.
func done[O any](w *world, path string, in any) O {
	w.Helper()
	out, refused := call[O](w, path, in)
	if refused.Code != "" {
		w.Fatalf("%s: refused with %+v", path, refused)
	}
	return out
}

// refused wants a refusal of a code.
func (w *world) refused(path string, in any, want latchkey.Code) client.Error {
	w.Helper()
	_, refused := call[json.RawMessage](w, path, in)
	if refused.Code != string(want) {
		w.Errorf("%s: refused with %+v, want %s", path, refused, want)
	}
	return refused
}

// start opens a session.
func (w *world) start() string {
	w.Helper()
	return done[client.Started](w, client.PathInit, client.Init{Version: "1.0"}).Session
}

// key makes a license of a level for a duration.
func (w *world) key(level int64, duration string) string {
	w.Helper()
	d, err := latchkey.ParseDuration(duration)
	w.must(err)
	list, err := w.Service.CreateLicenses(w.Ctx(), w.app.ID, service.NewLicenses{Amount: 1, Charset: latchkey.Charset{Uppercase: true}, Level: level, Duration: d})
	w.must(err)
	return list[0].Key.Reveal()
}

// customer signs in with a new license.
func (w *world) customer() client.SignedIn {
	w.Helper()
	return done[client.SignedIn](w, client.PathLicense, client.License{Session: w.start(), License: w.key(1, "30d"), HWID: machine})
}

func (w *world) edit(e service.AppEdit) {
	w.Helper()
	_, err := w.Service.UpdateApp(w.Ctx(), w.app.ID, e)
	w.must(err)
}

// user finds a user by name.
func (w *world) user(name string) service.UserView {
	w.Helper()
	list, err := w.Service.ListUsers(w.Ctx(), w.app.ID, service.UserFilter{Search: name})
	w.must(err)
	if len(list.Items) != 1 {
		w.Fatalf("%d users named %q", len(list.Items), name)
	}
	return list.Items[0]
}

// nobody is the context of a call that nobody made.
func nobody() context.Context {
	return service.WithOrigin(context.Background(), service.Origin{IP: "192.0.2.7"})
}

func decode[O any](w *world, body []byte) (out O) {
	w.Helper()
	w.must(json.Unmarshal(body, &out))
	return out
}

// sessions is how many are open in which somebody is signed in.
func (w *world) sessions() int {
	w.Helper()
	list, err := w.Service.ListSessions(w.Ctx(), w.app.ID, service.SessionFilter{})
	w.must(err)
	return len(list.Items)
}

func hashOf(b []byte) [sha256.Size]byte { return sha256.Sum256(b) }

// verifies is a client's check of a signature that takes requests as they are.
func verifies(public ed25519.PublicKey, n *sign.NativeAnswer, signature string) bool {
	n.KeyID = sign.NativeKeyID(public)
	sig, err := hex.DecodeString(signature)
	return err == nil && ed25519.Verify(public, n.AppendCanonical(nil), sig)
}
