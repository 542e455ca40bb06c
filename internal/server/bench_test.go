package server

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/logs"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// BenchmarkRequest is a whole request, from the bytes of a connection to the
// bytes of the answer and the access line, without the kernel's network. hello
// is what net/http and the signature cost alone:
//
//	go test -run - -bench Request ./internal/server
func BenchmarkRequest(b *testing.B) {
	s := benchServer(b)
	form := benchForm(b, s)
	session := opened(b, s.handler, form)
	native := nativeCalls{app: form.Get("app")}
	signedIn := native.opened(b, s.handler, form)
	for _, test := range []struct {
		name    string
		handler http.Handler
		request []byte
	}{
		{"hello", helloHandler(), httpPost(with(form, "type", "check", "sessionid", session))},
		{"init", s.handler, httpPost(with(form, "type", "init", "ver", "1.0"))},
		{"check", s.handler, httpPost(with(form, "type", "check", "sessionid", session))},
		{"license", s.handler, httpPost(with(form, "type", "license", "sessionid", session, "key", form.Get("key"), "hwid", form.Get("hwid")))},
		{"native init", s.handler, native.post(client.PathInit, client.Init{Version: "1.0"})},
		{"native check", s.handler, native.post(client.PathCheck, client.Session{Session: signedIn})},
		{"native license", s.handler, native.post(client.PathLicense, client.License{Session: signedIn, License: form.Get("key"), HWID: form.Get("hwid")})},
	} {
		b.Run(test.name, func(b *testing.B) {
			c := serveMemory(b, s.httpServer(test.handler))
			b.ReportAllocs()
			for b.Loop() {
				if answer := c.ask(test.request); !bytes.HasPrefix(answer, []byte(`HTTP/1.1 200`)) || bytes.Contains(answer, []byte(`"success":false`)) {
					b.Fatalf("%s", answer)
				}
			}
		})
	}
}

// nativeCalls makes calls of the native protocol.
type nativeCalls struct{ app string }

func (n nativeCalls) post(path string, body any) []byte {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(nil, "POST %s%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept-Encoding: identity\r\nLatchkey-App: %s\r\n"+
		"Latchkey-Nonce: bffee693071f29004de3b75487cdfabe\r\nLatchkey-Keys: 6c2916042c78916f8b771ce68d5b606d\r\nContent-Length: %d\r\n\r\n%s",
		client.Prefix, path, n.app, len(text), text)
}

// opened is the token of who has signed in.
func (n nativeCalls) opened(b *testing.B, h http.Handler, form url.Values) string {
	session := ""
	for _, request := range []func() []byte{
		func() []byte { return n.post(client.PathInit, client.Init{Version: "1.0"}) },
		func() []byte {
			return n.post(client.PathLicense, client.License{Session: session, License: form.Get("key"), HWID: form.Get("hwid")})
		},
	} {
		answer := string(serveMemory(b, &http.Server{Handler: h}).ask(request()))
		_, rest, found := strings.Cut(answer, `"session":"`)
		if !found {
			b.Fatal(answer)
		}
		session, _, _ = strings.Cut(rest, `"`)
	}
	return session
}

// benchServer logs to a file as in production.
func benchServer(b *testing.B) *Server {
	b.Helper()
	dir := b.TempDir()
	file, err := os.Create(filepath.Join(dir, "log"))
	must(b, err)
	b.Cleanup(func() { _ = file.Close() }) // what it holds is not read
	return newServer(b, Config{DataDir: filepath.Join(dir, "data"), Limits: Limits{Off: true}, Log: slog.New(logs.NewHandler(file))})
}

// benchForm makes an app and a license, and returns how a program names them.
func benchForm(b *testing.B, s *Server) url.Values {
	b.Helper()
	svc := s.data.Service
	owner, err := svc.Init(b.Context(), "owner@example.com", "correct horse battery staple")
	must(b, err)
	ctx := service.WithActor(b.Context(), service.Actor{Kind: service.ActorAccount, ID: owner.Account.ID, AccountID: owner.Account.ID, Administrator: true})
	app, _, err := svc.CreateApp(ctx, "My Program")
	must(b, err)
	duration, err := latchkey.ParseDuration("30d")
	must(b, err)
	made, err := svc.CreateLicenses(ctx, app.ID, service.NewLicenses{Amount: 1, Charset: latchkey.Charset{Lowercase: true, Uppercase: true},
		Level: 1, Duration: duration})
	must(b, err)
	return url.Values{"app": {app.ID}, "name": {app.Name}, "ownerid": {app.OwnerID}, "key": {made[0].Key.Reveal()}, "hwid": {"4c4c4544-0042-3510-8052-b4c04f4e3832"}}
}

// opened is a session that somebody has signed in with.
func opened(b *testing.B, h http.Handler, form url.Values) string {
	b.Helper()
	ask := func(form url.Values) string {
		return string(serveMemory(b, &http.Server{Handler: h}).ask(httpPost(form)))
	}
	_, rest, _ := strings.Cut(ask(with(form, "type", "init", "ver", "1.0")), `"sessionid":"`)
	session, _, _ := strings.Cut(rest, `"`)
	if answer := ask(with(form, "type", "license", "sessionid", session)); !strings.Contains(answer, `{"success":true`) {
		b.Fatal(answer)
	}
	return session
}

func with(form url.Values, pairs ...string) url.Values {
	more := url.Values{}
	for name, values := range form {
		more[name] = values
	}
	for i := 0; i < len(pairs); i += 2 {
		more.Set(pairs[i], pairs[i+1])
	}
	return more
}

func httpPost(form url.Values) []byte {
	body := form.Encode()
	return fmt.Appendf(nil, "POST /api/1.3/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// helloHandler answers 300 bytes and their signature.
func helloHandler() http.Handler {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	body := []byte(`{"success":true,"message":"` + strings.Repeat("h", 271) + `"}`)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		h := w.Header()
		h["Content-Type"] = []string{"application/json; charset=utf-8"}
		h["x-signature-ed25519"] = []string{hex.EncodeToString(ed25519.Sign(key, append([]byte(stamp), body...)))}
		h["x-signature-timestamp"] = []string{stamp}
		_, _ = w.Write(body)
	})
}

// serveMemory serves one connection that is no more than memory.
func serveMemory(b *testing.B, srv *http.Server) *memoryConn {
	c := &memoryConn{}
	c.changed.L = &c.mu
	l := &memoryListener{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
	l.conns <- c
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	b.Cleanup(func() {
		_ = srv.Close() // it has only this listener
		<-ended
	})
	return c
}

type memoryListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

func (l *memoryListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// memoryConn is the server's side of a connection. It allocates nothing while
// it is used.
type memoryConn struct {
	mu      sync.Mutex
	changed sync.Cond
	in, out []byte
	aborted bool // by a deadline
	closed  bool
}

// ask sends a request and returns the answer, which net/http writes at once.
// It is valid until the next.
func (c *memoryConn) ask(request []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in, c.out = append(c.in[:0], request...), c.out[:0]
	c.changed.Broadcast()
	for len(c.out) == 0 && !c.closed {
		c.changed.Wait()
	}
	return c.out
}

func (c *memoryConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.in) == 0 && !c.aborted && !c.closed {
		c.changed.Wait()
	}
	switch {
	case c.closed:
		return 0, io.EOF
	case c.aborted:
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(p, c.in)
	c.in = c.in[:copy(c.in, c.in[n:])]
	return n, nil
}

func (c *memoryConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = append(c.out, p...)
	c.changed.Broadcast()
	return len(p), nil
}

func (c *memoryConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.changed.Broadcast()
	return nil
}

func (c *memoryConn) SetReadDeadline(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aborted = !at.IsZero() && at.Before(time.Now())
	c.changed.Broadcast()
	return nil
}

func (c *memoryConn) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }
func (c *memoryConn) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5000}
}
func (c *memoryConn) SetDeadline(at time.Time) error     { return c.SetReadDeadline(at) }
func (c *memoryConn) SetWriteDeadline(_ time.Time) error { return nil }
