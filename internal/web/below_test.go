package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/web"
)

func TestBasePath(t *testing.T) {
	for address, want := range map[string]string{
		"": "", "https://keys.example.com": "", "https://keys.example.com/": "",
		"https://example.com/keys": "/keys", "https://example.com/a/b/": "/a/b",
	} {
		if got := web.BasePath(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
	for path, want := range map[string]bool{
		"": true, "/keys": true, "/a/b-c_d.e~2": true,
		"/": false, "keys": false, "/a//b": false, "/a/": false, "/../a": false, "/a/.": false,
		"/a b": false, "/a%2fb": false, "/ä": false, `/a\b`: false, "/a;b": false,
	} {
		if got := web.IsBasePath(path); got != want {
			t.Errorf("%q: %t, want %t", path, got, want)
		}
	}
}

func TestBelow(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apps/{app}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "app %s at %s", r.PathValue("app"), r.URL.EscapedPath())
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "root") })
	handler := web.Below("/keys", mux)
	for path, want := range map[string]struct {
		status  int
		text    string
		pattern string
	}{
		"/keys/apps/1":     {200, "app 1 at /apps/1", "GET /apps/{app}"},
		"/apps/1":          {200, "app 1 at /apps/1", "GET /apps/{app}"},
		"/keys/apps/a%2Fb": {200, "app a/b at /apps/a%2Fb", "GET /apps/{app}"},
		"/keys/":           {200, "root", "GET /{$}"},
		"/":                {200, "root", "GET /{$}"},
		"/keys":            {308, "", ""},
		"/keysapps/1":      {404, "", ""},
		"/keys/keys/":      {404, "", ""},
		"/%6beys/apps/1":   {404, "", ""},
	} {
		r, rec := httptest.NewRequest(http.MethodGet, path, nil), httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		if rec.Code != want.status || want.text != "" && rec.Body.String() != want.text || r.Pattern != want.pattern {
			t.Errorf("%s: %d %q by %q, want %+v", path, rec.Code, rec.Body, r.Pattern, want)
		}
		if location := rec.Header().Get("Location"); rec.Code == 308 && location != "/keys/" {
			t.Errorf("%s leads to %s", path, location)
		}
	}
}
