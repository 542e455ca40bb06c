package dashboard_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/dashboard"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// page is as the build leaves it, in short.
const page = `<html><meta name="b" content="__BASE__"><meta name="u" content="__URL__"><meta name="s" content="__SETUP__ __SIGN__">
<script nonce="__NONCE__">1</script><script type="module" src="./assets/index-1.js"></script></html>`

var built = fstest.MapFS{
	"index.html":              {Data: []byte(page)},
	"assets/index-1.js.br":    {Data: []byte("brotli")},
	"assets/index-1.js.gz":    {Data: gzipped("plain")},
	"assets/index-1.css":      {Data: []byte("a{}")},
	"assets/SomePage-9_-x.js": {Data: []byte("page")},
}

func gzipped(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text) // into memory
	_ = w.Close()
	return out.Bytes()
}

func serve(t *testing.T, files fs.FS, publicURL string) *httptest.Server {
	t.Helper()
	env := servicetest.New(t)
	pages, err := dashboard.New(env.Service, dashboard.Options{Cookies: web.CookiesAt(publicURL), PublicURL: publicURL, Rand: rand.Reader, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(web.Wrap(web.Options{Log: slog.New(slog.DiscardHandler), Now: env.Clock.Now, Rand: rand.Reader,
		HTTPS: strings.HasPrefix(publicURL, "https://")}, pages))
	t.Cleanup(srv.Close)
	return srv
}

func ask(t *testing.T, method, address string, header map[string]string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
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

func fetch(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	return ask(t, http.MethodGet, address, nil)
}

func TestThePageHasTheHeadersOfAPage(t *testing.T) {
	srv := serve(t, built, "https://keys.example.com")
	res, body := fetch(t, srv.URL+"/")
	nonce := regexp.MustCompile(`nonce="([A-Za-z0-9+/]{24})"`).FindStringSubmatch(body)
	if nonce == nil {
		t.Fatalf("no nonce in %s", body)
	}
	got := map[string]string{}
	for name := range res.Header {
		got[name] = res.Header.Get(name)
	}
	for _, changing := range []string{"Date", "X-Request-Id", "Content-Length"} {
		if got[changing] == "" {
			t.Errorf("no %s", changing)
		}
		delete(got, changing)
	}
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self' 'nonce-" + nonce[1] + "'; style-src 'self' 'nonce-" + nonce[1] + "'; " +
			"img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
		"Cache-Control":              "no-cache",
		"Content-Type":               "text/html; charset=utf-8",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Referrer-Policy":            "no-referrer",
		"Strict-Transport-Security":  "max-age=31536000",
		"X-Content-Type-Options":     "nosniff",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, again := fetch(t, srv.URL+"/"); again == body {
		t.Error("two answers have the same nonce")
	}
}

func TestThePageIsAtEveryAddressThatMayBeOne(t *testing.T) {
	srv := serve(t, built, "")
	for path, want := range map[string]int{
		"/": 200, "/setup": 200, "/sign-in?to=%2Fapps": 200, "/apps/app_1/licenses": 200, "/no/such/page": 200,
		"/api": 404, "/api/": 404, "/api/v2/apps": 404, "/metrics": 404, "/debug/pprof/": 404, "/panel/a/b/": 404, "/metricsandmore": 200,
		"/.env": 404, "/wp-login.php": 404, "/.git/config": 404,
		"/assets/": 404, "/assets/nothing.js": 404, "/assets/index-1.js.br": 404, "/assets/..%2findex.html": 404,
		"/assets/index-1.js": 200, "/assets/icon.svg": 200,
	} {
		res, body := fetch(t, srv.URL+path)
		if res.StatusCode != want || want == 404 && !strings.Contains(body, "request.not_found") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if res, _ := ask(t, method, srv.URL+"/", nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s /: %d", method, res.StatusCode)
		}
	}
	if res, body := ask(t, http.MethodHead, srv.URL+"/apps", nil); res.StatusCode != 200 || body != "" {
		t.Errorf("HEAD: %d %q", res.StatusCode, body)
	}
}

func TestThePageKnowsItsPath(t *testing.T) {
	srv := serve(t, built, "https://example.com/keys/")
	_, body := fetch(t, srv.URL+"/apps")
	for _, want := range []string{`content="/keys"`, `content="https://example.com/keys"`, `src="/keys/assets/index-1.js"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
}

func TestThePageKnowsWhoIsSurelySignedOut(t *testing.T) {
	srv := serve(t, built, "")
	for name, c := range map[string]struct {
		header map[string]string
		want   string
	}{
		"typed, without a cookie":   {map[string]string{"Sec-Fetch-Site": "none"}, "closed out"},
		"typed, with a cookie":      {map[string]string{"Sec-Fetch-Site": "none", "Cookie": "latchkey_dev=x"}, "closed unknown"},
		"from a page of ours":       {map[string]string{"Sec-Fetch-Site": "same-origin"}, "closed out"},
		"from another site":         {map[string]string{"Sec-Fetch-Site": "cross-site"}, "closed unknown"},
		"by a browser that is mute": {nil, "closed unknown"},
	} {
		if _, body := ask(t, http.MethodGet, srv.URL+"/", c.header); !strings.Contains(body, `"`+c.want+`"`) {
			t.Errorf("%s: %s", name, body)
		}
	}
}

func TestAssetsAreKeptForEverAndComeCompressed(t *testing.T) {
	srv := serve(t, built, "")
	for name, c := range map[string]struct {
		path, accept string
		want         map[string]string
		body         string
	}{
		"the densest that is accepted": {"index-1.js", "gzip, deflate, br, zstd", map[string]string{"Content-Encoding": "br", "Vary": "Accept-Encoding"}, "brotli"},
		"gzip over plain HTTP":         {"index-1.js", "gzip, deflate", map[string]string{"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}, string(gzipped("plain"))},
		"as its weights say":           {"index-1.js", "br;q=0.1, gzip", map[string]string{"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}, string(gzipped("plain"))},
		"nothing that is refused":      {"index-1.js", "br;q=0, gzip;q=0", map[string]string{"Content-Encoding": "", "Vary": "Accept-Encoding"}, "plain"},
		"as it is where that is all":   {"index-1.css", "br", map[string]string{"Content-Encoding": "", "Vary": ""}, "a{}"},
	} {
		res, body := ask(t, http.MethodGet, srv.URL+"/assets/"+c.path, map[string]string{"Accept-Encoding": c.accept})
		c.want["Cache-Control"] = "public, max-age=31536000, immutable"
		c.want["X-Content-Type-Options"] = "nosniff"
		for header, value := range c.want {
			if got := res.Header.Get(header); got != value {
				t.Errorf("%s: %s is %q, want %q", name, header, got, value)
			}
		}
		if body != c.body {
			t.Errorf("%s: %s", name, body)
		}
	}
	for path, want := range map[string]string{"index-1.js": "text/javascript; charset=utf-8", "index-1.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"} {
		if res, _ := fetch(t, srv.URL+"/assets/"+path); res.Header.Get("Content-Type") != want {
			t.Errorf("%s is %s", path, res.Header.Get("Content-Type"))
		}
	}
}

func TestAPageWithoutItsMarksIsRefused(t *testing.T) {
	env := servicetest.New(t)
	for name, files := range map[string]fstest.MapFS{
		"a page without marks":     {"index.html": {Data: []byte("<html></html>")}, "assets/a.js": {}},
		"a file of unknown kind":   {"index.html": {Data: []byte(page)}, "assets/a.exe": {}},
		"a page without its files": {"index.html": {Data: []byte(page)}},
		"a file as brotli alone":   {"index.html": {Data: []byte(page)}, "assets/a.js.br": {}},
	} {
		if _, err := dashboard.New(env.Service, dashboard.Options{Rand: rand.Reader, Files: files}); err == nil {
			t.Errorf("%s is served", name)
		}
	}
}

// TestWithoutTheBuild: a program that was built without Node.js says how to
// build the dashboard, and can be set up all the same.
func TestWithoutTheBuild(t *testing.T) {
	srv := serve(t, fstest.MapFS{}, "https://example.com/keys")
	reference := regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	inline := regexp.MustCompile(`<script>|<style|\sstyle=|\son[a-z]+=`)
	for path, says := range map[string]string{"/": "make build", "/setup": "has its owner"} {
		res, body := fetch(t, srv.URL+path)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Security-Policy") != web.ContentPolicy || !strings.Contains(body, says) {
			t.Errorf("%s: status %d, policy %q, %s", path, res.StatusCode, res.Header.Get("Content-Security-Policy"), body)
		}
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %s, which the policy forbids", path, found)
		}
		for _, match := range reference.FindAllStringSubmatch(body, -1) {
			within, ok := strings.CutPrefix(match[1], "/keys/")
			if !ok {
				t.Errorf("%s refers to %s elsewhere", path, match[1])
				continue
			}
			if strings.HasPrefix(within, "assets/") {
				if asset, _ := fetch(t, srv.URL+"/"+within); asset.StatusCode != http.StatusOK {
					t.Errorf("%s refers to %s, which answers %d", path, match[1], asset.StatusCode)
				}
			}
		}
	}
	if res, _ := fetch(t, srv.URL+"/apps"); res.StatusCode != http.StatusNotFound {
		t.Errorf("/apps: %d", res.StatusCode)
	}
}
