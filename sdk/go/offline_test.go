package latchkey_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

const day = 24 * time.Hour

// offline is a program that has signed in once, with three days of grace, and
// now starts without a network.
type offline struct {
	t    *testing.T
	s    *server
	path string
	m    *latchkey.Machine
}

func newOffline(t *testing.T) *offline {
	t.Helper()
	o := &offline{t: t, s: newServer(t), path: filepath.Join(t.TempDir(), "grace")}
	o.signIn()
	return o
}

func (o *offline) run(more ...latchkey.Option) *latchkey.Client {
	c, m := o.s.client(o.t, append([]latchkey.Option{latchkey.WithOffline(o.path, 3*day)}, more...)...)
	if o.m != nil {
		m.Wall = o.m.Wall
	}
	o.m = m
	return c
}

func (o *offline) signIn() *latchkey.Client {
	o.t.Helper()
	c := o.run()
	if _, err := c.License(o.t.Context(), "K"); err != nil || c.OfflineError() != nil {
		o.t.Fatal(err, c.OfflineError())
	}
	return c
}

func (o *offline) want(c *latchkey.Client, what string, want error) *latchkey.Grace {
	o.t.Helper()
	g, err := c.Offline()
	if !errors.Is(err, want) {
		o.t.Errorf("%s: got %v, want %v", what, err, want)
	}
	return g
}

func TestGraceLastsAsLongAsTheSellerSays(t *testing.T) {
	o := newOffline(t)
	c := o.run()
	o.m.Pass(time.Hour)
	g := o.want(c, "after an hour", nil)
	if g.User.Username != "ada" || !g.Until.Equal(serverTime.Add(3*day)) || g.Left != 3*day-time.Hour {
		t.Errorf("%+v", g)
	}
	o.m.Pass(3*day - 61*time.Minute - time.Second)
	o.want(c, "near the end", nil)
	o.m.Pass(2 * time.Minute)
	o.want(c, "at the end", latchkey.ErrNoGrace)
	o.want(o.run(), "at the end, started anew", latchkey.ErrNoGrace)
	o.s.now = o.m.Wall
	o.signIn()
	o.want(o.run(), "after another sign-in", nil)
}

func TestSettingTheClockBackGainsNothing(t *testing.T) {
	o := newOffline(t)
	c := o.run()
	o.m.Pass(2 * day)
	o.want(c, "after two days", nil)
	o.m.Wall = o.m.Wall.Add(-day)
	o.want(c, "set back in the same run", latchkey.ErrClock)
	o.want(o.run(), "set back, started anew", latchkey.ErrClock)
	o.m.Wall = serverTime.Add(-day)
	o.want(o.run(), "set back to before the sign-in", latchkey.ErrClock)

	o = newOffline(t)
	c = o.run(latchkey.WithOffline(o.path, 2*time.Hour))
	for range 30 { // four minutes forth, four minutes back
		o.m.Pass(4 * time.Minute)
		if _, err := c.Offline(); err != nil {
			return
		}
		o.m.Wall = o.m.Wall.Add(-4 * time.Minute)
	}
	t.Error("a clock that is set back by a little, again and again, makes the grace period last")
}

func TestStandingClockComesToAnEnd(t *testing.T) {
	o := newOffline(t)
	for start := range 60 {
		if _, err := o.run(latchkey.WithOffline(o.path, time.Hour)).Offline(); errors.Is(err, latchkey.ErrNoGrace) {
			if start < 58 {
				t.Errorf("over after %d starts", start)
			}
			return
		}
	}
	t.Error("with the clock standing still the grace period never ends")
}

func TestAskingOftenCostsNothing(t *testing.T) {
	o := newOffline(t)
	c := o.run()
	for range 100 {
		o.m.Pass(10 * time.Second)
		if g, err := c.Offline(); err != nil || g.Left < 3*day-20*time.Minute {
			t.Fatalf("%+v, %v", g, err)
		}
	}
}

func TestGraceEndsWithTheSubscriptionOrTheServersWord(t *testing.T) {
	reply := func(until string) string {
		return `{"stage":"signed_in","session":"s","session_expires_at":1,"user":{"username":"ada","created_at":1,"subscriptions":[{"name":"a","level":1,"expires_at":` + until + `}`
	}
	for body, want := range map[string]time.Time{
		reply("1767229200000") + `]}}`:                              serverTime.Add(time.Hour),
		reply("1") + `,{"name":"b","level":2,"expires_at":null}]}}`: serverTime.Add(3 * day),
		reply("null") + `],"offline_until":1767229200000}}`:         serverTime.Add(time.Hour),
		reply("null") + `],"offline_until":4102444800000}}`:         serverTime.Add(3 * day),
	} {
		o := &offline{t: t, s: newServer(t), path: filepath.Join(t.TempDir(), "grace")}
		o.s.replies[client.PathLicense] = body
		o.signIn()
		c := o.run(latchkey.WithOffline(o.path, 3*day))
		o.m.Wall = serverTime.Add(-time.Minute)
		if g := o.want(c, body, nil); g != nil && !g.Until.Equal(want) {
			t.Errorf("%s: until %v, want %v", body, g.Until, want)
		}
	}
	o := &offline{t: t, s: newServer(t), path: filepath.Join(t.TempDir(), "grace")}
	o.s.replies[client.PathLicense] = reply("null") + `],"offline_until":0}}`
	o.signIn()
	o.want(o.run(), "a server that allows none", latchkey.ErrNoGrace)
}

func TestRefusalsThatEndTheGracePeriod(t *testing.T) {
	for code, want := range map[latchkey.Code]error{
		latchkey.CodeUserBanned: latchkey.ErrNoGrace, latchkey.CodeSubscriptionExpired: latchkey.ErrNoGrace, latchkey.CodeSessionNotFound: latchkey.ErrNoGrace,
		latchkey.CodeAppDisabled: latchkey.ErrNoGrace, latchkey.CodePasswordWrong: nil, latchkey.CodeRateLimited: nil, latchkey.CodeUnavailable: nil,
	} {
		o := newOffline(t)
		c := o.signIn()
		o.s.refuse[client.PathCheck] = client.Error{Code: string(code)}
		if _, err := c.Check(t.Context()); latchkey.CodeOf(err) != code {
			t.Fatal(err)
		}
		o.want(o.run(), string(code), want)
	}
	o := newOffline(t)
	c := o.signIn()
	o.s.spoil = func(_ *http.Request, a *answer) {
		a.status, a.body = 403, []byte(`{"error":{"code":"user.banned","message":"","request_id":""}}`)
	}
	if _, err := c.Check(t.Context()); !errors.Is(err, latchkey.ErrUnverified) {
		t.Fatal(err)
	}
	o.want(o.run(), "a ban that a stranger made up", nil)
	o.s.spoil = nil
	if err := c.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.want(o.run(), "after the customer has signed out", latchkey.ErrNoGrace)
}

func TestKeptSignInsOpenWhereTheyWereMade(t *testing.T) {
	o := newOffline(t)
	o.want(o.run(latchkey.WithHWID("another computer's hardware id")), "on another computer", latchkey.ErrNoGrace)
	plain := o.run()
	kept, err := os.ReadFile(o.path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept, []byte("ada")) || bytes.Contains(kept, []byte("default")) {
		t.Error("the file can be read")
	}
	for i := 0; i < len(kept); i += 7 {
		spoiled := bytes.Clone(kept)
		spoiled[i] ^= 4
		if err := os.WriteFile(o.path, spoiled, 0o600); err != nil {
			t.Fatal(err)
		}
		o.want(plain, "spoiled", latchkey.ErrNoGrace)
	}
	for _, n := range []int{0, 1, 16, 28, len(kept) - 1} {
		if err := os.WriteFile(o.path, kept[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		o.want(plain, "cut", latchkey.ErrNoGrace)
	}
	if err := os.WriteFile(o.path, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	o.want(plain, "put back", nil)

	foreign, err := latchkey.New(latchkey.Config{BaseURL: o.s.URL, AppID: testApp, PublicKeys: []string{publicHex(testKey(3))}},
		latchkey.WithMachine(o.m), latchkey.WithHWID(testHWID), latchkey.WithOffline(o.path, 3*day))
	if err != nil {
		t.Fatal(err)
	}
	o.want(foreign, "by a program that trusts another key", latchkey.ErrNoGrace)
	o.want(o.run(latchkey.WithOffline(filepath.Join(t.TempDir(), "none"), day)), "without a file", latchkey.ErrNoGrace)
	c, _ := o.s.client(t)
	o.want(c, "without a grace period", latchkey.ErrNoGrace)
}

// TestGraceOfAnotherDevice holds that the server's word on the device counts,
// whatever the file opens with.
func TestGraceOfAnotherDevice(t *testing.T) {
	o := &offline{t: t, s: newServer(t), path: filepath.Join(t.TempDir(), "grace")}
	o.s.replies[client.PathLicense] = `{"stage":"signed_in","session":"s","session_expires_at":1,"user":{"username":"ada","created_at":1,"device":"` +
		publicHex(testKey(5)) + `","subscriptions":[{"name":"a","level":1,"expires_at":null}]}}`
	o.signIn()
	o.want(o.run(), "with the hash of another hardware id", latchkey.ErrNoGrace)
}

// TestGraceUnderALearnedKey holds that a sign-in which a successor signed can be
// proven without the network, too.
func TestGraceUnderALearnedKey(t *testing.T) {
	o := &offline{t: t, s: newServer(t), path: filepath.Join(t.TempDir(), "grace")}
	o.s.key, o.s.successions = sign.NewNativeKey(testKey(4)), []client.Succession{vouch(1, 4)}
	o.signIn()
	o.want(o.run(), "in another run", nil)
}
