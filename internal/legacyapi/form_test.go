package legacyapi

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

const urlencoded = "application/x-www-form-urlencoded"

func request(method, contentType, body, query string) *http.Request {
	return &http.Request{
		Method: method,
		URL:    &url.URL{Path: "/api/1.3/", RawQuery: query},
		Header: http.Header{"Content-Type": {contentType}},
		Body:   io.NopCloser(strings.NewReader(body)),
	}
}

func multipartBody(parts ...string) string {
	return "--x\r\n" + strings.Join(parts, "\r\n--x\r\n") + "\r\n--x--\r\n"
}

func part(disposition, value string) string {
	return "Content-Disposition: form-data; " + disposition + "\r\n\r\n" + value
}

func values(f *form) map[string]string {
	found := map[string]string{}
	for _, p := range f.params {
		found[p.name] = p.value
	}
	return found
}

func TestReadForm(t *testing.T) {
	for _, c := range []struct {
		name, method, contentType, body, query string
		want                                   map[string]string
	}{
		{"urlencoded body", "POST", urlencoded, "type=init&name=My+App&ver=1%2e0", "",
			map[string]string{"type": "init", "name": "My App", "ver": "1.0"}},
		{"the content type may have parameters", "POST", urlencoded + "; charset=UTF-8", "a=1", "", map[string]string{"a": "1"}},
		{"no content type", "POST", "", "a=1", "", map[string]string{"a": "1"}},
		{"a content type that does not parse", "POST", urlencoded + "; charset", "a=1", "", map[string]string{"a": "1"}},
		{"get with a query", "GET", "", "", "type=init&name=A", map[string]string{"type": "init", "name": "A"}},
		{"the body of a get is not read", "GET", urlencoded, "a=1", "b=2", map[string]string{"b": "2"}},
		{"empty body and query", "POST", "application/json", "", "type=init", map[string]string{"type": "init"}},
		{"some in the body, some in the query", "POST", urlencoded, "type=check", "check_paid=1",
			map[string]string{"type": "check", "check_paid": "1"}},
		{"the body goes before the query", "POST", urlencoded, "a=body", "a=query", map[string]string{"a": "body"}},
		{"an empty value in the body still goes before the query", "POST", urlencoded, "a=", "a=query", map[string]string{"a": ""}},
		{"the first value wins", "POST", urlencoded, "a=1&a=2", "", map[string]string{"a": "1"}},
		{"semicolons stand for themselves", "POST", urlencoded, "pass=a;b;c&x=1", "", map[string]string{"pass": "a;b;c", "x": "1"}},
		{"bad escapes stand for themselves", "POST", urlencoded, "a=100%&b=%zz&c=%4&d=%%41", "",
			map[string]string{"a": "100%", "b": "%zz", "c": "%4", "d": "%A"}},
		{"raw spaces, signs and other scripts", "POST", urlencoded, "name=My App&u=a@b#c&n=Łódź €", "",
			map[string]string{"name": "My App", "u": "a@b#c", "n": "Łódź €"}},
		{"a value with equals signs", "POST", urlencoded, "hwid=AbC==&x", "", map[string]string{"hwid": "AbC==", "x": ""}},
		{"empty pairs are passed over", "POST", urlencoded, "&&a=1&&", "", map[string]string{"a": "1"}},
		{"values are trimmed", "POST", urlencoded, "hwid=4f2a%0A&u=%20+x%09%00", "", map[string]string{"hwid": "4f2a", "u": "x"}},
		{"a zero stays", "POST", urlencoded, "ver=0", "", map[string]string{"ver": "0"}},
		{"multipart", "POST", "multipart/form-data; boundary=x",
			multipartBody(part(`name="type"`, "init"), part(`name="pass"`, " a+b%41;c \r\n")), "q=1",
			map[string]string{"type": "init", "pass": "a+b%41;c", "q": "1"}},
		{"files in multipart are passed over", "POST", "multipart/form-data; boundary=x",
			multipartBody(part(`name="f"; filename="f.txt"`, "secret"), part(`name="a"`, "1")), "", map[string]string{"a": "1"}},
		{"an empty multipart body", "POST", "multipart/form-data", "", "a=1", map[string]string{"a": "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &form{}
			err := f.read(httptest.NewRecorder(), request(c.method, c.contentType, c.body, c.query))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, values(f)); diff != "" || f.garbled {
				t.Errorf("values (-want +got):\n%sgarbled: %v", diff, f.garbled)
			}
		})
	}
}

func TestReadFormNamesWhatIsNotText(t *testing.T) {
	f := &form{}
	err := f.read(httptest.NewRecorder(), request("POST", urlencoded, "a=%ff&b=ok&c=a%00b&d=\xc3", ""))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{"a": f.isGarbled("a"), "b": f.isGarbled("b"), "c": f.isGarbled("c"), "d": f.isGarbled("d"), "e": f.isGarbled("e")}
	if diff := cmp.Diff(map[string]bool{"a": true, "b": false, "c": true, "d": true, "e": false}, got); diff != "" || !f.garbled {
		t.Errorf("garbled (-want +got):\n%s", diff)
	}
}

func TestReadFormRefuses(t *testing.T) {
	many := strings.Repeat("a=1&", maxFields)
	for _, c := range []struct {
		name, contentType, body, query string
		want                           latchkey.Code
	}{
		{"a body over 64 KiB", urlencoded, strings.Repeat("&", maxBody+1), "", latchkey.CodeTooLarge},
		{"a query over 64 KiB", urlencoded, "", strings.Repeat("&", maxBody+1), latchkey.CodeTooLarge},
		{"more than 100 parameters", urlencoded, many + "b=1", "", latchkey.CodeTooLarge},
		{"more than 100 parameters in body and query together", urlencoded, many, "b=1", latchkey.CodeTooLarge},
		{"a value over 8 KiB", urlencoded, "a=" + strings.Repeat("x", maxValue+1), "", latchkey.CodeTooLarge},
		{"a name over 256 bytes", urlencoded, strings.Repeat("n", maxName+1) + "=1", "", latchkey.CodeTooLarge},
		{"more than 100 parts", "multipart/form-data; boundary=x",
			multipartBody(strings.Split(strings.Repeat(part(`name="f"; filename="f"`, "")+"|", maxFields+1), "|")...), "", latchkey.CodeTooLarge},
		{"a part over 8 KiB", "multipart/form-data; boundary=x",
			multipartBody(part(`name="a"`, strings.Repeat("x", maxValue+1))), "", latchkey.CodeTooLarge},
		{"multipart without boundary", "multipart/form-data", "a=1", "", latchkey.CodeMalformed},
		{"multipart that is cut", "multipart/form-data; boundary=x", "--x\r\nContent-Dis", "", latchkey.CodeMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := (&form{}).read(httptest.NewRecorder(), request("POST", c.contentType, c.body, c.query))
			if latchkey.CodeOf(err) != c.want {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
	t.Run("a content encoding", func(t *testing.T) {
		r := request("POST", urlencoded, "a=1", "")
		r.Header.Set("Content-Encoding", "gzip")
		if err := (&form{}).read(httptest.NewRecorder(), r); latchkey.CodeOf(err) != latchkey.CodeMediaType {
			t.Errorf("error %v, want %v", err, latchkey.CodeMediaType)
		}
	})
}

// FuzzForm holds that no request makes the parser panic, go over its caps,
// fail with anything but a refusal, or pass on what is not text unmarked.
func FuzzForm(f *testing.F) {
	f.Add(urlencoded, "type=init&name=My App&pass=a;b%zz+%41", "check_paid=1")
	f.Add("multipart/form-data; boundary=x", multipartBody(part(`name="a"`, "1")), "")
	f.Add("multipart/form-data; boundary=x", "--x\r\n", "a=\xff")
	f.Add("application/json", `{"a":1}`, "a=%")
	f.Add("", strings.Repeat("a=1&", maxFields+1), "")
	for i := range 15 {
		f.Add(urlencoded, fmt.Sprintf("k%d=%s%c", i, strings.Repeat("%", i), rune(i*37)), "%=%&=;")
	}
	f.Fuzz(func(t *testing.T, contentType, body, query string) {
		form := &form{}
		err := form.read(httptest.NewRecorder(), request("POST", contentType, body, query))
		if err != nil {
			if code := latchkey.CodeOf(err); code != latchkey.CodeTooLarge && code != latchkey.CodeMalformed {
				t.Fatalf("error %v", err)
			}
			return
		}
		if len(form.params) > maxFields {
			t.Errorf("%d parameters", len(form.params))
		}
		for name, value := range values(form) {
			if len(name) > maxName || len(value) > maxValue {
				t.Errorf("parameter %q is over its cap", name)
			}
			if !form.isGarbled(name) && (!utf8.ValidString(value) || strings.ContainsRune(value, 0)) {
				t.Errorf("value %q passes as text", value)
			}
		}
	})
}

// TestSpace calls twice with the same memory: the second call must find nothing
// of the first, and no password stays.
func TestSpace(t *testing.T) {
	s := &space{}
	c := s.begin(latchkey.Protocol13)
	if err := s.form.read(httptest.NewRecorder(), request("POST", urlencoded, "pass=secret&garbled=%ff&"+strings.Repeat("x=1&", 20), "q=1")); err != nil {
		t.Fatal(err)
	}
	c.form, c.app, c.session, c.inClear = &s.form, &service.ClientApp{}, &service.ClientSession{}, true
	c.finishes = append(c.finishes, func() {})
	s.reply = ok(answer{Message: "secret"})
	kept := s.form.body[:cap(s.form.body)]
	s.clear()
	if bytes.Contains(kept, []byte("secret")) {
		t.Error("the password is still in memory")
	}
	if len(s.form.body) != 0 || cap(s.form.body) != cap(kept) {
		t.Error("the body's memory is not kept")
	}
	s.form.body = nil
	if diff := cmp.Diff(&space{}, s, cmp.AllowUnexported(space{}, call{}, form{}, param{}, reply{}, answer{})); diff != "" {
		t.Error(diff)
	}
}
