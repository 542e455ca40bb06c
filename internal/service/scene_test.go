package service_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/password"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// Two computers and where they call from.
const (
	machine      = "4c4c4544-0042-3510-8052-b4c04f4e3832"
	otherMachine = "4c4c4544-0042-3510-8052-b4c04f4e3833"
	address      = "203.0.113.7"
)

// story is one rule, told on an app of its own.
type story struct {
	rule string
	tell func(s *scene)
}

// tell tells stories one after the other, first on SQLite and then on
// PostgreSQL. Those of one engine share the database and the clock.
func tell(t *testing.T, stories []story) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			e := servicetest.NewOn(t, engine)
			for i, st := range stories {
				t.Run(st.rule, func(t *testing.T) {
					s := &scene{T: t, Env: e, app: e.App(fmt.Sprintf("app %d", i))}
					st.tell(s)
					s.countsHold()
				})
			}
			if err := e.DB.VerifyAudit(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// scene is where a story plays, with the words it is told in.
type scene struct {
	*testing.T
	*servicetest.Env
	app   service.AppView
	asked int // requests for new passwords
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// refused wants a refusal of a code; "" is none.
func (s *scene) refused(err error, want latchkey.Code) {
	s.Helper()
	if got := latchkey.CodeOf(err); got != want {
		s.Errorf("answered %v, want %q", err, want)
	}
}

// blames fails unless err is at the field.
func (s *scene) blames(err error, field string) {
	s.Helper()
	if e, ok := errors.AsType[*latchkey.Error](err); !ok || e.Field != field {
		s.Errorf("answered %v, want it at the field %q", err, field)
	}
}

// outside is the context of a customer's call.
func outside() context.Context {
	return service.WithOrigin(context.Background(), service.Origin{RequestID: "req_story", IP: address})
}

func (s *scene) length(text string) latchkey.Duration {
	s.Helper()
	d, err := latchkey.ParseDuration(text)
	s.must(err)
	return d
}

// App, Licenses and Client are those of [servicetest.Env], but a failure is the
// story's own.

func (s *scene) App(name string) service.AppView {
	s.Helper()
	app, _, err := s.Service.CreateApp(s.Ctx(), name)
	s.must(err)
	return app
}

func (s *scene) Licenses(appID string, n int64, duration string) []latchkey.License {
	s.Helper()
	list, err := s.Service.CreateLicenses(s.Ctx(), appID, service.NewLicenses{Amount: n, Charset: bothCases(), Level: 1, Duration: s.length(duration)})
	s.must(err)
	return list
}

func (s *scene) Client(app service.AppView) *service.ClientApp {
	s.Helper()
	client, err := s.Service.ClientApp(outside(), app.OwnerID, app.Name)
	s.must(err)
	return client
}

// client is the app as a call finds it now.
func (s *scene) client() *service.ClientApp {
	s.Helper()
	return s.Client(s.app)
}

// start begins a session that nobody has signed in with.
func (s *scene) start() *service.ClientSession {
	s.Helper()
	ses, err := s.Service.ClientInit(outside(), s.client(), service.ClientInit{Protocol: latchkey.Protocol13})
	s.must(err)
	return ses
}

func (s *scene) key(duration string) string {
	return s.Licenses(s.app.ID, 1, duration)[0].Key.Reveal()
}

// keyOf makes a license of a level.
func (s *scene) keyOf(level int64, duration string) latchkey.License {
	s.Helper()
	list, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Level: level, Duration: s.length(duration),
		Charset: latchkey.Charset{Uppercase: true}})
	s.must(err)
	return list[0]
}

// edit changes the app's settings.
func (s *scene) edit(e service.AppEdit) {
	s.Helper()
	_, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, e)
	s.must(err)
}

type signIn func(context.Context, *service.ClientApp, *service.ClientSession, service.ClientSignIn) (service.Customer, error)

// enter signs in with a new session.
func (s *scene) enter(by signIn, in service.ClientSignIn) (*service.ClientSession, error) {
	client := s.client()
	ses, err := s.Service.ClientInit(outside(), client, service.ClientInit{Protocol: latchkey.Protocol13})
	if err != nil {
		return nil, err
	}
	_, err = by(outside(), client, ses, in)
	return ses, err
}

// license signs in by a license alone.
func (s *scene) license(key, hwid string) (*service.ClientSession, error) {
	return s.enter(s.Service.ClientLicense, service.ClientSignIn{Key: key, HWID: hwid})
}

func (s *scene) register(name, pass, key, hwid string) (*service.ClientSession, error) {
	return s.enter(s.Service.ClientRegister, service.ClientSignIn{Username: name, Password: latchkey.Secret(pass), Key: key, HWID: hwid})
}

func (s *scene) login(name, pass, hwid string) (*service.ClientSession, error) {
	return s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: name, Password: latchkey.Secret(pass), HWID: hwid})
}

// signedIn is a session in which somebody signs in by a new license.
func (s *scene) signedIn(duration string) *service.ClientSession {
	s.Helper()
	ses, err := s.license(s.key(duration), machine)
	s.must(err)
	return ses
}

// call is what the next call with a session is answered: the app and the
// session are looked up anew, as an adapter does.
func (s *scene) call(ses *service.ClientSession) error { return s.callOn(s.Env, ses) }

// callOn makes the call to a certain server.
func (s *scene) callOn(server *servicetest.Env, ses *service.ClientSession) error {
	client, err := server.Service.ClientApp(outside(), s.app.OwnerID, s.app.Name)
	if err != nil {
		return err
	}
	opened, err := server.Service.OpenSession(client, ses.Protocol, ses.Token.Reveal())
	if err != nil {
		return err
	}
	return server.Service.ClientCheck(outside(), client, opened)
}

// user makes a user by hand who holds the default subscription for 30 days.
func (s *scene) user(name, pass string) service.UserView {
	s.Helper()
	u, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: name, Password: latchkey.Secret(pass),
		SubscriptionID: s.tier().ID, Duration: s.length("30d"), HWIDAffected: true})
	s.must(err)
	return u
}

// found is a user as the card shows them now.
func (s *scene) found(id string) service.UserView {
	s.Helper()
	u, err := s.Service.User(s.Ctx(), s.app.ID, id)
	s.must(err)
	return u
}

// named finds a user by name, license key or mail address.
func (s *scene) named(name string) service.UserView {
	s.Helper()
	list, err := s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{Search: name})
	s.must(err)
	for _, u := range list.Items {
		if latchkey.CanonicalName(u.Name) == latchkey.CanonicalName(name) || u.Email == name {
			return u
		}
	}
	s.Fatalf("none of %d users found has the name", len(list.Items))
	return service.UserView{}
}

// tier is the app's default subscription.
func (s *scene) tier() (view service.SubscriptionView) {
	s.Helper()
	list, err := s.Service.ListSubscriptions(s.Ctx(), s.app.ID, service.Page{})
	s.must(err)
	for _, view = range list.Items {
		if view.Name == latchkey.DefaultSubscription {
			return view
		}
	}
	s.Fatal("the app has no default subscription")
	return view
}

func (s *scene) licenses() []service.LicenseView {
	s.Helper()
	list, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, service.LicenseFilter{Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	return list.Items
}

func (s *scene) users() []service.UserView {
	s.Helper()
	list, err := s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	return list.Items
}

// left is how long a user still holds their first subscription.
func (s *scene) left(userID string) time.Duration {
	s.Helper()
	u := s.found(userID)
	if len(u.Holdings) == 0 {
		s.Fatal("the user holds nothing")
	}
	return u.Holdings[0].TimeLeft(s.Clock.Now())
}

// actions are what the app's audit log tells, newest first.
func (s *scene) actions() []string {
	s.Helper()
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	out := make([]string, len(list.Items))
	for i, ev := range list.Items {
		out[i] = ev.Action
	}
	return out
}

// other is a further account on the same server.
func other(t testing.TB, e *servicetest.Env, email string) latchkey.Account {
	t.Helper()
	a, err := e.Service.CreateAccount(e.Ctx(), service.NewAccount{Email: email, Password: "another long password"})
	if err != nil {
		t.Fatal(err)
	}
	return a.Account
}

// together runs n calls at the same moment and returns their errors.
func together(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// tally counts calls by the code of their answer.
func tally(errs []error) map[latchkey.Code]int {
	out := map[latchkey.Code]int{}
	for _, err := range errs {
		out[latchkey.CodeOf(err)]++
	}
	return out
}

// beside is a second service on the scene's database, with its own randomness
// and log.
func beside(t testing.TB, e *servicetest.Env, random io.Reader, log *slog.Logger) *service.Service {
	t.Helper()
	return service.New(besides(t, e, random, log))
}

// besides are the parts of a service on the same database.
func besides(t testing.TB, e *servicetest.Env, random io.Reader, log *slog.Logger) service.Config {
	t.Helper()
	gate, err := password.NewGate(4, servicetest.CheapPasswords(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	files := e.Files
	if files == nil {
		if files, err = blob.Open(t.TempDir(), blob.Config{Now: e.Clock.Now, Rand: rand.Reader}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = files.Close() })
	}
	return service.Config{DB: e.DB, Box: e.Box, Passwords: gate, Files: files, Egress: egress.New(egress.Config{Now: e.Clock.Now}),
		Now: e.Clock.Now, Rand: random, Log: log,
		Limits: service.Limits{LicensesPerCall: 100_000, FileSize: 1 << 20, FilesPerApp: 100, AppStorage: 10 << 20}, Geo: e.Geo}
}

func point[T any](v T) *T { return &v }

// machine is the context of a call by a new API key.
func (s *scene) machine(in service.NewAPIKey) context.Context {
	s.Helper()
	_, token, err := s.Service.CreateAPIKey(s.Ctx(), in)
	s.must(err)
	actor, err := s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	return service.WithActor(outside(), actor)
}

// quiet is another service on the same database, as after a restart.
func quiet(t testing.TB, e *servicetest.Env) *service.Service {
	t.Helper()
	return beside(t, e, rand.Reader, slog.New(slog.DiscardHandler))
}
