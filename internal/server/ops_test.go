package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

// running starts a server with a listener for operations.
func running(t *testing.T, c Config) (public, ops string) {
	t.Helper()
	c.OpsListen = "127.0.0.1:0"
	s := newServer(t, c)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	return s.URL(), "http://" + s.OpsAddr().String()
}

func fetch(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	must(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, string(b)
}

// series reads the metrics: values by name and labels.
func series(t *testing.T, ops string) map[string]string {
	t.Helper()
	status, body := fetch(t, ops+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("metrics answer %d", status)
	}
	found := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(body)); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), "} "); ok {
			found[name+"}"] = value
		} else if name, value, ok := strings.Cut(lines.Text(), " "); ok && name != "#" {
			found[name] = value
		}
	}
	return found
}

func TestNothingOfOperationsIsPublic(t *testing.T) {
	public, ops := running(t, Config{})
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap?debug=1", "/debug/pprof/cmdline", "/debug/pprof/symbol"} {
		if status, _ := fetch(t, public+path); status != http.StatusNotFound {
			t.Errorf("the public listener answers %s with %d", path, status)
		}
		if status, _ := fetch(t, ops+path); status != http.StatusOK {
			t.Errorf("the listener for operations answers %s with %d", path, status)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, _ := fetch(t, ops+path); status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
	}
	for _, path := range []string{"/", "/api/v1/apps", "/api/1.3/", "/setup"} {
		if status, _ := fetch(t, ops+path); status != http.StatusNotFound {
			t.Errorf("the listener for operations answers %s with %d", path, status)
		}
	}
}

func TestMetrics(t *testing.T) {
	for engine, database := range map[string]string{"sqlite": "sqlite", "postgres": pgtest.New(t)} {
		t.Run(engine, func(t *testing.T) {
			public, ops := running(t, Config{Database: database, Version: "v1.2.3"})
			for range 3 {
				_, err := http.PostForm(public+"/api/1.3/", url.Values{"type": {"init"}, "name": {"x"}, "ownerid": {"0123456789"}})
				must(t, err)
			}
			res, err := http.Post(public+"/api/v1/session", "application/json", strings.NewReader(`{"email":"eve@example.com","password":"no such password"}`))
			must(t, err)
			must(t, res.Body.Close())
			got := series(t, ops)
			for name, want := range map[string]string{
				`latchkey_http_requests_total{call="",route="/api/1.3/",status="200",surface="client"}`:                   "3",
				`latchkey_http_requests_total{call="",route="POST /api/v1/session",status="401",surface="management"}`:    "1",
				`latchkey_http_request_duration_seconds_count{call="",route="POST /api/v1/session",surface="management"}`: "1",
				`latchkey_sign_ins_total{code="auth.credentials",kind="account"}`:                                         "1",
				`latchkey_passwords_waiting`:       "0",
				`latchkey_database_writes_waiting`: "0",
			} {
				if got[name] != want {
					t.Errorf("%s is %q, want %s", name, got[name], want)
				}
			}
			for _, name := range []string{"go_goroutines", "process_resident_memory_bytes", "latchkey_database_commit_duration_seconds_count",
				"latchkey_database_commit_writes_sum", `latchkey_cache_lookups_total{cache="sessions",result="hit"}`} {
				if got[name] == "" {
					t.Errorf("%s is missing", name)
				}
			}
			found := false
			for name := range got {
				found = found || strings.HasPrefix(name, "latchkey_build_info{") && strings.Contains(name, `version="v1.2.3"`)
			}
			if !found {
				t.Error("the build is missing")
			}
		})
	}
}

// TestClientsCannotGrowTheMetrics: whatever a client sends, the number of
// series is the server's own.
func TestClientsCannotGrowTheMetrics(t *testing.T) {
	s := newServer(t, Config{OpsListen: "127.0.0.1:0"})
	count := func() int {
		rec := httptest.NewRecorder()
		s.config.metrics.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return strings.Count(rec.Body.String(), "\nlatchkey_http")
	}
	send := func(n int) {
		for _, path := range []string{"/%d", "/api/v1/%d", "/api/v1/apps/%d", "/api/v1/apps/%d/licenses?status=%[1]d", "/assets/%d",
			"/api/1.3/?type=%d", "/api/1.2/?type=init&name=%d&ownerid=%010[1]d", "/setup/%d", "//%d"} {
			r := httptest.NewRequest(http.MethodGet, fmt.Sprintf(path, n), nil)
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
			r.Method = fmt.Sprintf("METHOD%d", n)
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	send(0)
	before := count()
	for n := range 50 {
		send(n + 1)
	}
	if after := count(); after != before {
		t.Errorf("the series grew from %d to %d", before, after)
	}
}
