package manageapi

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestADashboardSessionFromSignInToSignOut(t *testing.T) {
	w := newWorld(t)
	a := w.send(w.as("", "POST", "/session", `{"email":"OWNER@example.com","password":"`+servicetest.OwnerPassword+`"}`))
	opened := read[api.CurrentSession](w, a, 201)
	set := a.header.Get("Set-Cookie")
	if !strings.HasPrefix(set, "latchkey_dev=") || !strings.Contains(set, "HttpOnly; SameSite=Strict") || opened.Account.Email != servicetest.OwnerEmail {
		t.Fatalf("%s %+v", set, opened)
	}
	cookie, _, _ := strings.Cut(set, ";")

	now := read[api.CurrentSession](w, w.send(w.as(cookie, "GET", "/session", "")), 200)
	if now.SessionID != opened.SessionID {
		t.Errorf("session %s, want %s", now.SessionID, opened.SessionID)
	}
	list := read[api.AccountSessionList](w, w.send(w.as(cookie, "GET", "/account/sessions", "")), 200)
	if len(list.Sessions) != 1 || !list.Sessions[0].Current {
		t.Errorf("sessions: %+v", list)
	}

	out := w.send(w.as(cookie, "DELETE", "/session", ""))
	if out.status != 204 || !strings.Contains(out.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("sign-out: %d %v", out.status, out.header)
	}
	if p := w.checkProblem(w.send(w.as(cookie, "GET", "/session", "")), "after sign-out"); p.Code != "auth.invalid" {
		t.Errorf("the cookie still opens: %s", p.Code)
	}
}

func TestSignInDoesNotTellWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	var bodies []string
	for _, body := range []string{`{"email":"owner@example.com","password":"wrong"}`, `{"email":"nobody@example.com","password":"wrong"}`,
		`{"email":"no address","password":"wrong"}`} {
		p := w.checkProblem(w.send(w.as("", "POST", "/session", body)), body)
		p.RequestID = ""
		bodies = append(bodies, p.Code+p.Detail+p.Title)
	}
	if bodies[0] != bodies[1] || bodies[0] != bodies[2] || !strings.HasPrefix(bodies[0], "auth.credentials") {
		t.Errorf("the answers differ: %q", bodies)
	}
}

func TestOtherSitesCannotChangeAnythingByCookie(t *testing.T) {
	w := newWorld(t)
	cookie := w.signIn()
	for name, c := range map[string]struct {
		header, value string
		code          latchkey.Code
	}{
		"another site":         {"Sec-Fetch-Site", "cross-site", latchkey.CodeCrossOrigin},
		"a neighbouring site":  {"Sec-Fetch-Site", "same-site", latchkey.CodeCrossOrigin},
		"an old browser":       {"Origin", "https://evil.example", latchkey.CodeCrossOrigin},
		"a form of plain text": {"Content-Type", "text/plain", latchkey.CodeMediaType},
		"a form":               {"Content-Type", "application/x-www-form-urlencoded", latchkey.CodeMediaType},
		"no type at all":       {"Content-Type", "", latchkey.CodeMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			q := w.as(cookie, "POST", "/apps", `{"name":"Stolen"}`)
			q.header.Set(c.header, c.value)
			if p := w.checkProblem(w.send(q), name); p.Code != string(c.code) {
				t.Errorf("got %s", p.Code)
			}
			q = w.as("", "POST", "/session", `{"email":"owner@example.com","password":"`+servicetest.OwnerPassword+`"}`)
			q.header.Set(c.header, c.value)
			if a := w.send(q); a.status < 400 || a.header.Get("Set-Cookie") != "" {
				t.Errorf("another site signed the visitor in: %d", a.status)
			}
		})
	}
	own := w.as(cookie, "POST", "/apps", `{"name":"Own"}`)
	own.header.Set("Sec-Fetch-Site", "same-origin")
	read[api.AppCreated](w, w.send(own), 201)
}

func TestMangledTokensAreInvalid(t *testing.T) {
	w := newWorld(t)
	cookie := w.signIn()
	name, token, _ := strings.Cut(cookie, "=")
	for _, good := range []string{token, w.key} {
		for i := range good {
			changed := []byte(good)
			if changed[i] ^= 1; changed[i] == ';' || changed[i] == ' ' || changed[i] == '"' || changed[i] == ',' {
				continue // no character of a token
			}
			for _, bad := range []string{good[:i], string(changed), strings.ToUpper(good[:i+1]) + good[i+1:]} {
				if bad == good || bad == "" {
					continue
				}
				credential := bad
				if good == token {
					credential = name + "=" + bad
				}
				if a := w.send(w.as(credential, "GET", "/account", "")); a.status != 401 {
					t.Fatalf("a token mangled at %d: %d", i, a.status)
				}
			}
		}
	}
}

func TestARevokedKeyIsDeadAtItsNextCall(t *testing.T) {
	w := newWorld(t)
	made := ask[api.APIKeyCreated](w, "POST", "/api-keys", `{"name":"shop","permissions":["licenses.read","account"]}`, 201)
	if a := w.send(w.as(made.Key, "GET", "/account", "")); a.status != 200 {
		t.Fatalf("new key: %d %s", a.status, a.body)
	}
	ask[struct{}](w, "DELETE", "/api-keys/"+made.ID, "", 204)
	if p := w.checkProblem(w.send(w.as(made.Key, "GET", "/account", "")), "revoked"); p.Code != "auth.invalid" {
		t.Errorf("revoked key: %s", p.Code)
	}
	expiring := ask[api.APIKeyCreated](w, "POST", "/api-keys", `{"name":"brief","permissions":["account"],"expires_at":"2026-03-01T13:00:00Z"}`, 201)
	w.env.Clock.Advance(time.Hour)
	if p := w.checkProblem(w.send(w.as(expiring.Key, "GET", "/account", "")), "expired"); p.Code != "auth.invalid" {
		t.Errorf("expired key: %s", p.Code)
	}
}
