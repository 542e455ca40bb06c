package clientapi_test

import (
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLeakedPasswordsAreRefused(t *testing.T) {
	w := newWorld(t)
	_, err := w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{LeakedPasswordCheck: new(true)})
	w.must(err)
	in := client.Register{Session: w.start(), Username: "ada", Password: "Password1", License: w.key(1, "30d"), HWID: machine}
	r := w.refused(client.PathRegister, in, latchkey.CodePasswordLeaked)
	if want := "This password has been leaked in a data breach (not from us), please use a different one."; r.Message != want {
		t.Errorf("%+v", r)
	}
	in.Password = "mumble frotz"
	done[client.SignedIn](w, client.PathRegister, in)
}
