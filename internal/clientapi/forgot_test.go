package clientapi_test

import (
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/clientapi"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestForgot(t *testing.T) {
	w := newWorld(t)
	session := w.start()
	w.refused(client.PathForgot, client.Forgot{Session: session, Username: "ada", Email: "ada@example.com"}, latchkey.CodeMailOff)

	w.Change(func(c *service.Config) { c.ResetURL = "https://license.example/reset/" })
	w.url = w.serve(clientapi.New(w.Service, clientapi.Options{Now: w.Clock.Now}))
	ada := done[client.SignedIn](w, client.PathRegister,
		client.Register{Session: w.start(), Username: "ada", Password: "secret", Email: "ada@example.com", License: w.key(1, "30d"), HWID: machine})

	w.refused(client.PathForgot, client.Forgot{Session: session, Username: "ada", Email: "nothing"}, latchkey.CodeInvalid)
	w.refused(client.PathForgot, client.Forgot{Session: session, Username: strings.Repeat("x", 71), Email: "ada@example.com"}, latchkey.CodeInvalid)
	// What is answered is the same whether there is such a user, and whether the address is theirs.
	w.twice(w.newRequest(client.PathForgot, client.Forgot{Session: session, Username: "bob", Email: "ada@example.com"}), "{}")
	w.twice(w.newRequest(client.PathForgot, client.Forgot{Session: session, Username: "ada", Email: "eve@example.com"}), "{}")
	if sent := w.Mails(); len(sent) != 0 {
		t.Errorf("mails: %+v", sent)
	}
	w.twice(w.newRequest(client.PathForgot, client.Forgot{Session: session, Username: "Ada", Email: "ADA@example.com"}), "{}")
	sent := w.Mails()
	if len(sent) != 1 || sent[0].To != "ada@example.com" {
		t.Fatalf("mails: %+v", sent)
	}
	_, rest, _ := strings.Cut(sent[0].Text, "https://license.example/reset/"+w.app.ID+"#")
	token, _, _ := strings.Cut(rest, "\n")
	w.must(w.Service.ResetPassword(w.Context(), w.app.ID, latchkey.Secret(token), "another secret"))
	w.refused(client.PathCheck, client.Session{Session: ada.Session}, latchkey.CodeSessionNotFound)
	w.refused(client.PathLogin, client.Login{Session: w.start(), Username: "ada", Password: "secret", HWID: machine}, latchkey.CodePasswordWrong)
	done[client.SignedIn](w, client.PathLogin, client.Login{Session: w.start(), Username: "ada", Password: "another secret", HWID: machine})
}
