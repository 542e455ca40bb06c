package dashboard_test

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/dashboard"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/web"
)

func serve(t *testing.T) *httptest.Server {
	t.Helper()
	env := servicetest.New(t)
	pages, err := dashboard.New(env.Service)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(web.Wrap(web.Options{Log: slog.New(slog.DiscardHandler), Now: env.Clock.Now, Rand: rand.Reader}, pages))
	t.Cleanup(srv.Close)
	return srv
}

func fetch(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestPagesLoadEverythingFromThisServerAndRunNothingInline(t *testing.T) {
	srv := serve(t)
	reference := regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	inline := regexp.MustCompile(`<script>|<style|\sstyle=|\son[a-z]+=`)
	for _, path := range []string{"/", "/setup"} {
		res, body := fetch(t, srv.URL+path)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Security-Policy") != web.ContentPolicy {
			t.Errorf("%s: status %d, policy %q", path, res.StatusCode, res.Header.Get("Content-Security-Policy"))
		}
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %s, which the policy forbids", path, found)
		}
		for _, match := range reference.FindAllStringSubmatch(body, -1) {
			if !strings.HasPrefix(match[1], "/") || strings.HasPrefix(match[1], "//") {
				t.Errorf("%s refers to %s elsewhere", path, match[1])
				continue
			}
			if strings.HasPrefix(match[1], "/assets/") {
				if asset, _ := fetch(t, srv.URL+match[1]); asset.StatusCode != http.StatusOK {
					t.Errorf("%s refers to %s, which answers %d", path, match[1], asset.StatusCode)
				}
			}
		}
	}
}

func TestSetupPageSaysWhenItIsTooLate(t *testing.T) {
	if _, body := fetch(t, serve(t).URL+"/setup"); !strings.Contains(body, "has its owner") || strings.Contains(body, "<form") {
		t.Errorf("a server with an owner still asks: %s", body)
	}
}

func TestUnknownPagesAreProblems(t *testing.T) {
	srv := serve(t)
	for _, path := range []string{"/nothing", "/assets/nothing.js", "/assets/..%2fpages%2fsetup.html"} {
		res, body := fetch(t, srv.URL+path)
		if res.StatusCode != http.StatusNotFound || !strings.Contains(body, "request.not_found") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}
