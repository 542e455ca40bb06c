package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/clientapi"
	"github.com/latchkey-dev/latchkey/internal/dashboard"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/legacyapi"
	"github.com/latchkey-dev/latchkey/internal/manageapi"
	"github.com/latchkey-dev/latchkey/internal/panel"
	"github.com/latchkey-dev/latchkey/internal/panelapi"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// readyTimeout bounds how long the database may take to show that it is there.
const readyTimeout = 2 * time.Second

// routes is the whole server as one handler.
func routes(c Config, svc *service.Service) (http.Handler, error) {
	manageLimits, clientLimits := c.counters()
	manage, err := manageapi.New(svc, manageapi.Options{PublicURL: c.PublicURL, Now: c.Now, Version: c.Version, Limits: manageLimits,
		KeepOpen: keepOpen, KeepReading: keepReading, Stopping: c.stopping})
	if err != nil {
		return nil, fmt.Errorf("build management API: %w", err)
	}
	legacy := legacyapi.New(svc, legacyapi.Options{Now: c.Now, Rand: c.Rand, Limits: clientLimits, KeepOpen: keepWriting})
	native := clientapi.New(svc, clientapi.Options{Now: c.Now, Limits: clientLimits})
	base := web.BasePath(c.PublicURL)
	pages, err := dashboard.New(svc, dashboard.Options{Cookies: web.CookiesAt(c.PublicURL), PublicURL: c.PublicURL, Rand: c.Rand, Files: dashboard.Built()})
	if err != nil {
		return nil, fmt.Errorf("build dashboard: %w", err)
	}
	customers, err := panel.New(svc, c.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("build pages for customers: %w", err)
	}
	own, err := panelapi.New(svc, panelapi.Options{PublicURL: c.PublicURL, Limits: clientLimits, KeepOpen: keepOpen})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(panelapi.Prefix+"/", own)
	mux.Handle(manageapi.Prefix+"/", manage)
	for _, path := range legacyapi.Paths() {
		mux.Handle(path, legacy)
	}
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", ready(svc))
	mux.Handle(panel.Prefix, customers)
	mux.Handle("/", pages)
	all := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if clientapi.Serves(r.URL.Path) {
			native.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
	return c.traced(web.Wrap(web.Options{Log: c.Log, Now: c.Now, Rand: c.Rand, TrustedProxies: c.TrustedProxies,
		HTTPS: strings.HasPrefix(c.PublicURL, "https://"), Observe: c.onAnswer(svc)}, web.Below(base, all))), nil
}

// keepOpen lets an answer go on for as long as its client takes what is sent.
func keepOpen(c *http.ResponseController) error {
	return errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Now().Add(writeTimeout)))
}

// keepWriting lets an answer be taken for so long.
func keepWriting(c *http.ResponseController, d time.Duration) error {
	return c.SetWriteDeadline(time.Now().Add(d))
}

// keepReading lets a body arrive for as long as its parts do: none may take
// longer than a whole small request.
func keepReading(c *http.ResponseController) error {
	now := time.Now()
	return errors.Join(c.SetReadDeadline(now.Add(readTimeout)), c.SetWriteDeadline(now.Add(writeTimeout)))
}

// healthy answers as long as the process lives.
func healthy(w http.ResponseWriter, _ *http.Request) { writeText(w, "alive\n") }

// ready answers whether requests can be served: whether the database answers.
func ready(svc *service.Service) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := svc.Ready(ctx); err != nil {
			web.WriteProblem(w, r, latchkey.Fail(latchkey.CodeUnavailable).Because(err))
			return
		}
		writeText(w, "ready\n")
	}
}

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(text)) // the client is gone if this fails
}
