package outbox

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	reference "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// archive is a receiver of audit logs: one of each app, at a path of its name.
type archive struct {
	*testing.T
	env    *servicetest.Env
	client *egress.Client
	url    string

	mu       sync.Mutex
	answer   map[string]http.HandlerFunc // by path; none: 204
	secrets  map[string]string           // by path
	got      map[string][]letter
	arriving chan string // a path for each message that is taken
}

// letter is a message as it came.
type letter struct {
	header http.Header
	body   string
	api.AuditMessage
}

func newArchive(t *testing.T) *archive {
	a := &archive{T: t, env: servicetest.New(t), answer: map[string]http.HandlerFunc{}, secrets: map[string]string{}, got: map[string][]letter{}, arriving: make(chan string, 1000)}
	server := httptest.NewServer(http.HandlerFunc(a.take))
	t.Cleanup(server.Close)
	a.url = server.URL
	port := server.Listener.Addr().(*net.TCPAddr).Port
	a.client = egress.New(egress.Config{Now: time.Now, AllowHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ports: []uint16{uint16(port)}})
	t.Cleanup(func() { _ = a.client.Close() })
	a.env.Change(func(c *service.Config) { c.Egress, c.Now = a.client, time.Now })
	return a
}

func (a *archive) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost {
		a.Errorf("%s %s (%v)", r.Method, r.URL, err)
	}
	l := letter{header: r.Header, body: string(body)}
	if err := json.Unmarshal(body, &l.AuditMessage); err != nil {
		a.Errorf("%s: %v", body, err)
	}
	a.mu.Lock()
	answer := a.answer[r.URL.Path]
	library, err := reference.NewWebhook(a.secrets[r.URL.Path])
	if err == nil {
		err = library.Verify(body, r.Header)
	}
	if err != nil {
		a.Errorf("%s: %v", r.URL.Path, err)
	}
	a.got[r.URL.Path] = append(a.got[r.URL.Path], l)
	a.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	a.arriving <- r.URL.Path
}

// letters are the messages that have come to a path.
func (a *archive) letters(path string) []letter {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.got[path]
}

func (a *archive) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// open makes an app whose log goes to a path, from its start.
func (a *archive) open(path string, answer http.HandlerFunc) service.AppView {
	a.Helper()
	app := a.env.App(strings.TrimPrefix(path, "/"))
	a.mu.Lock()
	defer a.mu.Unlock()
	view, err := a.env.Service.SetAuditWebhook(a.env.Ctx(), app.ID, latchkey.Secret(a.url+path), service.AuditFromStart)
	a.must(err)
	a.answer[path], a.secrets[path] = answer, view.Secret.Reveal()
	return app
}

// post makes one attempt at what is due of an app.
func (a *archive) post(app string) (result latchkey.DeliveryResult) {
	a.Helper()
	claims, _, err := a.env.Service.ClaimAuditDeliveries(a.Context(), 64, 16)
	a.must(err)
	for _, c := range claims {
		if c.AppID != app {
			continue
		}
		w := &auditor{AuditConfig{Service: a.env.Service, Client: a.client, Now: time.Now, Log: slog.New(slog.DiscardHandler)}}
		result, over := w.attempt(a.Context(), a.Context(), c)
		if over {
			a.Fatal("it is over")
		}
		a.must(a.env.Service.EndAuditDelivery(a.Context(), c, result))
		return result
	}
	a.Fatal("nothing is due")
	return result
}

func (a *archive) view(app string) service.AuditWebhookView {
	a.Helper()
	v, err := a.env.Service.AuditWebhook(a.env.Ctx(), app)
	a.must(err)
	return v
}

func TestWhatAnArchiveSays(t *testing.T) {
	a := newArchive(t)
	later := time.Now().Add(time.Hour).UTC()
	pause := func(code int, after string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(code)
		}
	}
	failed := func(why string, wait time.Duration) latchkey.DeliveryResult {
		return latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: why, Wait: wait}
	}
	for path, c := range map[string]struct {
		answer http.HandlerFunc
		want   latchkey.DeliveryResult
	}{
		"/taken":     {status(204), latchkey.DeliveryResult{}},
		"/created":   {status(201), latchkey.DeliveryResult{}},
		"/broken":    {status(500), failed("status 500", 0)},
		"/gone":      {status(410), latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "status 410"}},
		"/not-found": {status(404), failed("status 404", 0)},
		"/redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, a.url+"/elsewhere", http.StatusTemporaryRedirect)
		}, failed("status 307", 0)},
		"/busy":     {pause(429, "90"), failed("status 429", 90*time.Second)},
		"/down":     {pause(503, "3600"), failed("status 503", time.Hour)},
		"/unsaid":   {status(429), failed("status 429", 0)},
		"/nonsense": {pause(503, "soon"), failed("status 503", 0)},
		"/closes":   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, failed("answer.broken", 0)},
		"/half": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(200)
			_, _ = w.Write([]byte("x"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, latchkey.DeliveryResult{}},
	} {
		t.Run(path, func(t *testing.T) {
			app := a.open(path, c.answer)
			if diff := cmp.Diff(c.want, a.post(app.ID)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			v := a.view(app.ID)
			if taken := c.want.Outcome == latchkey.DeliveryMade; taken != (v.Delivered > 0) || v.Error != c.want.Error || v.StoppedAt.IsZero() != (c.want.Outcome != latchkey.DeliveryRefused) {
				t.Errorf("%+v", v)
			}
		})
	}
	if n := len(a.letters("/elsewhere")); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
	if got := retryAfter(later.Format(http.TimeFormat), time.Now()); got < 59*time.Minute || got > time.Hour {
		t.Errorf("a moment is read as %s", got)
	}
	if got := retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", time.Now()); got != 0 {
		t.Errorf("a moment that is over is read as %s", got)
	}
}

func TestAnInternalArchiveIsNotPostedTo(t *testing.T) {
	a := newArchive(t)
	app := a.open("/internal", nil)
	a.client = egress.New(egress.Config{Now: time.Now})
	if got := a.post(app.ID); got.Outcome != latchkey.DeliveryUnreachable || len(a.letters("/internal")) != 0 || !strings.HasPrefix(got.Error, "url.") && !strings.HasPrefix(got.Error, "address.") {
		t.Errorf("%+v", got)
	}
}

// run starts the worker and returns what stops it.
func (a *archive) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		RunAudit(ctx, AuditConfig{Service: a.env.Service, Client: a.client, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	}()
	return sync.OnceFunc(func() { cancel(); <-ended })
}

// waitFor waits until a path has every event of its app's log.
func (a *archive) waitFor(app, path string) {
	a.Helper()
	limit := time.After(30 * time.Second)
	for {
		if letters := a.letters(path); len(letters) > 0 && letters[len(letters)-1].Data.LastSeq == a.view(app).Last {
			return
		}
		select {
		case <-a.arriving:
		case <-limit:
			a.Fatalf("%s has not got everything: %+v", path, a.view(app))
		}
	}
}

// wholly fails unless the messages of a path are its app's log without a gap,
// each once, and as its readers see it.
func (a *archive) wholly(app, path string) {
	a.Helper()
	previous, next := strings.Repeat("00", 32), int64(1)
	list, err := a.env.Service.ListAuditEvents(a.env.Ctx(), app, service.AuditFilter{Sort: "at", Page: service.Page{Limit: service.MaxLimit}})
	a.must(err)
	for _, l := range a.letters(path) {
		d := l.Data
		if l.Type != "audit.events" || d.AppID != app || d.FirstSeq != next || d.PreviousHash != previous || len(d.Events) == 0 || d.LastSeq != next+int64(len(d.Events))-1 {
			a.Fatalf("%s: %s, want to go on at %d", path, l.body, next)
		}
		for _, e := range d.Events {
			want := list.Items[next-1]
			if e.Seq != next || e.Action != want.Action || e.TargetID != want.TargetID || !e.At.Equal(want.At) || !cmp.Equal(e.Details, want.Details) {
				a.Errorf("%s: event %+v, want %+v", path, e, want)
			}
			next++
		}
		if previous = d.LastHash; d.Events[len(d.Events)-1].Hash != previous {
			a.Errorf("%s: the last hash is another one", path)
		}
	}
	if int(next-1) != len(list.Items) {
		a.Errorf("%s: %d events of %d", path, next-1, len(list.Items))
	}
}

func TestLogsArriveWholly(t *testing.T) {
	a := newArchive(t)
	release := make(chan struct{})
	defer close(release)
	hang := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	for _, path := range []string{"/dead-1", "/dead-2", "/dead-3"} {
		a.open(path, hang)
	}
	first := a.open("/first", nil)
	for range 230 {
		a.env.Licenses(first.ID, 1, "1d")
	}
	stop := a.run()
	defer stop()
	a.waitFor(first.ID, "/first") // what was there before
	second := a.open("/second", nil)
	a.waitFor(second.ID, "/second")
	a.env.Licenses(first.ID, 1, "1d")
	a.waitFor(first.ID, "/first") // what comes
	stop()
	a.wholly(first.ID, "/first")
	a.wholly(second.ID, "/second")
	if v := a.view(first.ID); v.Delivered != v.Last || v.Error != "" {
		t.Errorf("%+v", v)
	}
}

// A server is stopped in the middle of an attempt, and another one goes on.
func TestTheNextServerGoesOn(t *testing.T) {
	a := newArchive(t)
	begun := make(chan struct{}, 1)
	app := a.open("/slow", func(_ http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-r.Context().Done()
	})
	stop := a.run()
	<-begun
	stop()
	if v := a.view(app.ID); v.Delivered != 0 || v.Error != "" {
		t.Errorf("after the stop %+v", v)
	}
	a.mu.Lock()
	broken := a.got["/slow"]
	a.answer["/slow"], a.got["/slow"] = nil, nil
	a.mu.Unlock()
	defer a.run()()
	a.waitFor(app.ID, "/slow")
	a.wholly(app.ID, "/slow")
	if again := a.letters("/slow")[0]; again.body != broken[0].body || again.header.Get("Webhook-Id") != broken[0].header.Get("Webhook-Id") {
		t.Error("what was begun is sent as another message")
	}
}

// The receiver of docs/audit-webhook.md takes what is sent, and nothing else.
func TestTheDocumentedReceiver(t *testing.T) {
	a := newArchive(t)
	app := a.open("/doc", nil)
	name := "<é & \U0001F511>"
	_, err := a.env.Service.UpdateApp(a.env.Ctx(), app.ID, service.AppEdit{Name: &name})
	a.must(err)
	a.post(app.ID)
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "audit-webhook.md"))
	a.must(err)
	_, code, _ := strings.Cut(string(doc), "```js\n")
	code, _, _ = strings.Cut(code, "```")
	l := a.letters("/doc")[0]
	input, err := json.Marshal(map[string]any{"secret": a.secrets["/doc"], "body": l.body, "headers": map[string]string{
		"webhook-id": l.header.Get("Webhook-Id"), "webhook-timestamp": l.header.Get("Webhook-Timestamp"), "webhook-signature": l.header.Get("Webhook-Signature")}})
	a.must(err)
	dir := t.TempDir()
	a.must(os.WriteFile(filepath.Join(dir, "receiver.mjs"), []byte(code+`
import { readFileSync } from 'node:fs'
const { secret, headers, body } = JSON.parse(readFileSync(0, 'utf8'))
const start = { seq: 0, hash: '00'.repeat(32) }
const fails = (what, f) => { try { f() } catch { return } throw new Error('taken: ' + what) }
const data = () => verified(secret, headers, body).data
const last = continued(start, data())
console.log(last.seq + ' ' + last.hash)
continued(last, data())
fails('another body', () => verified(secret, headers, body + ' '))
fails('another secret', () => verified('whsec_AAAA', headers, body))
fails('an old message', () => verified(secret, { ...headers, 'webhook-timestamp': '1700000000' }, body))
for (const change of [(d) => d.events.splice(1, 1), (d) => d.events.pop(), (d) => { d.events[0].action = 'app.delete' }, (d) => { d.events[1].hashed_details = '{}' }]) {
  const altered = data()
  change(altered)
  fails(String(change), () => continued(start, altered))
}
fails('another beginning', () => continued({ seq: 0, hash: '11'.repeat(32) }, data()))
`), 0o600))
	node := exec.CommandContext(t.Context(), "node", "receiver.mjs")
	node.Dir, node.Stdin, node.Stderr = dir, strings.NewReader(string(input)), os.Stderr
	out, err := node.Output()
	if want := l.Data.LastHash; err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), want) {
		t.Errorf("%s (%v), want the hash %s", out, err, want)
	}
}
