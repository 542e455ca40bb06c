package e2e_test

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

// neighborLimit is how long another server may take to hear of a change.
const neighborLimit = time.Second

// TestRevocation takes rights away: the server refuses the very next call, and
// another server on the same PostgreSQL every call that begins later than a
// second after. Who lost the right to sign in is refused by both at once.
func TestRevocation(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			i := newInstallation(t, engine)
			key := i.initialize()
			s := newSeller(t, i.start().url, key)
			revoke(t, s, s, 0)
		})
	}
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		i := newInstallation(t, "postgres")
		i.binary = watched(t)
		key := i.initialize()
		here, there := newSeller(t, i.start().url, key), newSeller(t, i.neighbor().start().url, key)
		revoke(t, here, there, neighborLimit)
	})
}

// revoke takes rights away there that are used here. limit is how long they
// may still work.
func revoke(t *testing.T, here, there *seller, limit time.Duration) {
	for _, c := range takings() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t, here.in(t))
			if a, err := v.call("check", nil); err != nil || !a.Success {
				t.Fatalf("before: check says %q (%v)", a.Message, err)
			}
			late := newProgram(here.url, v.app, v.http)
			if err := late.open(); err != nil {
				t.Fatal(err)
			}
			c.take(there.in(t), v)
			taken := time.Now()
			mayStill := func(p *program, typ string, params url.Values) bool {
				a, err := p.call(typ, params)
				if err != nil && !c.unsigned {
					t.Fatal(err)
				}
				return err == nil && a.Success
			}
			if c.bars && mayStill(late, "login", v.login()) {
				t.Error("a new sign-in succeeds")
			}
			ends(t, taken, limit, func() bool { return mayStill(v.program, "check", nil) })
			if c.closes && mayStill(late, "login", v.login()) {
				t.Error("a new sign-in succeeds")
			}
		})
	}
	t.Run("an API key is deleted", func(t *testing.T) {
		var made api.APIKeyCreated
		there.in(t).call("POST", "/api-keys", api.CreateAPIKey{Name: "brief", Permissions: []string{"apps.read"}}, &made)
		machine := newSeller(t, here.url, made.Key)
		machine.call("GET", "/apps", nil, nil)
		there.in(t).call("DELETE", "/api-keys/"+made.ID, nil, nil)
		taken := time.Now()
		ends(t, taken, limit, func() bool {
			err := machine.try("GET", "/apps", nil, nil)
			if r, ok := errors.AsType[*refused](err); err != nil && (!ok || r.status != http.StatusUnauthorized) {
				t.Fatal(err)
			}
			return err == nil
		})
	})
	t.Run("an account signs out", func(t *testing.T) {
		cookie := signInAccount(t, here.url)
		must(t, http.StatusNoContent, "DELETE", there.url+"/api/v1/session", cookie, "")
		taken := time.Now()
		ends(t, taken, limit, func() bool { return isSignedIn(t, here.url, cookie) })
	})
	t.Run("an account changes its password", func(t *testing.T) {
		other, own := signInAccount(t, here.url), signInAccount(t, there.url)
		must(t, http.StatusNoContent, "POST", there.url+"/api/v1/account/password", own,
			`{"current":"`+ownerPassword+`","new":"another battery staple"}`)
		taken := time.Now()
		ends(t, taken, limit, func() bool { return isSignedIn(t, here.url, other) })
	})
}

// ends calls until it is refused, and fails the test if a call that began
// later than limit after the right was taken is still served.
func ends(t *testing.T, taken time.Time, limit time.Duration, served func() bool) {
	t.Helper()
	eventually(t, 30*time.Second, "the right is taken", func() bool {
		began := time.Now()
		if !served() {
			return true
		}
		if age := began.Sub(taken); age >= limit {
			t.Fatalf("a call was served %v after the right was taken", age)
		}
		return false
	})
}

// victim is a customer whose program runs against one server.
type victim struct {
	*program
	customer
	app  api.AppCreated
	user api.User
}

// newVictim makes an app with one customer, who has registered and is signed in.
func newVictim(t *testing.T, s *seller) *victim {
	t.Helper()
	v := &victim{app: s.createApp(path.Base(t.Name()))}
	v.customer = customer{name: "victim", password: "secret of the victim", hwid: "hardware-id-of-the-victim",
		key: s.createLicenses(v.app.ID, 1)[0].Key}
	v.program = newProgram(s.url, v.app, browser())
	if err := v.open(); err != nil {
		t.Fatal(err)
	}
	if a, err := v.call("register", v.register()); err != nil || !a.Success {
		t.Fatalf("register: %s (%v)", a.Message, err)
	}
	v.user = s.users(v.app.ID)[0]
	return v
}

// taking is a way to end what a customer may do.
type taking struct {
	name     string
	take     func(s *seller, v *victim)
	bars     bool // signing in anew is refused at once, by both servers
	closes   bool // signing in anew is refused when everything else is
	unsigned bool // the app that would sign the refusal is gone
}

func takings() []taking {
	// on calls a path below the app; USER, SUB, LICENSE and SESSION stand for
	// the victim's.
	on := func(method, path string, body any) func(*seller, *victim) {
		return func(s *seller, v *victim) {
			var sessions api.SessionList
			s.call("GET", "/apps/"+v.app.ID+"/sessions", nil, &sessions)
			if len(sessions.Sessions) != 1 {
				s.t.Fatalf("%d sessions, want the victim's", len(sessions.Sessions))
			}
			path := strings.NewReplacer("USER", v.user.ID, "SUB", v.user.Subscriptions[0].SubscriptionID,
				"LICENSE", v.user.LicenseID, "SESSION", sessions.Sessions[0].ID).Replace(path)
			s.call(method, "/apps/"+v.app.ID+path, body, nil)
		}
	}
	settings := func(u api.UpdateSettings) api.UpdateApp { return api.UpdateApp{Settings: &u} }
	return []taking{
		{name: "the user is banned", bars: true, take: on("POST", "/users/USER/ban", api.BanUser{Reason: "charge-back"})},
		{name: "the user is deleted", bars: true, take: on("DELETE", "/users/USER", nil)},
		{name: "the password is changed", bars: true, take: on("PATCH", "/users/USER", api.UpdateUser{Password: new("another secret")})},
		{name: "the password is cleared", take: on("PATCH", "/users/USER", api.UpdateUser{ClearPassword: true})},
		{name: "the license is banned with its user", bars: true, take: on("POST", "/licenses/LICENSE/ban", api.BanLicense{UserToo: true})},
		{name: "the license is deleted with its user", bars: true, take: on("DELETE", "/licenses/LICENSE?user_too=true", nil)},
		{name: "the session is killed", take: on("DELETE", "/sessions/SESSION", nil)},
		{name: "the user's sessions are killed", take: on("DELETE", "/sessions?user=USER", nil)},
		{name: "every session is killed", take: on("DELETE", "/sessions", nil)},
		{name: "the subscription is paused for the user", bars: true, take: on("POST", "/users/USER/subscriptions/SUB/pause", nil)},
		{name: "the subscription is taken from the user", bars: true, take: on("DELETE", "/users/USER/subscriptions/SUB", nil)},
		{name: "the time is taken", bars: true, take: on("POST", "/users/time",
			api.ChangeTime{UserSelection: api.UserSelection{All: true}, Duration: "31d", Subtract: true})},
		{name: "the subscription is paused", bars: true, take: on("POST", "/subscriptions/SUB/pause", nil)},
		{name: "the app is paused", bars: true, take: on("POST", "/pause", nil)},
		{name: "the app is disabled", closes: true, take: on("POST", "/disable", nil)},
		{name: "the protocol is switched off", closes: true, take: on("PATCH", "", settings(api.UpdateSettings{AcceptProtocols: &[]string{"native"}}))},
		{name: "the app is deleted", closes: true, unsigned: true, take: func(s *seller, v *victim) {
			s.call("DELETE", "/apps/"+v.app.ID+"?confirm="+url.QueryEscape(v.app.Name), nil, nil)
		}},
		{name: "the user signs in elsewhere and may have one session", take: func(s *seller, v *victim) {
			on("PATCH", "", settings(api.UpdateSettings{OneSessionPerUser: new(true)}))(s, v)
			second := newProgram(s.url, v.app, v.http)
			if err := second.open(); err != nil {
				s.t.Fatal(err)
			}
			if a, err := second.call("login", v.login()); err != nil || !a.Success {
				s.t.Fatalf("login: %s (%v)", a.Message, err)
			}
		}},
	}
}

// signInAccount signs the owner in and returns the cookie.
func signInAccount(t *testing.T, server string) *http.Cookie {
	t.Helper()
	res := must(t, http.StatusCreated, "POST", server+"/api/v1/session", nil,
		`{"email":"`+ownerEmail+`","password":"`+ownerPassword+`"}`)
	if cookies := res.Cookies(); len(cookies) == 1 {
		return cookies[0]
	}
	t.Fatal("the answer to the sign-in sets no cookie")
	return nil
}

// isSignedIn reports whether an account's cookie is in force.
func isSignedIn(t *testing.T, server string, cookie *http.Cookie) bool {
	t.Helper()
	status := visit(t, "GET", server+"/api/v1/session", cookie, "").StatusCode
	if status != http.StatusOK && status != http.StatusUnauthorized {
		t.Fatalf("status %d", status)
	}
	return status == http.StatusOK
}

// must makes a call as a browser does, which has to end with the status.
func must(t *testing.T, status int, method, address string, cookie *http.Cookie, body string) *http.Response {
	t.Helper()
	res := visit(t, method, address, cookie, body)
	if res.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d", method, address, res.StatusCode, status)
	}
	return res
}

// visit makes a call as a browser does.
func visit(t *testing.T, method, address string, cookie *http.Cookie, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if cookie != nil {
		req.AddCookie(cookie)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // status and headers are what counts
	return res
}
