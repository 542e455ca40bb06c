package panelapi_test

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/panelapi"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/totp"
	"github.com/latchkey-dev/latchkey/internal/web"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	machine = "4c4c4544-0042-3510-8052-b4c04f4e3832"
	words   = "mumble frotz"
)

// world is an app with customers' pages, and the API behind a server.
type world struct {
	*testing.T
	*servicetest.Env
	app     service.AppView
	options panelapi.Options
	url     string
}

// onEach runs a test on both engines.
func onEach(t *testing.T, test func(t *testing.T, engine string)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { test(t, engine) })
	}
}

func newWorld(t *testing.T, engine string) *world { return newWorldAt(t, engine, "", nil) }

func newWorldAt(t *testing.T, engine, publicURL string, limits *ratelimit.Rates) *world {
	w := &world{T: t, Env: servicetest.NewOn(t, engine)}
	w.app = w.panelApp("Demo & Co")
	w.options.PublicURL = publicURL
	if limits != nil {
		w.options.Limits = ratelimit.NewCustomers(w.Clock.Now, *limits)
	}
	w.serve()
	return w
}

// serve has the service as it now is answer.
func (w *world) serve() {
	w.Helper()
	h, err := panelapi.New(w.Service, w.options)
	w.must(err)
	srv := httptest.NewServer(web.Wrap(web.Options{Log: slog.New(slog.DiscardHandler), Now: w.Clock.Now, Rand: rand.Reader}, h))
	w.Cleanup(srv.Close)
	w.url = srv.URL
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) panelApp(name string) service.AppView {
	w.Helper()
	app, err := w.Service.UpdateApp(w.Ctx(), w.App(name).ID, service.AppEdit{CustomerPanel: new(true)})
	w.must(err)
	return app
}

// user makes a customer of the app with a password.
func (w *world) user(app service.AppView, name string) service.UserView {
	w.Helper()
	subs, err := w.Service.ListSubscriptions(w.Ctx(), app.ID, service.Page{})
	w.must(err)
	d, err := latchkey.ParseDuration("30d")
	w.must(err)
	u, err := w.Service.CreateUser(w.Ctx(), app.ID, service.NewUser{Username: name, Password: words, SubscriptionID: subs.Items[0].ID, Duration: d, HWIDAffected: true})
	w.must(err)
	return u
}

// login signs a customer in to a program.
func (w *world) login(app service.AppView, name, password, hwid string) error {
	w.Helper()
	client := w.Client(app)
	_, err := w.Service.ClientLogin(w.Context(), client, w.Session(client), service.ClientSignIn{Username: name, Password: latchkey.Secret(password), HWID: hwid})
	return err
}

// browser is one customer's: it keeps one cookie, as browsers do.
type browser struct {
	*world
	base   string
	cookie *http.Cookie
	agent  string
}

func (w *world) browser(app service.AppView) *browser {
	return &browser{world: w, base: panelapi.Prefix + "/" + app.OwnerID + "/" + url.PathEscape(app.Name), agent: "Mozilla/5.0"}
}

// answer is what came.
type answer struct {
	*http.Response
	body []byte
	json map[string]any
}

func (a *answer) code() string {
	code, _ := a.json["code"].(string)
	return code
}

// ask makes a call as a page of the server does; header may change that.
func (b *browser) ask(method, path, body string, header map[string]string) *answer {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, b.url+b.base+path, strings.NewReader(body))
	b.must(err)
	req.Header.Set("User-Agent", b.agent)
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if b.cookie != nil {
		req.AddCookie(b.cookie)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	b.must(err)
	defer res.Body.Close()
	a := &answer{Response: res}
	a.body, err = io.ReadAll(res.Body)
	b.must(err)
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		b.must(json.Unmarshal(a.body, &a.json))
	}
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			b.cookie = nil
			continue
		}
		b.cookie = &http.Cookie{Name: c.Name, Value: c.Value}
	}
	return a
}

// done is a call that must succeed.
func (b *browser) done(method, path, body string) *answer {
	b.Helper()
	a := b.ask(method, path, body, nil)
	if a.StatusCode/100 != 2 {
		b.Fatalf("%s %s: %d %s", method, path, a.StatusCode, a.body)
	}
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		b.Errorf("%s %s: Cache-Control is %q", method, path, got)
	}
	return a
}

// refused is a call that must be refused with a code.
func (b *browser) refused(method, path, body string, want latchkey.Code) *answer {
	b.Helper()
	a := b.ask(method, path, body, nil)
	if a.code() != string(want) || a.StatusCode != web.Status(want) {
		b.Errorf("%s %s: %d %s, want %s", method, path, a.StatusCode, a.body, want)
	}
	return a
}

// enters signs in by name.
func (b *browser) enters(name string) *browser {
	b.Helper()
	b.done("POST", "/session", `{"username":"`+name+`","password":"`+words+`"}`)
	return b
}

// shown is the code of an authenticator with a secret, steps from now.
func (w *world) shown(secret string, steps int64) string {
	w.Helper()
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	w.must(err)
	code, err := totp.Code(seed, totp.Step(w.Clock.Now())+steps)
	w.must(err)
	return code
}

func (w *world) later(d time.Duration) { w.Clock.Advance(d) }
