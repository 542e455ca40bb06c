package manageapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
)

func TestVariablesAreListedWithoutTheirValues(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.env.Clock.Advance(1)
	made := ask[api.Variable](w, "POST", "/apps/{app}/variables", `{"name":"Offsets","value":"1 2 3","needs_sign_in":false,"min_level":7}`, 201)
	if made.Value == nil || *made.Value != "1 2 3" || made.Size != 5 || made.NeedsSignIn || made.MinLevel != 7 {
		t.Errorf("made %+v", made)
	}
	read := ask[api.Variable](w, "GET", "/apps/{app}/variables/"+made.ID, "", 200)
	if diff := cmp.Diff(made, read); diff != "" {
		t.Errorf("(-made +read):\n%s", diff)
	}
	listed := made
	listed.Value = nil
	if diff := cmp.Diff([]api.Variable{listed}, ask[api.VariableList](w, "GET", "/apps/{app}/variables?search=OFF", "", 200).Variables); diff != "" {
		t.Errorf("(-made +listed):\n%s", diff)
	}
	if all := ask[api.VariableList](w, "GET", "/apps/{app}/variables", "", 200); len(all.Variables) != 2 || all.Variables[1].NeedsSignIn != true {
		t.Errorf("listed %+v", all)
	}
	first := ask[api.VariableList](w, "GET", "/apps/{app}/variables?limit=1", "", 200)
	rest := ask[api.VariableList](w, "GET", "/apps/{app}/variables?limit=1&cursor="+first.Next, "", 200)
	if first.Variables[0].Name != "Offsets" || rest.Variables[0].Name != "motd" || rest.Next != "" {
		t.Errorf("by name: %+v, then %+v", first, rest)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "POST", "/apps/{app}/variables", `{"name":"motd","value":""}`)), "again"); p.Code != "variable.exists" {
		t.Errorf("again: %s", p.Code)
	}
}

func TestALargeVariableFitsHoweverItIsWritten(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for name, letter := range map[string]string{"plain": "x", "escaped": `\u0041`, "control characters": `\u0001`} {
		a := w.send(w.as(w.key, "PATCH", "/apps/{app}/variables/{variable}", `{"value":"`+strings.Repeat(letter, 65_536)+`"}`))
		if a.status != http.StatusOK {
			t.Errorf("%s: %d %.200s", name, a.status, a.body)
		}
	}
	whole := strings.Repeat(`é`, 32_768)
	v := ask[api.Variable](w, "PATCH", "/apps/{app}/variables/{variable}", `{"value":"`+whole+`"}`, 200)
	if v.Size != 65_536 || *v.Value != whole {
		t.Errorf("%d bytes", v.Size)
	}
	for name, c := range map[string]struct{ value, code string }{
		"a byte too long":          {whole + "x", "request.invalid"},
		"characters too many":      {strings.Repeat("x", 65_537), "request.invalid"},
		"more than any such value": {strings.Repeat(`\u0041`, 100_000), "request.too_large"},
	} {
		if p := w.checkProblem(w.send(w.as(w.key, "PATCH", "/apps/{app}/variables/{variable}", `{"value":"`+c.value+`"}`)), name); p.Code != c.code {
			t.Errorf("%s: %s", name, p.Code)
		}
	}
}

func TestVariablesOfManyUsers(t *testing.T) {
	w := newWorld(t)
	w.settle()
	bob := ask[api.User](w, "POST", "/apps/{app}/users", `{"username":"bob"}`, 201).ID
	for n := range 100 {
		name, _ := json.Marshal(strings.Repeat("n", n%60+1) + string(rune('a'+n/60)))
		ask[api.UserVariable](w, "POST", "/apps/{app}/users/"+bob+"/variables", `{"name":`+string(name)+`,"value":"x"}`, 200)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "POST", "/apps/{app}/users/"+bob+"/variables", `{"name":"plan","value":"x"}`)), "one more"); p.Code != "variable.quota_exceeded" {
		t.Errorf("a 101st variable: %s", p.Code)
	}
	counts := api.UserCounts{Total: 2}
	want := api.UsersChanged{Change: api.Change{Matched: 2, Changed: 1}, Skipped: map[string]int64{"variable.quota_exceeded": 1}, Before: counts, After: counts}
	try := want
	try.DryRun = true
	for _, c := range []struct {
		path, body string
		want       api.UsersChanged
	}{
		{"/apps/{app}/users/set-variable", `{"all":true,"name":"plan","value":"silver","read_only":true,"dry_run":true}`, try},
		{"/apps/{app}/users/set-variable", `{"all":true,"name":"plan","value":"silver","read_only":true}`, want},
	} {
		if diff := cmp.Diff(c.want, ask[api.UsersChanged](w, "POST", c.path, c.body, 200)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.path, c.body, diff)
		}
	}
	list := ask[api.UserVariableList](w, "GET", "/apps/{app}/users/{user}/variables", "", 200).Variables
	if len(list) != 1 || list[0].ID != w.ids["user_variable"] || list[0].Value != "silver" || !list[0].ReadOnly {
		t.Errorf("ann has %+v", list)
	}
	gone := ask[api.UsersChanged](w, "POST", "/apps/{app}/users/delete-variable", `{"ids":["`+bob+`","`+w.ids["user"]+`"],"name":"plan"}`, 200)
	if gone.Matched != 2 || gone.Changed != 1 {
		t.Errorf("deleted: %+v", gone)
	}
	if list := ask[api.UserVariableList](w, "GET", "/apps/{app}/users/{user}/variables", "", 200); len(list.Variables) != 0 {
		t.Errorf("ann still has %+v", list)
	}
}
