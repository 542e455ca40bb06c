package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"sync"

	"github.com/latchkey-dev/latchkey/internal/logs"
	"github.com/latchkey-dev/latchkey/internal/mail"
	"github.com/latchkey-dev/latchkey/internal/metrics"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/tracing"
)

// Server is an installation that listens. Make one with [New], run it with
// [Server.Run], and Close it in any case.
type Server struct {
	config    Config
	data      *Data
	handler   http.Handler
	listener  net.Listener
	ops       net.Listener // nil: nobody asked for it
	setupLink string
	mailer    *mail.Sender // nil: no mail is sent
	stopping  func()       // ends what goes on for as long as its clients want
	close     func() error
}

// New opens the data and starts to listen; requests wait until [Server.Run].
func New(ctx context.Context, c Config) (*Server, error) {
	c = c.withDefaults()
	mailer, err := c.mailer()
	if err != nil {
		return nil, fmt.Errorf("set up mail: %w", err)
	}
	if c.OpsListen != "" {
		c.metrics = metrics.New(metrics.Build{Version: c.Version, Revision: c.Revision, Go: runtime.Version()})
	}
	if c.OTelEndpoint != "" {
		if c.tracer, err = tracing.Start(ctx, tracing.Config{Endpoint: c.OTelEndpoint, Version: c.Version, Log: c.Log}); err != nil {
			return nil, err
		}
	}
	var stopping context.CancelFunc
	c.stopping, stopping = context.WithCancel(context.WithoutCancel(ctx))
	data, err := OpenData(ctx, c)
	if err != nil {
		stopping()
		c.endTraces()
		return nil, err
	}
	s := &Server{config: c, data: data, mailer: mailer, stopping: stopping}
	s.close = sync.OnceValue(s.shut)
	if err := s.start(ctx); err != nil {
		_ = s.Close() // the error that stopped the start is the one to report
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) error {
	if err := s.config.claimFiles(ctx, s.data.Files); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.config.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.listener = newLimitListener(l, s.config)
	if s.config.OpsListen != "" {
		if s.ops, err = new(net.ListenConfig).Listen(ctx, "tcp", s.config.OpsListen); err != nil {
			return fmt.Errorf("listen for operations: %w", err)
		}
		s.config.metrics.Watch(s.state)
	}
	if s.handler, err = routes(s.config, s.data.Service); err != nil {
		return fmt.Errorf("build routes: %w", err)
	}
	token, err := s.data.Service.NewSetupToken(ctx)
	if err != nil {
		return fmt.Errorf("make setup link: %w", err)
	}
	if token != "" {
		// After the #, so that no proxy and no log sees it.
		s.setupLink = s.URL() + "/setup#token=" + token.Reveal()
	}
	return nil
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// OpsAddr is where metrics, profiles and health are served, nil if nowhere.
func (s *Server) OpsAddr() net.Addr {
	if s.ops == nil {
		return nil
	}
	return s.ops.Addr()
}

// URL is where a person reaches the server: the public URL, or the address
// that it listens on.
func (s *Server) URL() string { return s.config.reachableAt(s.Addr()) }

// Handler answers every request, with all middleware.
func (s *Server) Handler() http.Handler { return s.handler }

// Service holds the use cases over this server's data, for programs that have
// the server within them: what is changed through it is in force at once.
func (s *Server) Service() *service.Service { return s.data.Service }

// SetupLink is the one-time link that makes the first account, "" once there
// is one. Each start makes a new one.
func (s *Server) SetupLink() string { return s.setupLink }

// Close stops listening and closes the data. It may be called more than once.
func (s *Server) Close() error { return s.close() }

// flushLog writes the lines of the log that wait for others.
func (c Config) flushLog() error {
	if h, ok := c.Log.Handler().(*logs.Handler); ok {
		return h.Flush()
	}
	return nil
}

func (s *Server) shut() error {
	s.stopping()
	var errs []error
	for _, l := range []net.Listener{s.listener, s.ops} {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	err := errors.Join(append(errs, s.data.Close())...)
	s.config.endTraces()
	return errors.Join(err, s.config.flushLog())
}
