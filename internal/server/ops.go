package server

import (
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/clientapi"
	"github.com/latchkey-dev/latchkey/internal/legacyapi"
	"github.com/latchkey-dev/latchkey/internal/manageapi"
	"github.com/latchkey-dev/latchkey/internal/metrics"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// opsWriteTimeout leaves room for profiles and traces of minutes.
const opsWriteTimeout = 10 * time.Minute

// opsServer answers on the listener for operations. None of it is reachable
// through the public one: a profile shows what is in memory.
func (s *Server) opsServer() *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.config.metrics.Handler())
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", ready(s.data.Service))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	srv := s.httpServer(mux)
	srv.WriteTimeout = opsWriteTimeout
	return srv
}

// onCommit times commits; nil where nobody asks.
func (c Config) onCommit() func(writes int) (done func(error)) {
	if c.metrics == nil {
		return nil
	}
	return func(writes int) func(error) {
		began := c.Now()
		return func(err error) { c.metrics.Commit(writes, c.Now().Sub(began), err) }
	}
}

// onAnswer counts what programs are refused, and counts and traces requests
// where somebody asks.
func (c Config) onAnswer(svc *service.Service) func(*http.Request, web.Answered) {
	client := legacyapi.Paths()
	count := c.countRequest(client)
	return func(r *http.Request, a web.Answered) {
		if a.Code != "" && a.App != "" && surface(r.URL.Path, client) == "client" {
			svc.CountRefusal(a.App, a.Code)
		}
		if c.metrics != nil {
			count(r, a)
		}
		if c.tracer != nil {
			c.endSpan(r, a)
		}
	}
}

func (c Config) countRequest(client []string) func(*http.Request, web.Answered) {
	return func(r *http.Request, a web.Answered) {
		c.metrics.Request(metrics.Request{Surface: surface(r.URL.Path, client), Route: a.Route, Call: a.Call, Status: a.Status, Took: a.Took})
		if kind := signInKind(a); kind != "" {
			c.metrics.SignIn(kind, string(a.Code))
		}
	}
}

// surface is the part of the server that a path belongs to.
func surface(path string, client []string) string {
	switch {
	case strings.HasPrefix(path, manageapi.Prefix+"/"):
		return "management"
	case slices.Contains(client, path), clientapi.Serves(path):
		return "client"
	case path == "/healthz" || path == "/readyz":
		return "health"
	}
	return "pages"
}

// accountSignIn is the route by which people sign in to the dashboard.
const accountSignIn = "POST " + manageapi.Prefix + "/session"

// signInKind says what somebody tried to sign in with, "" for other requests.
func signInKind(a web.Answered) string {
	switch a.Call {
	case "license", "login", "register":
		return a.Call
	}
	if a.Route == accountSignIn {
		return "account"
	}
	return ""
}

// state is what the metrics ask for at each reading.
func (s *Server) state() metrics.State {
	stats := s.data.DB.Stats()
	state := metrics.State{WritesWaiting: stats.Waiting, EventStreams: s.data.Service.Watches()}
	if waiting, failed, ok := s.deliveryLoad(); ok {
		state.Deliveries = &metrics.Deliveries{Waiting: waiting, Failed: failed}
	}
	p := &state.Passwords
	p.Busy, p.Waiting, p.Slots = s.data.Service.PasswordLoad()
	for name, use := range s.data.Service.Remembered() {
		state.Caches = append(state.Caches, metrics.Cache{Name: name, Hits: use.Hits, Misses: use.Misses})
	}
	for _, pool := range stats.Pools {
		state.Pools = append(state.Pools, metrics.Pool{Name: pool.Name, Max: pool.MaxOpenConnections, Open: pool.OpenConnections,
			InUse: pool.InUse, Waits: pool.WaitCount, WaitedSeconds: pool.WaitDuration.Seconds(),
			ClosedIdleOrAging: pool.MaxIdleClosed + pool.MaxIdleTimeClosed + pool.MaxLifetimeClosed})
	}
	return state
}
