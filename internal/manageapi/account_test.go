package manageapi

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestAnAccountSeesWhoTriedToSignIn(t *testing.T) {
	w := newWorld(t)
	cookie := w.signIn()
	w.env.Clock.Advance(time.Millisecond)
	w.checkProblem(w.send(w.as("", "POST", "/session", `{"email":"owner@example.com","password":"guess"}`)), "a guess")
	list := read[api.AccountSignInList](w, w.send(w.as(cookie, "GET", "/account/sign-ins?limit=1", "")), 200)
	if len(list.SignIns) != 1 || list.SignIns[0].Succeeded || list.SignIns[0].Method != "password" || list.SignIns[0].IP == "" || list.Next == "" {
		t.Fatalf("the newest: %+v", list)
	}
	list = read[api.AccountSignInList](w, w.send(w.as(cookie, "GET", "/account/sign-ins?cursor="+list.Next, "")), 200)
	if len(list.SignIns) == 0 || !list.SignIns[0].Succeeded {
		t.Errorf("the one before: %+v", list)
	}
}

func TestAnAccountChangesItsAddress(t *testing.T) {
	w := newWorld(t)
	cookie := w.signIn()
	change := func(as, password string) answer {
		return w.send(w.as(as, "POST", "/account/email", `{"email":"New@example.com","password":"`+password+`"}`))
	}
	for as, want := range map[string]string{w.key: "auth.forbidden", "": "auth.required"} {
		if p := w.checkProblem(change(as, servicetest.OwnerPassword), as); p.Code != want {
			t.Errorf("answered %s, want %s", p.Code, want)
		}
	}
	if p := w.checkProblem(change(cookie, "guess"), "a wrong password"); p.Code != "auth.credentials" {
		t.Errorf("a wrong password: %s", p.Code)
	}
	if a := read[api.Account](w, change(cookie, servicetest.OwnerPassword), 200); a.Email != "new@example.com" {
		t.Errorf("the account: %+v", a)
	}
	read[api.CurrentSession](w, w.send(w.as("", "POST", "/session", `{"email":"new@example.com","password":"`+servicetest.OwnerPassword+`"}`)), 201)
}

// Ten wrong passwords of who is signed in are as many as ten at the door.
func TestAddressesAreNoWayAroundTheLimitOnGuesses(t *testing.T) {
	w := newLimited(t)
	cookie := w.signIn()
	for i := range 30 {
		if a := w.send(w.as(cookie, "POST", "/account/email", `{"email":"new@example.com","password":"guess"}`)); a.status == 429 {
			if i < 3 {
				t.Errorf("refused after %d guesses", i)
			}
			return
		}
	}
	t.Error("thirty guesses were judged")
}

func TestAnAPIKeyIsChanged(t *testing.T) {
	w := newWorld(t)
	w.settle()
	got := ask[api.APIKey](w, "PATCH", "/api-keys/{api_key}", `{"name":"till","permissions":["licenses.read","licenses.create"],"app_ids":["`+w.ids["app"]+`"],"expires_at":"2026-03-02T12:00:00Z"}`, 200)
	if got.Name != "till" || len(got.Permissions) != 2 || len(got.AppIDs) != 1 || got.ExpiresAt.IsZero() {
		t.Errorf("changed: %+v", got)
	}
	got = ask[api.APIKey](w, "PATCH", "/api-keys/{api_key}", `{"expires_at":null,"app_ids":[]}`, 200)
	if got.Name != "till" || len(got.Permissions) != 2 || len(got.AppIDs) != 0 || !got.ExpiresAt.IsZero() {
		t.Errorf("changed back: %+v", got)
	}
	first := w.with("GET", "/api-keys/{api_key}", "")
	tag := first.header.Get("ETag")
	ask[api.APIKey](w, "PATCH", "/api-keys/{api_key}", `{"name":"another"}`, 200)
	if p := w.checkProblem(w.with("PATCH", "/api-keys/{api_key}", `{"name":"lost"}`, "If-Match", tag), "an old tag"); p.Code != "request.precondition_failed" {
		t.Errorf("an edit of what has changed since: %s", p.Code)
	}
}
