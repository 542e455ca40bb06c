package clientapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestVariables(t *testing.T) {
	w := newWorld(t)
	for _, v := range []service.NewVariable{{Name: "motd", Value: "Grüße"}, {Name: "recipe", Value: "flour", NeedsSignIn: true}, {Name: "gold", Value: "more", MinLevel: 2}} {
		_, err := w.Service.CreateVariable(w.Ctx(), w.app.ID, v)
		w.must(err)
	}
	started, ada := w.start(), w.registered("ada").Session
	ask := func(session, name string) client.Name { return client.Name{Session: session, Name: name} }
	got := []client.Variable{done[client.Variable](w, client.PathVariable, ask(started, "motd")), done[client.Variable](w, client.PathVariable, ask(ada, "motd")),
		done[client.Variable](w, client.PathVariable, ask(ada, "recipe"))}
	if diff := cmp.Diff([]client.Variable{{Name: "motd", Value: "Grüße"}, {Name: "motd", Value: "Grüße"}, {Name: "recipe", Value: "flour"}}, got); diff != "" {
		t.Error(diff)
	}
	w.refused(client.PathVariable, ask(started, "recipe"), latchkey.CodeSessionNotSignedIn)
	w.refused(client.PathVariable, ask(ada, "gold"), latchkey.CodeLevelTooLow)
	w.refused(client.PathVariable, ask(ada, "Motd"), latchkey.CodeVariableNotFound)
	w.refused(client.PathVariable, ask(ada, strings.Repeat("n", 71)), latchkey.CodeInvalid)

	set := func(value string) client.SetVariable {
		return client.SetVariable{Session: ada, Name: "score", Value: value}
	}
	w.refused(client.PathUserVariable, ask(ada, "score"), latchkey.CodeVariableNotFound)
	w.twice(w.newRequest(client.PathSetUserVariable, set("17 \"points\"\n")), "{}")
	if v := done[client.Variable](w, client.PathUserVariable, ask(ada, "score")); v.Value != "17 \"points\"\n" {
		t.Errorf("%+v", v)
	}
	done[client.Empty](w, client.PathSetUserVariable, set(""))
	if r := w.refused(client.PathSetUserVariable, set(strings.Repeat("ä", 2049)), latchkey.CodeInvalid); r.Field != "value" {
		t.Errorf("%+v", r)
	}
	w.refused(client.PathUserVariable, ask(started, "score"), latchkey.CodeSessionNotSignedIn)
	w.refused(client.PathSetUserVariable, client.SetVariable{Session: started, Name: "score", Value: "x"}, latchkey.CodeSessionNotSignedIn)
	_, err := w.Service.SetUserVariable(w.Ctx(), w.app.ID, w.user("ada").ID, service.SetVariable{Name: "rank", Value: "captain", ReadOnly: true})
	w.must(err)
	w.refused(client.PathSetUserVariable, client.SetVariable{Session: ada, Name: "rank", Value: "admiral"}, latchkey.CodeVariableReadOnly)
}
