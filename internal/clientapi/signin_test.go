package clientapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestALicenseSignsIn(t *testing.T) {
	w := newWorld(t)
	started := done[client.Started](w, client.PathInit, client.Init{Version: "1.0"})
	end := w.Clock.Now().Add(6 * time.Hour).UnixMilli()
	want := client.Started{Stage: client.StageStarted, SessionExpiresAt: end, App: client.App{Name: "Demo App", Version: "1.0"}}
	if diff := cmp.Diff(want, started, cmpopts.IgnoreFields(started, "Session")); diff != "" || started.Session == "" {
		t.Errorf("init (-want +got):\n%s", diff)
	}
	key := w.key(1, "30d")
	in := done[client.SignedIn](w, client.PathLicense, client.License{Session: started.Session, License: " " + key + "\n", HWID: "\t" + machine + " "})
	device := sha256.Sum256([]byte(machine))
	expires := w.Clock.Now().AddDate(0, 0, 30).UnixMilli()
	user := &client.User{Username: key, CreatedAt: w.Clock.Now().UnixMilli(), Device: hex.EncodeToString(device[:]),
		Subscriptions: []client.Subscription{{Name: "default", Level: 1, ExpiresAt: &expires}}}
	wantIn := client.SignedIn{Stage: client.StageSignedIn, SessionExpiresAt: end, Message: "Logged in!", User: user}
	if diff := cmp.Diff(wantIn, in, cmpopts.IgnoreFields(in, "Session")); diff != "" || in.Session == "" || in.Session == started.Session {
		t.Errorf("license (-want +got):\n%s", diff)
	}
	w.Clock.Advance(time.Minute)
	user.Device = ""
	checked := done[client.Checked](w, client.PathCheck, client.Session{Session: in.Session})
	if diff := cmp.Diff(client.Checked{SessionExpiresAt: end, User: user}, checked); diff != "" {
		t.Errorf("check (-want +got):\n%s", diff)
	}
	w.refused(client.PathCheck, client.Session{Session: started.Session}, latchkey.CodeSessionNotSignedIn)
}

func TestTheSameSignInOpensOneSession(t *testing.T) {
	w := newWorld(t)
	r := w.newRequest(client.PathLicense, client.License{Session: w.start(), License: w.key(1, "30d"), HWID: machine})
	var tokens []string
	for range 3 {
		a := w.send(r)
		if a.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		w.Clock.Advance(time.Second)
		tokens = append(tokens, decode[client.SignedIn](w, a.body).Session)
	}
	if n := w.sessions(); n != 1 {
		t.Errorf("%d sessions", n)
	}
	done[client.Empty](w, client.PathLogout, client.Session{Session: tokens[1]})
	for _, token := range tokens {
		w.refused(client.PathCheck, client.Session{Session: token}, latchkey.CodeSessionNotFound)
	}
	if a := w.send(r); a.refusal.Code != "session.not_found" {
		t.Errorf("the sign-in of a session that has ended: %d %s", a.StatusCode, a.body)
	}
	other := *r
	other.header = r.header.Clone()
	other.header.Set("Latchkey-Nonce", newNonce())
	if a := w.send(&other); a.StatusCode != http.StatusOK || w.sessions() != 1 {
		t.Errorf("a new sign-in: %d %s", a.StatusCode, a.body)
	}
}
