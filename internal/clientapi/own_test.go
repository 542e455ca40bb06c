package clientapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func (w *world) registered(name string) client.SignedIn {
	w.Helper()
	return done[client.SignedIn](w, client.PathRegister, client.Register{Session: w.start(), Username: name, Password: "secret", License: w.key(1, "30d"), HWID: machine})
}

// twice sends a request, and again as if its answer had been lost.
func (w *world) twice(r *request, want string) {
	w.Helper()
	for i := range 2 {
		if a := w.send(r); a.StatusCode != http.StatusOK || string(a.body) != want {
			w.Errorf("%s, time %d: %d %s, want %s", r.target, i+1, a.StatusCode, a.body, want)
		}
	}
}

func TestRename(t *testing.T) {
	w := newWorld(t)
	w.registered("bob")
	ada := w.registered("ada")
	if r := w.refused(client.PathRename, client.Rename{Session: ada.Session, Username: "B\u200bob"}, latchkey.CodeInvalid); r.Field != "username" {
		t.Errorf("%+v", r)
	}
	w.refused(client.PathRename, client.Rename{Session: ada.Session, Username: "BOB"}, latchkey.CodeUserExists)
	w.refused(client.PathRename, client.Rename{Session: w.start(), Username: "lovelace"}, latchkey.CodeSessionNotSignedIn)
	w.twice(w.newRequest(client.PathRename, client.Rename{Session: ada.Session, Username: "lovelace"}), "{}")
	w.refused(client.PathCheck, client.Session{Session: ada.Session}, latchkey.CodeSessionNotFound)
	done[client.SignedIn](w, client.PathLogin, client.Login{Session: w.start(), Username: "Lovelace", Password: "secret", HWID: machine})
}

func TestBan(t *testing.T) {
	w := newWorld(t)
	ada := w.registered("ada")
	w.refused(client.PathBan, client.Ban{Session: ada.Session, Reason: strings.Repeat("x", 101)}, latchkey.CodeInvalid)
	w.refused(client.PathBan, client.Ban{Session: w.start()}, latchkey.CodeSessionNotSignedIn)
	r := w.newRequest(client.PathBan, client.Ban{Session: ada.Session, Reason: "a debugger"})
	w.twice(r, "{}")
	w.refused(client.PathCheck, client.Session{Session: ada.Session}, latchkey.CodeSessionNotFound)
	banned := w.refused(client.PathLogin, client.Login{Session: w.start(), Username: "ada", Password: "secret", HWID: machine}, latchkey.CodeUserBanned)
	if banned.Reason != "a debugger" {
		t.Errorf("%+v", banned)
	}
	// The same nonce does not ask for something else.
	r.body = []byte(strings.Replace(string(r.body), "a debugger", "another", 1))
	if a := w.send(r); a.StatusCode != http.StatusUnprocessableEntity || a.refusal.Code != string(latchkey.CodeRepeatDiffers) || !strings.Contains(a.refusal.Message, "nonce") {
		t.Errorf("%d %+v", a.StatusCode, a.refusal)
	}
}
