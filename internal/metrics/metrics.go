// Package metrics counts what the server does, in the form that Prometheus
// reads. It owns the names and labels of all that is counted and keeps their
// number bounded: no label holds a text that a client chose. It knows neither
// use cases nor the database; it is told.
package metrics

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "latchkey"

// Metrics is what one server counts. Its methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	signIns  *prometheus.CounterVec
	attempts *prometheus.CounterVec
	commits  *prometheus.CounterVec
	commit   prometheus.Histogram
	group    prometheus.Histogram

	mu    sync.RWMutex
	found map[kind]counters // as many as there are series
}

// kind is all that the labels of a request say.
type kind struct {
	surface, route, call string
	status               int
}

// counters are what requests of a kind are counted with. Finding them by their
// labels costs more than counting does.
type counters struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

// Build says which program runs.
type Build struct{ Version, Revision, Go string }

// New returns counters that stand at zero.
func New(b Build) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), found: map[kind]counters{},
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "http_requests_total",
			Help: "Requests that were answered."}, []string{"surface", "route", "call", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: "http_request_duration_seconds",
			Help:    "Time from a request's header to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15}}, []string{"surface", "route", "call"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "sign_ins_total",
			Help: "Attempts to sign in, by the code of the refusal or ok."}, []string{"kind", "code"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "delivery_attempts_total",
			Help: "Attempts to send something to others, by what it is and how it ended."}, []string{"kind", "result"}),
		commits: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "database_commits_total",
			Help: "Commits of one or more writes."}, []string{"result"}),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "database_commit_duration_seconds",
			Help:    "Time that a commit took to become durable.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5}}),
		group: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "database_commit_writes",
			Help: "Writes that shared a commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 10)}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info", Help: "Always 1; the labels say which program runs.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "go": b.Go}})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.duration, m.signIns, m.attempts, m.commits, m.commit, m.group, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers with everything that is counted.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Request is one that was answered.
type Request struct {
	Surface string // management, client, health or pages
	Route   string // pattern
	Call    string // of a route of many calls
	Status  int
	Took    time.Duration
}

// Request counts a request.
func (m *Metrics) Request(r Request) {
	if r.Route == "" {
		r.Route = "unknown"
	}
	c := m.countersOf(kind{r.Surface, r.Route, r.Call, r.Status})
	c.requests.Inc()
	c.duration.Observe(r.Took.Seconds())
}

func (m *Metrics) countersOf(k kind) counters {
	m.mu.RLock()
	c, ok := m.found[k]
	m.mu.RUnlock()
	if ok {
		return c
	}
	c = counters{
		requests: m.requests.WithLabelValues(k.surface, k.route, k.call, strconv.Itoa(k.status)),
		duration: m.duration.WithLabelValues(k.surface, k.route, k.call),
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found[k] = c
	return c
}

// SignIn counts an attempt to sign in: with what, and the code of its refusal,
// "" if it succeeded.
func (m *Metrics) SignIn(kind, code string) {
	if code == "" {
		code = "ok"
	}
	m.signIns.WithLabelValues(kind, code).Inc()
}

// Delivery counts an attempt to send something.
func (m *Metrics) Delivery(kind, result string) { m.attempts.WithLabelValues(kind, result).Inc() }

// Commit counts a commit of so many writes.
func (m *Metrics) Commit(writes int, took time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	m.commits.WithLabelValues(result).Inc()
	m.commit.Observe(took.Seconds())
	m.group.Observe(float64(writes))
}
