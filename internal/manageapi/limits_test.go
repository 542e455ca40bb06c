package manageapi

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// newLimited is a world with limits, whose clients sit behind a proxy that is
// believed, or, without one, only pretend to.
func newLimited(t *testing.T, trusted ...netip.Prefix) *world {
	t.Helper()
	w := newWorld(t)
	handler, err := New(w.env.Service, Options{Now: w.env.Clock.Now, Version: "test", Limits: NewLimits(w.env.Clock.Now, 10)})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(web.Wrap(web.Options{Log: slog.New(slog.DiscardHandler), Now: w.env.Clock.Now, Rand: rand.Reader,
		TrustedProxies: trusted}, handler))
	t.Cleanup(srv.Close)
	w.url = srv.URL + Prefix
	return w
}

func loopback() netip.Prefix { return netip.MustParsePrefix("127.0.0.1/32") }

const (
	office   = "192.0.2.1"
	stranger = "198.51.100.1"
)

// from makes a call at an address and returns its status, with what to wait
// for if that is 429.
func (w *world) from(addr string, q request) string {
	w.t.Helper()
	q.header.Set("X-Forwarded-For", addr)
	a := w.send(q)
	if a.status != 429 {
		return fmt.Sprint(a.status)
	}
	if p := w.checkProblem(a, "too often"); p.Code != string(latchkey.CodeRateLimited) {
		w.t.Errorf("429 with %s", p.Code)
	}
	return "wait " + a.header.Get("Retry-After")
}

func (w *world) signInFrom(addr, email, password string) string {
	w.t.Helper()
	return w.from(addr, w.as("", "POST", "/session", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)))
}

func (w *world) want(why, want, got string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: %s, want %s", why, got, want)
	}
}

func TestFailedSignInsToOneAccountAreLimited(t *testing.T) {
	w := newLimited(t, loopback())
	for _, spelling := range []string{"owner@example.com", "OWNER@EXAMPLE.COM", " Owner@example.com", "owner@Example.com\t", "oWNER@example.com"} {
		w.want(spelling, "401", w.signInFrom(stranger, spelling, "wrong password"))
	}
	w.want("the sixth", "wait 12", w.signInFrom(stranger, "owner@example.com", "wrong password"))
	w.want("the right password", "wait 12", w.signInFrom(stranger, servicetest.OwnerEmail, servicetest.OwnerPassword))
	w.want("an unknown account", "401", w.signInFrom(stranger, "nobody@example.com", "wrong password"))
	w.env.Clock.Advance(12 * time.Second)
	w.want("after the wait", "201", w.signInFrom(stranger, servicetest.OwnerEmail, servicetest.OwnerPassword))

	failed := 0
	for range 60 {
		w.env.Clock.Advance(time.Minute)
		for range 6 {
			if w.signInFrom("198.51.100.2", servicetest.OwnerEmail, "wrong password") == "401" {
				failed++
			}
		}
	}
	if failed < 20 || failed > 40 {
		t.Errorf("%d failures in an hour, 20 at once and 20 that came back at most", failed)
	}
}

func TestFailedSignInsOfOneAddressAreLimited(t *testing.T) {
	w := newLimited(t, loopback())
	for i := range 10 {
		w.want("a guess", "401", w.signInFrom(stranger, fmt.Sprintf("somebody%d@example.com", i), "wrong password"))
	}
	w.want("the eleventh", "wait 6", w.signInFrom(stranger, "another@example.com", "wrong password"))
	w.want("the owner there", "wait 6", w.signInFrom(stranger, servicetest.OwnerEmail, servicetest.OwnerPassword))
	w.want("the owner elsewhere", "201", w.signInFrom(office, servicetest.OwnerEmail, servicetest.OwnerPassword))
	w.want("a setup token", "wait 6", w.from(stranger, w.as("", "POST", "/setup", `{"token":"x","email":"a@example.com","password":"long enough words"}`)))
	w.want("an API key", "200", w.from(stranger, w.as(w.key, "GET", "/account", "")))
}

func TestStrangersDoNotLockTheOwnerOut(t *testing.T) {
	w := newLimited(t, loopback())
	cookie := w.signIn()
	for i := range 100 {
		w.signInFrom(fmt.Sprintf("198.51.100.%d", i), servicetest.OwnerEmail, "wrong password")
	}
	if got := w.signInFrom("198.51.100.7", servicetest.OwnerEmail, "wrong password"); !strings.HasPrefix(got, "wait") {
		t.Errorf("the stranger goes on: %s", got)
	}
	w.want("the owner somewhere new", "201", w.signInFrom(office, servicetest.OwnerEmail, servicetest.OwnerPassword))
	w.want("the owner's open session", "200", w.from(stranger, w.as(cookie, "GET", "/session", "")))
}

func TestGuessingTheCurrentPasswordIsLimited(t *testing.T) {
	w := newLimited(t, loopback())
	cookie := w.signIn()
	const body = `{"current":"wrong password","new":"another long password"}`
	for range 5 {
		w.want("a guess", "401", w.from(office, w.as(cookie, "POST", "/account/password", body)))
	}
	w.want("the sixth", "wait 12", w.from(office, w.as(cookie, "POST", "/account/password", body)))
	w.want("the session itself", "200", w.from(office, w.as(cookie, "GET", "/session", "")))
}

func TestAMadeUpForwardedAddressChangesNothing(t *testing.T) {
	w := newLimited(t)
	for i := range 10 {
		w.want("a guess", "401", w.signInFrom(fmt.Sprintf("203.0.113.%d", i), fmt.Sprintf("somebody%d@example.com", i), "wrong password"))
	}
	w.want("the eleventh", "wait 6", w.signInFrom("203.0.113.99", "another@example.com", "wrong password"))
}

func TestEveryAnswerSaysWhatIsLeft(t *testing.T) {
	w := newLimited(t, loopback())
	for _, c := range []struct{ method, path, body, policy, left string }{
		{"GET", "/account", "", `"read";q=6000;w=60`, `"read";r=5999;t=1`},
		{"GET", "/account", "", `"read";q=6000;w=60`, `"read";r=5998;t=1`},
		{"POST", "/apps", `{"name":"Demo"}`, `"write";q=3000;w=60`, `"write";r=2999;t=1`},
		{"POST", "/apps", `{"bad":1}`, `"write";q=3000;w=60`, `"write";r=2998;t=1`},
		{"POST", "/session", `{"email":"a@example.com","password":"wrong"}`, `"auth";q=300;w=60`, `"auth";r=299;t=1`},
	} {
		credential := w.key
		if c.path == "/session" {
			credential = ""
		}
		a := w.send(w.as(credential, c.method, c.path, c.body))
		if policy, left := a.header.Get("RateLimit-Policy"), a.header.Get("RateLimit"); policy != c.policy || left != c.left {
			t.Errorf("%s %s: %s and %s, want %s and %s", c.method, c.path, policy, left, c.policy, c.left)
		}
	}
	if a := w.send(w.as("", "GET", "/openapi.json", "")); a.header.Get("RateLimit") != "" {
		t.Error("the document is counted")
	}
}

func TestEveryClassHasACeilingForEachKey(t *testing.T) {
	w := newLimited(t, loopback())
	other := ask[api.APIKeyCreated](w, "POST", "/api-keys", `{"name":"other","permissions":["apps.read"]}`, 201)
	for class := range ceilings() {
		if !rateClasses()[class] {
			t.Errorf("no route has the class %s", class)
		}
	}
	for class := range rateClasses() {
		if ceilings()[class] == (ratelimit.Limit{}) {
			t.Errorf("%s has no ceiling", class)
		}
	}
	const path = "/apps/{app}/licenses/delete" // bulk, has the lowest
	w.settle()
	for i := range 700 {
		got := w.from(office, w.as(w.key, "POST", path, `{}`))
		if strings.HasPrefix(got, "wait") {
			w.want("the wait", "wait 1", got)
			if i < 590 {
				t.Errorf("after %d calls", i)
			}
			w.want("another class", "200", w.from(office, w.as(w.key, "GET", "/apps", "")))
			w.want("another key", "200", w.from(office, w.as(other.Key, "GET", "/apps", "")))
			w.env.Clock.Advance(time.Second)
			w.want("after the wait", "400", w.from(office, w.as(w.key, "POST", path, `{}`)))
			return
		}
		w.want("a call within the limit", "400", got)
	}
	t.Error("there is no limit")
}

func rateClasses() map[rateClass]bool {
	classes := map[rateClass]bool{}
	for _, row := range rows() {
		classes[row.rate] = true
	}
	return classes
}
