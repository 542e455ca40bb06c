package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// TestRefusalsOfProgramsAreCounted: of both client APIs, and of nobody else.
func TestRefusalsOfProgramsAreCounted(t *testing.T) {
	s := newServer(t, Config{})
	svc := s.data.Service
	made, err := svc.Init(t.Context(), "owner@example.com", "the owner of this server")
	must(t, err)
	owner := service.WithActor(t.Context(), service.Actor{Kind: service.ActorAccount, ID: made.Account.ID, AccountID: made.Account.ID, Administrator: true})
	app, _, err := svc.CreateApp(owner, "demo")
	must(t, err)
	ask := func(method, target, body string, header http.Header) {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header = header
		s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}
	form := func(values url.Values) {
		ask(http.MethodPost, "/api/1.3/", values.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	}
	native := func(path, body string) {
		ask(http.MethodPost, client.Prefix+path, body, http.Header{"Content-Type": {"application/json"},
			sign.HeaderNativeApp: {app.ID}, sign.HeaderNativeNonce: {strings.Repeat("0", 32)}})
	}
	form(url.Values{"type": {"init"}, "name": {"demo"}, "ownerid": {app.OwnerID}, "ver": {"0.9"}})
	form(url.Values{"type": {"init"}, "name": {"demo"}, "ownerid": {app.OwnerID}, "ver": {"1.0"}})
	form(url.Values{"type": {"init"}, "name": {"nobody's"}, "ownerid": {app.OwnerID}, "ver": {"0.9"}})
	native("init", `{"version":"0.9"}`)
	native("init", `{}`)
	native("check", `{"session":"x"}`)
	ask(http.MethodGet, "/api/v1/apps/"+app.ID, "", http.Header{})
	must(t, svc.FlushActivity(context.Background()))
	today := latchkey.DayOf(s.config.Now())
	days, err := svc.DailyStats(owner, app.ID, service.DaySpan{From: &today})
	must(t, err)
	if diff := cmp.Diff(map[latchkey.Code]int64{latchkey.CodeAppVersion: 2, latchkey.CodeSessionNotFound: 1}, days[0].Refusals); diff != "" {
		t.Error(diff)
	}
}
