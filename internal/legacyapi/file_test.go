package legacyapi_test

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// program is one that nobody has signed in with.
func (w *world) program(t *testing.T) *client {
	t.Helper()
	public, err := hex.DecodeString(w.app.CompatPublicKey)
	w.must(err)
	c := &client{url: w.url, name: appName, ownerID: w.app.OwnerID, public: public, now: w.env.Clock.Now}
	c.session = c.must(url.Values{"type": {"init"}})["sessionid"].(string)
	return c
}

func (c *client) must(params url.Values) map[string]any {
	answer, err := c.call(params)
	if err != nil {
		panic(err)
	}
	return answer
}

// noise is content of a length that does not repeat itself.
func noise(n int) string {
	b := make([]byte, n)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(b)
	return string(b)
}

func takingLargeFiles(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, func(w *world) {
		w.env.Change(func(c *service.Config) { c.Limits.FileSize, c.Limits.AppStorage = 32<<20, 64<<20 })
	})
}

func TestALargeFileArrivesWholeAndSigned(t *testing.T) {
	w := takingLargeFiles(t)
	p := w.program(t)
	for size, whole := range map[int]bool{1<<20 + 7: true, 16 << 20: true, 16<<20 + 1: false} {
		content := noise(size)
		w.upload(service.NewFile{Name: "large.bin"}, content)
		resp, err := http.PostForm(w.url+"/api/1.3/", url.Values{"type": {"file"}, "fileid": {w.file}, "sessionid": {p.session}, "name": {appName}, "ownerid": {w.app.OwnerID}})
		w.must(err)
		body, err := io.ReadAll(resp.Body)
		w.must(err)
		w.must(resp.Body.Close())
		w.must(p.checkSignature(resp.Header, body))
		var answer struct {
			Success           bool
			Message, Contents string
		}
		w.must(json.Unmarshal(body, &answer))
		if answer.Success != whole || whole && answer.Contents != hex.EncodeToString([]byte(content)) ||
			!whole && answer.Message != "The file is larger than 16 MiB, which this version of the client API cannot give. It takes the native protocol." {
			t.Errorf("%d bytes: %t %s, %d digits", size, answer.Success, answer.Message, len(answer.Contents))
		}
	}
}

func TestAFileOf10IsEncrypted(t *testing.T) {
	p := newProgram10(t)
	p.init()
	content := noise(300_001)
	p.w.upload(service.NewFile{Name: "a"}, content)
	got := p.call("a vector", url.Values{"type": {"file"}, "fileid": {p.w.file}})
	if got["success"] != true || got["message"] != "File download successful" || got["contents"] != hex.EncodeToString([]byte(content)) {
		t.Errorf("%v, %v", got["success"], got["message"])
	}
	if got := p.call("iv", url.Values{"type": {"file"}, "fileid": {"123456"}}); got["message"] != "File not Found" {
		t.Errorf("%v", got)
	}
	p.w.do("webhook open hooks.example.com /echo shown")
	got = p.call("iv", url.Values{"type": {"webhook"}, "webid": {p.w.webhook}, "params": {"&a=b"}})
	if got["success"] != true || got["response"] != "GET /echo?a=b||Latchkey|" {
		t.Errorf("%v", got)
	}
}

func TestAFileThatWasDamagedIsNotHandedOut(t *testing.T) {
	w := newWorld(t)
	w.do("file open some content")
	f, err := w.env.Service.File(w.owner, w.app.ID, w.file)
	w.must(err)
	for rule, damage := range map[string]func([]byte) []byte{
		"changed":   func(b []byte) []byte { b[3] ^= 1; return b },
		"cut off":   func(b []byte) []byte { return b[:5] },
		"prolonged": func(b []byte) []byte { return append(b, "more"...) },
	} {
		w.damage(blob.ID(f.BlobID), damage)
		got := w.program(t).must(url.Values{"type": {"file"}, "fileid": {w.file}})
		// What stands behind the end is nobody's.
		if want := rule == "prolonged"; got["success"] != want || !want && got["message"] != "File no longer works, please notify the application developer." {
			t.Errorf("%s: %v", rule, got)
		}
		w.do("replace-file content")
		if f, err = w.env.Service.File(w.owner, w.app.ID, w.file); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWebhookCallsAreLimited(t *testing.T) {
	w := newWorld(t)
	w.do("webhook open hooks.example.com /echo")
	call := url.Values{"type": {"webhook"}, "webid": {w.webhook}}
	// Ten a minute for a session, sixty for all that nobody has signed in with at
	// one address.
	for session := range 7 {
		p := w.program(t)
		want := 10
		if session == 6 {
			want = 0
		}
		for n := range 12 {
			got := p.must(call)
			if ok := n < want; got["success"] != ok || !ok && got["message"] != "Too many attempts; wait a while before the next one." {
				t.Errorf("session %d, call %d: %v", session, n, got)
			}
		}
	}
	if w.receiver.calls.Load() != 60 {
		t.Errorf("%d calls were made", w.receiver.calls.Load())
	}
	w.env.Clock.Advance(6 * time.Second)
	if got := w.program(t).must(call); got["success"] != true {
		t.Errorf("later: %v", got)
	}
	refusals := w.receiver.calls.Load()
	if got := w.program(t).must(url.Values{"type": {"webhook"}, "webid": {w.webhook}, "body": {strings.Repeat("x", 8<<10)}}); w.receiver.calls.Load() != refusals+1 {
		t.Errorf("the largest body: %v", got)
	}
}
