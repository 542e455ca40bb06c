package server

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// A line that a program reports arrives in the seller's channel.
func TestALogLineIsPosted(t *testing.T) {
	arrived := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		arrived <- string(body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer receiver.Close()
	port := receiver.Listener.Addr().(*net.TCPAddr).Port
	s := newServer(t, Config{EgressAllowHTTP: true, EgressPorts: []uint16{uint16(port)}, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	owner, err := s.data.Service.Init(t.Context(), "owner@example.com", "a long enough password")
	must(t, err)
	ctx := service.WithActor(t.Context(), service.Actor{Kind: service.ActorAccount, ID: owner.Account.ID, AccountID: owner.Account.ID})
	app, _, err := s.data.Service.CreateApp(ctx, "demo")
	must(t, err)
	_, err = s.data.Service.SetLogWebhook(ctx, app.ID, latchkey.Secret(receiver.URL+"/api/webhooks/1/abc"))
	must(t, err)
	defer s.delivering(t.Context())()

	call := func(form url.Values) (answer struct {
		Success   bool
		SessionID string
	}) {
		form.Set("name", app.Name)
		form.Set("ownerid", app.OwnerID)
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/api/1.3/?"+form.Encode(), nil))
		must(t, json.Unmarshal(rec.Body.Bytes(), &answer))
		if !answer.Success {
			t.Fatalf("%v is answered with %s", form, rec.Body)
		}
		return answer
	}
	ses := call(url.Values{"type": {"init"}}).SessionID
	call(url.Values{"type": {"log"}, "sessionid": {ses}, "message": {"it crashed"}, "pcuser": {"ANN"}})
	select {
	case body := <-arrived:
		var got struct {
			Embeds []struct{ Title, Description string }
		}
		must(t, json.Unmarshal([]byte(body), &got))
		if len(got.Embeds) != 1 || got.Embeds[0].Title != "demo" || got.Embeds[0].Description != "it crashed" {
			t.Errorf("posted: %s", body)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was posted")
	}
}
