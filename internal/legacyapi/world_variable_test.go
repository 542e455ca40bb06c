package legacyapi_test

import (
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// variable makes a variable of the app or of a user:
//
//	variable NAME anyone|LEVEL VALUE
//	user-variable USER NAME open|read-only VALUE
//
// Level 0 is that of whoever has signed in. The value may be in Go quotes.
func (w *world) variable(verb string, words []string) {
	w.t.Helper()
	n := 2
	if verb == "user-variable" {
		n = 3
	}
	value := strings.Join(words[n:], " ")
	if text, err := strconv.Unquote(value); err == nil {
		value = text
	}
	if verb == "user-variable" {
		_, err := w.env.Service.SetUserVariable(w.owner, w.app.ID, w.user(words[0]),
			service.SetVariable{Name: words[1], ReadOnly: words[2] == "read-only", Value: latchkey.Secret(value)})
		w.must(err)
		return
	}
	level, err := strconv.ParseInt(words[1], 10, 64)
	if words[1] != "anyone" {
		w.must(err)
	}
	_, err = w.env.Service.CreateVariable(w.owner, w.app.ID,
		service.NewVariable{Name: words[0], NeedsSignIn: words[1] != "anyone", MinLevel: level, Value: latchkey.Secret(value)})
	w.must(err)
}
