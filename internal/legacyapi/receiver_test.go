package legacyapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/egress/egresstest"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// receiver is what every name leads to: the far end of webhooks and links.
type receiver struct {
	server *httptest.Server
	port   uint16
	file   string // what is behind /file
	calls  atomic.Int64
}

func newReceiver(t testing.TB, env *servicetest.Env) *receiver {
	t.Helper()
	r := &receiver{file: "linked content"}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	at, err := netip.ParseAddrPort(r.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r.port = at.Port()
	client := egress.New(egress.Config{Now: env.Clock.Now, AllowHTTP: true, Ports: []uint16{r.port}, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Resolver: egresstest.Resolver(t, func(name string, _ int) []string {
			if name == "nowhere.example." {
				return nil
			}
			return []string{"127.0.0.1"}
		})})
	t.Cleanup(func() { _ = client.Close() })
	env.Change(func(c *service.Config) { c.Egress = client })
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.calls.Add(1)
	switch req.URL.Path {
	case "/file":
		_, _ = io.WriteString(w, r.file)
	case "/forbidden":
		w.WriteHeader(http.StatusForbidden)
	case "/gone":
		w.WriteHeader(http.StatusNotFound)
	case "/elsewhere":
		http.Redirect(w, req, "/file", http.StatusFound)
	case "/broken":
		panic(http.ErrAbortHandler)
	default:
		body, _ := io.ReadAll(req.Body)
		_, _ = fmt.Fprintf(w, "%s %s|%s|%s|%s", req.Method, req.URL.RequestURI(), req.Header.Get("Content-Type"), req.UserAgent(), body)
	}
}

// url is where a path of the receiver is, under a name.
func (r *receiver) url(name, path string) latchkey.Secret {
	return latchkey.Secret("http://" + name + ":" + strconv.Itoa(int(r.port)) + path)
}

// provide runs a line of a script about files and webhooks:
//
//	file ACCESS CONTENT        uploads one; ACCESS is open, signed-in or a level
//	replace-file CONTENT       gives the last one another content
//	lose-file                  takes its content from the folder of files
//	link ACCESS HOST PATH      adds one behind a link to the receiver
//	webhook ACCESS HOST PATH OPTION...   shown, agent=TEXT
//	delete-webhook             deletes the last one
func (w *world) provide(verb, access, rest string) {
	w.t.Helper()
	svc := w.env.Service
	level, _ := strconv.ParseInt(access, 10, 64)
	switch words := strings.Fields(rest); verb {
	case "file":
		w.upload(service.NewFile{Name: "tool.exe", NeedsSignIn: access != "open", MinLevel: level}, rest)
	case "replace-file":
		staged, err := svc.StageFile(w.owner, service.Upload{App: w.app.ID, File: w.file}, strings.NewReader(access))
		w.must(err)
		_, err = svc.ReplaceFile(w.owner, w.app.ID, w.file, staged)
		w.must(err)
	case "lose-file":
		f, err := svc.File(w.owner, w.app.ID, w.file)
		w.must(err)
		w.must(w.env.Files.Delete(w.t.Context(), blob.ID(f.BlobID)))
	case "link":
		f, err := svc.LinkFile(w.owner, w.app.ID, service.NewFile{Name: "linked.exe", Link: w.receiver.url(words[0], words[1]), NeedsSignIn: access != "open", MinLevel: level})
		w.must(err)
		w.file = f.ID
	case "webhook":
		in := service.NewWebhook{Name: fmt.Sprintf("%s for %s", rest, access), URL: w.receiver.url(words[0], words[1]), NeedsSignIn: access != "open", MinLevel: level}
		for _, option := range words[2:] {
			in.ShowAnswer = in.ShowAnswer || option == "shown"
			if agent, ok := strings.CutPrefix(option, "agent="); ok {
				in.UserAgent = agent
			}
		}
		hook, err := svc.CreateWebhook(w.owner, w.app.ID, in)
		w.must(err)
		w.webhook = hook.ID
	case "delete-webhook":
		w.must(svc.DeleteWebhook(w.owner, w.app.ID, w.webhook))
	}
}

func (w *world) upload(in service.NewFile, content string) {
	w.t.Helper()
	staged, err := w.env.Service.StageFile(w.owner, service.Upload{App: w.app.ID, Size: -1}, strings.NewReader(content))
	w.must(err)
	f, err := w.env.Service.UploadFile(w.owner, w.app.ID, in, staged)
	w.must(err)
	w.file = f.ID
}

// damage changes a content behind the server's back.
func (w *world) damage(id blob.ID, change func([]byte) []byte) {
	w.t.Helper()
	path := filepath.Join(w.env.FilesDir, string(id[:2]), string(id))
	content, err := os.ReadFile(path)
	w.must(err)
	w.must(os.WriteFile(path, change(content), 0o600))
}
