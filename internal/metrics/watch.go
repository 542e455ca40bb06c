package metrics

import "github.com/prometheus/client_golang/prometheus"

// State is what is asked for when somebody reads the metrics.
type State struct {
	WritesWaiting int
	Deliveries    *Deliveries // nil: not known
	EventStreams  int         // open
	Passwords     Passwords
	Caches        []Cache
	Pools         []Pool
}

// Passwords is the gate before password hashing.
type Passwords struct{ Busy, Waiting, Slots int }

// Deliveries is what is to be sent to others.
type Deliveries struct{ Waiting, Failed int64 }

// Cache is the use of a memory since the start.
type Cache struct {
	Name         string
	Hits, Misses uint64
}

// Pool is a pool of database connections.
type Pool struct {
	Name              string
	Max, Open, InUse  int
	Waits             int64
	WaitedSeconds     float64
	ClosedIdleOrAging int64
}

// Watch asks for the state at each reading. It is called once.
func (m *Metrics) Watch(state func() State) {
	m.registry.MustRegister(&watcher{state: state, d: newDescriptions()})
}

type descriptions struct {
	waiting, streams, hashing, hashWaiting, hashSlots  *prometheus.Desc
	lookups                                            *prometheus.Desc
	poolMax, poolOpen, poolUsed, poolWaits, poolWaited *prometheus.Desc
	poolClosed                                         *prometheus.Desc
	deliveries                                         *prometheus.Desc
}

func newDescriptions() descriptions {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	return descriptions{
		waiting:     describe("database_writes_waiting", "Writes that wait for their turn."),
		streams:     describe("event_streams_open", "Streams of events that are open."),
		hashing:     describe("passwords_hashing", "Passwords that are being hashed."),
		hashWaiting: describe("passwords_waiting", "Passwords that wait to be hashed."),
		hashSlots:   describe("passwords_slots", "Passwords that may be hashed at once."),
		lookups:     describe("cache_lookups_total", "Look-ups in memory, by result: hit or miss.", "cache", "result"),
		deliveries:  describe("deliveries", "What waits to be sent to others, and what was given up and not deleted, by state.", "state"),
		poolMax:     describe("database_connections_max", "Most connections of a pool.", "pool"),
		poolOpen:    describe("database_connections_open", "Open connections of a pool.", "pool"),
		poolUsed:    describe("database_connections_in_use", "Connections of a pool at work.", "pool"),
		poolWaits:   describe("database_connection_waits_total", "Waits for a connection.", "pool"),
		poolWaited:  describe("database_connection_wait_seconds_total", "Time waited for connections.", "pool"),
		poolClosed:  describe("database_connections_closed_total", "Connections closed for being idle or old.", "pool"),
	}
}

// watcher turns a state into metrics.
type watcher struct {
	state func() State
	d     descriptions
}

// Describe names every metric.
func (w *watcher) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(w, ch) }

// Collect reads the state.
func (w *watcher) Collect(ch chan<- prometheus.Metric) {
	s, d := w.state(), &w.d
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	counter := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, v, labels...)
	}
	gauge(d.waiting, float64(s.WritesWaiting))
	gauge(d.streams, float64(s.EventStreams))
	gauge(d.hashing, float64(s.Passwords.Busy))
	gauge(d.hashWaiting, float64(s.Passwords.Waiting))
	gauge(d.hashSlots, float64(s.Passwords.Slots))
	if s.Deliveries != nil {
		gauge(d.deliveries, float64(s.Deliveries.Waiting), "waiting")
		gauge(d.deliveries, float64(s.Deliveries.Failed), "failed")
	}
	for _, c := range s.Caches {
		counter(d.lookups, float64(c.Hits), c.Name, "hit")
		counter(d.lookups, float64(c.Misses), c.Name, "miss")
	}
	for _, p := range s.Pools {
		gauge(d.poolMax, float64(p.Max), p.Name)
		gauge(d.poolOpen, float64(p.Open), p.Name)
		gauge(d.poolUsed, float64(p.InUse), p.Name)
		counter(d.poolWaits, float64(p.Waits), p.Name)
		counter(d.poolWaited, p.WaitedSeconds, p.Name)
		counter(d.poolClosed, float64(p.ClosedIdleOrAging), p.Name)
	}
}
