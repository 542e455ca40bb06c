package web_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

func TestReadBody(t *testing.T) {
	for name, c := range map[string]struct {
		body, encoding string
		want           latchkey.Code
	}{
		"a body of the limit passes":      {strings.Repeat("x", 10), "", ""},
		"a byte more is refused":          {strings.Repeat("x", 11), "", latchkey.CodeTooLarge},
		"a compressed body is refused":    {"x", "gzip", latchkey.CodeMediaType},
		"even one that says it is not so": {"x", "identity", latchkey.CodeMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
			if c.encoding != "" {
				r.Header.Set("Content-Encoding", c.encoding)
			}
			body, err := web.ReadBody(httptest.NewRecorder(), r, 10)
			if latchkey.CodeOf(err) != c.want || err == nil && string(body) != c.body {
				t.Errorf("got %q, %v", body, err)
			}
		})
	}
}

func TestReadBodyOfAnyLength(t *testing.T) {
	for name, c := range map[string]struct {
		announced int64
		body      string
		want      latchkey.Code
	}{
		"as announced":         {2, "xx", ""},
		"not announced":        {-1, "xx", ""},
		"not announced, large": {-1, strings.Repeat("x", 11), latchkey.CodeTooLarge},
		"announced too large":  {11, strings.Repeat("x", 11), latchkey.CodeTooLarge},
		"cut off":              {3, "xx", latchkey.CodeMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
			r.ContentLength = c.announced
			body, err := web.ReadBody(httptest.NewRecorder(), r, 10)
			if latchkey.CodeOf(err) != c.want || err == nil && string(body) != c.body {
				t.Errorf("got %q, %v", body, err)
			}
		})
	}
}

func TestHasJSONType(t *testing.T) {
	for value, want := range map[string]bool{
		"application/json": true, "application/json; charset=UTF-8": true, "APPLICATION/JSON": true,
		"application/json; charset=utf-16": false, "text/plain": false, "application/x-www-form-urlencoded": false,
		"application/jsonp": false, "text/plain; application/json": false, "": false,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", value)
		if got := web.HasJSONType(r); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header["Content-Type"] = []string{"application/json", "text/plain"}
	if web.HasJSONType(r) {
		t.Error("two types are one too many")
	}
}

func TestCookies(t *testing.T) {
	overHTTP := httptest.NewRequest(http.MethodGet, "/", nil)
	overTLS := httptest.NewRequest(http.MethodGet, "/", nil)
	overTLS.TLS = &tls.ConnectionState{}
	for name, c := range map[string]struct {
		cookies web.Cookies
		r       *http.Request
		want    string
	}{
		"plain HTTP has its own name":        {web.Cookies{}, overHTTP, "latchkey_dev=tok; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"},
		"TLS has the bound name":             {web.Cookies{}, overTLS, "__Host-latchkey=tok; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict"},
		"a proxy that speaks TLS for us too": {web.Cookies{HTTPS: true}, overHTTP, "__Host-latchkey=tok; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.cookies.Set(c.r, "tok", time.Minute); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "latchkey_dev=tok")
	if got := (web.Cookies{HTTPS: true}).Read(r); got != "" {
		t.Error("the name of plain HTTP is read over https")
	}
	r.Header.Set("Cookie", "__Host-latchkey=one; __Host-latchkey=two")
	if got := (web.Cookies{HTTPS: true}).Read(r); got != "" {
		t.Error("one of two cookies was chosen")
	}
	if got := (web.Cookies{}).Clear(r); !strings.Contains(got, "Max-Age=0") {
		t.Errorf("clear: %s", got)
	}
}

func TestSameOrigin(t *testing.T) {
	origin, err := web.NewSameOrigin("https://keys.example.com/ignored")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method  string
		headers map[string]string
		ok      bool
	}{
		"our own page":                     {http.MethodPost, map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		"our page behind a proxy":          {http.MethodPost, map[string]string{"Origin": "https://keys.example.com"}, true},
		"a program, which has no origin":   {http.MethodPost, nil, true},
		"another site":                     {http.MethodPost, map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		"a neighbour on the same domain":   {http.MethodDelete, map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example.com"}, false},
		"an old browser on another site":   {http.MethodPost, map[string]string{"Origin": "https://evil.example.org"}, false},
		"another site that only looks":     {http.MethodGet, map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		"a page without an origin (null)":  {http.MethodPost, map[string]string{"Origin": "null"}, false},
		"the same host over another port":  {http.MethodPost, map[string]string{"Origin": "http://example.com:1"}, false},
		"the host that the request names":  {http.MethodPost, map[string]string{"Origin": "http://example.com"}, true},
		"a site that begins like our host": {http.MethodPost, map[string]string{"Origin": "https://keys.example.com.evil.org"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "http://example.com/", nil)
			for k, v := range c.headers {
				r.Header.Set(k, v)
			}
			err := origin.Check(r)
			if (err == nil) != c.ok || err != nil && latchkey.CodeOf(err) != latchkey.CodeCrossOrigin {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := web.NewSameOrigin("not an address"); err == nil {
		t.Error("a public url that is none was taken")
	}
}
