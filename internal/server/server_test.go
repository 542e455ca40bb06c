package server

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

func newServer(t testing.TB, c Config) *Server {
	t.Helper()
	if c.DataDir == "" {
		c.DataDir = t.TempDir()
	}
	c.Listen = "127.0.0.1:0"
	s, err := New(t.Context(), c)
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestHealth(t *testing.T) {
	for engine, database := range map[string]string{"sqlite": "sqlite", "postgres": pgtest.New(t)} {
		t.Run(engine, func(t *testing.T) {
			s := newServer(t, Config{Database: database})
			status := func(path string) int {
				rec := httptest.NewRecorder()
				s.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
				return rec.Code
			}
			if got := [2]int{status("/healthz"), status("/readyz")}; got != [2]int{200, 200} {
				t.Errorf("with a database: %v", got)
			}
			must(t, s.data.Close())
			if got := [2]int{status("/healthz"), status("/readyz")}; got != [2]int{200, 503} {
				t.Errorf("without: %v", got)
			}
		})
	}
}

func TestEverySurfaceIsThere(t *testing.T) {
	s := newServer(t, Config{})
	for path, want := range map[string]string{
		"/":                    "text/html",
		"/setup":               "text/html",
		"/api/v1/openapi.json": "application/json",
		"/api/v1/apps":         "application/problem+json",
		"/api/1.3/?type=init":  "application/json",
		"/api/1.2":             "application/json",
		"/1.3/":                "application/json",
		"/no/such/page":        "",
	} {
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		if got := rec.Header().Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("%s is answered as %q, want %q", path, got, want)
		}
		if rec.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s has no request id", path)
		}
	}
}

func TestSetupLink(t *testing.T) {
	c := Config{DataDir: t.TempDir(), PublicURL: "https://keys.example.com/"}
	s := newServer(t, c)
	first := s.SetupLink()
	if !strings.HasPrefix(first, "https://keys.example.com/setup#token=") {
		t.Errorf("the setup link is %s", first)
	}
	must(t, s.Close())
	s = newServer(t, c)
	if s.SetupLink() == first {
		t.Error("a new start repeats the setup link")
	}
	if _, err := s.data.Service.Init(t.Context(), "ann@example.com", "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	must(t, s.Close())
	if s = newServer(t, c); s.SetupLink() != "" {
		t.Error("there is a setup link after setup")
	}
}

func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		config Config
		listen string
		want   string
	}{
		{Config{}, "127.0.0.1:8080", "http://127.0.0.1:8080"},
		{Config{}, "0.0.0.0:8080", "http://127.0.0.1:8080"},
		{Config{}, "[::]:8080", "http://[::1]:8080"},
		{Config{PublicURL: "https://keys.example.com"}, "127.0.0.1:8080", "https://keys.example.com"},
		{Config{TLSDomains: []string{"keys.example.com"}}, "0.0.0.0:443", "https://keys.example.com"},
	} {
		addr := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(test.listen))
		if got := test.config.withDefaults().reachableAt(addr); got != test.want {
			t.Errorf("on %s: %s, want %s", test.listen, got, test.want)
		}
	}
}

// TestStopLetsRequestsFinish: once told to stop, the server accepts nothing
// new and still answers what it has begun to read.
func TestStopLetsRequestsFinish(t *testing.T) {
	s := newServer(t, Config{})
	entered, proceed := make(chan struct{}), make(chan struct{})
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-proceed
		writeText(w, "finished")
	})
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()

	answer := make(chan string, 1)
	go func() {
		res, err := http.Get(s.URL())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		answer <- string(body) + errorText(err)
	}()
	<-entered
	stop()
	waitRefused(t, s.Addr().String())
	close(proceed)
	if got := <-answer; got != "finished" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-ran; err != nil {
		t.Errorf("Run ended with %v", err)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// waitRefused returns when nobody listens on the address any more.
func waitRefused(t *testing.T, addr string) {
	t.Helper()
	for {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		_ = c.Close()
	}
}

func TestTLSIsForTheConfiguredNames(t *testing.T) {
	m := Config{DataDir: t.TempDir(), TLSDomains: []string{"keys.example.com"}}.certificates()
	if got := tlsConfig(m).MinVersion; got != tls.VersionTLS12 {
		t.Errorf("the least version is %x", got)
	}
	if err := m.HostPolicy(t.Context(), "keys.example.com"); err != nil {
		t.Error(err)
	}
	if err := m.HostPolicy(t.Context(), "other.example.com"); err == nil {
		t.Error("a certificate would be fetched for any name")
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	if _, err := New(t.Context(), Config{DataDir: t.TempDir(), Listen: l.Addr().String()}); err == nil {
		t.Error("a taken port was no error")
	}
}

func TestUnreadableDatabasesAreRefusedAndKept(t *testing.T) {
	for name, content := range map[string]string{
		"empty":     "",
		"text":      strings.Repeat("not a database\n", 100),
		"cut short": "SQLite format 3\x00",
	} {
		t.Run(name, func(t *testing.T) {
			c := initialized(t)
			for _, suffix := range []string{"-wal", "-shm"} {
				if err := os.Remove(c.databasePath() + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			must(t, os.WriteFile(c.databasePath(), []byte(content), 0o600))
			refused(t, c, "cannot be read as a Latchkey database")
			got, err := os.ReadFile(c.databasePath())
			must(t, err)
			if string(got) != content {
				t.Error("the file was changed")
			}
		})
	}
}
