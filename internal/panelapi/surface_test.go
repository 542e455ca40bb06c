package panelapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/panelapi"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestSessions(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		w.user(w.app, "ann")
		w.user(w.app, "bob")
		w.must(w.login(w.app, "ann", words, machine))
		w.must(w.login(w.app, "bob", words, "another-machine-0000001"))
		b, second, bob := w.browser(w.app).enters("ann"), w.browser(w.app).enters("ann"), w.browser(w.app).enters("bob")
		type open struct {
			Sessions []struct {
				ID, Kind string
				Current  bool
			}
		}
		list := func(b *browser) (all open) {
			b.Helper()
			b.must(json.Unmarshal(b.done("GET", "/sessions", "").body, &all))
			return all
		}
		of := func(b *browser, kind string, current bool) string {
			b.Helper()
			for _, s := range list(b).Sessions {
				if s.Kind == kind && s.Current == current {
					return s.ID
				}
			}
			b.Fatalf("no session %s", kind)
			return ""
		}
		if n := len(list(b).Sessions); n != 3 {
			t.Errorf("Ann has %d sessions", n)
		}
		// Nobody ends another's, and cannot tell it from one that is not there.
		gone := b.refused("DELETE", "/sessions/"+strings.Repeat("x", 3), "", latchkey.CodeSessionNotFound)
		for _, kind := range []string{"program", "page"} {
			a := b.refused("DELETE", "/sessions/"+of(bob, kind, kind == "page"), "", latchkey.CodeSessionNotFound)
			if a.json["detail"] != gone.json["detail"] {
				t.Errorf("%s", a.body)
			}
		}
		bob.done("GET", "/me", "")
		b.done("DELETE", "/sessions/"+of(b, "program", false), "")
		b.done("DELETE", "/sessions/"+of(b, "page", false), "")
		second.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
		if n := len(list(b).Sessions); n != 1 {
			t.Errorf("Ann has %d sessions", n)
		}
		second.enters("ann")
		w.must(w.login(w.app, "ann", words, machine))
		b.done("DELETE", "/sessions", "")
		second.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
		if n := len(list(b).Sessions); n != 1 {
			t.Errorf("Ann has %d sessions", n)
		}
		if token := b.done("POST", "/sign-in-token", `{}`); token.StatusCode != http.StatusCreated || token.json["username"] != "ann" || token.json["token"] == "" {
			t.Errorf("%s", token.body)
		}
	})
}

func TestFiles(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		w.user(w.app, "ann")
		upload := func(app service.AppView, name, content string, level int64, shown bool) string {
			t.Helper()
			staged, err := w.Service.StageFile(w.Ctx(), service.Upload{App: app.ID, Size: -1}, strings.NewReader(content))
			w.must(err)
			f, err := w.Service.UploadFile(w.Ctx(), app.ID, service.NewFile{Name: name, NeedsSignIn: true, MinLevel: level}, staged)
			w.must(err)
			_, err = w.Service.UpdateFile(w.Ctx(), app.ID, f.ID, service.FileEdit{InPanel: &shown})
			w.must(err)
			return f.ID
		}
		free, dear, hidden := upload(w.app, "setup \"1\".exe", "the content", 1, true), upload(w.app, "pro.exe", "x", 2, true), upload(w.app, "secret.dll", "x", 0, false)
		foreign := upload(w.panelApp("another"), "foreign.exe", "x", 0, true)
		b := w.browser(w.app).enters("ann")
		list := b.done("GET", "/files", "").json["files"].([]any)
		if len(list) != 1 || list[0].(map[string]any)["id"] != free {
			t.Errorf("%v", list)
		}
		a := b.ask("GET", "/files/"+free+"/content", "", nil)
		if string(a.body) != "the content" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment; ") ||
			a.Header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %v", a.body, a.Header)
		}
		if a := b.ask("GET", "/files/"+free+"/content", "", map[string]string{"Range": "bytes=4-6"}); a.StatusCode != http.StatusPartialContent || string(a.body) != "con" {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
		b.refused("GET", "/files/"+dear+"/content", "", latchkey.CodeLevelTooLow)
		for _, id := range []string{hidden, foreign, "fil_none", "nothing"} {
			b.refused("GET", "/files/"+id+"/content", "", latchkey.CodeFileNotFound)
		}
		w.browser(w.app).refused("GET", "/files/"+free+"/content", "", latchkey.CodeAuthRequired)
		w.later(31 * 24 * time.Hour)
		b.enters("ann").refused("GET", "/files/"+free+"/content", "", latchkey.CodeSubscriptionExpired)
		if list := b.done("GET", "/files", "").json["files"].([]any); len(list) != 0 {
			t.Errorf("%v", list)
		}
	})
}

func TestTenants(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		other := w.panelApp("another")
		w.user(w.app, "ann")
		w.user(other, "ann")
		b := w.browser(w.app).enters("ann")
		elsewhere := w.browser(other)
		elsewhere.cookie = b.cookie // no browser would send it there
		for _, call := range []string{"GET /session", "GET /me", "GET /sessions", "GET /files", "DELETE /session", "DELETE /sessions"} {
			method, path, _ := strings.Cut(call, " ")
			elsewhere.refused(method, path, "", latchkey.CodeAuthInvalid)
		}
		b.done("GET", "/me", "")
		for _, path := range []string{"/none/none/me", "/" + w.app.OwnerID + "/none/me", "/" + w.app.OwnerID + "/" + w.app.ID + "/me", "/" + w.app.OwnerID, "/"} {
			res, err := http.Get(w.url + panelapi.Prefix + path)
			w.must(err)
			w.must(res.Body.Close())
			if res.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d", path, res.StatusCode)
			}
		}
	})
}

func TestCrossSiteRequests(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		w.user(w.app, "ann")
		b := w.browser(w.app).enters("ann")
		for what, header := range map[string]map[string]string{
			"another site":    {"Sec-Fetch-Site": "cross-site"},
			"a sibling":       {"Sec-Fetch-Site": "same-site"},
			"another origin":  {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
			"a null origin":   {"Sec-Fetch-Site": "", "Origin": "null"},
			"a plain form":    {"Content-Type": "application/x-www-form-urlencoded"},
			"JSON as text":    {"Content-Type": "text/plain"},
			"no content type": {"Content-Type": ""},
		} {
			for _, call := range [][3]string{{"POST", "/devices/reset", "{}"}, {"DELETE", "/sessions", ""}, {"PUT", "/email", `{"password":"` + words + `","email":""}`},
				{"POST", "/session", `{"username":"ann","password":"` + words + `"}`}, {"DELETE", "/session", ""}} {
				if a := b.ask(call[0], call[1], call[2], header); a.StatusCode/100 == 2 || a.Header.Get("Set-Cookie") != "" {
					t.Errorf("%s: %s %s: %d", what, call[0], call[1], a.StatusCode)
				}
			}
		}
		for _, path := range []string{"/devices/reset", "/session?username=ann", "/me?x=1"} { // GET changes nothing, and takes nothing
			if a := b.ask("GET", path, "", nil); a.StatusCode/100 == 2 {
				t.Errorf("GET %s: %d", path, a.StatusCode)
			}
		}
		b.done("GET", "/me", "")
	})
}

func TestCookies(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		for publicURL, want := range map[string]string{
			"":                              "latchkey_panel_dev",
			"https://keys.example.com":      "__Secure-latchkey-panel",
			"https://keys.example.com/keys": "__Secure-latchkey-panel",
		} {
			w := newWorldAt(t, engine, publicURL, nil)
			w.user(w.app, "ann")
			b := w.browser(w.app)
			a := b.ask("POST", "/session", `{"username":"ann","password":"`+words+`"}`, nil)
			c := a.Cookies()[0]
			base := strings.TrimPrefix(publicURL, "https://keys.example.com")
			if c.Name != want || !c.HttpOnly || c.Secure != (publicURL != "") || c.SameSite != http.SameSiteStrictMode || c.Path != base+b.base+"/" || c.Domain != "" {
				t.Errorf("%+v", c)
			}
			// Whatever is not letter for letter the token is none.
			for i := range c.Value {
				mangled := []string{c.Value[:i], c.Value[:i] + string(c.Value[i]^1) + c.Value[i+1:], c.Value[:i] + strings.ToUpper(c.Value[i:i+1]) + c.Value[i+1:]}
				for _, value := range append(mangled, c.Value+"A") {
					b.cookie = &http.Cookie{Name: c.Name, Value: value}
					if a := b.ask("GET", "/session", "", nil); (a.StatusCode == http.StatusOK) != (value == c.Value) {
						t.Fatalf("%q: %d", value, a.StatusCode)
					}
				}
			}
		}
	})
}

func TestLimits(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorldAt(t, engine, "", &ratelimit.Rates{FailuresPerMinute: 3, SignInsPerMinute: 100, RegistrationsPerHour: 5})
		w.user(w.app, "ann")
		b := w.browser(w.app)
		codes := []string{}
		for range 15 {
			codes = append(codes, b.ask("POST", "/session", `{"username":"ann","password":"wrong"}`, nil).code())
		}
		if !slices.Contains(codes, string(latchkey.CodeRateLimited)) || codes[0] != string(latchkey.CodePasswordWrong) {
			t.Errorf("%v", codes)
		}
	})
}

func TestAddressesAreKeptAsTheAppSays(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		w.user(w.app, "ann")
		addresses := func(b *browser) int {
			return strings.Count(string(b.done("GET", "/sessions", "").body), `"ip":`)
		}
		b := w.browser(w.app).enters("ann")
		if n := addresses(b); n != 1 {
			t.Errorf("%d addresses", n)
		}
		_, err := w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{IPLogging: new(false)})
		w.must(err)
		w.later(time.Second)
		_, err = w.Service.SweepAddresses(w.Context())
		w.must(err)
		if n := addresses(b); n != 0 {
			t.Errorf("swept: %d addresses", n)
		}
		if n := addresses(w.browser(w.app).enters("ann")); n != 0 {
			t.Errorf("off: %d addresses", n)
		}
	})
}

func TestWhatEverybodyMayKnow(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		b := w.browser(w.app)
		first := b.done("GET", "", "").json
		if first["name"] != "Demo & Co" || first["password_reset"] != false || len(first["buttons"].([]any)) != 0 || first["paused"] != false {
			t.Errorf("%v", first)
		}
		w.Change(func(c *service.Config) { c.ResetURL = "https://keys.example.com/reset/" })
		_, err := w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{MinUsernameLength: new(int64(4)), PanelButtons: &[]latchkey.PanelButton{{Text: "Start", Value: "start"}}})
		w.must(err)
		_, err = w.Service.PauseApp(w.Ctx(), w.app.ID)
		w.must(err)
		w.serve()
		want := map[string]any{"name": "Demo & Co", "paused": true, "disabled": false, "min_username_length": 4.0, "password_reset": true,
			"buttons": []any{map[string]any{"text": "Start", "value": "start"}}}
		if diff := cmp.Diff(want, b.done("GET", "", "").json); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		_, err = w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{CustomerPanel: new(false)})
		w.must(err)
		b.refused("GET", "", "", latchkey.CodeAppNotFound)
	})
}

func TestAForgottenPassword(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		b := w.browser(w.app)
		const ask = `{"username":"Ann","email":"Ann@Example.com"}`
		b.refused("POST", "/password-reset", ask, latchkey.CodeMailOff)
		w.Change(func(c *service.Config) { c.ResetURL = "https://keys.example.com/reset/" })
		w.serve()
		ann := w.user(w.app, "ann")
		_, err := w.Service.UpdateUser(w.Ctx(), w.app.ID, ann.ID, service.UserEdit{Email: new("ann@example.com")})
		w.must(err)
		signedIn := w.browser(w.app).enters("ann")

		b.refused("POST", "/password-reset", `{"username":"ann","email":"nothing"}`, latchkey.CodeInvalid)
		b.refused("POST", "/password-reset", `{"username":"","email":"ann@example.com"}`, latchkey.CodeInvalid)
		// Neither who there is, nor whose address it is, can be told from the answer.
		none := b.done("POST", "/password-reset", `{"username":"bob","email":"ann@example.com"}`)
		other := b.done("POST", "/password-reset", `{"username":"ann","email":"eve@example.com"}`)
		if sent := w.Mails(); len(sent) != 0 || none.StatusCode != http.StatusNoContent || other.StatusCode != http.StatusNoContent {
			t.Errorf("%d %d %+v", none.StatusCode, other.StatusCode, sent)
		}
		b.done("POST", "/password-reset", ask)
		sent := w.Mails()
		if len(sent) != 1 || sent[0].To != "ann@example.com" {
			t.Fatalf("mails: %+v", sent)
		}
		_, rest, _ := strings.Cut(sent[0].Text, "https://keys.example.com/reset/"+w.app.ID+"#")
		token, _, _ := strings.Cut(rest, "\n")
		w.must(w.Service.ResetPassword(w.Context(), w.app.ID, latchkey.Secret(token), "another secret"))
		signedIn.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
		b.done("POST", "/session", `{"username":"ann","password":"another secret"}`)

		// Five an hour from one address, of whatever user.
		for range 2 {
			b.done("POST", "/password-reset", `{"username":"bob","email":"bob@example.com"}`)
		}
		b.refused("POST", "/password-reset", `{"username":"bob","email":"bob@example.com"}`, latchkey.CodeRateLimited)
		_, err = w.Service.PauseApp(w.Ctx(), w.app.ID)
		w.must(err)
		b.refused("POST", "/password-reset", ask, latchkey.CodeAppPaused)
	})
}

func TestEveryCallNeedsASession(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		b := w.browser(w.app)
		for _, call := range []string{"GET /me", "POST /licenses", "POST /devices/reset", "PUT /password", "PUT /email", "POST /two-factor/enroll", "POST /two-factor/confirm",
			"POST /two-factor/disable", "POST /two-factor/recovery-codes", "GET /sessions", "DELETE /sessions/ses_x", "DELETE /sessions", "POST /sign-in-token", "GET /files",
			"GET /files/fil_x/content", "GET /session", "DELETE /session"} {
			method, path, _ := strings.Cut(call, " ")
			b.refused(method, path, "{}", latchkey.CodeAuthRequired)
			b.cookie = &http.Cookie{Name: "latchkey_panel_dev", Value: "lkp_" + strings.Repeat("A", 43)}
			b.refused(method, path, "{}", latchkey.CodeAuthInvalid)
			b.cookie = nil
		}
	})
}
