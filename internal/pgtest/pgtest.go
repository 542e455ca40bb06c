// Package pgtest gives tests a real PostgreSQL. It starts one server per test
// process from the machine's own binaries, hands out empty databases on it, and
// sees to it that the server goes away with the process, however that ends.
//
// It knows nothing of what the tests store.
package pgtest

import (
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
)

// shared is the server of this test process. It is state of the process, as
// the server itself is, and lives nowhere else.
var shared lazy

type lazy struct {
	mu     sync.Mutex
	server *Server
	err    error // why there is none; tried only once
}

func (l *lazy) get() (*Server, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil && l.err == nil {
		l.server, l.err = startTemporary()
	}
	return l.server, l.err
}

func (l *lazy) stop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return nil
	}
	return l.server.Stop()
}

// New returns the URL of a fresh, empty database, which is dropped when the
// test ends. A machine without PostgreSQL fails the test with a sentence that
// says what to install.
func New(t testing.TB) string {
	t.Helper()
	return create(t, (*Server).CreateDatabase)
}

// Template is a database that is filled once per test process, and then copied
// for each test that wants one like it. Fill gets the URL of an empty one and
// leaves no connection behind.
type Template struct {
	Fill func(databaseURL string) error

	mu   sync.Mutex
	name string
}

// New is [New] with what the template holds.
func (l *Template) New(t testing.TB) string {
	t.Helper()
	return create(t, func(s *Server) (string, error) {
		name, err := l.on(s)
		if err != nil {
			return "", err
		}
		return s.CopyDatabase(name)
	})
}

func (l *Template) on(s *Server) (name string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.name != "" {
		return l.name, nil
	}
	databaseURL, err := s.CreateDatabase()
	if err == nil {
		err = l.Fill(databaseURL)
	}
	if err != nil {
		return "", fmt.Errorf("fill template: %w", err)
	}
	l.name = databaseName(databaseURL)
	return l.name, nil
}

func create(t testing.TB, make func(*Server) (string, error)) string {
	t.Helper()
	s, err := shared.get()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	url, err := make(s)
	if err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.DropDatabase(url); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return url
}

// Checkpoint is [Server.Checkpoint] of the server that [New] uses.
func Checkpoint(t testing.TB) {
	t.Helper()
	s, err := shared.get()
	if err == nil {
		err = s.Checkpoint()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Main is for a package's TestMain: it runs the tests and waits until the
// server has gone. Without it the server goes a moment after the process.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is [Main] for a TestMain that has more to do afterwards: it returns the
// exit code.
func Run(m *testing.M) int {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		code = max(code, 1)
	}
	return code
}

func startTemporary() (*Server, error) {
	dir, err := os.MkdirTemp("", "latchkey-pg-")
	if err != nil {
		return nil, err
	}
	s, err := Start(dir, "fsync=off")
	if err != nil {
		_ = os.RemoveAll(dir)
	}
	return s, err
}

// As returns the URL of a database under another role of the server.
func As(t testing.TB, databaseURL, role string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatalf("read URL: %v", err)
	}
	u.User = url.User(role)
	return u.String()
}
