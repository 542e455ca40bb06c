package latchkey_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/latchkeytest"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// play is a program on its way to one call against the real server.
type play struct {
	testing.TB
	*theatre
	ctx     context.Context
	c       *latchkey.Client
	app     *latchkeytest.App
	things  things
	license string // of who is signed in
	secret  string // of the second factor
	spare   []string
}

// realCall is one function: what has to have happened, and the call itself.
type realCall struct {
	path string
	set  func(*play)
	make func(*play) error
}

var plays int // names of users, so that no two are one

// realCalls is one call of every function, as they succeed.
func realCalls() []realCall {
	nothing := func(*play) {}
	started := func(p *play) { _, err := p.c.Init(p.ctx); p.must(err) }
	user := func(_ *latchkey.User, err error) error { return err }
	return []realCall{
		{client.PathInit, nothing, func(p *play) error { _, err := p.c.Init(p.ctx); return err }},
		{client.PathKeys, (*play).old, func(p *play) error { _, err := p.c.Init(p.ctx); return err }},
		{client.PathLicense, started, func(p *play) error { return user(p.c.License(p.ctx, p.app.License("30d"))) }},
		{client.PathRegister, started, func(p *play) error { return user(p.c.Register(p.ctx, p.newcomer())) }},
		{client.PathLogin, started, func(p *play) error {
			r := p.newcomer()
			p.app.User(r.Username, r.Password, "30d")
			return user(p.c.Login(p.ctx, r.Username, r.Password))
		}},
		{client.PathCheck, (*play).licensed, func(p *play) error { _, err := p.c.Check(p.ctx); return err }},
		{client.PathUpgrade, (*play).licensed, func(p *play) error { return p.c.Upgrade(p.ctx, "", p.app.License("1d")) }},
		{client.PathLogout, (*play).licensed, func(p *play) error { return p.c.Logout(p.ctx) }},
		{client.PathForgot, started, func(p *play) error { return p.c.ForgotPassword(p.ctx, "ada", "ada@example.com") }},
		{client.PathRename, (*play).licensed, func(p *play) error { return p.c.Rename(p.ctx, p.newcomer().Username) }},
		{client.PathBan, (*play).licensed, func(p *play) error { return p.c.BanSelf(p.ctx, "a debugger") }},
		{client.PathVariable, started, func(p *play) error { _, err := p.c.Variable(p.ctx, "motd"); return err }},
		{client.PathSetUserVariable, (*play).licensed, func(p *play) error { return p.c.SetUserVariable(p.ctx, "score", "17") }},
		{client.PathUserVariable, (*play).scored, func(p *play) error { _, err := p.c.UserVariable(p.ctx, "score"); return err }},
		{client.PathFileInfo, started, func(p *play) error { _, err := p.c.FileInfo(p.ctx, p.things.file); return err }},
		{client.PathFileContent, started, func(p *play) error { _, err := p.c.WriteFile(p.ctx, p.things.file, io.Discard); return err }},
		{client.PathLog, started, func(p *play) error { return p.c.Log(p.ctx, "it crashed", "ADA-PC") }},
		{client.PathWebhook, started, func(p *play) error {
			_, err := p.c.Webhook(p.ctx, latchkey.WebhookCall{ID: p.things.webhook, Params: map[string]string{"item": "7"}, Body: "{}", ContentType: "application/json"})
			return err
		}},
		{client.PathBlacklist, started, func(p *play) error { _, err := p.c.Blacklisted(p.ctx); return err }},
		{client.PathOnline, started, func(p *play) error { _, _, err := p.c.Online(p.ctx); return err }},
		{client.PathStats, started, func(p *play) error { _, err := p.c.Stats(p.ctx); return err }},
		{client.PathChatSend, (*play).licensed, func(p *play) error { return p.c.ChatSend(p.ctx, "lobby", "hello") }},
		{client.PathChatMessages, (*play).licensed, func(p *play) error { _, err := p.c.ChatMessages(p.ctx, "lobby"); return err }},
		{client.PathTwoFactorEnroll, (*play).licensed, func(p *play) error { _, err := p.c.EnrollTwoFactor(p.ctx, p.license); return err }},
		{client.PathTwoFactorConfirm, (*play).enrolling, func(p *play) error { _, err := p.c.ConfirmTwoFactor(p.ctx, p.real.Code(p.secret)); return err }},
		{client.PathTwoFactorDisable, (*play).enrolled, func(p *play) error { return p.c.DisableTwoFactor(p.ctx, p.spare[0]) }},
		{client.PathTwoFactorVerify, (*play).waiting, func(p *play) error { return user(p.c.TwoFactor(p.ctx, p.spare[1])) }},
	}
}

// old is a program that has not heard of the key that signs now: it has to ask
// for those that its own one vouches for.
func (p *play) old() { p.c = p.client(p.TB, p.app, p.app.PublicKey) }

func (p *play) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// newcomer is a customer who is not yet there.
func (p *play) newcomer() latchkey.Registration {
	plays++
	return latchkey.Registration{Username: fmt.Sprintf("customer %d", plays), Password: "secret", License: p.app.License("30d")}
}

// licensed signs in.
func (p *play) licensed() {
	p.Helper()
	p.license = p.app.License("30d")
	_, err := p.c.License(p.ctx, p.license)
	p.must(err)
}

func (p *play) scored() {
	p.Helper()
	p.licensed()
	p.must(p.c.SetUserVariable(p.ctx, "score", "17"))
}

func (p *play) enrolling() {
	p.Helper()
	p.licensed()
	e, err := p.c.EnrollTwoFactor(p.ctx, p.license)
	p.must(err)
	p.secret = e.Secret
}

func (p *play) enrolled() {
	p.Helper()
	p.enrolling()
	var err error
	p.spare, err = p.c.ConfirmTwoFactor(p.ctx, p.real.Code(p.secret))
	p.must(err)
}

// waiting has everything but the code.
func (p *play) waiting() {
	p.Helper()
	p.enrolled()
	if _, err := p.c.License(p.ctx, p.license); !errors.Is(err, latchkey.ErrTwoFactor) {
		p.Fatal(err)
	}
}

// theatre is a server on which plays are given, and another program on it.
type theatre struct {
	*between
	app, other *latchkeytest.App
	props      map[*latchkeytest.App]things
}

// things are what an app's programs can ask for.
type things struct {
	key           string // that signs, the successor of the app's first
	file, webhook string // ids
}

func newTheatre(t testing.TB) *theatre {
	b := newBetween(t)
	th := &theatre{between: b, app: b.real.App, other: b.real.NewApp("another program"), props: map[*latchkeytest.App]things{}}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ordered") }))
	t.Cleanup(receiver.Close)
	for _, app := range []*latchkeytest.App{th.app, th.other} {
		app.ChatChannel("lobby")
		app.Variable("motd", "hello")
		th.props[app] = things{app.RotateKey(time.Hour), app.File("a.txt", []byte("the file's content")), app.Webhook("orders", receiver.URL)}
	}
	b.real.Advance(2 * time.Hour) // past the overlap
	return th
}

// stage brings a new run of a program to where it can make a call.
func (th *theatre) stage(t testing.TB, app *latchkeytest.App, call realCall) *play {
	t.Helper()
	p := &play{TB: t, theatre: th, ctx: t.Context(), c: th.client(t, app, th.props[app].key), app: app, things: th.props[app]}
	call.set(p)
	return p
}

// TestEveryCallAgainstTheServer is the whole protocol between the SDK and the
// real server: there is no function that the SDK does not call.
func TestEveryCallAgainstTheServer(t *testing.T) {
	th := newTheatre(t)
	for _, call := range realCalls() {
		p := th.stage(t, th.app, call)
		before := len(th.recorded())
		if err := call.make(p); err != nil {
			t.Errorf("%s: %v", call.path, err)
		}
		if made := th.recorded()[before:]; !slices.ContainsFunc(made, func(e exchange) bool { return e.path == call.path && e.status == http.StatusOK }) {
			t.Errorf("%s was not called", call.path)
		}
	}
	called := map[string]bool{}
	for _, e := range th.recorded() {
		called[e.path] = true
	}
	for _, f := range client.Functions() {
		if !called[f.Path] {
			t.Errorf("the SDK calls no %s", f.Path)
		}
	}
}

// TestARecordedSessionIsRefused plays what the real server has answered to one
// run of the program to another run, for every function. Statements of keys
// prove themselves, so that an old answer to keys is as good as a new one; it
// makes no other answer any better.
func TestARecordedSessionIsRefused(t *testing.T) {
	th := newTheatre(t)
	for _, call := range realCalls() {
		p := th.stage(t, th.app, call)
		if err := call.make(p); err != nil {
			t.Fatalf("%s: %v", call.path, err)
		}
		again := th.stage(t, th.app, call)
		old := map[string]*answer{call.path: th.last(call.path)}
		if call.path == client.PathKeys {
			old[client.PathInit] = th.last(client.PathInit)
		}
		th.spoil(old)
		if err := call.make(again); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%s: a recorded answer gives %v", call.path, err)
		}
		th.spoil(nil)
	}
}

// TestAnotherAppsAnswersAreRefused has the same server answer as another
// application, whose owner is the customer: by sending requests on under its
// name, and by what it has answered to its own program.
func TestAnotherAppsAnswersAreRefused(t *testing.T) {
	th := newTheatre(t)
	for _, call := range realCalls() {
		p := th.stage(t, th.app, call)
		th.sendAs(map[string]*latchkeytest.App{call.path: th.other})
		if err := call.make(p); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%s: sent on under another name: %v", call.path, err)
		}
		th.sendAs(nil)

		theirs := th.stage(t, th.other, call)
		if err := call.make(theirs); err != nil {
			t.Fatalf("%s: %v", call.path, err)
		}
		genuine := th.last(call.path)
		p = th.stage(t, th.app, call)
		th.spoil(map[string]*answer{call.path: genuine})
		if err := call.make(p); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%s: another app's success gives %v", call.path, err)
		}
		th.spoil(nil)
	}
}
