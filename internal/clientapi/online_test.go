package clientapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestOnlineAndStats(t *testing.T) {
	w := newWorld(t)
	started := w.start()
	if diff := cmp.Diff(client.Online{Users: []string{}}, done[client.Online](w, client.PathOnline, client.Session{Session: started})); diff != "" {
		t.Error(diff)
	}
	ada := w.registered("ada lovelace").Session
	w.key(1, "1d")
	done[client.Checked](w, client.PathCheck, client.Session{Session: ada})
	w.must(w.Service.FlushActivity(t.Context()))
	w.Clock.Advance(latchkey.OnlineFor / 10) // past what was told before
	for _, session := range []string{started, ada} {
		if diff := cmp.Diff(client.Online{Users: []string{latchkey.MaskName("ada lovelace", false)}, Total: 1}, done[client.Online](w, client.PathOnline, client.Session{Session: session})); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(client.Stats{Users: 1, Online: 1, Licenses: 2, Version: "1.0"}, done[client.Stats](w, client.PathStats, client.Session{Session: session})); diff != "" {
			t.Error(diff)
		}
	}
	_, err := w.Service.BanUser(w.Ctx(), w.app.ID, w.user("ada lovelace").ID, service.UserBan{})
	w.must(err)
	for _, path := range []string{client.PathOnline, client.PathStats} {
		w.refused(path, client.Session{Session: ada}, latchkey.CodeSessionNotFound)
		w.refused(path, client.Session{Session: "x"}, latchkey.CodeSessionNotFound)
		w.refused(path, []byte(`{"session":"`+started+`","users":1}`), latchkey.CodeInvalid)
	}
}
