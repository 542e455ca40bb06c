package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/sweep"
)

// The timeouts and bounds of a connection, how long requests may take to end
// when the server stops, and how often expired sessions are deleted.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 60 * time.Second
	drainTimeout      = 15 * time.Second
	sweepInterval     = 10 * time.Minute
	maxHeaderBytes    = 32 << 10
	maxStreams        = 100 // of one HTTP/2 connection
)

var errDiskFailed = errors.New("the disk did not make a write durable; check it and start again")

// Run serves until ctx ends, then lets requests finish for up to 15 seconds
// and returns nil. It returns an error if the server cannot go on, also when
// the disk fails: nothing may be acknowledged after that.
func (s *Server) Run(ctx context.Context) error {
	main := s.httpServer(s.handler)
	servers := []*http.Server{main}
	failed := make(chan error, 3)
	if s.ops != nil {
		ops := s.opsServer()
		defer ops.Close() // last, so that one can watch the server stop
		go func() { failed <- ops.Serve(s.ops) }()
		s.config.Log.InfoContext(ctx, "listening for operations", "address", s.ops.Addr().String())
	}
	if len(s.config.TLSDomains) == 0 {
		go func() { failed <- main.Serve(s.listener) }()
	} else {
		certificates := s.config.certificates()
		main.TLSConfig = tlsConfig(certificates)
		go func() { failed <- main.ServeTLS(s.listener, "", "") }()
		if redirect := s.redirectServer(ctx, certificates, failed); redirect != nil {
			servers = append(servers, redirect)
		}
	}
	defer s.sweeping(ctx)()
	defer s.delivering(ctx)()
	defer s.watchingGeo(ctx)()
	defer s.recording(ctx)()
	defer s.counting(ctx)()
	defer s.relaying(ctx)()
	s.config.Log.InfoContext(ctx, "listening", "address", s.Addr().String())
	select {
	case err := <-failed:
		stop(servers)
		return fmt.Errorf("serve: %w", err)
	case <-s.data.DB.Failed():
		stop(servers)
		return errDiskFailed
	case <-ctx.Done():
	}
	s.config.Log.InfoContext(ctx, "stopping")
	s.stopping()
	s.drain(servers)
	s.config.Log.InfoContext(ctx, "stopped")
	return nil
}

// sweptFiles are what interrupted uploads leave.
const sweptFiles = "contents that no file has"

// relaying starts to hear of changes that other servers of the database make,
// and returns what ends that.
func (s *Server) relaying(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var relay sync.WaitGroup
	relay.Go(func() { s.data.DB.Relay(ctx) })
	return func() { cancel(); relay.Wait() }
}

// sweeping starts to delete what has expired and returns what ends that.
func (s *Server) sweeping(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var sweeps sync.WaitGroup
	for what, remove := range map[string]func(context.Context) (int64, error){
		"expired sessions":                 s.data.Service.SweepSessions,
		"unfinished and forgotten batches": s.data.Service.SweepBatches,
		"forgotten calls":                  s.data.Service.SweepRepeats,
		"forgotten bulk actions":           s.data.Service.SweepBulkJobs,
		"mutes that are over":              s.data.Service.SweepChats,
		"expired links for passwords":      s.data.Service.SweepPasswordResets,
		"old addresses":                    s.data.Service.SweepAddresses,
		"old log lines":                    s.data.Service.SweepLogs,
		"old sign-ins to the dashboard":    s.data.Service.SweepAccountSignIns,
		"failed deliveries":                s.data.Service.SweepDeliveries,
		"expired list entries":             s.data.Service.SweepAccess,
		"numbers of days long past":        s.data.Service.SweepDailyStats,
		sweptFiles:                         s.data.Service.SweepFiles,
	} {
		sweeps.Go(func() {
			sweep.Run(ctx, sweep.Config{What: what, Delete: remove, Every: sweepInterval, AtStart: what == sweptFiles, Now: s.config.Now, Log: s.config.Log})
		})
	}
	return func() { cancel(); sweeps.Wait() }
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
}

// drain stops accepting, waits for the requests in flight, and cuts off those
// that take too long.
func (s *Server) drain(servers []*http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	for _, srv := range servers {
		if err := srv.Shutdown(ctx); err != nil && !errors.Is(err, net.ErrClosed) {
			s.config.Log.WarnContext(ctx, "requests were cut off", "error", err)
		}
	}
	stop(servers)
}

func stop(servers []*http.Server) {
	for _, srv := range servers {
		_ = srv.Close() // it only reports that the listener is closed already
	}
}
