// Package servicetest gives tests a whole service on a real database, with a
// clock that they move and an owner who is signed in.
package servicetest

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/geoip"
	"github.com/latchkey-dev/latchkey/internal/geoip/geoiptest"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/password"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// The owner of every [Env].
const (
	OwnerEmail    = "owner@example.com"
	OwnerPassword = "a long enough password"
)

// Clock is a clock that only tests move. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at noon on 1 March 2026.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set sets the clock.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Env is a service with its parts.
type Env struct {
	Service  *service.Service
	DB       *store.DB
	Box      *secretbox.Box
	Clock    *Clock
	Files    *blob.Store
	FilesDir string
	Owner    service.NewOwner
	config   service.Config
	Geo      *geoip.DB // of geoiptest.World
	t        testing.TB
}

// Change puts another service on the same database in the place of this one.
func (e *Env) Change(change func(*service.Config)) {
	change(&e.config)
	e.Service = service.New(e.config)
}

// CheapPasswords is a cost for tests only.
func CheapPasswords() password.Params { return password.Params{MemoryKiB: 64, Passes: 1, Threads: 1} }

// New returns an Env on SQLite in a temporary folder, at noon on 1 March 2026.
func New(t testing.TB) *Env { return NewOn(t, "sqlite") }

// NewOn returns an Env on an engine, "sqlite" or "postgres".
func NewOn(t testing.TB, engine string) *Env {
	t.Helper()
	database := "sqlite"
	if engine == "postgres" {
		database = storetest.NewPostgres(t)
	}
	return Open(t, database, NewBox(t), NewClock())
}

// NewBox returns a box with a new key file.
func NewBox(t testing.TB) *secretbox.Box {
	t.Helper()
	file, err := secretbox.GenerateKeyFile(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	box, err := secretbox.New(file, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

// Open returns an Env on a database, "sqlite" for a new one or a PostgreSQL
// URL, that may have its owner already: several servers on one database.
func Open(t testing.TB, database string, box *secretbox.Box, clock *Clock) *Env {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(ctx, store.Config{Database: database, Path: storetest.NewFile(t), Box: box, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	if err := db.Migrate(ctx, dir); err != nil {
		t.Fatal(err)
	}
	gate, err := password.NewGate(4, CheapPasswords(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.Open(filepath.Join(dir, "files"), blob.Config{Now: clock.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	client := egress.New(egress.Config{Now: clock.Now, Resolver: nowhere()})
	t.Cleanup(func() {
		if err := errors.Join(files.Close(), client.Close()); err != nil {
			t.Errorf("close files: %v", err)
		}
	})
	e := &Env{DB: db, Box: box, Clock: clock, Files: files, Geo: geoiptest.Open(t, geoiptest.World()), FilesDir: filepath.Join(dir, "files"), t: t}
	e.Change(func(c *service.Config) {
		*c = service.Config{DB: db, Box: box, Passwords: gate, Files: files, Egress: client, Now: clock.Now, Rand: rand.Reader, Log: log, Geo: e.Geo,
			Limits: service.Limits{LicensesPerCall: 100_000, FileSize: 1 << 20, FilesPerApp: 100, AppStorage: 10 << 20}}
	})
	open, err := e.Service.SetupOpen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if open {
		if e.Owner, err = e.Service.Init(ctx, OwnerEmail, OwnerPassword); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// nowhere resolves no name, so that no test leaves this machine.
func nowhere() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("there is no name server")
	}}
}

// Ctx is a context in which the owner makes the call.
func (e *Env) Ctx() context.Context { return e.As(e.Owner.Account) }

// As is a context in which an account makes the call.
func (e *Env) As(a latchkey.Account) context.Context {
	return service.WithActor(context.Background(), service.Actor{Kind: service.ActorAccount, ID: a.ID, AccountID: a.ID, Administrator: a.Administrator})
}

// App makes an app, and lets it accept every protocol.
func (e *Env) App(name string) service.AppView {
	e.t.Helper()
	app, _, err := e.Service.CreateApp(e.Ctx(), name)
	if err != nil {
		e.t.Fatal(err)
	}
	all := latchkey.Protocols()
	if app, err = e.Service.UpdateApp(e.Ctx(), app.ID, service.AppEdit{AcceptProtocols: &all}); err != nil {
		e.t.Fatal(err)
	}
	return app
}

// Licenses makes n licenses of level 1 for a duration such as "30d".
func (e *Env) Licenses(appID string, n int64, duration string) []latchkey.License {
	e.t.Helper()
	d, err := latchkey.ParseDuration(duration)
	if err != nil {
		e.t.Fatal(err)
	}
	list, err := e.Service.CreateLicenses(e.Ctx(), appID, service.NewLicenses{Amount: n, Charset: latchkey.Charset{Lowercase: true, Uppercase: true},
		Level: 1, Duration: d})
	if err != nil {
		e.t.Fatal(err)
	}
	return list
}

// Client is an app as a program sees it, with a new session at each Session.
func (e *Env) Client(app service.AppView) *service.ClientApp {
	e.t.Helper()
	client, err := e.Service.ClientApp(context.Background(), app.OwnerID, app.Name)
	if err != nil {
		e.t.Fatal(err)
	}
	return client
}

// Session opens a client session of protocol 1.3.
func (e *Env) Session(client *service.ClientApp) *service.ClientSession {
	e.t.Helper()
	ses, err := e.Service.ClientInit(context.Background(), client, service.ClientInit{Protocol: latchkey.Protocol13})
	if err != nil {
		e.t.Fatal(err)
	}
	return ses
}

// NewPair returns two servers on one PostgreSQL database, with one clock.
func NewPair(t testing.TB) (first, second *Env) {
	t.Helper()
	database, box, clock := storetest.NewPostgres(t), NewBox(t), NewClock()
	first, second = Open(t, database, box, clock), Open(t, database, box, clock)
	second.Owner = first.Owner
	return first, second
}
