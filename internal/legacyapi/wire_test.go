package legacyapi_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/legacyapi"
)

// TestHeaderNamesOnTheWire reads the bytes themselves: Go's client would hide
// how a header name is spelled, and C++ clients compare it to the letter.
func TestHeaderNamesOnTheWire(t *testing.T) {
	w := newWorld(t)
	w.do("app accept=1.3,1.2")
	for _, c := range []struct{ path, form, want string }{
		{"/api/1.3/", "type=init&enckey=k&{{app}}", "signature,x-signature-ed25519,x-signature-timestamp"},
		{"/api/1.3/", "type=check&{{app}}", "x-signature-ed25519,x-signature-timestamp"},
		{"/api/1.2/", "type=init&enckey=k&{{app}}", "signature"},
		{"/api/1.2/", "type=init&{{app}}", "signature"},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		w.must(err)
		form := w.fill(c.form)
		_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: keyauth.win\r\nConnection: close\r\n"+
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", c.path, len(form), form)
		w.must(err)
		var got []string
		for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != ""; {
			name, _, _ := strings.Cut(lines.Text(), ": ")
			if strings.Contains(strings.ToLower(name), "signature") {
				got = append(got, name)
			}
		}
		w.must(conn.Close())
		if strings.Join(got, ",") != c.want {
			t.Errorf("%s %s: signature headers %v, want %s", c.path, c.form, got, c.want)
		}
	}
}

func TestOverLargeRequestsAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, body := range map[string]string{
		"a body of 64 KiB and one byte": strings.Repeat("&", 64<<10+1),
		"a body of a megabyte":          "a=" + strings.Repeat("x", 1<<20),
		"101 parameters":                strings.Repeat("a=1&", 101),
		"a value over 8 KiB":            "a=" + strings.Repeat("x", 8<<10+1),
	} {
		resp, err := http.Post(w.url+"/api/1.3/", "application/x-www-form-urlencoded", strings.NewReader(body))
		w.must(err)
		got, err := io.ReadAll(resp.Body)
		w.must(errors.Join(err, resp.Body.Close()))
		const want = `{"success":false,"code":1,"message":"The request is larger than this call accepts."}`
		if resp.StatusCode != http.StatusRequestEntityTooLarge || string(got) != want {
			t.Errorf("%s: %d %s", name, resp.StatusCode, got)
		}
	}
}

// serveOnce answers one request without a network.
func serveOnce(h http.Handler, path, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func TestFaultsOfTheServerAreSignedAndSayNothing(t *testing.T) {
	w := newWorld(t)
	h := legacyapi.New(w.env.Service, legacyapi.Options{Now: w.env.Clock.Now, Rand: bytes.NewReader(nil)})
	rec := serveOnce(h, "/api/1.3/", w.fill("type=init&{{app}}"))
	const want = `{"success":false,"code":1,"message":"Error: something went wrong on the server. Try again in a moment.","ownerid":"%s"}`
	if rec.Code != http.StatusInternalServerError || rec.Body.String() != fmt.Sprintf(want, w.app.OwnerID) {
		t.Errorf("answer %d %s", rec.Code, rec.Body)
	}
	w.checkSignatures("without randomness", flat(rec), rec.Body.Bytes(), []string{"ed25519"})
}

func TestAnUnreachableDatabaseIsNoLicense(t *testing.T) {
	w := newWorld(t)
	h := legacyapi.New(w.env.Service, legacyapi.Options{Now: w.env.Clock.Now, Rand: rand.Reader})
	form := w.fill("type=init&{{app}}")
	w.must(w.env.DB.Close())
	rec := serveOnce(h, "/api/1.3/", form)
	if rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), `"success":false`) {
		t.Errorf("answer %d %s", rec.Code, rec.Body)
	}
}

// flat gives a recorder's headers the canonical names that a client sees.
func flat(rec *httptest.ResponseRecorder) http.Header {
	h := http.Header{}
	for name, values := range rec.Header() {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return h
}
