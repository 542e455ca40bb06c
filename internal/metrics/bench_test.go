package metrics_test

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/metrics"
)

// BenchmarkRequest counts a request as each of them is.
func BenchmarkRequest(b *testing.B) {
	m := metrics.New(metrics.Build{})
	r := metrics.Request{Surface: "client", Route: "/api/1.3/", Call: "check", Status: 200, Took: time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		m.Request(r)
	}
}
