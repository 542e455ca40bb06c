package legacyapi_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/legacyapi"
)

// FuzzCall holds that no request makes the server panic or fail, that every
// answer is short ASCII, and that whoever has no session gets no further than init.
func FuzzCall(f *testing.F) {
	w := newWorld(f)
	w.do("app accept=1.3,1.2 force-hwid=off")
	w.do("license SUN-AAAA-BBBB-CCCC-0001 1 30d")
	h := legacyapi.New(w.env.Service, legacyapi.Options{Now: w.env.Clock.Now, Rand: rand.Reader})
	for _, form := range []string{
		"type=init&{{app}}", "type=init&ver=2&enckey=k&hash=x&{{app}}", "type=license&key=SUN-AAAA-BBBB-CCCC-0001&{{app}}",
		"type=register&username=a&pass=b&key=c&sessionid=d&{{app}}", "type=login&username=a&pass=b&{{app}}", "type=upgrade&{{app}}",
		"type=check&check_paid=1&{{app}}", "type=logout&sessionid=%00&{{app}}", "type=&name=&ownerid=", "ownerid=0123456789&name=\xff",
	} {
		f.Add("POST", "/api/1.3/", "application/x-www-form-urlencoded", w.fill(form), "")
		f.Add("GET", "/1.2", "", "", w.fill(form))
	}
	f.Add("OPTIONS", "/api/1.3", "", "", "")
	f.Add("POST", "/api/9", "multipart/form-data; boundary=x", "--x--", "a=%zz;")
	f.Fuzz(func(t *testing.T, method, path, contentType, body, query string) {
		r := &http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{"Content-Type": {contentType}}, Body: http.NoBody}
		if method == http.MethodPost {
			r = httptest.NewRequest(method, "/", strings.NewReader(body))
			r.URL = &url.URL{Path: path, RawQuery: query}
			r.Header.Set("Content-Type", contentType)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code >= 500 {
			t.Fatalf("answer %d %s", rec.Code, rec.Body)
		}
		if n := rec.Body.Len(); n > 64<<10 {
			t.Errorf("an answer of %d bytes", n)
		}
		for _, c := range rec.Body.Bytes() {
			if c < 0x20 || c > 0x7e {
				t.Fatalf("byte %#x in %q", c, rec.Body)
			}
		}
		if answer := rec.Body.String(); strings.Contains(answer, `"success":true`) && !strings.Contains(answer, `"message":"Initialized"`) {
			t.Errorf("success without a session: %s", answer)
		}
	})
}
