package manageapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// contents is how many contents lie in the folder of files.
func (w *world) contents() (n int) {
	w.t.Helper()
	for _, err := range w.env.Files.All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		n++
	}
	return n
}

func TestAFileFromUploadToDeletion(t *testing.T) {
	w := newWorld(t)
	w.settle()
	before := w.contents()
	first, second := strings.Repeat("first content\n", 10_000), "second content"
	f := ask[api.File](w, "POST", "/apps/{app}/files?name=%C3%9Cbung%20%22%C3%A4%22.zip&min_level=2", first, 201)
	if f.Name != `Übung "ä".zip` || f.Size != int64(len(first)) || f.SHA256 != sumOf(first) || !f.NeedsSignIn || f.MinLevel != 2 || f.Link != "" {
		t.Errorf("%+v", f)
	}
	w.ids["file"] = f.ID
	if open := ask[api.File](w, "POST", "/apps/{app}/files?name=a&needs_sign_in=false", "", 201); open.NeedsSignIn || open.Size != 0 || open.SHA256 != sumOf("") {
		t.Errorf("an empty one: %+v", open)
	}
	if got := ask[api.FileList](w, "GET", "/apps/{app}/files?search=%C3%9CBUNG", "", 200); len(got.Files) != 1 || got.Files[0] != f {
		t.Errorf("found %+v", got)
	}
	whole := w.with("GET", "/apps/{app}/files/{file}/content", "", "Accept-Encoding", "gzip")
	if string(whole.body) != first || whole.status != 200 {
		t.Errorf("%d, %d bytes", whole.status, len(whole.body))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Content-Disposition": `attachment; filename="_bung ___.zip"; filename*=UTF-8''%C3%9Cbung%20%22%C3%A4%22.zip`,
		"ETag":                `"` + sumOf(first) + `"`, "Content-Encoding": "", "Accept-Ranges": "bytes",
	} {
		if got := whole.header.Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for rule, c := range map[string]struct {
		header []string
		status int
		want   string
	}{
		"a range":                    {[]string{"Range", "bytes=6-12"}, 206, "content"},
		"a range of the same":        {[]string{"Range", "bytes=-8", "If-Range", `"` + sumOf(first) + `"`}, 206, "content\n"},
		"a range of another content": {[]string{"Range", "bytes=6-12", "If-Range", `"` + sumOf(second) + `"`}, 200, first},
		"what the caller has":        {[]string{"If-None-Match", `"` + sumOf(first) + `"`}, 304, ""},
	} {
		if a := w.with("GET", "/apps/{app}/files/{file}/content", "", c.header...); a.status != c.status || string(a.body) != c.want {
			t.Errorf("%s: %d, %d bytes", rule, a.status, len(a.body))
		}
	}
	if a := w.with("GET", "/apps/{app}/files/{file}/content", "", "Range", "bytes=1000000-"); a.status != 416 {
		t.Errorf("beyond the end: %d", a.status)
	}
	replaced := ask[api.File](w, "POST", "/apps/{app}/files/{file}/content", second, 200)
	if replaced.SHA256 != sumOf(second) || replaced.Name != f.Name || replaced.MinLevel != 2 {
		t.Errorf("%+v", replaced)
	}
	if a := w.with("GET", "/apps/{app}/files/{file}/content", ""); string(a.body) != second {
		t.Errorf("%s", a.body)
	}
	if n := w.contents() - before; n != 2 {
		t.Errorf("%d contents of two files", n)
	}
	ask[struct{}](w, "DELETE", "/apps/{app}/files/{file}", "", 204)
	if p := w.checkProblem(w.with("GET", "/apps/{app}/files/{file}/content", ""), "deleted"); p.Code != "file.not_found" {
		t.Error(p.Code)
	}
	if n := w.contents() - before; n != 1 {
		t.Errorf("%d contents of one file", n)
	}
	ask[struct{}](w, "DELETE", "/apps/{app}?confirm=Demo", "", 204)
	if n := w.contents(); n != 0 {
		t.Errorf("%d contents of a deleted app", n)
	}
}

// breaking is a body that ends before its end.
type breaking struct{ left int }

func (b *breaking) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errors.New("the client is gone")
	}
	n := min(b.left, len(p))
	b.left -= n
	return n, nil
}

func TestUploadsThatAreRefusedLeaveNothing(t *testing.T) {
	w := newWorld(t) // which takes files of 1 MiB, and 10 MiB for an app
	w.settle()
	before, events := w.contents(), w.events()
	mega := strings.Repeat("x", 1<<20)
	for rule, c := range map[string]struct {
		path, body string
		header     []string
		code       latchkey.Code
	}{
		"no name":                {path: "/apps/{app}/files", body: "x", code: latchkey.CodeInvalid},
		"a path for a name":      {path: "/apps/{app}/files?name=..%2Fx", body: "x", code: latchkey.CodeInvalid},
		"two names":              {path: "/apps/{app}/files?name=a&name=b", body: "x", code: latchkey.CodeInvalid},
		"an unknown parameter":   {path: "/apps/{app}/files?name=a&size=1", body: "x", code: latchkey.CodeInvalid},
		"a level that is none":   {path: "/apps/{app}/files?name=a&min_level=-1", body: "x", code: latchkey.CodeInvalid},
		"a byte too many":        {path: "/apps/{app}/files?name=a", body: mega + "x", code: latchkey.CodeTooLarge},
		"a coded body":           {path: "/apps/{app}/files?name=a", body: "x", header: []string{"Content-Encoding", "gzip"}, code: latchkey.CodeMediaType},
		"a form":                 {path: "/apps/{app}/files?name=a", body: "x", header: []string{"Content-Type", "multipart/form-data; boundary=x"}, code: latchkey.CodeMediaType},
		"of an app that is none": {path: "/apps/app_00000000000000000000000000/files?name=a", body: "x", code: latchkey.CodeAppNotFound},
		"in the place of none":   {path: "/apps/{app}/files/fil_00000000000000000000000000/content", body: "x", code: latchkey.CodeFileNotFound},
		"of another state":       {path: "/apps/{app}/files/{file}/content", body: "x", header: []string{"If-Match", `"0123456789abcdef0123.0123456789abcdef0123"`}, code: latchkey.CodePrecondition},
		"with a name for one":    {path: "/apps/{app}/files/{file}/content?name=b", body: "x", code: latchkey.CodeInvalid},
	} {
		a := w.with("POST", c.path, c.body, c.header...)
		if p := w.checkProblem(a, rule); p.Code != string(c.code) {
			t.Errorf("%s: %s %s", rule, p.Code, p.Detail)
		}
	}
	for _, length := range []int64{-1, 1000} {
		r, err := http.NewRequest("POST", w.url+w.path("/apps/{app}/files?name=a"), &breaking{500})
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.key)
		r.ContentLength = length
		if res, err := http.DefaultClient.Do(r); err == nil {
			t.Errorf("an upload that broke off was answered with %d", res.StatusCode)
			_ = res.Body.Close()
		}
	}
	if n := w.contents(); n != before {
		t.Errorf("%d contents, %d before", n, before)
	}
	if n := w.events(); n != events {
		t.Errorf("%d audit events, %d before", n, events)
	}
	ask[api.File](w, "POST", "/apps/{app}/files?name=a", mega, 201)
}

func TestAnUploadWithoutLengthIsReadToItsLimit(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for _, c := range []struct{ size, status int }{{1 << 20, 201}, {1<<20 + 1, 413}} {
		r, err := http.NewRequest("POST", w.url+w.path("/apps/{app}/files?name=a"), io.LimitReader(zeros{}, int64(c.size)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.key)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != c.status {
			t.Errorf("%d bytes: %d", c.size, res.StatusCode)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestARepeatedUploadIsOneFile(t *testing.T) {
	w := newWorld(t)
	w.settle()
	before := w.contents()
	send := func(body string) answer {
		return w.with("POST", "/apps/{app}/files?name=once", body, repeatHeader, "upload 1")
	}
	first, again := send("content"), send("content")
	if first.status != 201 || !bytes.Equal(first.body, again.body) || again.header.Get(replayedHeader) != "true" {
		t.Errorf("%d %s\n%d %s", first.status, first.body, again.status, again.body)
	}
	if p := w.checkProblem(send("Content"), "another content"); p.Code != "request.idempotency_mismatch" {
		t.Error(p.Code)
	}
	if n := w.contents() - before; n != 1 {
		t.Errorf("%d contents", n)
	}
}

func TestWebhooks(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for rule, body := range map[string]string{
		"plain HTTP":        `{"name":"a","url":"http://hooks.example.com/"}`,
		"this machine":      `{"name":"a","url":"https://127.0.0.1/"}`,
		"a password":        `{"name":"a","url":"https://user:pass@hooks.example.com/"}`,
		"no URL":            `{"name":"a","url":"hooks"}`,
		"no name":           `{"name":" ","url":"https://hooks.example.com/"}`,
		"a header's end":    `{"name":"a","url":"https://hooks.example.com/","user_agent":"a\r\nb"}`,
		"another port":      `{"name":"a","url":"https://hooks.example.com:22/"}`,
		"a negative level":  `{"name":"a","url":"https://hooks.example.com/","min_level":-1}`,
		"an unknown member": `{"name":"a","url":"https://hooks.example.com/","method":"GET"}`,
	} {
		if p := w.checkProblem(w.with("POST", "/apps/{app}/webhooks", body), rule); p.Code != "request.invalid" || strings.Contains(fmt.Sprint(p), "user:pass") {
			t.Errorf("%s: %+v", rule, p)
		}
	}
	if p := w.checkProblem(w.with("POST", "/apps/{app}/webhooks", `{"name":"orders","url":"https://hooks.example.com/"}`), "taken"); p.Code != "webhook.exists" {
		t.Error(p.Code)
	}
	got := ask[api.Webhook](w, "PATCH", "/apps/{app}/webhooks/{webhook}", `{"url":"https://b.example.com/?k=1","needs_sign_in":false,"show_answer":true,"user_agent":"Shop/1","min_level":3}`, 200)
	if got.URL != "https://b.example.com/?k=1" || got.NeedsSignIn || !got.ShowAnswer || got.UserAgent != "Shop/1" || got.MinLevel != 3 || got.Name != "orders" {
		t.Errorf("%+v", got)
	}
	p := w.checkProblem(w.with("POST", "/apps/{app}/webhooks/{webhook}/test", ""), "test")
	if p.Code != "webhook.failed" || p.Detail != "The URL's host name could not be resolved." {
		t.Errorf("%+v", p)
	}
	if strings.Contains(w.log.String(), "b.example.com/?k=1") {
		t.Error("the log has the address")
	}
}
