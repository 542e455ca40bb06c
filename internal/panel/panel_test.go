package panel_test

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/panel"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/web"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is an app with a user, ann, and the pages behind a server.
type world struct {
	*testing.T
	*servicetest.Env
	app service.AppView
	url string
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, Env: servicetest.New(t)}
	w.Change(func(c *service.Config) { c.ResetURL = "https://keys.example.com/reset/" })
	w.app = w.App(`<b>"Dämo" & Co</b>`)
	_, err := w.Service.CreateUser(w.Ctx(), w.app.ID, service.NewUser{Username: "ann", Password: "old words", Email: "ann@example.com", HWIDAffected: true})
	w.must(err)
	pages, err := panel.New(w.Service, "https://keys.example.com")
	w.must(err)
	srv := httptest.NewServer(web.Wrap(web.Options{Log: slog.New(slog.DiscardHandler), Now: w.Clock.Now, Rand: rand.Reader}, pages))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// code asks for a link and is what stands behind its #.
func (w *world) code() string {
	w.Helper()
	client := w.Client(w.app)
	w.must(w.Service.ClientForgot(w.Context(), client, w.Session(client), "ann", "ann@example.com"))
	sent := w.Mails()
	if len(sent) != 1 {
		w.Fatalf("mails: %+v", sent)
	}
	_, rest, _ := strings.Cut(sent[0].Text, "https://keys.example.com/reset/"+w.app.ID+"#")
	code, _, _ := strings.Cut(rest, "\n")
	return code
}

func (w *world) ask(method, path, body string, header map[string]string) (*http.Response, string) {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, strings.NewReader(body))
	w.must(err)
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	w.must(err)
	return res, string(text)
}

func (w *world) set(app, code, password, again string, header map[string]string) (*http.Response, string) {
	w.Helper()
	return w.ask(http.MethodPost, panel.Prefix+app, url.Values{"code": {code}, "password": {password}, "again": {again}}.Encode(), header)
}

func TestThePage(t *testing.T) {
	w := newWorld(t)
	res, body := w.ask(http.MethodGet, panel.Prefix+w.app.ID, "", nil)
	if res.StatusCode != http.StatusOK || !strings.Contains(body, `<form method="post"`) {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
	if strings.Contains(body, "<b>") || !strings.Contains(body, "&lt;b&gt;&#34;Dämo&#34; &amp; Co") {
		t.Errorf("the app's name is not text: %s", body)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": web.ContentPolicy, "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
		"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if len(res.Cookies()) != 0 {
		t.Errorf("cookies: %v", res.Cookies())
	}
	for name, media := range map[string]string{"reset.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8"} {
		if res, _ := w.ask(http.MethodGet, panel.Prefix+name, "", nil); res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != media {
			t.Errorf("%s: %d %v", name, res.StatusCode, res.Header)
		}
	}
	for path, status := range map[string]int{"app_none": 404, "": 404, "a/b": 404} {
		if res, body := w.ask(http.MethodGet, panel.Prefix+path, "", nil); res.StatusCode != status || strings.Contains(body, "<form") {
			t.Errorf("%q: %d %s", path, res.StatusCode, body)
		}
	}
	if res, _ := w.ask(http.MethodPut, panel.Prefix+w.app.ID, "", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("PUT: %d", res.StatusCode)
	}
}

func TestTheForm(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	sets := func(what string, status int, says string, answer func() (*http.Response, string)) string {
		t.Helper()
		res, body := answer()
		if res.StatusCode != status || !strings.Contains(body, says) || res.Header.Get("Cache-Control") != "no-store" && status != http.StatusInternalServerError {
			t.Errorf("%s: %d %v %s", what, res.StatusCode, res.Header, body)
		}
		return body
	}
	body := sets("two passwords", 400, "The two passwords are not the same.", func() (*http.Response, string) { return w.set(w.app.ID, code, "new words", "new word", nil) })
	if !strings.Contains(body, `value="`+code+`"`) || strings.Contains(body, "new word") {
		t.Errorf("the code is kept and no password is: %s", body)
	}
	sets("no password", 400, "role=\"alert\"", func() (*http.Response, string) { return w.set(w.app.ID, code, "", "", nil) })
	sets("another code", 403, "This link is not good any more", func() (*http.Response, string) { return w.set(w.app.ID, code+"a", "new words", "new words", nil) })
	sets("another site", 403, "role=\"alert\"", func() (*http.Response, string) {
		return w.set(w.app.ID, code, "new words", "new words", map[string]string{"Origin": "https://evil.example"})
	})
	sets("another app", 403, "This link is not good any more", func() (*http.Response, string) {
		return w.set(w.App("another").ID, code, "new words", "new words", nil)
	})
	sets("no app", 404, "There is nothing here", func() (*http.Response, string) { return w.set("app_none", code, "new words", "new words", nil) })
	sets("no form", 400, "role=\"alert\"", func() (*http.Response, string) {
		return w.ask(http.MethodPost, panel.Prefix+w.app.ID, "code=%zz", nil)
	})
	sets("the right one", 200, "Your password is set", func() (*http.Response, string) {
		return w.set(w.app.ID, " "+code+"\n", "new words", "new words", map[string]string{"Origin": "https://keys.example.com"})
	})
	sets("a second time", 403, "This link is not good any more", func() (*http.Response, string) { return w.set(w.app.ID, code, "new words", "new words", nil) })
	client := w.Client(w.app)
	if _, err := w.Service.ClientLogin(w.Context(), client, w.Session(client), service.ClientSignIn{Username: "ann", Password: "new words", HWID: "4c4c4544-0042-3510-8052"}); latchkey.CodeOf(err) != latchkey.CodeSubscriptionExpired {
		t.Errorf("the new password: %v", err) // it is right, and ann holds nothing
	}
}

func TestTriesAreLimited(t *testing.T) {
	w := newWorld(t)
	ctx := service.WithOrigin(t.Context(), service.Origin{IP: "192.0.2.1"})
	for range 20 {
		if err := w.Service.ResetPassword(ctx, w.app.ID, "lkr_x", "x"); latchkey.CodeOf(err) != latchkey.CodeResetInvalid {
			t.Fatal(err)
		}
	}
	if err := w.Service.ResetPassword(ctx, w.app.ID, "lkr_x", "x"); latchkey.CodeOf(err) != latchkey.CodeRateLimited {
		t.Error(err)
	}
}
