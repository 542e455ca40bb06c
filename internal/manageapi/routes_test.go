package manageapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestEveryRowOfTheTableIsWhole(t *testing.T) {
	ids := map[string]bool{}
	for _, row := range rows() {
		name := row.method + " " + row.path
		if row.needs != public && row.needs != signedIn && !slices.Contains(latchkey.Permissions(), row.needs) {
			t.Errorf("%s names no permission: %q", name, row.needs)
		}
		if !slices.Contains([]rateClass{rateAuth, rateRead, rateWrite, rateBulk}, row.rate) {
			t.Errorf("%s names no rate class: %q", name, row.rate)
		}
		if row.method == http.MethodGet && row.rate != rateRead {
			t.Errorf("%s reads, but is counted as %s", name, row.rate)
		}
		if ids[row.id] || row.id == "" || row.summary == "" || strings.HasSuffix(row.summary, ".") {
			t.Errorf("%s has no id or summary of its own", name)
		}
		ids[row.id] = true
	}
}

// keyWith makes an API key with some permissions.
func (w *world) keyWith(permissions ...latchkey.Permission) string {
	w.t.Helper()
	_, token, err := w.env.Service.CreateAPIKey(w.env.Ctx(), service.NewAPIKey{Name: "test", Permissions: permissions})
	if err != nil {
		w.t.Fatal(err)
	}
	return token.Reveal()
}

func TestEveryRowAsksForItsPermission(t *testing.T) {
	w := newWorld(t)
	w.settle()
	keys := map[latchkey.Permission]string{}
	others := map[latchkey.Permission]string{}
	for _, p := range latchkey.Permissions() {
		keys[p] = w.keyWith(p)
		others[p] = w.keyWith(slices.DeleteFunc(latchkey.Permissions(), func(q latchkey.Permission) bool { return p == q })...)
	}
	for _, row := range rows() {
		t.Run(row.id, func(t *testing.T) {
			w := *w
			w.t = t
			if row.needs == public {
				if p := w.checkProblem(w.send(w.as("", row.method, row.path, "")), "anonymous"); p.Code != "request.invalid" {
					t.Errorf("a public call refused a stranger: %s", p.Code)
				}
				return
			}
			if p := w.checkProblem(w.send(w.as("", row.method, row.path, "")), "anonymous"); p.Code != "auth.required" {
				t.Errorf("anonymous: %s", p.Code)
			}
			if p := w.checkProblem(w.send(w.as("lk_made_up", row.method, row.path, "")), "forged"); p.Code != "auth.invalid" {
				t.Errorf("forged key: %s", p.Code)
			}
			if row.needs == signedIn {
				if p := w.checkProblem(w.send(w.as(w.key, row.method, row.path, "")), "key"); p.Code != "auth.forbidden" {
					t.Errorf("an API key passed for a person: %s", p.Code)
				}
				if a := w.send(w.as(w.signIn(), row.method, row.path, "")); a.status == 401 || a.status == 403 {
					t.Errorf("a person was refused: %s", a.body)
				}
				return
			}
			if p := w.checkProblem(w.send(w.as(others[row.needs], row.method, row.path, "")), "others"); p.Code != "auth.forbidden" ||
				!strings.Contains(p.Detail, string(row.needs)) {
				t.Errorf("a key with all other permissions: %s %s", p.Code, p.Detail)
			}
			if a := w.send(w.as(keys[row.needs], row.method, row.path, "")); a.status == 401 || a.status == 403 || a.status >= 500 {
				t.Errorf("a key with exactly this permission: %d %s", a.status, a.body)
			}
		})
	}
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		method, path string
		code         latchkey.Code
		allow        string
	}{
		"no such path":           {"GET", "/nothing", latchkey.CodeRouteNotFound, ""},
		"a slash too many":       {"GET", "/apps/", latchkey.CodeRouteNotFound, ""},
		"another letter case":    {"GET", "/Apps", latchkey.CodeRouteNotFound, ""},
		"no such method":         {"PUT", "/apps", latchkey.CodeMethodNotAllowed, "GET, POST"},
		"a method of its own":    {"BREW", "/openapi.json", latchkey.CodeMethodNotAllowed, "GET"},
		"nothing here by delete": {"DELETE", "/nothing", latchkey.CodeRouteNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.send(w.as("", c.method, c.path, ""))
			if p := w.checkProblem(a, name); p.Code != string(c.code) || a.header.Get("Allow") != c.allow {
				t.Errorf("%s, Allow %q", p.Code, a.header.Get("Allow"))
			}
		})
	}
}

func TestForeignAndMalformedIDsAreOneAndTheSame(t *testing.T) {
	w := newWorld(t)
	w.settle()
	stranger, err := w.env.Service.CreateAccount(w.env.Ctx(), service.NewAccount{Email: "other@example.com", Password: "another long password"})
	if err != nil {
		t.Fatal(err)
	}
	foreign, _, err := w.env.Service.CreateApp(w.env.As(stranger.Account), "Theirs")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows() {
		if !strings.Contains(row.path, "{app}") || row.rate != rateRead {
			continue
		}
		var bodies []string
		for _, id := range []string{foreign.ID, "app_" + strings.Repeat("z", 26), "app_1", "%00", "%ff%fe", strings.Repeat("a", 3000), "app_%2f.."} {
			a := w.send(w.as(w.key, row.method, strings.ReplaceAll(row.path, "{app}", id), ""))
			p := w.checkProblem(a, row.id)
			p.RequestID = ""
			bodies = append(bodies, p.Code+p.Detail)
			if a.status != 404 {
				t.Errorf("%s with app %.20s: %d", row.id, id, a.status)
			}
		}
		if len(slices.Compact(bodies)) != 1 {
			t.Errorf("%s tells foreign from unknown: %q", row.id, bodies)
		}
	}
	ask[api.App](w, "GET", "/apps/{app}", "", 200)
}
