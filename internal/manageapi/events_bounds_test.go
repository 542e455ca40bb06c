package manageapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/web"
)

func TestEventsLeaveNothingBehind(t *testing.T) {
	w := newWorldWith(t, silentStreams())
	w.settle()
	before := runtime.NumGoroutine()
	for range 3 {
		var open []*events
		for range 20 {
			open = append(open, w.listen(w.key, "").ready("sessions", "logs", "licenses", "users", "chats", "tokens", "counters"))
		}
		ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"duration":"30d"}`, 201)
		for _, e := range open {
			e.told("licenses", "counters")
			_ = e.res.Body.Close()
		}
		w.nobodyListens()
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	deadline := time.After(patience)
	lines := func() int { return strings.Count(w.log.String(), `"route":"GET /api/v1/apps/{app}/events"`) }
	for runtime.NumGoroutine() > before+5 || lines() < 60 {
		select {
		case <-deadline:
			t.Fatalf("%d goroutines, %d before; %d access lines, want 60", runtime.NumGoroutine(), before, lines())
		case <-time.After(time.Millisecond):
		}
	}
	if n := lines(); n != 60 {
		t.Errorf("%d access lines, want 60", n)
	}
}

func TestEventsHaveBounds(t *testing.T) {
	w := newWorldWith(t, silentStreams())
	w.settle()
	var open []*events
	for range 50 {
		open = append(open, w.listen(w.key, "?topics=users").ready("users"))
	}
	if p := w.checkProblem(w.send(w.as(w.key, "GET", "/apps/{app}/events", "")), "one more"); p.Code != "request.rate_limited" {
		t.Errorf("one more: %s", p.Code)
	}
	_ = open[0].res.Body.Close()
	deadline := time.After(patience)
	for w.env.Service.Watches() == 50 {
		select {
		case <-deadline:
			t.Fatal("the stream is still open")
		case <-time.After(time.Millisecond):
		}
	}
	w.listen(w.key, "?topics=users").ready("users")
}

// pipes is a network on which a write waits for its reader.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// deaf opens a stream on a connection whose client reads its beginning and then
// nothing more, has something change until a write waits, and returns the client's end.
func (w *world) deaf(o Options) (client net.Conn, srv *http.Server) {
	w.t.Helper()
	o.Now, o.beat, o.gap = w.env.Clock.Now, time.Hour, time.Microsecond
	handler, err := New(w.env.Service, o)
	if err != nil {
		w.t.Fatal(err)
	}
	network := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	srv = &http.Server{Handler: web.Wrap(web.Options{Log: slog.New(slog.DiscardHandler), Now: w.env.Clock.Now, Rand: rand.Reader}, handler)}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(network) }()
	client, server := net.Pipe()
	network.conns <- server
	w.t.Cleanup(func() {
		_ = client.Close()
		_ = srv.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			w.t.Error(err)
		}
	})
	_, err = fmt.Fprintf(client, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", Prefix+w.path("/apps/{app}/events"), w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	begun := ""
	for one := make([]byte, 1); !strings.HasSuffix(begun, "]}\n\n\r\n"); {
		if _, err := io.ReadFull(client, one); err != nil {
			w.t.Fatalf("%v after %q", err, begun)
		}
		begun += string(one)
	}
	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"duration":"30d"}`, 201)
	return client, srv
}

func TestEventsDropWhoDoesNotRead(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.deaf(Options{KeepOpen: func(c *http.ResponseController) error {
		return c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	}})
	w.nobodyListens()
	// Nobody waited for it meanwhile.
	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"duration":"30d"}`, 201)
}

func TestEventsEndWhenTheServerStops(t *testing.T) {
	w := newWorldWith(t, silentStreams())
	w.settle()
	stopping, stop := context.WithCancel(t.Context())
	_, deaf := w.deaf(Options{Stopping: stopping}) // its write has no deadline
	if n := w.env.Service.Watches(); n != 1 {
		t.Errorf("%d streams are open", n)
	}
	stop()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := deaf.Shutdown(ctx); err != nil {
		t.Errorf("the stream held the server up: %v", err)
	}
	w.nobodyListens()
}
