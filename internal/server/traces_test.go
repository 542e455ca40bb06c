package server

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// TestTraces: a request is a span with its transactions in it, and nothing that
// the client sent is in either.
func TestTraces(t *testing.T) {
	spans := make(chan *otlp.Span, 100)
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
			return
		}
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					spans <- span
				}
			}
		}
	}))
	defer sink.Close()
	s := newServer(t, Config{OTelEndpoint: sink.URL})
	r := httptest.NewRequest(http.MethodPost, "/api/v1/session", strings.NewReader(`{"email":"eve@example.com","password":"no such password"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Traceparent", "00-11111111111111111111111111111111-2222222222222222-01")
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	must(t, s.Close()) // sends what was gathered
	close(spans)

	byName := map[string]*otlp.Span{}
	for span := range spans {
		byName[span.Name] = span
		if text := span.String(); strings.Contains(text, "eve@example.com") || strings.Contains(text, "no such password") {
			t.Errorf("a span has what the client sent: %s", text)
		}
	}
	request, read := byName["POST /api/v1/session"], byName["transaction read"]
	if request == nil || read == nil {
		t.Fatalf("the spans are %v", byName)
	}
	if string(read.ParentSpanId) != string(request.SpanId) || string(read.TraceId) != string(request.TraceId) {
		t.Error("the transaction is not in its request")
	}
	if len(request.ParentSpanId) != 0 {
		t.Error("the client decided what the request belongs to")
	}
}

func TestNothingIsTracedUnlessWanted(t *testing.T) {
	s := newServer(t, Config{})
	if s.config.tracer != nil || s.config.metrics != nil || s.config.onCommit() != nil || s.config.onTransaction() != nil {
		t.Error("something is observed")
	}
}

func TestACollectorThatIsAwayStopsNothing(t *testing.T) {
	away := httptest.NewServer(nil)
	away.Close()
	s := newServer(t, Config{OTelEndpoint: away.URL})
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if rec.Code != http.StatusOK {
		t.Errorf("readyz answers %d", rec.Code)
	}
	must(t, s.Close())
	if _, err := New(context.Background(), Config{DataDir: t.TempDir(), OTelEndpoint: "nowhere"}); err == nil {
		t.Error("an endpoint that is no URL was no error")
	}
}
