package panelapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/panelapi"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	ann := w.user(w.app, "ann")
	b := w.browser(w.app)
	b.refused("GET", "/session", "", latchkey.CodeAuthRequired)
	b.refused("GET", "/me", "", latchkey.CodeAuthRequired)

	// An unknown name reads like a wrong password.
	wrong := b.refused("POST", "/session", `{"username":"ann","password":"wrong"}`, latchkey.CodePasswordWrong)
	unknown := b.refused("POST", "/session", `{"username":"nobody","password":"wrong"}`, latchkey.CodePasswordWrong)
	if wrong.json["detail"] != unknown.json["detail"] || wrong.json["detail"] != "Password does not match." {
		t.Errorf("%s, %s", wrong.body, unknown.body)
	}
	for _, body := range []string{``, `[]`, `{"username":"ann"`, `{"username":"ann","password":"x","admin":true}`, `{"username":"ann","username":"ann","password":"x"}`,
		`{"Username":"ann","password":"x"}`, `{"username":1,"password":"x"}`, `{}`, `{"username":"ann","license":"x"}`} {
		if a := b.ask("POST", "/session", body, nil); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, a.StatusCode, a.body)
		}
	}
	in := b.done("POST", "/session", `{"username":"ANN","password":"`+words+`"}`)
	if in.json["username"] != "ann" || in.json["license_named"] != false {
		t.Errorf("%s", in.body)
	}
	if now := b.done("GET", "/session", ""); now.json["username"] != "ann" {
		t.Errorf("%s", now.body)
	}
	card := b.done("GET", "/me", "")
	subs := card.json["subscriptions"].([]any)
	if card.json["username"] != "ann" || card.json["password"] != true || len(subs) != 1 || subs[0].(map[string]any)["status"] != "active" {
		t.Errorf("%s", card.body)
	}
	for _, secret := range []string{ann.ID, "hash", "auth_version"} {
		if strings.Contains(string(card.body), secret) {
			t.Errorf("the card tells %s: %s", secret, card.body)
		}
	}

	// A second sign-in ends the first.
	first := *b.cookie
	b.enters("ann")
	stale := w.browser(w.app)
	stale.cookie = &first
	stale.refused("GET", "/me", "", latchkey.CodeAuthInvalid)

	kept := *b.cookie
	b.done("DELETE", "/session", "")
	if b.cookie != nil {
		t.Error("the cookie stays")
	}
	stale.cookie = &kept
	stale.refused("GET", "/me", "", latchkey.CodeAuthInvalid)

	b.enters("ann")
	w.later(latchkey.PanelSessionIdle)
	b.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
	_, err := w.Service.BanUser(w.Ctx(), w.app.ID, ann.ID, service.UserBan{Reason: "fraud"})
	w.must(err)
	if a := b.refused("POST", "/session", `{"username":"ann","password":"`+words+`"}`, latchkey.CodeUserBanned); a.json["reason"] != "fraud" {
		t.Errorf("%s", a.body)
	}
	b.refused("POST", "/session", `{"username":"ann","password":"wrong"}`, latchkey.CodePasswordWrong)
}

func TestSessionsEndAtTheNextCall(t *testing.T) {
	w := newWorld(t)
	for i, end := range []func(u service.UserView) error{
		func(u service.UserView) error {
			_, err := w.Service.BanUser(w.Ctx(), w.app.ID, u.ID, service.UserBan{})
			return err
		},
		func(u service.UserView) error {
			_, err := w.Service.UpdateUser(w.Ctx(), w.app.ID, u.ID, service.UserEdit{Password: new(latchkey.Secret("by the seller"))})
			return err
		},
		func(u service.UserView) error { return w.Service.DeleteUser(w.Ctx(), w.app.ID, u.ID) },
		func(service.UserView) error {
			w.later(time.Second)
			_, err := w.Service.KillSessions(w.Ctx(), w.app.ID, "")
			return err
		},
	} {
		name := fmt.Sprint("user", i)
		u := w.user(w.app, name)
		b := w.browser(w.app).enters(name)
		b.done("GET", "/me", "")
		w.must(end(u))
		b.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
		b.refused("POST", "/licenses", `{"license":"x"}`, latchkey.CodeAuthInvalid)
	}
	w.user(w.app, "ann")
	b := w.browser(w.app).enters("ann")
	_, err := w.Service.PauseApp(w.Ctx(), w.app.ID)
	w.must(err)
	b.refused("GET", "/me", "", latchkey.CodeAppPaused)
	_, err = w.Service.ResumeApp(w.Ctx(), w.app.ID)
	w.must(err)
	_, err = w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{CustomerPanel: new(false)})
	w.must(err)
	b.refused("GET", "/me", "", latchkey.CodeAppNotFound)
	b.refused("POST", "/session", `{}`, latchkey.CodeAppNotFound)
}

func TestALicenseSignsInItsUser(t *testing.T) {
	w := newWorld(t)
	keys := w.Licenses(w.app.ID, 3, "30d")
	key := func(i int) string { return keys[i].Key.Reveal() }
	client := w.Client(w.app)
	_, err := w.Service.ClientLicense(w.Context(), client, w.Session(client), service.ClientSignIn{Key: key(0), HWID: machine})
	w.must(err)

	b := w.browser(w.app)
	b.refused("POST", "/session", `{"license":"`+key(1)+`"}`, latchkey.CodeUserNotFound) // nobody has used it, and it stays so
	b.refused("POST", "/session", `{"license":"nothing"}`, latchkey.CodeLicenseNotFound)
	in := b.done("POST", "/session", `{"license":"`+key(0)+`"}`)
	if in.json["username"] != key(0) || in.json["license_named"] != true {
		t.Errorf("%s", in.body)
	}
	// Another license on top; a used one is refused, and so is the same again by somebody else.
	card := b.done("POST", "/licenses", `{"license":"`+key(1)+`"}`)
	left := card.json["subscriptions"].([]any)[0].(map[string]any)["seconds_left"].(float64)
	if left != 60*86400 {
		t.Errorf("%v seconds are left", left)
	}
	b.done("POST", "/licenses", `{"license":"`+key(1)+`"}`) // a repetition gives nothing twice
	if again := b.done("GET", "/me", ""); again.json["subscriptions"].([]any)[0].(map[string]any)["seconds_left"].(float64) != left {
		t.Errorf("%s", again.body)
	}
	b.refused("PUT", "/password", `{"current":"x","new":"y"}`, latchkey.CodePasswordWrong)
	b.refused("PUT", "/password", `{"current":"`+key(0)+`","new":"y"}`, latchkey.CodePasswordAbsent)

	other := w.browser(w.app)
	made := other.done("POST", "/registration", `{"username":"bob","password":"`+words+`","license":"`+key(2)+`","email":"bob@example.com"}`)
	if made.StatusCode != http.StatusCreated || made.json["username"] != "bob" {
		t.Errorf("%d %s", made.StatusCode, made.body)
	}
	other.refused("POST", "/licenses", `{"license":"`+key(1)+`"}`, latchkey.CodeLicenseUsed)
	w.browser(w.app).refused("POST", "/registration", `{"username":"eve","password":"`+words+`","license":"`+key(2)+`"}`, latchkey.CodeLicenseUsed)
	w.browser(w.app).refused("POST", "/registration", `{"username":"bob","password":"other","license":"`+key(2)+`"}`, latchkey.CodeUserExists)
	w.browser(w.app).done("POST", "/registration", `{"username":"bob","password":"`+words+`","license":"`+key(2)+`"}`) // its answer was lost
	w.must(w.login(w.app, "bob", words, machine))
}

func TestDevices(t *testing.T) {
	w := newWorld(t)
	w.user(w.app, "ann")
	w.user(w.app, "bob")
	w.must(w.login(w.app, "ann", words, machine))
	w.must(w.login(w.app, "bob", words, machine))
	b := w.browser(w.app).enters("ann")
	if card := b.done("GET", "/me", ""); len(card.json["devices"].([]any)) != 1 || strings.Contains(string(card.body), machine) || card.json["next_device_reset"] != nil {
		t.Errorf("%s", card.body)
	}
	before := b.cookie.Value
	card := b.done("POST", "/devices/reset", `{}`)
	if len(card.json["devices"].([]any)) != 0 || card.json["next_device_reset"] == nil || b.cookie.Value == before {
		t.Errorf("%s", card.body)
	}
	w.must(w.login(w.app, "ann", words, "another-machine-0000001"))
	if a := b.refused("POST", "/devices/reset", `{}`, latchkey.CodeDeviceResetSoon); a.Header.Get("Retry-After") != "604800" {
		t.Errorf("%v", a.Header)
	}
	if err := w.login(w.app, "bob", words, "another-machine-0000001"); latchkey.CodeOf(err) != latchkey.CodeDeviceMismatch {
		t.Errorf("Bob's device was reset too: %v", err)
	}
	w.later(7 * 24 * time.Hour)
	b.enters("ann").done("POST", "/devices/reset", `{}`)
	w.must(w.login(w.app, "ann", words, machine))
}

func TestPasswordAndAddress(t *testing.T) {
	w := newWorld(t)
	w.user(w.app, "ann")
	_, err := w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{LeakedPasswordCheck: new(true)})
	w.must(err)
	b, elsewhere := w.browser(w.app).enters("ann"), w.browser(w.app).enters("ann")
	old := *b.cookie
	b.refused("PUT", "/password", `{"current":"wrong","new":"frotz mumble"}`, latchkey.CodePasswordWrong)
	b.refused("PUT", "/password", `{"current":"`+words+`","new":"Password1"}`, latchkey.CodePasswordLeaked)
	b.refused("PUT", "/password", `{"current":"`+words+`","new":""}`, latchkey.CodeInvalid)
	b.done("PUT", "/password", `{"current":"`+words+`","new":"frotz mumble"}`)
	b.done("GET", "/me", "") // under a new token
	elsewhere.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
	b2 := w.browser(w.app)
	b2.cookie = &old
	b2.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
	if err := w.login(w.app, "ann", words, machine); latchkey.CodeOf(err) != latchkey.CodePasswordWrong {
		t.Errorf("the old password: %v", err)
	}
	w.must(w.login(w.app, "ann", "frotz mumble", machine))

	b.refused("PUT", "/email", `{"password":"wrong","email":"ann@example.com"}`, latchkey.CodePasswordWrong)
	b.refused("PUT", "/email", `{"password":"frotz mumble","email":"nothing"}`, latchkey.CodeInvalid)
	b.done("PUT", "/email", `{"password":"frotz mumble","email":"Ann@Example.com"}`)
	if card := b.done("GET", "/me", ""); card.json["email"] != "ann@example.com" {
		t.Errorf("%s", card.body)
	}
	b.done("PUT", "/email", `{"password":"frotz mumble","email":""}`)
}

func TestSecondFactor(t *testing.T) {
	w := newWorld(t)
	w.user(w.app, "ann")
	b := w.browser(w.app).enters("ann")
	b.refused("POST", "/two-factor/enroll", `{"password":"wrong"}`, latchkey.CodePasswordWrong)
	b.refused("POST", "/two-factor/confirm", `{"code":"123456"}`, latchkey.CodeTwoFactorNotPending)
	secret := b.done("POST", "/two-factor/enroll", `{"password":"`+words+`"}`).json["secret"].(string)
	codes := b.done("POST", "/two-factor/confirm", `{"code":"`+w.shown(secret, 0)+`"}`).json["recovery_codes"].([]any)
	if len(codes) != 10 {
		t.Errorf("%d codes", len(codes))
	}
	sign := func(code string) string { return `{"username":"ann","password":"` + words + `","code":"` + code + `"}` }
	out := w.browser(w.app)
	out.refused("POST", "/session", sign(""), latchkey.CodeTwoFactorRequired)
	if out.cookie != nil {
		t.Error("half a sign-in has a cookie")
	}
	out.refused("POST", "/session", sign(w.shown(secret, 0)), latchkey.CodeTwoFactorWrong) // used
	w.later(time.Minute)
	out.done("POST", "/session", sign(w.shown(secret, 0)))
	w.browser(w.app).refused("POST", "/session", sign(w.shown(secret, 0)), latchkey.CodeTwoFactorWrong)
	w.browser(w.app).done("POST", "/session", sign(codes[0].(string)))
	w.browser(w.app).refused("POST", "/session", sign(codes[0].(string)), latchkey.CodeTwoFactorWrong)
	if card := out.done("GET", "/me", ""); card.json["two_factor"] != true || card.json["recovery_codes"] != 9.0 {
		t.Errorf("%s", card.body)
	}
	w.later(time.Minute)
	fresh := out.done("POST", "/two-factor/recovery-codes", `{"code":"`+w.shown(secret, 0)+`"}`).json["recovery_codes"].([]any)
	w.browser(w.app).refused("POST", "/session", sign(codes[1].(string)), latchkey.CodeTwoFactorWrong)
	out.refused("POST", "/two-factor/disable", `{"code":"000000x"}`, latchkey.CodeTwoFactorWrong)
	out.done("POST", "/two-factor/disable", `{"code":"`+fresh[0].(string)+`"}`)
	b.refused("GET", "/me", "", latchkey.CodeAuthInvalid) // the other session is over
	w.browser(w.app).enters("ann")
}

func TestSessions(t *testing.T) {
	w := newWorld(t)
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
}

func TestFiles(t *testing.T) {
	w := newWorld(t)
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
}

func TestTenants(t *testing.T) {
	w := newWorld(t)
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
}

func TestCrossSiteRequests(t *testing.T) {
	w := newWorld(t)
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
}

func TestCookies(t *testing.T) {
	for publicURL, want := range map[string]string{
		"":                              "latchkey_panel_dev",
		"https://keys.example.com":      "__Secure-latchkey-panel",
		"https://keys.example.com/keys": "__Secure-latchkey-panel",
	} {
		w := newWorldAt(t, publicURL, nil)
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
}

func TestLimits(t *testing.T) {
	w := newWorldAt(t, "", &ratelimit.Rates{FailuresPerMinute: 3, SignInsPerMinute: 100, RegistrationsPerHour: 5})
	w.user(w.app, "ann")
	b := w.browser(w.app)
	codes := []string{}
	for range 15 {
		codes = append(codes, b.ask("POST", "/session", `{"username":"ann","password":"wrong"}`, nil).code())
	}
	if !slices.Contains(codes, string(latchkey.CodeRateLimited)) || codes[0] != string(latchkey.CodePasswordWrong) {
		t.Errorf("%v", codes)
	}
}

func TestAddressesAreKeptAsTheAppSays(t *testing.T) {
	w := newWorld(t)
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
}

func TestEveryCallNeedsASession(t *testing.T) {
	w := newWorld(t)
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
}
