package clientapi_test

import (
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Here a token is bound to the program that first comes with it, by its hash.
func TestAProgramComesWithItsToken(t *testing.T) {
	w := newWorld(t)
	user, err := w.Service.CreateUser(w.Ctx(), w.app.ID, service.NewUser{Username: "ann"})
	w.must(err)
	made, err := w.Service.CreateToken(w.Ctx(), w.app.ID, user.ID, "")
	w.must(err)
	on := true
	w.edit(service.AppEdit{TokenSystem: &on})
	token, one, other := made.Value.Reveal(), strings.Repeat("1", 64), strings.Repeat("2", 64)
	w.refused(client.PathInit, client.Init{Hash: one}, latchkey.CodeTokenRequired)
	w.refused(client.PathInit, client.Init{Token: token}, latchkey.CodeTokenHashRequired)
	w.refused(client.PathInit, client.Init{Token: "made-up", Hash: one}, latchkey.CodeTokenInvalid)
	for range 2 {
		done[client.Started](w, client.PathInit, client.Init{Token: token, Hash: one})
	}
	w.refused(client.PathInit, client.Init{Token: token, Hash: other}, latchkey.CodeTokenHash)
	_, err = w.Service.BlacklistToken(w.Ctx(), w.app.ID, made.ID, "resold")
	w.must(err)
	w.refused(client.PathInit, client.Init{Token: token, Hash: one}, latchkey.CodeTokenBlacklisted)
}
