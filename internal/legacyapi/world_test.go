package legacyapi_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/legacyapi"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// world is a service with one app and a server in front of it.
type world struct {
	t        testing.TB
	env      *servicetest.Env
	owner    context.Context // the seller's
	app      service.AppView
	secrets  service.AppSecrets
	url      string
	licenses map[string]string // ids by key
	session  string            // the last that init gave
	handed   string            // the token that the seller made last
	secret   string            // the last seed of an authenticator
	recovery string            // the last recovery codes
	token    string            // the last for one sign-in
	receiver *receiver
	file     string                 // id of the last file
	webhook  string                 // id of the last webhook
	from     atomic.Pointer[string] // where programs call from
	handler  atomic.Pointer[http.ServeMux]
}

const appName = "Demo App"

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldWith(t, func(*world) {})
}

// newWorldWith is a world whose service is changed before its server stands.
func newWorldWith(t testing.TB, prepare func(*world)) *world {
	t.Helper()
	return newWorldOn(t, "sqlite", prepare)
}

// newWorldOn is such a world on a database of that engine.
func newWorldOn(t testing.TB, engine string, prepare func(*world)) *world {
	t.Helper()
	env := servicetest.NewOn(t, engine)
	w := &world{t: t, env: env, owner: env.Ctx(), licenses: map[string]string{}}
	var err error
	w.receiver = newReceiver(t, env)
	prepare(w)
	w.app, w.secrets, err = env.Service.CreateApp(w.owner, appName)
	w.must(err)

	w.handle()
	w.from.Store(new("192.0.2.7"))
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.handler.Load().ServeHTTP(rw, r.WithContext(service.WithOrigin(r.Context(), service.Origin{IP: *w.from.Load()})))
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

// handle puts the service, as it now is, behind the server.
func (w *world) handle() {
	handler := legacyapi.New(w.env.Service, legacyapi.Options{Now: w.env.Clock.Now, Rand: rand.Reader})
	mux := http.NewServeMux()
	for _, path := range legacyapi.Paths() {
		mux.Handle(path, handler)
	}
	w.handler.Store(mux)
}

func (w *world) newID(kind latchkey.Kind, at time.Time) string {
	w.t.Helper()
	id, err := latchkey.NewID(kind, at, rand.Reader)
	w.must(err)
	return id
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// do runs a line of a script that is not an exchange: what the seller does, or time.
func (w *world) do(line string) {
	w.t.Helper()
	svc := w.env.Service
	verb, rest, _ := strings.Cut(line, " ")
	first, more, _ := strings.Cut(rest, " ")
	switch verb {
	case "app":
		w.edit(strings.Fields(rest))
	case "message":
		_, err := svc.UpdateApp(w.owner, w.app.ID, service.AppEdit{Messages: map[latchkey.MessageKey]*string{latchkey.MessageKey(first): &more}})
		w.must(err)
	case "license": // KEY LEVEL DURATION
		w.license(first, strings.Fields(more))
	case "clock":
		d, err := time.ParseDuration(first)
		w.must(err)
		w.env.Clock.Advance(d)
	case "pause-app", "resume-app", "disable-app", "enable-app":
		_, err := map[string]func(context.Context, string) (service.AppView, error){
			"pause-app": svc.PauseApp, "resume-app": svc.ResumeApp, "disable-app": svc.DisableApp, "enable-app": svc.EnableApp,
		}[verb](w.owner, w.app.ID)
		w.must(err)
	case "pause-subscription":
		_, err := svc.PauseSubscription(w.owner, w.app.ID, w.subscription(first))
		w.must(err)
	case "resume-subscription":
		_, err := svc.ResumeSubscription(w.owner, w.app.ID, w.subscription(first))
		w.must(err)
	case "ban-license":
		_, err := svc.BanLicense(w.owner, w.app.ID, w.licenses[first], more, false)
		w.must(err)
	case "token": // USER
		made, err := svc.CreateSignInToken(w.owner, w.app.ID, w.user(first))
		w.must(err)
		w.token = made.Token.Reveal()
	case "unban-user":
		_, err := svc.UnbanUser(w.owner, w.app.ID, w.user(first))
		w.must(err)
	case "ban-user":
		_, err := svc.BanUser(w.owner, w.app.ID, w.user(first), service.UserBan{Reason: more})
		w.must(err)
	case "user": // NAME PASSWORD
		_, err := svc.CreateUser(w.owner, w.app.ID, service.NewUser{Username: first, Password: latchkey.Secret(more), SubscriptionID: w.subscription("default"),
			Duration: latchkey.Lifetime(), HWIDAffected: true})
		w.must(err)
	case "flush":
		w.must(svc.FlushActivity(context.Background()))
	case "from":
		w.from.Store(&first)
	case "blacklist", "whitelist": // KIND VALUE
		_, err := svc.CreateAccess(w.owner, w.app.ID, latchkey.AccessList(verb), service.NewAccess{Kind: latchkey.AccessKind(first), Value: more})
		w.must(err)
	case "empty-blacklist":
		_, err := svc.DeleteAccessEntries(w.owner, w.app.ID, latchkey.Blacklist, service.AccessSelection{All: true}, service.BulkCall{})
		w.must(err)
	case "hand-token", "blacklist-token", "unblacklist-token", "reset-token", "delete-token":
		w.handToken(verb, first, more)
	case "variable", "user-variable":
		w.variable(verb, strings.Fields(rest))
	case "kill-sessions":
		_, err := svc.KillSessions(w.owner, w.app.ID, "")
		w.must(err)
	case "chat": // NAME SETTING=NUMBER ...
		w.chat(first, strings.Fields(more))
	case "mute": // USER DURATION
		d, err := time.ParseDuration(more)
		w.must(err)
		_, err = svc.MuteUser(w.owner, w.app.ID, service.NewMute{UserID: w.user(first), Until: w.env.Clock.Now().Add(d)})
		w.must(err)
	case "say": // CHANNEL TEXT, as the seller
		_, err := svc.SendChatMessage(w.owner, w.app.ID, w.channel(first), "", more)
		w.must(err)
	case "logged": // NUMBER of lines
		list, err := svc.ListLogs(w.owner, w.app.ID, service.LogFilter{})
		w.must(err)
		if strconv.Itoa(len(list.Items)) != first {
			w.t.Errorf("%d log lines, want %s", len(list.Items), first)
		}
	case "flood-log": // NUMBER of lines, with the session
		n, err := strconv.Atoi(first)
		w.must(err)
		for range n {
			w.send([]string{"GET /api/1.1/?type=log&message=flood&sessionid={{session}}&{{app}}"})
		}
	case "mail-server": // the operator sets one up
		w.env.Change(func(c *service.Config) { c.ResetURL = "https://license.example/reset/" })
		w.handle()
	case "address": // USER ADDRESS
		_, err := svc.UpdateUser(w.owner, w.app.ID, w.user(first), service.UserEdit{Email: &more})
		w.must(err)
	case "mailed": // RECIPIENTS of what was sent since
		to := []string{}
		for _, m := range w.env.Mails() {
			to = append(to, m.To)
		}
		if got := strings.Join(to, " "); got != rest {
			w.t.Errorf("mails to %q, want %q", got, rest)
		}
	case "rename-user":
		_, err := svc.UpdateUser(w.owner, w.app.ID, w.user(first), service.UserEdit{Username: &more})
		w.must(err)
	case "file", "link", "replace-file", "lose-file", "webhook", "delete-webhook":
		w.provide(verb, first, more)
	default:
		w.t.Fatalf("unknown line %q", line)
	}
}

func (w *world) chat(name string, settings []string) {
	w.t.Helper()
	edit := service.ChannelEdit{Name: &name}
	for _, pair := range settings {
		setting, value, _ := strings.Cut(pair, "=")
		number, err := strconv.ParseInt(value, 10, 64)
		w.must(err)
		*map[string]**int64{"delay": &edit.Delay, "history": &edit.History, "level": &edit.MinLevel}[setting] = &number
	}
	_, err := w.env.Service.CreateChannel(w.owner, w.app.ID, edit)
	w.must(err)
}

func (w *world) channel(name string) string {
	w.t.Helper()
	list, err := w.env.Service.ListChannels(w.owner, w.app.ID, service.NamedFilter{})
	w.must(err)
	for _, c := range list.Items {
		if c.Name == name {
			return c.ID
		}
	}
	w.t.Fatalf("no channel %q", name)
	return ""
}

func (w *world) edit(pairs []string) {
	w.t.Helper()
	var edit service.AppEdit
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		on := value == "on"
		number, _ := strconv.ParseInt(value, 10, 64)
		switch name {
		case "accept":
			list := []latchkey.Protocol{}
			for p := range strings.SplitSeq(value, ",") {
				list = append(list, latchkey.Protocol(p))
			}
			edit.AcceptProtocols = &list
		case "version":
			edit.Version = &value
		case "download":
			edit.DownloadURL = &value
		case "device-rule":
			edit.DeviceRule = &on
		case "force-hwid":
			edit.ForceHWID = &on
		case "min-hwid":
			edit.MinHWIDLength = &number
		case "min-username":
			edit.MinUsernameLength = &number
		case "leaked-passwords":
			edit.LeakedPasswordCheck = &on
		case "vpn-block":
			edit.VPNBlock = &on
		case "countries":
			edit.AllowedCountries = new(strings.FieldsFunc(value, func(r rune) bool { return r == ',' }))
		case "force-encryption":
			edit.ForceEncryption = &on
		case "token-system":
			edit.TokenSystem = &on
		case "hash-learn":
			edit.HashCheck, edit.HashLearn, edit.Hashes = new(true), &on, &[]string{}
		case "hash":
			edit.HashCheck, edit.Hashes = new(true), &[]string{value}
		default:
			w.t.Fatalf("unknown setting %q", name)
		}
	}
	_, err := w.env.Service.UpdateApp(w.owner, w.app.ID, edit)
	w.must(err)
}

func (w *world) license(key string, args []string) {
	w.t.Helper()
	level, err := strconv.ParseInt(args[0], 10, 64)
	w.must(err)
	duration, err := latchkey.ParseDuration(args[1])
	w.must(err)
	made, err := w.env.Service.CreateLicenses(w.owner, w.app.ID,
		service.NewLicenses{Amount: 1, Mask: key, Charset: latchkey.Charset{Uppercase: true}, CustomKey: true, Level: level, Duration: duration})
	w.must(err)
	w.licenses[key] = made[0].ID
}

func (w *world) user(name string) string {
	w.t.Helper()
	list, err := w.env.Service.ListUsers(w.owner, w.app.ID, service.UserFilter{Search: name})
	w.must(err)
	if len(list.Items) != 1 {
		w.t.Fatalf("%d users named %q", len(list.Items), name)
	}
	return list.Items[0].ID
}

func (w *world) subscription(name string) string {
	w.t.Helper()
	list, err := w.env.Service.ListSubscriptions(w.owner, w.app.ID, service.Page{})
	w.must(err)
	for _, s := range list.Items {
		if s.Name == name {
			return s.ID
		}
	}
	w.t.Fatalf("no subscription %q", name)
	return ""
}
