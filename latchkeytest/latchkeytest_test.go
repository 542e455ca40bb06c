package latchkeytest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/latchkeytest"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

const computer = "the computer of this test"

// program is a run of a program on a computer.
func program(t *testing.T, app *latchkeytest.App, options ...latchkey.Option) *latchkey.Client {
	t.Helper()
	c, err := latchkey.New(app.Config(), append([]latchkey.Option{latchkey.WithHWID(computer), latchkey.WithRetries(0)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func refused(t *testing.T, what string, err error, want latchkey.Code) {
	t.Helper()
	if latchkey.CodeOf(err) != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func TestWhatASellerDoesShowsInTheProgram(t *testing.T) {
	server := latchkeytest.New(t)
	app := server.App
	c := program(t, app)
	ctx := t.Context()

	key := app.License("30d")
	user, err := c.License(ctx, key)
	refused(t, "a new license", err, "")
	if user.Username != key || user.Level() != 1 {
		t.Errorf("%+v", user)
	}
	check := func() error { _, err := c.Check(ctx); return err }
	refused(t, "check", check(), "")
	app.Pause()
	refused(t, "paused", check(), latchkey.CodeAppPaused)
	app.Resume()
	refused(t, "resumed", check(), "")
	app.Disable()
	refused(t, "disabled", check(), latchkey.CodeAppDisabled)
	app.Enable()
	app.KillSessions()
	refused(t, "killed", check(), latchkey.CodeSessionNotFound)

	_, err = c.License(ctx, key)
	refused(t, "signed in anew", err, "")
	app.BanUser(key, "charge-back")
	_, err = c.License(ctx, key)
	refused(t, "banned", err, latchkey.CodeUserBanned)
	app.UnbanUser(key)

	other := program(t, app, latchkey.WithHWID("another computer of this test"))
	_, err = other.License(ctx, key)
	refused(t, "another computer", err, latchkey.CodeDeviceMismatch)
	app.ResetDevices(key)
	_, err = other.License(ctx, key)
	refused(t, "after a reset", err, "")

	server.Advance(31 * 24 * time.Hour)
	_, err = other.License(ctx, key)
	refused(t, "a month later", err, latchkey.CodeSubscriptionExpired)
	app.Extend(key, "1d")
	_, err = other.License(ctx, key)
	refused(t, "extended", err, "")

	app.User("ada", "secret", "lifetime")
	user, err = c.Login(ctx, "Ada", "secret")
	refused(t, "a user made by hand", err, "")
	if err == nil && !user.Subscriptions[0].ExpiresAt.IsZero() {
		t.Errorf("%+v", user)
	}
	app.Subscription("gold", 2)
	_, err = c.Register(ctx, latchkey.Registration{Username: "bob", Password: "secret", License: app.LicenseOfLevel(2, "1h")})
	refused(t, "registered", err, "")
	banned := app.License("1d")
	app.BanLicense(banned, "stolen")
	_, err = c.License(ctx, banned)
	refused(t, "a banned license", err, latchkey.CodeLicenseBanned)
	app.SetVersion("2.0", "https://example.com/new")
	_, err = c.Init(ctx)
	refused(t, "an old program", err, latchkey.CodeAppVersion)
	if e := (*latchkey.Error)(nil); !errors.As(err, &e) || e.DownloadURL != "https://example.com/new" {
		t.Errorf("%+v", err)
	}
}

func TestKeysAreRotatedUnderAProgram(t *testing.T) {
	server := latchkeytest.New(t)
	old := program(t, server.App)
	key := server.App.License("30d")
	next := server.App.RotateKey(time.Hour)
	config := server.App.Config()
	config.PublicKeys = []string{next}
	newer, err := latchkey.New(config, latchkey.WithHWID(computer))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*latchkey.Client{old, newer} {
		_, err := c.License(t.Context(), key)
		refused(t, "during the overlap", err, "")
	}
	server.Advance(2 * time.Hour)
	_, err = old.License(t.Context(), key)
	refused(t, "afterwards, by what the old key has said", err, "")
	server.App.RotateKey(0)
	if _, err := old.License(t.Context(), key); !errors.Is(err, latchkey.ErrUnverified) {
		t.Errorf("after a leak: %v", err)
	}
}

func TestAnotherAppIsAnotherProgram(t *testing.T) {
	server := latchkeytest.New(t)
	other := server.NewApp("another program")
	_, err := program(t, other).License(t.Context(), server.App.License("30d"))
	refused(t, "another app's license", err, latchkey.CodeLicenseNotFound)
	config := server.App.Config()
	config.AppID = other.ID
	c, err := latchkey.New(config, latchkey.WithHWID(computer))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Init(t.Context()); !errors.Is(err, latchkey.ErrUnverified) {
		t.Errorf("under the key of one app and the name of another: %v", err)
	}
}

func TestAServerThatHasGone(t *testing.T) {
	server := latchkeytest.New(t)
	c := program(t, server.App)
	_, err := c.License(t.Context(), server.App.License("30d"))
	refused(t, "at first", err, "")
	for range 2 {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Check(t.Context()); !errors.Is(err, latchkey.ErrUnavailable) {
		t.Errorf("then: %v", err)
	}
}

// Outside of a test there is nobody to tell but by a panic.
func TestStart(t *testing.T) {
	server, err := latchkeytest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, "no user") {
			t.Errorf("panicked with %q", p)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	server.App.BanUser("nobody", "")
}
