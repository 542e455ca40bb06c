// Package tracing sends traces of requests and transactions to an OpenTelemetry
// collector. It owns their names and attributes, none of which is a secret or a
// text that a client chose, and knows neither use cases nor the database.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// flushTimeout bounds how long [Tracer.Close] waits for the collector.
const flushTimeout = 3 * time.Second

// Config says where traces go. All fields are needed.
type Config struct {
	Endpoint string // URL of the collector, which takes them at /v1/traces by HTTP
	Version  string // of the build
	Log      *slog.Logger
}

// Tracer makes the spans. Its methods are safe for concurrent use. What the
// collector does not take in time is dropped: nothing waits for it.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// Start returns a tracer. It does not wait for the collector; it fails on an
// endpoint that is no URL. The standard OTEL_ variables (headers, sampler,
// resource attributes, batch sizes) hold.
func Start(ctx context.Context, c Config) (*Tracer, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the endpoint for traces is a URL such as http://127.0.0.1:4318")
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.JoinPath("v1", "traces").String()))
	if err != nil {
		return nil, fmt.Errorf("connect to collector: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "latchkey"), attribute.String("service.version", c.Version)), resource.WithFromEnv())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("describe this server: %w", err), exporter.Shutdown(ctx))
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { c.Log.WarnContext(ctx, "traces lost", "error", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return &Tracer{provider: provider, tracer: provider.Tracer("github.com/latchkey-dev/latchkey")}, nil
}

// Close sends what has been gathered, for as long as 3 seconds.
func (t *Tracer) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	return t.provider.Shutdown(ctx)
}

// Begin starts the span of a request. Every request begins a trace of its own:
// strangers do not decide what is traced.
func (t *Tracer) Begin(ctx context.Context) context.Context {
	ctx, _ = t.tracer.Start(ctx, "request", trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
	return ctx
}

// Request is one that was answered.
type Request struct {
	ID     string
	Route  string // pattern
	Call   string // of a route of many calls
	Code   string // of a refusal
	App    string // id
	Status int
}

// End ends the span that Begin started.
func (t *Tracer) End(ctx context.Context, r Request) {
	span := trace.SpanFromContext(ctx)
	name := r.Route
	if r.Call != "" {
		name += " " + r.Call
	}
	span.SetName(name)
	span.SetAttributes(attribute.String("http.route", r.Route), attribute.Int("http.response.status_code", r.Status),
		attribute.String("latchkey.request_id", r.ID), attribute.String("latchkey.call", r.Call),
		attribute.String("latchkey.code", r.Code), attribute.String("latchkey.app", r.App))
	if r.Status >= 500 {
		span.SetStatus(codes.Error, r.Code)
	}
	span.End()
}

// Transaction starts the span of a transaction, read or write, within a
// request's, and returns what ends it. A write's includes the wait for its turn.
func (t *Tracer) Transaction(ctx context.Context, kind string) (end func(error)) {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return func(error) {} // of no request
	}
	_, span := t.tracer.Start(ctx, "transaction "+kind)
	return func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "rolled back")
		}
		span.End()
	}
}
