package clientapi_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/clientapi"
	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// upload stores a file and returns its id.
func (w *world) upload(in service.NewFile, content string) string {
	w.Helper()
	staged, err := w.Service.StageFile(w.Ctx(), service.Upload{App: w.app.ID, Size: -1}, strings.NewReader(content))
	w.must(err)
	f, err := w.Service.UploadFile(w.Ctx(), w.app.ID, in, staged)
	w.must(err)
	return f.ID
}

func TestFiles(t *testing.T) {
	w := newWorld(t)
	content := strings.Repeat("0123456789abcdef\n", 20_000)
	sum := sha256.Sum256([]byte(content))
	hash := hex.EncodeToString(sum[:])
	id, gold, empty := w.upload(service.NewFile{Name: "tool.exe"}, content), w.upload(service.NewFile{Name: "gold.exe", MinLevel: 2, NeedsSignIn: true}, "gold"),
		w.upload(service.NewFile{Name: "empty"}, "")
	started, ada := w.start(), w.registered("ada").Session

	info := done[client.File](w, client.PathFileInfo, client.FileRequest{Session: started, File: id})
	if diff := cmp.Diff(client.File{ID: id, Name: "tool.exe", Size: int64(len(content)), SHA256: hash}, info); diff != "" {
		t.Error(diff)
	}
	if e := done[client.File](w, client.PathFileInfo, client.FileRequest{Session: started, File: empty}); e.Size != 0 {
		t.Errorf("%+v", e)
	}
	var got bytes.Buffer
	part := client.Content{Session: started, File: id, SHA256: hash, Length: 100_000}
	for part.Offset < info.Size {
		part.Length = min(part.Length, info.Size-part.Offset)
		a := w.send(w.newRequest(client.PathFileContent, part))
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/octet-stream" || int64(len(a.body)) != part.Length || a.Header.Get("Content-Encoding") != "" {
			t.Fatalf("%d %v, %d bytes", a.StatusCode, a.Header, len(a.body))
		}
		got.Write(a.body)
		part.Offset += part.Length
	}
	if got.String() != content {
		t.Error("the parts are not the file")
	}
	r := w.newRequest(client.PathFileContent, client.Content{Session: started, File: id, SHA256: hash, Length: 10})
	r.header.Set("Range", "bytes=5-6")
	if a := w.send(r); string(a.body) != content[:10] {
		t.Errorf("with a Range: %d %q", a.StatusCode, a.body)
	}
	for what, c := range map[string]struct {
		in    client.Content
		code  latchkey.Code
		field string
	}{
		"another content":  {client.Content{Session: started, File: id, SHA256: strings.Repeat("0", 64), Length: 1}, latchkey.CodeFileChanged, ""},
		"beyond the end":   {client.Content{Session: started, File: id, SHA256: hash, Offset: info.Size, Length: 1}, latchkey.CodeInvalid, "offset"},
		"before the start": {client.Content{Session: started, File: id, SHA256: hash, Offset: -1, Length: 1}, latchkey.CodeInvalid, "offset"},
		"nothing":          {client.Content{Session: started, File: id, SHA256: hash}, latchkey.CodeInvalid, "length"},
		"too much":         {client.Content{Session: started, File: id, SHA256: hash, Length: client.MaxContent + 1}, latchkey.CodeInvalid, "length"},
		"no hash":          {client.Content{Session: started, File: id, SHA256: strings.ToUpper(hash), Length: 1}, latchkey.CodeInvalid, "sha256"},
		"no such file":     {client.Content{Session: started, File: "fil_1", SHA256: hash, Length: 1}, latchkey.CodeFileNotFound, ""},
		"a higher level":   {client.Content{Session: ada, File: gold, SHA256: hash, Length: 1}, latchkey.CodeLevelTooLow, ""},
		"not signed in":    {client.Content{Session: started, File: gold, SHA256: hash, Length: 1}, latchkey.CodeSessionNotSignedIn, ""},
	} {
		if refused := w.refused(client.PathFileContent, c.in, c.code); refused.Field != c.field {
			t.Errorf("%s: %+v", what, refused)
		}
	}
	w.refused(client.PathFileContent, []byte(`{"session":"`+started+`","file":"`+id+`","sha256":"`+hash+`","offset":"0","length":1}`), latchkey.CodeInvalid)
	w.refused(client.PathFileInfo, client.FileRequest{Session: ada, File: gold}, latchkey.CodeLevelTooLow)
	w.refused(client.PathFileInfo, client.FileRequest{Session: started, File: "../../etc/passwd"}, latchkey.CodeFileNotFound)
}

// webhook makes one whose address answers by far, and returns its id.
func (w *world) webhook(in service.NewWebhook, far http.HandlerFunc) string {
	w.Helper()
	receiver := httptest.NewServer(far)
	w.Cleanup(receiver.Close)
	w.ports = append(w.ports, netip.MustParseAddrPort(receiver.Listener.Addr().String()).Port())
	sender := egress.New(egress.Config{Now: w.Clock.Now, AllowHTTP: true, Ports: w.ports, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	w.Cleanup(func() { _ = sender.Close() })
	w.Change(func(c *service.Config) { c.Egress = sender })
	w.url = w.serve(clientapi.New(w.Service, clientapi.Options{Now: w.Clock.Now}))
	in.URL = latchkey.Secret(receiver.URL + "/hook?fixed=1")
	made, err := w.Service.CreateWebhook(w.Ctx(), w.app.ID, in)
	w.must(err)
	return made.ID
}

func TestWebhooks(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int64
	tells := func(rw http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(rw, "%s %s|%s|%s", r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), body)
	}
	shown, hidden := w.webhook(service.NewWebhook{Name: "shown", ShowAnswer: true}, tells), w.webhook(service.NewWebhook{Name: "hidden", NeedsSignIn: true}, tells)
	started, ada := w.start(), w.registered("ada").Session

	r := w.newRequest(client.PathWebhook, client.Webhook{Session: started, Webhook: shown, Params: map[string]string{"item[]": "c&d"}, Body: `{"x":1}`, ContentType: "application/json"})
	first := w.send(r)
	if got := decode[client.WebhookAnswer](w, first.body); got.Status != 200 || !strings.HasPrefix(got.Body, "POST /hook?fixed=1&") || !strings.HasSuffix(got.Body, `|application/json|{"x":1}`) || strings.Contains(got.Body, "c&d") {
		t.Errorf("%+v", got)
	}
	if again := w.send(r); string(again.body) != string(first.body) || calls.Load() != 1 {
		t.Errorf("repeated: %s after %d calls", again.body, calls.Load())
	}
	if got := done[client.WebhookAnswer](w, client.PathWebhook, client.Webhook{Session: ada, Webhook: hidden}); got != (client.WebhookAnswer{Status: 200}) {
		t.Errorf("%+v", got)
	}
	w.refused(client.PathWebhook, client.Webhook{Session: started, Webhook: hidden}, latchkey.CodeSessionNotSignedIn)
	w.refused(client.PathWebhook, client.Webhook{Session: started, Webhook: "whk_1"}, latchkey.CodeWebhookNotFound)
	w.refused(client.PathWebhook, client.Webhook{Session: started, Webhook: shown, Body: "x", ContentType: "text/html"}, latchkey.CodeInvalid)
	w.refused(client.PathWebhook, client.Webhook{Session: started, Webhook: shown, Params: map[string]string{"x": strings.Repeat("y", 1025)}}, latchkey.CodeInvalid)
	w.refused(client.PathWebhook, []byte(`{"session":"`+started+`","webhook":"`+shown+`","params":{"x":1}}`), latchkey.CodeInvalid)
	for _, taken := range []string{"Fixed", "a b", ""} {
		w.refused(client.PathWebhook, client.Webhook{Session: started, Webhook: shown, Params: map[string]string{taken: "2"}}, latchkey.CodeInvalid)
	}
	dead := w.webhook(service.NewWebhook{Name: "dead"}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	w.refused(client.PathWebhook, client.Webhook{Session: ada, Webhook: dead}, latchkey.CodeWebhookFailed)
}

// TestWebhooksOfClientsThatHaveGone holds that a call is made once although its
// client stopped waiting in the middle of it.
func TestWebhooksOfClientsThatHaveGone(t *testing.T) {
	w := newWorld(t)
	arrived, answer := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	hook := w.webhook(service.NewWebhook{Name: "slow", ShowAnswer: true}, func(rw http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		arrived <- struct{}{}
		<-answer
		_, _ = rw.Write([]byte("ordered"))
	})
	r := w.newRequest(client.PathWebhook, client.Webhook{Session: w.start(), Webhook: hook})
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		req, err := http.NewRequestWithContext(ctx, r.method, w.url+r.target, bytes.NewReader(r.body))
		if err == nil {
			req.Header = r.header
			_, err = http.DefaultTransport.RoundTrip(req)
		}
		gone <- err
	}()
	<-arrived
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if a := w.send(r); a.refusal.Code != string(latchkey.CodeRepeatRunning) || a.refusal.RetryAfter == 0 {
		t.Errorf("while it is under way: %d %s", a.StatusCode, a.body)
	}
	close(answer)
	a := w.send(r)
	for a.refusal.Code == string(latchkey.CodeRepeatRunning) {
		a = w.send(r)
	}
	if got := decode[client.WebhookAnswer](w, a.body); got != (client.WebhookAnswer{Status: 200, Body: "ordered"}) || calls.Load() != 1 {
		t.Errorf("%+v after %d calls", got, calls.Load())
	}
}

func TestBlacklistCheck(t *testing.T) {
	w := newWorld(t)
	started := w.start()
	if got := done[client.BlacklistAnswer](w, client.PathBlacklist, client.BlacklistCheck{Session: started, HWID: machine}); got.Blacklisted {
		t.Errorf("%+v", got)
	}
	_, err := w.Service.CreateAccess(w.Ctx(), w.app.ID, latchkey.Blacklist, service.NewAccess{Kind: latchkey.AccessHWID, Value: machine})
	w.must(err)
	if got := done[client.BlacklistAnswer](w, client.PathBlacklist, client.BlacklistCheck{Session: started, HWID: machine}); !got.Blacklisted {
		t.Errorf("%+v", got)
	}
	if got := done[client.BlacklistAnswer](w, client.PathBlacklist, client.BlacklistCheck{Session: started}); got.Blacklisted {
		t.Errorf("%+v", got)
	}
	w.refused(client.PathLicense, client.License{Session: started, License: w.key(1, "30d"), HWID: machine}, latchkey.CodeClientBlacklisted)
}
