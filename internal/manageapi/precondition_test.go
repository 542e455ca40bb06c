package manageapi

import (
	"encoding/base32"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

// described is a row as the document describes it.
func described(row route) *huma.Operation {
	config := newConfig()
	s := &surface{schemas: config.Components.Schemas}
	a := humago.NewWithPrefix(http.NewServeMux(), Prefix, config)
	s.register(a, "", row)
	for _, op := range operations(a.OpenAPI()) {
		return op
	}
	return nil
}

// with adds headers to a call by the full API key.
func (w *world) with(method, route, body string, header ...string) answer {
	w.t.Helper()
	q := w.as(w.key, method, route, body)
	for i := 0; i < len(header); i += 2 {
		q.header.Add(header[i], header[i+1])
	}
	return w.send(q)
}

// edits are calls that change one thing, by the thing's path, with bodies; each
// succeeds after those before it.
func edits() []struct{ id, of, body string } {
	const app, license, user = "/apps/{app}", "/apps/{app}/licenses/{license}", "/apps/{app}/users/{user}"
	const subscription, chat = "/apps/{app}/subscriptions/{subscription}", "/apps/{app}/chats/{chat}"
	const variable, userVariable = "/apps/{app}/variables/{variable}", user + "/variables/{user_variable}"
	const file, webhook = "/apps/{app}/files/{file}", "/apps/{app}/webhooks/{webhook}"
	const black, white = "/apps/{app}/blacklists/{blacklist_entry}", "/apps/{app}/whitelists/{whitelist_entry}"
	const tok = "/apps/{app}/tokens/{token}"
	return []struct{ id, of, body string }{
		{"update-app", app, `{"settings":{"version":"9"}}`}, {"pause-app", app, ""}, {"resume-app", app, ""},
		{"disable-app", app, ""}, {"enable-app", app, ""},
		{"rotate-credentials", app + "/credentials", `{"kinds":["secret"],"overlap":60}`},
		{"update-subscription", subscription, `{"name":"renamed"}`}, {"pause-subscription", subscription, ""}, {"resume-subscription", subscription, ""},
		{"update-license", license, `{"note":"edited"}`}, {"extend-license", license, `{"duration":"1d"}`},
		{"ban-license", license, `{}`}, {"unban-license", license, ""},
		{"update-user", user, `{"email":"ann@example.com"}`}, {"disable-two-factor", user, ""}, {"ban-user", user, `{}`}, {"unban-user", user, ""},
		{"add-user-subscription", user, `{"subscription_id":"SUB","duration":"1d"}`},
		{"pause-user-subscription", user, ""}, {"resume-user-subscription", user, ""},
		{"redeem-license", user, `{"key":"KEY"}`},
		{"decline-reset", user, `{}`}, {"unbind-device", user, ""}, {"reset-user-devices", user, ""},
		{"remove-user-subscription", user, ""},
		{"disable-account", "/accounts/{account}", ""}, {"enable-account", "/accounts/{account}", ""}, {"delete-account", "/accounts/{account}", ""},
		{"update-api-key", "/api-keys/{api_key}", `{"name":"till"}`},
		{"update-chat", chat, `{"delay":5}`}, {"delete-chat", chat, ""},
		{"reset-token", tok, ""}, {"blacklist-token", tok, `{}`}, {"unblacklist-token", tok, ""}, {"delete-token", tok, ""},
		{"update-variable", variable, `{"value":"hi"}`}, {"delete-variable", variable, ""},
		{"update-user-variable", userVariable, `{"read_only":true}`}, {"delete-user-variable", userVariable, ""},
		{"update-file", file, `{"name":"renamed"}`}, {"replace-file-content", file, "another content"}, {"delete-file", file, ""},
		{"update-webhook", webhook, `{"url":"https://hooks.example.com/new"}`}, {"delete-webhook", webhook, ""},
		{"update-blacklist-entry", black, `{"reason":"fraud"}`}, {"delete-blacklist-entry", black, ""},
		{"update-whitelist-entry", white, `{"expires_at":"2030-01-01T00:00:00Z"}`}, {"delete-whitelist-entry", white, ""},
		{"delete-license", license, ""}, {"delete-user", user, ""}, {"delete-subscription", subscription, ""}, {"delete-app", app, ""},
	}
}

func TestEditsHeedWhatTheirCallerHasSeen(t *testing.T) {
	w := newWorld(t)
	w.settle()
	license := ask[api.License](w, "GET", "/apps/{app}/licenses/{license}", "", 200)
	tried := map[string]bool{}
	for _, e := range edits() {
		row := rowOf(t, e.id)
		tried[e.id] = true
		w.env.Clock.Advance(time.Second) // time alone changes no tag that an edit heeds
		if e.id == "disable-two-factor" {
			w.secondFactor()
		}
		if e.id == "decline-reset" {
			w.asksForReset()
		}
		if e.id == "unbind-device" {
			w.ids["device"] = w.bindDevice()
		}
		if e.id == "reset-user-devices" {
			w.bindDevice()
		}
		path := row.path + map[string]string{"delete-app": "?confirm=Demo", "delete-subscription": "?take_away=true"}[e.id]
		body := strings.NewReplacer("SUB", w.ids["subscription"], "KEY", license.Key).Replace(e.body)
		seen := w.with("GET", e.of, "").header.Get("ETag")
		if len(seen) != 43 || !strings.Contains(seen, ".") {
			t.Errorf("%s: the thing has the tag %s", e.id, seen)
		}
		for name, c := range map[string]struct{ match, code string }{
			"an old state": {`"0123456789abcdef0123.0123456789abcdef0123"`, "request.precondition_failed"},
			"a weak tag":   {"W/" + seen, "request.precondition_failed"},
			"no tag":       {strings.Trim(seen, `"`), "request.invalid"},
			"another tag":  {`""`, "request.precondition_failed"},
		} {
			if p := w.checkProblem(w.with(row.method, path, body, "If-Match", c.match), e.id); p.Code != c.code {
				t.Errorf("%s with %s: %s", e.id, name, p.Code)
			}
		}
		done := w.with(row.method, path, body, "If-Match", `"x"`, "If-Match", seen+`, W/"y"`)
		if done.status != row.status {
			t.Errorf("%s of what was seen: %d %s", e.id, done.status, done.body)
		}
		if got := w.with("GET", e.of, "").header.Get("ETag"); row.method != remove && e.id != "reset-user-devices" && (got == seen || got != done.header.Get("ETag")) {
			t.Errorf("%s: the thing had the tag %s, the answer %s, the thing then %s", e.id, seen, done.header.Get("ETag"), got)
		}
	}
	for _, row := range rows() {
		if row.method != get && heeds(row, "If-Match") != tried[row.id] {
			t.Errorf("%s is not tried", row.id)
		}
	}
}

// bindDevice has the user sign in from a machine, and returns its id.
func (w *world) bindDevice() string {
	w.t.Helper()
	w.customer()
	return ask[api.User](w, "GET", "/apps/{app}/users/{user}", "", 200).Devices[0].ID
}

// asksForReset has the user ask for a reset of their devices.
func (w *world) asksForReset() {
	w.t.Helper()
	w.bindDevice()
	settings := func(on bool) {
		_, err := w.env.Service.UpdateApp(w.env.Ctx(), w.ids["app"], service.AppEdit{CustomerPanel: &on, DeviceResetApproval: &on})
		w.must(err)
	}
	settings(true)
	app, err := w.env.Service.App(w.env.Ctx(), w.ids["app"])
	w.must(err)
	client, err := w.env.Service.PanelApp(w.t.Context(), app.OwnerID, app.Name)
	w.must(err)
	p, err := w.env.Service.PanelSignIn(w.t.Context(), client, service.PanelSignIn{ClientSignIn: service.ClientSignIn{Username: "ann", Password: "secret words"}})
	w.must(err)
	_, _, err = w.env.Service.PanelResetDevices(w.t.Context(), client, p.Token)
	w.must(err)
	settings(false)
}

// customer has the user sign in from a machine.
func (w *world) customer() (*service.ClientApp, *service.ClientSession) {
	w.t.Helper()
	app, err := w.env.Service.App(w.env.Ctx(), w.ids["app"])
	w.must(err)
	client := w.env.Client(app)
	session := w.env.Session(client)
	_, err = w.env.Service.ClientLogin(w.t.Context(), client, session,
		service.ClientSignIn{Username: "ann", Password: "secret words", HWID: "4c4c4544-0042-3510-8052-b4c04f4e3832"})
	w.must(err)
	return client, session
}

// secondFactor has the user set one up.
func (w *world) secondFactor() {
	w.t.Helper()
	client, session := w.customer()
	e, err := w.env.Service.ClientTwoFactorEnroll(w.t.Context(), client, session, nil)
	w.must(err)
	seed, err := base32.StdEncoding.DecodeString(e.Secret.Reveal())
	w.must(err)
	code, err := totp.Code(seed, totp.Step(w.env.Clock.Now()))
	w.must(err)
	_, err = w.env.Service.ClientTwoFactorConfirm(w.t.Context(), client, session, code)
	w.must(err)
	if u := ask[api.User](w, "GET", "/apps/{app}/users/{user}", "", 200); !u.TwoFactor {
		w.t.Errorf("the card does not tell: %+v", u)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestACopyThatIsStillGoodIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for _, path := range []string{"/apps/{app}", "/apps/{app}/stats", "/apps/{app}/credentials", "/apps/{app}/subscriptions/{subscription}",
		"/apps/{app}/licenses/{license}", "/apps/{app}/users/{user}", "/apps/{app}/files/{file}", "/apps/{app}/webhooks/{webhook}", "/apps/{app}/blacklists/{blacklist_entry}", "/account", "/api-keys/{api_key}", "/apps/{app}/tokens/{token}", "/apps/{app}/variables/{variable}", "/apps/{app}/users/{user}/variables/{user_variable}"} {
		first := w.with("GET", path, "")
		tag := first.header.Get("ETag")
		for _, had := range []string{tag, "W/" + tag, `"x", ` + tag, "*", strings.TrimSuffix(tag, `"`) + `-gzip"`} {
			if a := w.with("GET", path, "", "If-None-Match", had); a.status != 304 || len(a.body) > 0 || a.header.Get("ETag") != tag || a.header.Get("Content-Type") != "" {
				t.Errorf("%s with %s: %d %v", path, had, a.status, a.header)
			}
		}
		if a := w.with("GET", path, "", "If-None-Match", `"x"`); a.status != 200 || string(a.body) != string(first.body) {
			t.Errorf("%s with another tag: %d", path, a.status)
		}
		if p := w.checkProblem(w.with("GET", path, "", "If-None-Match", "x"), path); p.Code != "request.invalid" {
			t.Errorf("%s with no tag: %s", path, p.Code)
		}
		if p := w.checkProblem(w.with("GET", path, "", "If-Match", `"x"`), path); p.Code != "request.precondition_failed" {
			t.Errorf("%s that must be another: %s", path, p.Code)
		}
		if a := w.with("HEAD", path, "", "If-Match", tag); a.status != 200 || a.header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %d %v", path, a.status, a.header)
		}
	}
	user := w.with("GET", "/apps/{app}/users/{user}", "").header.Get("ETag")
	w.env.Clock.Advance(time.Minute)
	if a := w.with("GET", "/apps/{app}/users/{user}", "", "If-None-Match", user); a.status != 200 {
		t.Errorf("seconds_left has changed, and the answer is %d", a.status)
	}
}

func TestWhatHasNoTagMatchesNone(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/apps", `{"name":"New"}`}, {"DELETE", "/apps/{app}/sessions", ""}, {"POST", "/apps/{app}/licenses", `{"duration":"1d"}`},
	} {
		if p := w.checkProblem(w.with(c.method, c.path, c.body, "If-Match", `"x"`), c.path); p.Code != "request.precondition_failed" {
			t.Errorf("%s: %s", c.path, p.Code)
		}
		if a := w.with(c.method, c.path, c.body, "If-Match", "*"); a.status >= 300 {
			t.Errorf("%s with *: %d %s", c.path, a.status, a.body)
		}
	}
}
