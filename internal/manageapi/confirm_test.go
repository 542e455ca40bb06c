package manageapi

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// What outlasts a session is asked for again, by cookie; an API key is not asked.
func TestWhatOutlastsASessionAsksForThePassword(t *testing.T) {
	w := newWorld(t)
	w.settle()
	cookie := w.signIn()
	calls := map[string]request{
		"secrets":                   w.as(cookie, "GET", "/apps/{app}/credentials", ""),
		"rotation":                  w.as(cookie, "POST", "/apps/{app}/credentials/rotate", `{"kinds":["seller_key"]}`),
		"licenses":                  w.as(cookie, "GET", "/apps/{app}/licenses/export?format=txt", ""),
		"audit events":              w.as(cookie, "GET", "/apps/{app}/audit-events/export", ""),
		"the server's audit events": w.as(cookie, "GET", "/audit-events/export", ""),
		"log lines":                 w.as(cookie, "GET", "/apps/{app}/logs/export", ""),
		"a key":                     w.as(cookie, "POST", "/api-keys", `{"name":"x","permissions":["apps.read"]}`),
		"a key edit":                w.as(cookie, "PATCH", "/api-keys/{api_key}", `{"name":"y"}`),
		"an account":                w.as(cookie, "POST", "/accounts", `{"email":"new@example.com","password":"another long password"}`),
		"a deletion":                w.as(cookie, "DELETE", "/apps/{app}?confirm=Demo", ""),
	}
	session := func() api.CurrentSession {
		return read[api.CurrentSession](w, w.send(w.as(cookie, "GET", "/session", "")), 200)
	}
	if until := session().ConfirmedUntil; !until.Equal(w.env.Clock.Now().Add(latchkey.ConfirmationLasts)) {
		t.Errorf("just signed in, confirmed until %s", until)
	}
	w.env.Clock.Advance(latchkey.ConfirmationLasts)
	for name, q := range calls {
		if p := w.checkProblem(w.send(q), name); p.Code != string(latchkey.CodeConfirmation) {
			t.Errorf("%s: answered %s", name, p.Code)
		}
	}
	ask[api.AppSecrets](w, "GET", "/apps/{app}/credentials", "", 200) // by API key
	confirm := func(as, password string) answer {
		return w.send(w.as(as, "POST", "/session/confirm", `{"password":"`+password+`"}`))
	}
	if p := w.checkProblem(confirm(cookie, "guess"), "a wrong password"); p.Code != "auth.credentials" {
		t.Errorf("a wrong password: %s", p.Code)
	}
	if p := w.checkProblem(confirm(w.key, servicetest.OwnerPassword), "an API key"); p.Code != "auth.forbidden" {
		t.Errorf("an API key: %s", p.Code)
	}
	confirmed := confirm(cookie, servicetest.OwnerPassword)
	until := read[api.Confirmed](w, confirmed, 200).ConfirmedUntil
	before := cookie
	cookie, _, _ = strings.Cut(confirmed.header.Get("Set-Cookie"), ";")
	if cookie == before || !strings.Contains(confirmed.header.Get("Set-Cookie"), "HttpOnly; SameSite=Strict") {
		t.Errorf("the cookie is renewed by %q", confirmed.header.Get("Set-Cookie"))
	}
	if p := w.checkProblem(w.send(calls["secrets"]), "the cookie before"); p.Code != string(latchkey.CodeConfirmation) {
		t.Errorf("the cookie before: %s", p.Code)
	}
	if a := confirm(before, servicetest.OwnerPassword); a.status != 200 || a.header.Get("Set-Cookie") != "" {
		t.Errorf("another tab at the same moment: %d, %q", a.status, a.header.Get("Set-Cookie"))
	}
	if got := session().ConfirmedUntil; !got.Equal(until.Time) || !until.Equal(w.env.Clock.Now().Add(15*time.Minute)) {
		t.Errorf("confirmed until %s, the session says %s", until, got)
	}
	for _, name := range []string{"secrets", "rotation", "licenses", "log lines", "a key", "a key edit", "an account", "a deletion"} {
		q := calls[name]
		q.header.Set("Cookie", cookie)
		if a := w.send(q); a.status >= 300 {
			t.Errorf("%s, confirmed: %d %s", name, a.status, a.body)
		}
	}
}

// Thirty wrong passwords are no way around the limit on guesses.
func TestConfirmationsAreLimitedLikeSignIns(t *testing.T) {
	w := newLimited(t)
	cookie := w.signIn()
	for range 30 {
		if a := w.send(w.as(cookie, "POST", "/session/confirm", `{"password":"guess"}`)); a.status == 429 {
			if !strings.Contains(string(a.body), "request.rate_limited") {
				t.Errorf("refused by %s", a.body)
			}
			return
		}
	}
	t.Error("thirty guesses were judged")
}
