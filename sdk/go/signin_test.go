package latchkey_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func TestLicenseSignsIn(t *testing.T) {
	s := newServer(t)
	c, _ := s.client(t)
	user, err := c.License(t.Context(), "SUN-1")
	if err != nil {
		t.Fatal(err)
	}
	want := &latchkey.User{Username: "ada", CreatedAt: serverTime.Add(-time.Hour),
		Subscriptions: []latchkey.Subscription{{Name: "default", Level: 1, ExpiresAt: serverTime.Add(30 * 24 * time.Hour)}}}
	if diff := cmp.Diff(want, user); diff != "" {
		t.Error(diff)
	}
	var sent client.License
	if err := json.Unmarshal(s.last().body, &sent); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(client.License{Session: "started", License: "SUN-1", HWID: testHWID}, sent); diff != "" {
		t.Error(diff)
	}
	if _, err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := string(s.last().body); got != `{"session":"signed-in"}` {
		t.Errorf("check sent %s: the token of init has no rights of who signed in", got)
	}
}

func TestSecondFactor(t *testing.T) {
	s := newServer(t)
	c, _ := s.client(t)
	prepare(t, s, c, client.PathTwoFactorVerify)
	if _, err := c.Check(t.Context()); !errors.Is(err, latchkey.ErrNotSignedIn) {
		t.Errorf("before the code: %v", err)
	}
	s.refuse[client.PathTwoFactorVerify] = client.Error{Code: string(latchkey.CodeTwoFactorWrong)}
	if _, err := c.TwoFactor(t.Context(), "000000"); latchkey.CodeOf(err) != latchkey.CodeTwoFactorWrong {
		t.Errorf("a wrong code: %v", err)
	}
	delete(s.refuse, client.PathTwoFactorVerify)
	user, err := c.TwoFactor(t.Context(), "123456")
	if err != nil || user.Username != "ada" {
		t.Fatalf("%v, %v", user, err)
	}
	if _, err := c.Check(t.Context()); err != nil {
		t.Errorf("after the code: %v", err)
	}
	if _, err := c.TwoFactor(t.Context(), "123456"); !errors.Is(err, latchkey.ErrNotSignedIn) {
		t.Errorf("a second code: %v", err)
	}
}

func TestRefusalsAreTyped(t *testing.T) {
	s := newServer(t)
	c, m := s.client(t)
	s.refuse[client.PathInit] = client.Error{Code: "app.version_mismatch", DownloadURL: "https://example.com/new"}
	_, err := c.License(t.Context(), "K")
	want := &latchkey.Error{Code: latchkey.CodeAppVersion, Status: 403, Message: "A sentence for people.", DownloadURL: "https://example.com/new", RequestID: "req_06fs4kkq8vxg7m1x2ndn0k3b1r"}
	var got *latchkey.Error
	if !errors.As(err, &got) || !cmp.Equal(want, got) {
		t.Errorf("got %v: %s", err, cmp.Diff(want, got))
	}
	if !errors.Is(err, &latchkey.Error{Code: latchkey.CodeAppVersion}) || errors.Is(err, &latchkey.Error{Code: latchkey.CodeAppHash}) {
		t.Error("errors.Is does not tell codes apart")
	}
	delete(s.refuse, client.PathInit)
	s.refuse[client.PathLicense] = client.Error{Code: "request.rate_limited", RetryAfter: 12}
	s.status[client.PathLicense] = 429
	_, err = c.License(t.Context(), "K")
	if !errors.As(err, &got) || got.RetryAfter != 12*time.Second || len(m.Waits) > 0 {
		t.Errorf("%v after %v", err, m.Waits)
	}
}

// TestRunOutlivesItsSession holds that a program which has been idle for longer
// than a session lasts can still sign in.
func TestRunOutlivesItsSession(t *testing.T) {
	s := newServer(t)
	c, _ := s.client(t)
	if _, err := c.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	refuse := client.Error{Code: "session.not_found"}
	s.refuse[client.PathLicense] = refuse
	s.spoil = func(r *http.Request, _ *answer) {
		if r.URL.Path == client.Prefix+client.PathLicense {
			delete(s.refuse, client.PathLicense)
		}
	}
	if _, err := c.License(t.Context(), "K"); err != nil || s.made(client.PathInit) != 2 || s.made(client.PathLicense) != 2 {
		t.Errorf("%v after %d inits and %d sign-ins", err, s.made(client.PathInit), s.made(client.PathLicense))
	}
	s.spoil = nil
	s.refuse[client.PathLicense] = refuse
	if _, err := c.License(t.Context(), "K"); latchkey.CodeOf(err) != latchkey.CodeSessionNotFound {
		t.Errorf("a server that knows no session: %v", err)
	}
}

// TestRetriesAreTheSameRequest holds what lets the server answer a repetition
// as it answered the first time: nonce and body stay.
func TestRetriesAreTheSameRequest(t *testing.T) {
	s := newServer(t)
	c, m := s.client(t)
	var lost atomic.Int64
	s.hijack = func(w http.ResponseWriter, r *http.Request) {
		switch lost.Add(1) {
		case 1: // the connection breaks
			panic(http.ErrAbortHandler)
		case 2: // a gateway answers
			w.WriteHeader(http.StatusBadGateway)
		default:
			call := s.last()
			a := s.answer(call.path, call.body)
			s.sign(r, r.URL.Path, call.body, a)
			a.write(w)
		}
	}
	s.Config.ErrorLog = quiet()
	if _, err := c.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.calls) != 3 || len(m.Waits) != 2 || m.Waits[0] <= 0 || m.Waits[1] <= m.Waits[0] {
		t.Errorf("%d calls, waited %v", len(s.calls), m.Waits)
	}
	for _, call := range s.calls[1:] {
		if call.nonce != s.calls[0].nonce || !bytes.Equal(call.body, s.calls[0].body) {
			t.Error("a repetition is another request")
		}
	}
	s.hijack = nil
	if _, err := c.Init(t.Context()); err != nil || s.last().nonce == s.calls[0].nonce || !sign.IsNativeNonce(s.last().nonce) {
		t.Errorf("%v: the next call has the nonce %s", err, s.last().nonce)
	}
}

func TestBusyServersAreAskedAgain(t *testing.T) {
	s := newServer(t)
	c, m := s.client(t)
	s.refuse[client.PathInit] = client.Error{Code: "server.unavailable", RetryAfter: 2}
	s.status[client.PathInit] = 503
	if _, err := c.Init(t.Context()); latchkey.CodeOf(err) != latchkey.CodeUnavailable {
		t.Error(err)
	}
	if diff := cmp.Diff([]time.Duration{2 * time.Second, 2 * time.Second}, m.Waits); diff != "" {
		t.Error(diff)
	}
	s.refuse[client.PathInit] = client.Error{Code: "server.unavailable", RetryAfter: 60}
	m.Waits = nil
	if _, err := c.Init(t.Context()); latchkey.CodeOf(err) != latchkey.CodeUnavailable || len(m.Waits) > 0 {
		t.Errorf("%v after %v: long waits are the program's to decide", err, m.Waits)
	}
}

// TestUnsignedRefusalsAreNoRefusals holds that a stranger cannot say what only
// the server may: that a license is banned, so that the grace period ends.
func TestUnsignedRefusalsAreNoRefusals(t *testing.T) {
	for status, want := range map[int]error{403: latchkey.ErrUnverified, 404: latchkey.ErrUnverified, 429: latchkey.ErrUnverified, 500: latchkey.ErrUnavailable, 503: latchkey.ErrUnavailable} {
		s := newServer(t)
		s.hijack = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"error":{"code":"user.banned","message":"no","request_id":"r"}}`))
		}
		c, _ := s.client(t)
		if _, err := c.Init(t.Context()); !errors.Is(err, want) || latchkey.CodeOf(err) != "" {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestClockReport(t *testing.T) {
	s := newServer(t)
	c, m := s.client(t)
	if got := c.Clock(); !got.ServerTime.IsZero() {
		t.Errorf("before any answer: %+v", got)
	}
	m.Wall = m.Wall.Add(time.Hour)
	if _, err := c.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Pass(10 * time.Minute)
	if got, want := c.Clock(), (latchkey.ClockReport{ServerTime: serverTime.Add(10 * time.Minute), Skew: time.Hour}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	m.Wall = m.Wall.Add(-20 * time.Minute)
	if got := c.Clock(); !got.RolledBack || !got.ServerTime.Equal(serverTime.Add(10*time.Minute)) {
		t.Errorf("set back: %+v", got)
	}
	s.now = serverTime.Add(-time.Hour) // the server's own clock is put right
	if _, err := c.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.Clock(); got.ServerTime.Before(serverTime) {
		t.Errorf("the highest time seen is forgotten: %+v", got)
	}
}
