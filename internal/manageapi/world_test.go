package manageapi

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// world is a server on a real database with one of everything in it.
type world struct {
	t   *testing.T
	env *servicetest.Env
	url string
	log *syncBuffer
	key string            // an API key with every permission
	ids map[string]string // by the name of the path parameter
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, Options{})
}

func newWorldWith(t *testing.T, o Options) *world {
	t.Helper()
	w := &world{t: t, env: servicetest.New(t), log: &syncBuffer{}}
	w.env.Change(func(c *service.Config) { c.ResetURL = "https://keys.example.com/reset/" })
	o.Now, o.Version = w.env.Clock.Now, "test"
	handler, err := New(w.env.Service, o)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	srv := httptest.NewServer(web.Wrap(web.Options{Log: log, Now: w.env.Clock.Now, Rand: rand.Reader}, handler))
	t.Cleanup(srv.Close)
	w.url, w.key = srv.URL+Prefix, w.env.Owner.APIKey.Reveal()
	return w
}

// syncBuffer is a log that may be read while the server writes its last line.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// settle makes an app with a license, a user with a subscription, a variable of
// each, and an entry on each list.
func (w *world) settle() {
	w.t.Helper()
	app := ask[api.AppCreated](w, "POST", "/apps", `{"name":"Demo"}`, 201)
	w.ids = map[string]string{"app": app.ID}
	sub := ask[api.SubscriptionList](w, "GET", "/apps/{app}/subscriptions", "", 200).Subscriptions[0]
	w.ids["subscription"] = sub.ID
	w.ids["license"] = ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"duration":"30d"}`, 201).Licenses[0].ID
	w.ids["user"] = ask[api.User](w, "POST", "/apps/{app}/users",
		`{"username":"ann","password":"secret words","subscription_id":"`+sub.ID+`","duration":"30d"}`, 201).ID
	w.ids["chat"] = ask[api.Chat](w, "POST", "/apps/{app}/chats", `{"name":"lobby"}`, 201).ID
	w.ids["token"] = ask[api.Token](w, "POST", "/apps/{app}/tokens", `{"user_id":"`+w.ids["user"]+`"}`, 201).ID
	w.ids["variable"] = ask[api.Variable](w, "POST", "/apps/{app}/variables", `{"name":"motd","value":"hello"}`, 201).ID
	w.ids["user_variable"] = ask[api.UserVariable](w, "POST", "/apps/{app}/users/{user}/variables", `{"name":"plan","value":"gold"}`, 200).ID
	w.ids["file"] = ask[api.File](w, "POST", "/apps/{app}/files?name=setup.exe", "content", 201).ID
	w.ids["webhook"] = ask[api.Webhook](w, "POST", "/apps/{app}/webhooks", `{"name":"orders","url":"https://hooks.example.com/"}`, 201).ID
	w.ids["api_key"] = ask[api.APIKeyCreated](w, "POST", "/api-keys", `{"name":"shop","permissions":["licenses.read"]}`, 201).ID
	w.ids["account"] = ask[api.Account](w, "POST", "/accounts", `{"email":"bob@example.com","password":"another long password"}`, 201).ID
	for _, list := range []string{"blacklist", "whitelist"} {
		w.ids[list+"_entry"] = ask[api.AccessEntry](w, "POST", "/apps/{app}/"+list+"s", `{"kind":"ip","value":"198.51.100.200"}`, 201).ID
	}
	for name, kind := range map[string]latchkey.Kind{"device": latchkey.KindDevice, "session": latchkey.KindSession,
		"message": latchkey.KindChatMessage, "mute": latchkey.KindMute, "delivery": latchkey.KindOutbox, "log": latchkey.KindLogLine,
		"account_session": latchkey.KindAccountSession} {
		w.ids[name] = string(kind) + "_" + strings.Repeat("0", 26) // well formed, of nothing
	}
}

// path fills in a route's parameters.
func (w *world) path(route string) string {
	for name, id := range w.ids {
		route = strings.ReplaceAll(route, "{"+name+"}", id)
	}
	return route
}

// request is a call before it is made.
type request struct {
	method, path string
	body         string
	header       http.Header
}

// as returns a request by a credential: an API key, a cookie, or "".
func (w *world) as(credential, method, route, body string) request {
	header := http.Header{}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	switch {
	case strings.HasPrefix(credential, "latchkey_dev="):
		header.Set("Cookie", credential)
		header.Set("Content-Type", "application/json")
	case credential != "":
		header.Set("Authorization", "Bearer "+credential)
	}
	return request{method: method, path: w.path(route), body: body, header: header}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (w *world) send(q request) answer {
	w.t.Helper()
	r, err := http.NewRequest(q.method, w.url+q.path, strings.NewReader(q.body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header = q.header
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	from := io.Reader(res.Body)
	if res.Header.Get("Content-Type") == eventsType {
		from = io.LimitReader(from, int64(len(eventsRetry))) // it has no end
	}
	body, err := io.ReadAll(from)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: body}
}

// ask makes a call with the full API key, expects a status and decodes the answer.
func ask[T any](w *world, method, route, body string, status int) T {
	w.t.Helper()
	return read[T](w, w.send(w.as(w.key, method, route, body)), status)
}

func read[T any](w *world, a answer, status int) T {
	w.t.Helper()
	var out T
	if a.status != status {
		w.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if len(a.body) == 0 {
		return out
	}
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		w.t.Fatalf("%v in %s", err, a.body)
	}
	return out
}

// signIn signs the owner in and returns the cookie.
func (w *world) signIn() string {
	w.t.Helper()
	a := w.send(w.as("", "POST", "/session", `{"email":"`+servicetest.OwnerEmail+`","password":"`+servicetest.OwnerPassword+`"}`))
	if a.status != 201 {
		w.t.Fatalf("sign in: %d %s", a.status, a.body)
	}
	cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return cookie
}

// checkProblem holds an answer against the rules of every refusal.
func (w *world) checkProblem(a answer, name string) api.Problem {
	w.t.Helper()
	var p api.Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		w.t.Errorf("%s: %d %s: %v", name, a.status, a.body, err)
		return p
	}
	known := slices.ContainsFunc(latchkey.Codes(), func(c latchkey.CodeInfo) bool { return string(c.Code) == p.Code })
	if !known || p.Status != a.status || web.Status(latchkey.Code(p.Code)) != a.status || p.Detail == "" || p.Title == "" ||
		p.Type != web.DocLink(latchkey.Code(p.Code)) || p.RequestID != a.header.Get("X-Request-Id") ||
		a.header.Get("Content-Type") != web.ProblemType || a.header.Get("Cache-Control") != "no-store" {
		w.t.Errorf("%s: %d %v is no good problem: %s", name, a.status, a.header, a.body)
	}
	return p
}

// rows is the table of routes without its sections.
func rows() []route {
	var all []route
	for _, section := range (&surface{}).routes() {
		all = append(all, section.rows...)
	}
	return all
}
