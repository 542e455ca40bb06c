package manageapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// Prefix is where the API lives.
const Prefix = "/api/v1"

// Options is what the API needs besides the service.
type Options struct {
	PublicURL string           // scheme://host[:port][/path] as browsers see the server; "" if not configured
	Now       func() time.Time // needed
	Version   string           // of the build, shown on the page of documentation
	Limits    *Limits          // nil: none
	// KeepOpen gives an answer that is still being sent more time than others
	// have; it is called again and again. nil: there is no limit.
	KeepOpen func(*http.ResponseController) error
	// Stopping ends when the server stops, and with it the streams of events;
	// nil: never.
	Stopping context.Context
	// KeepReading gives a body that is read as a stream time for its next part;
	// nil: there is no limit.
	KeepReading func(*http.ResponseController) error

	beat, gap time.Duration // of streams of events; 0: as they are
}

// surface is what guards and handlers share.
type surface struct {
	svc     *service.Service
	now     func() time.Time
	cookies web.Cookies
	origin  web.SameOrigin
	schemas huma.Registry
	limits  *Limits

	stopping   context.Context
	eventsBeat time.Duration
	eventsGap  time.Duration

	keepOpen    func(*http.ResponseController) error
	keepReading func(*http.ResponseController) error
	compress    web.Compressor
}

// New returns the handler of everything under [Prefix]. It has to run inside
// [web.Wrap]. It fails only on a PublicURL that is none.
func New(svc *service.Service, o Options) (http.Handler, error) {
	origin, err := web.NewSameOrigin(o.PublicURL)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	config := newConfig()
	api := humago.NewWithPrefix(mux, Prefix, config)
	s := &surface{svc: svc, now: o.Now, origin: origin, schemas: config.Components.Schemas, limits: o.Limits, keepOpen: o.KeepOpen, keepReading: o.KeepReading,
		cookies: web.CookiesAt(o.PublicURL)}
	s.stopping, s.eventsBeat, s.eventsGap = o.Stopping, cmp.Or(o.beat, eventsBeat), cmp.Or(o.gap, eventsGap)
	if s.stopping == nil {
		s.stopping = context.Background()
	}
	sections := s.routes()
	for _, section := range sections {
		for _, row := range section.rows {
			s.register(api, section.tag, row)
		}
	}
	finishSpec(api.OpenAPI(), sections)
	if err := serveDocs(mux, api.OpenAPI(), o.Version); err != nil {
		return nil, fmt.Errorf("render documentation: %w", err)
	}
	mux.HandleFunc(Prefix+"/", notFound(mux))
	return web.NoStore(mux), nil
}

// notFound answers what no route takes: with the methods that the path does
// answer to, if there are any.
func notFound(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		web.ExchangeFrom(r.Context()).Route = "unknown"
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			probe := *r
			probe.Method = method
			if _, pattern := mux.Handler(&probe); pattern != Prefix+"/" && pattern != "" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			web.WriteProblem(w, r, latchkey.Fail(latchkey.CodeRouteNotFound))
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		web.WriteProblem(w, r, latchkey.Fail(latchkey.CodeMethodNotAllowed))
	}
}
