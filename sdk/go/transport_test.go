package latchkey_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

func TestContentThatTheProtocolHasNotIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*http.Request, *answer){
		"HTML":                 func(_ *http.Request, a *answer) { a.header.Set("Content-Type", "text/html") },
		"no content type":      func(_ *http.Request, a *answer) { a.header["Content-Type"] = nil },
		"an empty type":        func(_ *http.Request, a *answer) { a.header["Content-Type"] = []string{""} },
		"two types":            func(_ *http.Request, a *answer) { a.header.Add("Content-Type", "application/json") },
		"problem+json":         func(_ *http.Request, a *answer) { a.header.Set("Content-Type", "application/problem+json") },
		"another charset":      func(_ *http.Request, a *answer) { a.header.Set("Content-Type", "application/json; charset=utf-16") },
		"another parameter":    func(_ *http.Request, a *answer) { a.header.Set("Content-Type", "application/json; x=y") },
		"bytes in place of it": func(_ *http.Request, a *answer) { a.header.Set("Content-Type", "application/octet-stream") },
		"a coding":             func(_ *http.Request, a *answer) { a.header.Set("Content-Encoding", "gzip") },
	} {
		s := newServer(t)
		s.spoil = spoil
		c, _ := s.client(t)
		if _, err := c.Init(t.Context()); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSignedButMeaningless holds that a signature does not make up for content.
func TestSignedButMeaningless(t *testing.T) {
	for path, bodies := range map[string][]string{
		client.PathInit:    {``, `null`, `{}`, `[]`, `{"stage":"started"}`, `{"stage":"signed_in","session":"s"}`, `{"stage":"started","session":"s"} {}`, `{"stage":"started","session":"s"`},
		client.PathLicense: {`{}`, `null`, `{"stage":"signed_in","session":"s"}`, `{"stage":"signed_in","user":{"username":"a","subscriptions":[{}]}}`, `{"stage":"signed_in","session":"s","user":{"username":"a","subscriptions":[]}}`, `{"stage":"signed_in","session":"s","user":{"subscriptions":[{}]}}`, `{"stage":"started","session":"s","user":{"username":"a","subscriptions":[{}]}}`, `{"stage":"two_factor","session":"s","user":{"username":"a","subscriptions":[{}]}}`, `{"session":"s","user":{"username":"a","subscriptions":[{}]}}`},
	} {
		for _, body := range bodies {
			s := newServer(t)
			s.replies[path] = body
			c, _ := s.client(t)
			if user, err := c.License(t.Context(), "K"); !errors.Is(err, latchkey.ErrUnverified) || user != nil {
				t.Errorf("%s answered by %s: %v, %v", path, body, user, err)
			}
			if _, err := c.Check(t.Context()); !errors.Is(err, latchkey.ErrNotSignedIn) {
				t.Errorf("%s answered by %s: signed in: %v", path, body, err)
			}
		}
	}
	s := newServer(t)
	s.refuse[client.PathInit] = client.Error{}
	c, _ := s.client(t)
	if _, err := c.Init(t.Context()); !errors.Is(err, latchkey.ErrUnverified) {
		t.Errorf("a refusal without a code: %v", err)
	}
}

// TestRedirectsAreNotFollowed counts what reaches the other server: nothing.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := newServer(t)
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		s := newServer(t)
		s.spoil = func(r *http.Request, a *answer) {
			a.status = status
			a.header.Set("Location", other.URL+r.URL.Path)
			if status == 304 {
				a.body = nil
			}
			s.sign(r, r.URL.Path, s.last().body, a) // even where it is signed
		}
		c, _ := s.client(t)
		if _, err := c.Init(t.Context()); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%d: %v", status, err)
		}
	}
	if len(other.calls) > 0 {
		t.Errorf("%d requests were redirected", len(other.calls))
	}
}

func TestHugeBodiesAreCutOff(t *testing.T) {
	s := newServer(t)
	sent := 0
	s.hijack = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(sign.HeaderNativeSignature, strings.Repeat("0", 128))
		for chunk := make([]byte, 1<<20); sent < 64; sent++ {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	c, _ := s.client(t)
	if _, err := c.Init(t.Context()); !errors.Is(err, latchkey.ErrUnverified) {
		t.Error(err)
	}
	s.Close() // waits for the handler
	if sent == 64 {
		t.Error("the whole body was taken")
	}
}

// TestLongestAnswer holds that the bound is exact, also where the server signs.
func TestLongestAnswer(t *testing.T) {
	for size, want := range map[int]error{client.MaxAnswer: nil, client.MaxAnswer + 1: latchkey.ErrUnverified} {
		s := newServer(t)
		s.replies[client.PathStats] = "{" + strings.Repeat(" ", size-2) + "}"
		c, _ := s.client(t)
		if _, err := c.Stats(t.Context()); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestSlowServersTimeOut(t *testing.T) {
	for name, first := range map[string]string{"no head": "", "half a body": `{"stage":`} {
		s := newServer(t)
		s.hijack = func(w http.ResponseWriter, r *http.Request) {
			if first != "" {
				_, _ = w.Write([]byte(first))
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}
		c, _ := s.client(t, latchkey.WithTimeout(30*time.Millisecond), latchkey.WithRetries(0))
		if _, err := c.Init(t.Context()); !errors.Is(err, latchkey.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCanceledCallsEndAtOnce(t *testing.T) {
	s := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.hijack = func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }
	c, m := s.client(t)
	_, err := c.Init(ctx)
	if !errors.Is(err, latchkey.ErrUnavailable) || !errors.Is(err, context.Canceled) || len(m.Waits) > 0 {
		t.Errorf("%v after %v", err, m.Waits)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	s := unstarted()
	s.Server = httptest.NewUnstartedServer(s)
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	t.Cleanup(s.Close)
	c, _ := s.client(t, latchkey.WithRetries(0))
	if _, err := c.Init(t.Context()); !errors.Is(err, latchkey.ErrUnavailable) || len(s.calls) > 0 {
		t.Errorf("%v, %d requests", err, len(s.calls))
	}
}

func TestStrangersCertificateIsRefused(t *testing.T) {
	s := newServer(t)
	s.Config.ErrorLog = quiet()
	c, err := latchkey.New(latchkey.Config{BaseURL: s.URL, AppID: testApp, PublicKeys: []string{publicHex(testKey(1))}}, latchkey.WithRetries(0), latchkey.WithHWID(testHWID))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Init(t.Context()); !errors.Is(err, latchkey.ErrUnavailable) || len(s.calls) > 0 {
		t.Errorf("%v, %d requests", err, len(s.calls))
	}
}

func TestConfigurationsThatCouldNotBeSafeAreRefused(t *testing.T) {
	good := latchkey.Config{BaseURL: "https://license.example.com/below", AppID: testApp, PublicKeys: []string{publicHex(testKey(1))}}
	if _, err := latchkey.New(good); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"http://127.0.0.1:8080", "http://[::1]:8080/", "http://localhost"} {
		local := good
		local.BaseURL = address
		if _, err := latchkey.New(local); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for name, spoil := range map[string]func(*latchkey.Config){
		"no address":           func(c *latchkey.Config) { c.BaseURL = "" },
		"plain http":           func(c *latchkey.Config) { c.BaseURL = "http://license.example.com" },
		"nearly loopback":      func(c *latchkey.Config) { c.BaseURL = "http://127.0.0.1.example.com" },
		"another scheme":       func(c *latchkey.Config) { c.BaseURL = "ftp://127.0.0.1" },
		"a user":               func(c *latchkey.Config) { c.BaseURL = "https://a:b@license.example.com" },
		"a query":              func(c *latchkey.Config) { c.BaseURL = "https://license.example.com/?a=b" },
		"no application":       func(c *latchkey.Config) { c.AppID = "" },
		"another kind of id":   func(c *latchkey.Config) { c.AppID = "usr_06fs4kkq8vxg7m1x2ndn0k3b1r" },
		"an id with a newline": func(c *latchkey.Config) { c.AppID = testApp + "\r\nX: y" },
		"no key":               func(c *latchkey.Config) { c.PublicKeys = nil },
		"a cut key":            func(c *latchkey.Config) { c.PublicKeys = []string{good.PublicKeys[0][:62]} },
		"a key that is no hex": func(c *latchkey.Config) { c.PublicKeys = []string{strings.Repeat("z", 64)} },
	} {
		bad := good
		spoil(&bad)
		if _, err := latchkey.New(bad); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := latchkey.New(good, latchkey.WithOffline("", time.Hour)); err == nil {
		t.Error("a grace period without a file is accepted")
	}
}
