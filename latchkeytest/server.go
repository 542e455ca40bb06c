package latchkeytest

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/mail"
	"github.com/latchkey-dev/latchkey/internal/server"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

// Server is a running server. It is safe for concurrent use.
type Server struct {
	URL string // such as http://127.0.0.1:34567
	App *App   // the application "demo"

	svc   *service.Service
	owner context.Context
	ahead atomic.Int64 // nanoseconds of the server's clock before the computer's
	fail  func(error)
	close func() error
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := start(func(err error) {
		t.Helper()
		t.Fatalf("latchkeytest: %v", err)
	})
	if err != nil {
		t.Fatalf("latchkeytest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("latchkeytest: %v", err)
		}
	})
	return s
}

// Start starts a server outside of a test, as in an Example or in TestMain. It
// runs until [Server.Close]; methods that fail panic.
func Start() (*Server, error) {
	return start(func(err error) { panic(fmt.Sprintf("latchkeytest: %v", err)) })
}

// Close stops the server and deletes its data. It may be called more than once;
// tests call it early to see a program without its server.
func (s *Server) Close() error { return s.close() }

func start(fail func(error)) (s *Server, err error) {
	dir, err := os.MkdirTemp("", "latchkeytest")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	s = &Server{fail: fail}
	ctx := context.Background()
	srv, err := server.New(ctx, s.config(dir))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start server: %w", err), os.RemoveAll(dir))
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(running) }()
	s.URL, s.svc = "http://"+srv.Addr().String(), srv.Service()
	s.close = sync.OnceValue(func() error {
		stop()
		return errors.Join(<-ended, srv.Close(), os.RemoveAll(dir))
	})
	if err := s.settle(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// config is that of a server without limits, that may call webhooks on this
// computer, and whose mail server is not there: what it is asked to send waits.
func (s *Server) config(dir string) server.Config {
	everyPort := make([]uint16, 65_535)
	for i := range everyPort {
		everyPort[i] = uint16(i + 1)
	}
	return server.Config{Listen: "127.0.0.1:0", PublicURL: publicURL, DataDir: dir, Now: s.Now, Limits: server.Limits{Off: true}, Version: "latchkeytest",
		EgressAllowHTTP: true, EgressPorts: everyPort, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Mail: mail.Config{Host: "127.0.0.1", Port: 9, Security: mail.NoTLS, From: "Latchkey <no-reply@example.com>"}}
}

// publicURL is where customers would find their pages.
const publicURL = "http://latchkey.invalid"

// settle makes the owner and the first application.
func (s *Server) settle(ctx context.Context) error {
	made, err := s.svc.Init(ctx, "owner@example.com", "the owner of this test server")
	if err != nil {
		return fmt.Errorf("make owner: %w", err)
	}
	s.owner = service.WithActor(ctx, service.Actor{Kind: service.ActorAccount, ID: made.Account.ID, AccountID: made.Account.ID, Administrator: true})
	s.App, err = s.newApp("demo")
	return err
}

// Now is the time by the server's clock.
func (s *Server) Now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// Advance moves the server's clock ahead. The program's own clock stays where
// it is.
func (s *Server) Advance(d time.Duration) { s.ahead.Add(int64(d)) }

// Code is what an authenticator app shows at the server's time, for the secret
// that Client.EnrollTwoFactor of the SDK has returned. A code is good once; the next
// one comes with [Server.Advance] by 30 seconds.
func (s *Server) Code(secret string) string {
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	s.must(err)
	code, err := totp.Code(seed, totp.Step(s.Now()))
	s.must(err)
	return code
}

// NewApp makes another application, with keys of its own.
func (s *Server) NewApp(name string) *App {
	app, err := s.newApp(name)
	s.must(err)
	return app
}

func (s *Server) newApp(name string) (*App, error) {
	made, secrets, err := s.svc.CreateApp(s.owner, name)
	if err != nil {
		return nil, fmt.Errorf("make application %q: %w", name, err)
	}
	// Tests share one computer: a ban in one would shut out the customers of the next.
	off := false
	if _, err := s.svc.UpdateApp(s.owner, made.ID, service.AppEdit{BanDevices: &off}); err != nil {
		return nil, fmt.Errorf("set up application %q: %w", name, err)
	}
	app := &App{ID: made.ID, OwnerID: made.OwnerID, Name: made.Name, server: s}
	for _, c := range secrets.Credentials {
		switch c.Kind {
		case latchkey.CredentialClientKey:
			app.PublicKey = c.PublicKey
		case latchkey.CredentialCompatKey:
			app.CompatPublicKey = c.PublicKey
		case latchkey.CredentialSecret:
			app.Secret = c.Value.Reveal()
		}
	}
	return app, nil
}

func (s *Server) must(err error) {
	if err != nil {
		s.fail(err)
	}
}
