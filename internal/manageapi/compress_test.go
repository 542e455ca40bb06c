package manageapi

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/latchkey-dev/latchkey/api"
)

// raw sends a request and leaves the body in its coding.
func (w *world) raw(q request, accept string) *http.Response {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), q.method, w.url+q.path, strings.NewReader(q.body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header = q.header
	r.Header.Set("Accept-Encoding", accept)
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func TestAnswersAreCompressedWhereThatGivesNothingAway(t *testing.T) {
	w := newWorld(t)
	w.settle()
	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"amount":50,"duration":"30d"}`, 201)
	cookie := w.signIn()
	for _, c := range []struct {
		name, credential, method, path, body string
		coding                               string
	}{
		{"a list for an API key", w.key, "GET", "/apps/{app}/licenses", "", "zstd"},
		{"the same for HEAD", w.key, "HEAD", "/apps/{app}/licenses", "", "zstd"},
		{"a list for a browser", cookie, "GET", "/apps/{app}/licenses", "", ""},
		{"secrets", w.key, "GET", "/apps/{app}/credentials", "", ""},
		{"new secrets", w.key, "POST", "/apps", `{"name":"` + strings.Repeat("x", 70) + `"}`, ""},
		{"little", w.key, "GET", "/apps/{app}/licenses/{license}", "", ""},
		{"a refusal", w.key, "GET", "/apps/{app}/licenses?limit=x", "", ""},
		{"the document, for anybody", "", "GET", "/openapi.json", "", "zstd"},
		{"the page", "", "GET", "/docs", "", "zstd"},
		{"its style, for a browser", cookie, "GET", "/docs.css", "", "zstd"},
	} {
		res := w.raw(w.as(c.credential, c.method, c.path, c.body), "gzip;q=0.8, zstd")
		if got := res.Header.Get("Content-Encoding"); got != c.coding {
			t.Errorf("%s comes as %q, want %q", c.name, got, c.coding)
		}
		if c.coding != "" && res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s does not say that it varies", c.name)
		}
	}
}

func TestCompressedAnswersAreTheSame(t *testing.T) {
	w := newWorld(t)
	w.settle()
	hashes := make([]string, 40)
	for i := range hashes {
		hashes[i] = fmt.Sprintf("%q", fmt.Sprintf("%032x", i))
	}
	ask[api.App](w, "PATCH", "/apps/{app}", `{"settings":{"hashes":[`+strings.Join(hashes, ",")+`]}}`, 200)
	plain := w.raw(w.as(w.key, "GET", "/apps/{app}", ""), "identity")
	want, err := io.ReadAll(plain.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, coding := range []string{"gzip", "zstd"} {
		res := w.raw(w.as(w.key, "GET", "/apps/{app}", ""), coding)
		got, err := io.ReadAll(decoder(t, coding, res.Body))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: %d bytes, %v", coding, len(got), err)
		}
		// Other bytes have another strong tag, which is as good for an edit.
		tag := res.Header.Get("ETag")
		if tag == plain.Header.Get("ETag") || !strings.HasSuffix(tag, "-"+coding+`"`) {
			t.Errorf("%s has the tag %s", coding, tag)
		}
		if a := w.with("PATCH", "/apps/{app}", `{}`, "If-Match", tag); a.status != 200 {
			t.Errorf("an edit of what came as %s: %d %s", coding, a.status, a.body)
		}
		if a := w.with("GET", "/apps/{app}", "", "If-None-Match", tag); a.status != 304 || a.header.Get("ETag") == "" {
			t.Errorf("a copy that came as %s: %d", coding, a.status)
		}
	}
}

func decoder(t *testing.T, coding string, body io.Reader) io.Reader {
	t.Helper()
	if coding == "gzip" {
		r, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r, err := zstd.NewReader(body)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestAStreamArrivesWhileItIsMadeAlsoCompressed(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for _, coding := range []string{"gzip", "zstd"} {
		res := w.raw(w.as(w.key, "POST", "/apps/{app}/licenses", `{"amount":1500,"duration":"30d"}`), coding)
		if res.Header.Get("Content-Encoding") != coding || res.StatusCode != 201 {
			t.Fatalf("%d %v", res.StatusCode, res.Header)
		}
		lines := bufio.NewReader(decoder(t, coding, res.Body))
		first, err := lines.ReadString('\n')
		if err != nil || !strings.Contains(first, `"progress"`) {
			t.Fatalf("%q, %v", first, err)
		}
		rest, err := io.ReadAll(lines)
		if err != nil {
			t.Fatal(err)
		}
		if got := readLines(t, []byte(first+string(rest))); len(got.keys) != 1500 || got.end.Done == nil {
			t.Errorf("%d keys, %+v", len(got.keys), got.end)
		}
	}
	cut := w.raw(w.as(w.key, "POST", "/apps/{app}/licenses", `{"amount":12000,"duration":"30d","mask":"****"}`), "gzip")
	if cut.StatusCode != 400 || cut.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a stream that cannot begin: %d %v", cut.StatusCode, cut.Header)
	}
}
