package manageapi

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// makesNothing are the calls by POST that make nothing, and why they need no
// Idempotency-Key: made twice they find done what they ask for, and say so.
func makesNothing() []string {
	return []string{
		"setup", "sign-in", // nobody has a name yet; setup closes, sessions end
		"change-password", "change-email", "confirm-password",
		"disable-account", "enable-account",
		"pause-app", "resume-app", "disable-app", "enable-app", "pause-subscription", "resume-subscription",
		"ban-license", "unban-license", "ban-user", "unban-user", "reset-user-devices", "decline-reset", "disable-two-factor",
		"pause-user-subscription", "resume-user-subscription", "blacklist-token", "unblacklist-token", "reset-token",
		"retry-delivery", "retry-deliveries", "delete-deliveries",
		"resume-audit-webhook", "test-audit-webhook",
		"test-webhook",                         // each one is a call of its own
		"import-blacklist", "import-whitelist", // a line that is on the list makes nothing
	}
}

func heeds(row route, header string) bool {
	op := described(row)
	for _, p := range op.Parameters {
		if p.In == "header" && p.Name == header {
			return true
		}
	}
	return false
}

func TestEveryCallThatMakesSomethingCanBeRepeated(t *testing.T) {
	for _, row := range rows() {
		if row.method != post {
			continue
		}
		if heeds(row, repeatHeader) == slices.Contains(makesNothing(), row.id) {
			t.Errorf("%s: say that it heeds Idempotency-Key, or that it makes nothing", row.id)
		}
	}
}

// repeatBodies are bodies of the repeatable calls, of which each makes what
// the others do not.
func (w *world) repeatBodies() map[string]string {
	key := ask[api.License](w, "GET", "/apps/{app}/licenses/{license}", "", 200).Key
	return map[string]string{
		"create-api-key":              `{"name":"ci","permissions":["apps.read"]}`,
		"create-account":              `{"email":"new@example.com","password":"another long password"}`,
		"create-app":                  `{"name":"Second"}`,
		"clone-app":                   `{"name":"Clone"}`,
		"rotate-audit-webhook-secret": ``,
		"rotate-credentials":          `{"kinds":["seller_key"]}`,
		"create-subscription":         `{"name":"gold","level":2}`,
		"create-licenses":             `{"amount":2,"duration":"30d"}`,
		"extend-license":              `{"duration":"1d"}`,
		"create-user":                 `{"username":"bob","password":"secret words"}`,
		"create-sign-in-token":        ``,
		"send-password-reset":         ``,
		"redeem-license":              `{"key":"` + key + `"}`,
		"create-chat":                 `{"name":"second"}`,
		"send-chat-message":           `{"text":"hello"}`,
		"mute-user":                   `{"user_id":"` + w.ids["user"] + `","until":"2030-01-01T00:00:00Z"}`,
		"create-token":                `{"license_id":"` + w.ids["license"] + `"}`,
		"create-variable":             `{"name":"news","value":"none"}`,
		"set-user-variable":           `{"name":"theme","value":"dark"}`,
		"add-user-subscription":       `{"subscription_id":"` + w.ids["subscription"] + `","duration":"1d"}`,
		"upload-file":                 "content of another file",
		"replace-file-content":        "another content",
		"link-file":                   `{"name":"linked.exe","link":"https://files.example.com/"}`,
		"create-webhook":              `{"name":"refunds","url":"https://hooks.example.com/"}`,
		"create-blacklist-entry":      `{"kind":"ip","value":"203.0.113.7"}`,
		"create-whitelist-entry":      `{"kind":"ip","value":"203.0.113.7"}`,
	}
}

// named is a call with an Idempotency-Key.
func (w *world) named(row route, key, body string) answer {
	q := w.as(w.key, row.method, row.path, body)
	q.header.Set(repeatHeader, key)
	return w.send(q)
}

func TestARepeatedCallIsAnsweredAlike(t *testing.T) {
	w := newWorld(t)
	w.settle()
	bodies := w.repeatBodies()
	ask[api.User](w, "PATCH", "/apps/{app}/users/{user}", `{"password":"secret words","email":"ann@example.com"}`, 200) // for the mail
	ask[api.AuditWebhook](w, "PUT", "/apps/{app}/audit-webhook", `{"url":"https://receiver.example.com/"}`, 200)
	for _, row := range rows() {
		body, tried := bodies[row.id]
		if row.method != post || !heeds(row, repeatHeader) || row.rate == rateBulk && !tried {
			continue // bulk actions are told of in licenses_bulk_test.go
		}
		if !tried {
			t.Errorf("%s has no body here", row.id)
			continue
		}
		if row.id == "upload-file" {
			row.path += "?name=another.exe"
		}
		first := w.named(row, "order 7 "+row.id, body)
		events := w.events()
		again := w.named(row, "order 7 "+row.id, body)
		if first.status != row.status || again.status != row.status || len(first.body) < 10 || string(first.body) != string(again.body) {
			t.Errorf("%s: %d %s\nthen %d %s", row.id, first.status, first.body, again.status, again.body)
		}
		if first.header.Get("ETag") != again.header.Get("ETag") || first.header.Get("Content-Type") != again.header.Get("Content-Type") {
			t.Errorf("%s: %v\nthen %v", row.id, first.header, again.header)
		}
		if was, is := first.header.Get(replayedHeader), again.header.Get(replayedHeader); was != "" || is != "true" {
			t.Errorf("%s: replayed is %q, then %q", row.id, was, is)
		}
		if after := w.events(); after != events {
			t.Errorf("%s: the repetition did something: %d events, then %d", row.id, events, after)
		}
		if body == "" {
			continue // it takes none, so none can be another
		}
		other := strings.Replace(body, "30d", "31d", 1)
		if other == body {
			other += " "
		}
		if p := w.checkProblem(w.named(row, "order 7 "+row.id, other), row.id); p.Code != "request.idempotency_mismatch" {
			t.Errorf("%s with another body: %s", row.id, p.Code)
		}
	}
}

// events is how many audit events there are.
func (w *world) events() (n int) {
	w.t.Helper()
	for _, path := range []string{"/audit-events?limit=1000", "/apps/{app}/audit-events?limit=1000"} {
		n += len(ask[api.AuditEventList](w, "GET", path, "", 200).AuditEvents)
	}
	return n
}

func TestANameBelongsToOneRequest(t *testing.T) {
	w := newWorld(t)
	w.settle()
	create := rowOf(t, "create-user")
	if a := w.named(create, "one", `{"username":"bob"}`); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for name, q := range map[string]request{
		"another path":  w.as(w.key, "POST", "/apps/{app}/subscriptions", `{"username":"bob"}`),
		"another body":  w.as(w.key, "POST", "/apps/{app}/users", `{"username":"Bob"}`),
		"another thing": w.as(w.key, "POST", "/apps", `{"name":"x"}`),
	} {
		q.header.Set(repeatHeader, "one")
		if a := w.send(q); a.status != 422 && a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	for name, keys := range map[string][]string{"empty": {""}, "too long": {strings.Repeat("x", 256)}, "two": {"a", "b"}} {
		q := w.as(w.key, "POST", "/apps/{app}/users", `{"username":"carl"}`)
		q.header[repeatHeader] = keys
		if p := w.checkProblem(w.send(q), name); p.Code != "request.invalid" {
			t.Errorf("%s: %s", name, p.Code)
		}
	}
	if p := w.checkProblem(w.named(create, "two", `{"username":"bob"}`), "taken"); p.Code != "user.exists" {
		t.Errorf("a taken name: %s", p.Code)
	}
	if a := w.named(create, "two", `{"username":"dora"}`); a.status != 201 || a.header.Get(replayedHeader) != "" {
		t.Errorf("corrected: %d %s", a.status, a.body)
	}
	other := w.keyWith(latchkey.PermUsersCreate)
	q := w.as(other, "POST", "/apps/{app}/users", `{"username":"erna"}`)
	q.header.Set(repeatHeader, "one")
	if a := w.send(q); a.status != 201 {
		t.Errorf("another caller's own name: %d %s", a.status, a.body)
	}
}

func TestASecretIsShownAgainToWhoMadeItAlone(t *testing.T) {
	w := newWorld(t)
	make := rowOf(t, "create-api-key")
	const body = `{"name":"ci","permissions":["account"]}`
	first := read[api.APIKeyCreated](w, w.named(make, "ci", body), 201)
	if again := read[api.APIKeyCreated](w, w.named(make, "ci", body), 201); again.Key != first.Key {
		t.Error("the key is another one")
	}
	q := w.as(first.Key, "POST", "/api-keys", body)
	q.header.Set(repeatHeader, "ci")
	if made := read[api.APIKeyCreated](w, w.send(q), 201); made.Key == first.Key {
		t.Error("another caller sees it")
	}
	ask[struct{}](w, "DELETE", "/api-keys/"+first.ID, "", 204)
	if p := w.checkProblem(w.send(q), "revoked"); p.Code != "auth.invalid" {
		t.Errorf("a revoked key repeats: %s", p.Code)
	}
	replayed := read[api.APIKeyCreated](w, w.named(make, "ci", body), 201)
	if a := w.send(w.as(replayed.Key, "GET", "/api-keys", "")); a.status != 401 {
		t.Errorf("a revoked key shown again opens something: %d", a.status)
	}
	w.env.Clock.Advance(24 * time.Hour)
	if a := w.named(make, "ci", body); a.status != 201 || a.header.Get(replayedHeader) != "" {
		t.Errorf("after a day: %d %v", a.status, a.header)
	}
}

func TestCallsOfOneNameAtOnceMakeOneThing(t *testing.T) {
	w := newWorld(t)
	create := rowOf(t, "create-app")
	answers := make([]answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = w.named(create, "at once", `{"name":"Demo"}`) })
	}
	all.Wait()
	whole := w.named(create, "at once", `{"name":"Demo"}`)
	for _, a := range answers {
		switch a.status {
		case http.StatusCreated:
			if string(a.body) != string(whole.body) {
				t.Errorf("%s", a.body)
			}
		default:
			if p := w.checkProblem(a, "at once"); p.Code != "request.in_progress" || a.header.Get("Retry-After") != "1" {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
	}
	if list := ask[api.AppList](w, "GET", "/apps", "", 200); len(list.Apps) != 1 {
		t.Errorf("%d apps", len(list.Apps))
	}
}

func rowOf(t *testing.T, id string) route {
	t.Helper()
	for _, row := range rows() {
		if row.id == id {
			return row
		}
	}
	t.Fatalf("there is no row %s", id)
	return route{}
}
