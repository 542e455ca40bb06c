package clientapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// prove verifies an answer over the request as the protocol has it for requests
// that no client sends: nonce and body hash are what the server makes of them.
func (w *world) prove(r *request, a *answer, nonce string, bodyRead bool) {
	w.Helper()
	ms, ok := sign.ParseNativeTime(a.Header.Get(sign.HeaderNativeTime))
	if !ok {
		w.Fatalf("%s: headers %v", r.target, a.Header)
	}
	n := sign.NativeAnswer{AppID: w.app.ID, Method: strings.ToUpper(r.method), Target: r.target, Nonce: nonce, Time: ms, Status: a.StatusCode,
		BodyHash: hashOf(a.body)}
	if bodyRead {
		sum := hashOf(r.body)
		n.RequestHash = sum[:]
	}
	if !verifies(w.pinned[0], &n, a.Header.Get(sign.HeaderNativeSignature)) {
		w.Errorf("%s %s: the signature is not over what was sent: %d %s", r.method, r.target, a.StatusCode, a.body)
	}
}

// TestChecksComeInTheirOrder spoils one thing after the other, from the last
// check to the first: each time the earlier one decides.
func TestChecksComeInTheirOrder(t *testing.T) {
	w := newWorld(t)
	r := w.newRequest(client.PathCheck, client.Session{Session: w.start()})
	nonce, bodyRead := r.header.Get(sign.HeaderNativeNonce), true
	for _, step := range []struct {
		what  string
		spoil func()
		code  latchkey.Code
		field string
	}{
		{"the token is of another stage", func() {}, latchkey.CodeSessionNotSignedIn, ""},
		{"the token is none", func() { r.body = []byte(`{"session":"x"}`) }, latchkey.CodeSessionNotFound, ""},
		{"a field is unknown", func() { r.body = []byte(`{"session":"x","Session":"x"}`) }, latchkey.CodeInvalid, "Session"},
		{"the protocol is off", func() { w.edit(service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.Protocol13}}) }, latchkey.CodeProtocolNotAccepted, ""},
		{"a name is doubled", func() { r.body = []byte(`{"session":"x","session":"x"}`) }, latchkey.CodeMalformed, ""},
		{"the body is too large", func() { r.body, bodyRead = bytes.Repeat([]byte(" "), client.MaxRequest+1), false }, latchkey.CodeTooLarge, ""},
		{"the body is encoded", func() { r.body = []byte(`{}`); r.header.Set("Content-Encoding", "gzip") }, latchkey.CodeMediaType, ""},
		{"the body is of another type", func() { r.header.Del("Content-Encoding"); bodyRead = true; r.header.Set("Content-Type", "text/plain") }, latchkey.CodeMediaType, ""},
		{"there is a query", func() { r.target += "?a=b" }, latchkey.CodeInvalid, ""},
		{"there is no such function", func() { r.target = client.Prefix + "nothing?a=b" }, latchkey.CodeRouteNotFound, ""},
		{"the nonce is malformed", func() { r.header.Set(sign.HeaderNativeNonce, strings.ToUpper(nonce)); nonce = "" }, latchkey.CodeInvalid, sign.HeaderNativeNonce},
		{"the method is another", func() { r.method = http.MethodPut }, latchkey.CodeMethodNotAllowed, ""},
	} {
		step.spoil()
		a, err := w.sendUnproven(r)
		w.must(err)
		if a.refusal.Code != string(step.code) || a.refusal.Field != step.field || a.refusal.RequestID == "" || a.refusal.Message == "" {
			t.Errorf("%s: %d %+v, want %s", step.what, a.StatusCode, a.refusal, step.code)
		}
		w.prove(r, a, nonce, bodyRead)
	}
	r.header.Set(sign.HeaderNativeApp, "app_00000000000000000000000000")
	a, err := w.sendUnproven(r)
	w.must(err)
	if a.StatusCode != http.StatusNotFound || a.refusal.Code != "app.not_found" || a.Header.Get(sign.HeaderNativeSignature) != "" {
		t.Errorf("an unknown app: %d %+v %v", a.StatusCode, a.refusal, a.Header)
	}
}

func TestAppsAreNamedOnceAndWell(t *testing.T) {
	w := newWorld(t)
	for _, names := range [][]string{nil, {""}, {"app_"}, {w.app.OwnerID}, {strings.ToUpper(w.app.ID)}, {w.app.ID + " x"}, {w.app.ID, w.app.ID}, {w.app.ID + "," + w.app.ID},
		{w.app.OwnerID + "\x00Demo App"}} {
		r := w.newRequest(client.PathKeys, client.Empty{})
		r.header[sign.HeaderNativeApp] = names
		if names != nil && strings.ContainsRune(names[0], 0) {
			if _, err := w.Service.ClientAppByID(nobody(), names[0]); latchkey.CodeOf(err) != latchkey.CodeAppNotFound {
				t.Errorf("%q: %v", names, err)
			}
			continue // HTTP carries no such byte
		}
		a, err := w.sendUnproven(r)
		w.must(err)
		if a.StatusCode != http.StatusNotFound || a.refusal.Code != "app.not_found" || a.Header.Get(sign.HeaderNativeSignature) != "" {
			t.Errorf("%q: %d %s", names, a.StatusCode, a.body)
		}
	}
}

// TestEveryPathAndMethodIsAnsweredSigned tries what routers like to redirect.
func TestEveryPathAndMethodIsAnsweredSigned(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{"", "check/", "/check", "../v1/check", "./check", "check/../check", "%63heck", "CHECK", "nothing", "two-factor/", "check?", "check?a=b", "check%2f", "x%00y"} {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodHead, "brew"} {
			r := w.newRequest(target, client.Empty{})
			r.method = method
			a, err := w.sendUnproven(r)
			w.must(err)
			nonce := r.header.Get(sign.HeaderNativeNonce)
			want := http.StatusNotFound
			switch {
			case method != http.MethodPost:
				want = http.StatusMethodNotAllowed
			case strings.HasPrefix(target, "check?"):
				want = http.StatusBadRequest
			}
			if a.StatusCode != want {
				t.Errorf("%s %q: %d %s", method, target, a.StatusCode, a.body)
			}
			w.prove(r, a, nonce, true)
		}
	}
}

func TestBrowsersMayCall(t *testing.T) {
	w := newWorld(t)
	r := w.newRequest(client.PathInit, client.Init{})
	r.method = http.MethodOptions
	r.header = http.Header{"Origin": {"https://example.com"}, "Access-Control-Request-Method": {"POST"}}
	a, err := w.sendUnproven(r)
	w.must(err)
	want := map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "POST, OPTIONS",
		"Access-Control-Allow-Headers": "Content-Type, Latchkey-App, Latchkey-Nonce, Latchkey-Keys", "Access-Control-Max-Age": "86400", "Latchkey-Signature": ""}
	got := map[string]string{}
	for name := range want {
		got[name] = a.Header.Get(name)
	}
	if diff := cmp.Diff(want, got); diff != "" || a.StatusCode != http.StatusNoContent {
		t.Errorf("%d (-want +got):\n%s", a.StatusCode, diff)
	}
	for _, body := range []any{client.Init{}, client.Session{}} { // done, and refused
		b := w.send(w.newRequest(client.PathInit, body))
		if b.Header.Get("Access-Control-Allow-Origin") != "*" || b.Header.Get("Access-Control-Expose-Headers") != "Latchkey-Signature, Latchkey-Key, Latchkey-Time" ||
			b.Header.Get("Set-Cookie") != "" || b.Header.Get("Cache-Control") != "no-store, no-transform" {
			t.Errorf("%d %v", b.StatusCode, b.Header)
		}
	}
}

func TestFieldsAreWhatTheyAreSaidToBe(t *testing.T) {
	w := newWorld(t)
	session := w.start()
	long := strings.Repeat("ä", 71)
	for _, c := range []struct {
		path, body string
		field      string
	}{
		{client.PathLicense, `{}`, "session"},
		{client.PathLicense, `{"session":1,"license":"x"}`, "session"},
		{client.PathLicense, `{"session":null,"license":"x"}`, "session"},
		{client.PathLicense, `{"session":"` + strings.Repeat("x", 1025) + `","license":"x"}`, "session"},
		{client.PathLicense, `{"session":"$","license":" \n "}`, "license"},
		{client.PathLicense, `{"session":"$","license":"` + long + `"}`, "license"},
		{client.PathLicense, `{"session":"$","license":"x","hwid":"1234567"}`, "hwid"},
		{client.PathLicense, `{"session":"$","license":"x","hwid":null}`, "hwid"},
		{client.PathLicense, `{"session":"$","license":"x","hwid":"` + strings.Repeat("x", 257) + `"}`, "hwid"},
		{client.PathLicense, `{"session":"$","license":"x","username":"ada"}`, "username"},
		{client.PathLicense, `{"session":"$","License":"x"}`, "License"},
		{client.PathLogin, `{"session":"$","username":"ada"}`, "password"},
		{client.PathLogin, `{"session":"$","username":"ada","password":""}`, "password"},
		{client.PathLogin, `{"session":"$","username":"ada","password":"` + strings.Repeat("ä", 513) + `"}`, "password"},
		{client.PathLogin, `{"session":"$","username":["ada"],"password":"x"}`, "username"},
		{client.PathRegister, `{"session":"$","username":"ada","password":"x","license":"x","email":"x"}`, "email"},
		{client.PathInit, `{"version":""}`, "version"},
		{client.PathInit, `{"hash":"ABCDEF00ABCDEF00ABCDEF00ABCDEF00"}`, "hash"},
		{client.PathInit, `{"hash":"00"}`, "hash"},
		{client.PathInit, `{"` + strings.Repeat("n", 65) + `":1}`, ""},
		{client.PathUpgrade, `{"session":"$","license":"x"}`, "username"},
		{client.PathKeys, `{"session":"$"}`, "session"},
	} {
		refused := w.refused(c.path, []byte(strings.ReplaceAll(c.body, "$", session)), latchkey.CodeInvalid)
		if refused.Field != c.field {
			t.Errorf("%s %.80s: field %q, want %q", c.path, c.body, refused.Field, c.field)
		}
	}
	w.refused(client.PathLicense, []byte(`{"session":"`+session+`","license":"`+strings.Repeat("ä", 70)+`","hwid":"`+machine+`"}`), latchkey.CodeLicenseNotFound)
}

// TestSignedAnswersAreTheBytesSent asks for an answer that net/http would send
// in chunks, and for one after another over one connection.
func TestSignedAnswersAreTheBytesSent(t *testing.T) {
	w := newWorld(t)
	in := w.customer()
	for i := range 40 {
		name := strings.Repeat("ö", 60) + string(rune('a'+i%26)) + string(rune('a'+i/26))
		tier, err := w.Service.CreateSubscription(w.Ctx(), w.app.ID, name, 9)
		w.must(err)
		_, err = w.Service.AddUserSubscription(w.Ctx(), w.app.ID, w.user(in.User.Username).ID, tier.ID, latchkey.Lifetime())
		w.must(err)
	}
	a := w.send(w.newRequest(client.PathCheck, client.Session{Session: in.Session}))
	if len(a.body) < 5000 || a.ContentLength != int64(len(a.body)) || !json.Valid(a.body) {
		t.Errorf("%d bytes, announced %d", len(a.body), a.ContentLength)
	}
	if n := len(decode[client.Checked](w, a.body).User.Subscriptions); n != 41 {
		t.Errorf("%d subscriptions", n)
	}
}
