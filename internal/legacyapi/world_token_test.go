package legacyapi_test

import (
	"github.com/latchkey-dev/latchkey/internal/service"
)

// handToken does what the seller does with the token of a license, which
// {{handed}} then stands for:
//
//	hand-token KEY
//	blacklist-token KEY REASON
//	unblacklist-token KEY
//	reset-token KEY
//	delete-token KEY
func (w *world) handToken(verb, key, reason string) {
	w.t.Helper()
	svc := w.env.Service
	if verb == "hand-token" {
		v, err := svc.CreateToken(w.owner, w.app.ID, "", w.licenses[key])
		w.must(err)
		w.handed = v.Value.Reveal()
		return
	}
	list, err := svc.ListTokens(w.owner, w.app.ID, service.TokenFilter{LicenseID: w.licenses[key]})
	w.must(err)
	if len(list.Items) != 1 {
		w.t.Fatalf("%d tokens of %s", len(list.Items), key)
	}
	id := list.Items[0].ID
	switch verb {
	case "blacklist-token":
		_, err = svc.BlacklistToken(w.owner, w.app.ID, id, reason)
	case "unblacklist-token":
		_, err = svc.UnblacklistToken(w.owner, w.app.ID, id)
	case "reset-token":
		_, err = svc.ResetToken(w.owner, w.app.ID, id)
	case "delete-token":
		err = svc.DeleteToken(w.owner, w.app.ID, id)
	}
	w.must(err)
}
