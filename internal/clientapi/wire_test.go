package clientapi_test

import (
	"crypto/ed25519"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/clientapi"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// TestPanicsAreAnsweredSigned has the counters of failures panic.
func TestPanicsAreAnsweredSigned(t *testing.T) {
	w := newWorld(t)
	broken := ratelimit.NewCustomers(func() time.Time { panic("the clock is broken") }, ratelimit.Rates{FailuresPerMinute: 1, SignInsPerMinute: 1, RegistrationsPerHour: 1})
	in := client.License{Session: w.start(), License: w.key(1, "30d"), HWID: machine}
	w.url = w.serve(clientapi.New(w.Service, clientapi.Options{Now: w.Clock.Now, Limits: broken}))
	a := w.send(w.newRequest(client.PathLicense, in))
	if a.StatusCode != http.StatusInternalServerError || a.refusal.Code != "server.internal" || a.refusal.RequestID == "" || strings.Contains(string(a.body), "clock") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestWithoutADatabaseNobodyIsLetIn(t *testing.T) {
	w := newWorld(t)
	other := w.App("another program")
	in := w.customer()
	w.must(w.DB.Close())
	// The app is remembered, and its key with it: answers are signed.
	w.Clock.Advance(time.Hour)
	a := w.send(w.newRequest(client.PathLicense, client.License{Session: in.Session, License: "ABCDEF", HWID: machine}))
	if a.StatusCode != http.StatusServiceUnavailable || a.refusal.Code != "server.unavailable" || a.refusal.RetryAfter != 1 || a.Header.Get("Retry-After") != "1" {
		t.Errorf("%d %s %v", a.StatusCode, a.body, a.Header)
	}
	r := w.newRequest(client.PathInit, client.Init{})
	r.header.Set(sign.HeaderNativeApp, other.ID)
	a, err := w.sendUnproven(r)
	w.must(err)
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get(sign.HeaderNativeSignature) != "" {
		t.Errorf("of an app that could not be read: %d %s %v", a.StatusCode, a.body, a.Header)
	}
}

func TestKeysOnTheWire(t *testing.T) {
	w := newWorld(t)
	first := w.pinned[0]
	rotate := func(overlap int64) {
		w.Clock.Advance(time.Second)
		_, err := w.Service.RotateCredentials(w.Ctx(), w.app.ID, []latchkey.CredentialKind{latchkey.CredentialClientKey}, overlap)
		w.must(err)
	}
	signedBy := func(names ...string) string {
		r := w.newRequest(client.PathInit, client.Init{})
		r.header[sign.HeaderNativeKeys] = names
		return w.send(r).Header.Get(sign.HeaderNativeKey)
	}
	rotate(3600)
	second := w.clientKey(0)
	w.pinned = []ed25519.PublicKey{first, second}
	one, two := sign.NativeKeyID(first), sign.NativeKeyID(second)
	nine := strings.Repeat(strings.Repeat("0", 32)+",", sign.MaxNativeKeys)
	for _, c := range []struct {
		names []string
		want  string
	}{
		{nil, one}, {[]string{""}, one}, {[]string{one}, one}, {[]string{two}, two}, {[]string{two + "," + one}, two}, {[]string{nine[:33*7] + two}, two},
		{[]string{nine + two}, one}, {[]string{two, one}, one}, {[]string{strings.ToUpper(two)}, one}, {[]string{nine[:33] + " " + two}, one},
	} {
		if got := signedBy(c.names...); got != c.want {
			t.Errorf("%.80q: signed by %s, want %s", c.names, got, c.want)
		}
	}
	known := done[client.Keys](w, client.PathKeys, client.Empty{})
	if len(known.Keys) != 2 || known.Keys[0].ID != two || known.Keys[1].ID != one || len(known.Successions) != 1 {
		t.Fatalf("%+v", known)
	}
	st := known.Successions[0]
	if !sign.VerifySuccession(first, &sign.Succession{AppID: w.app.ID, KeyID: st.Key, Successor: second, From: st.From}, st.Signature) {
		t.Errorf("nobody believes %+v", st)
	}
	w.Clock.Advance(time.Hour)
	if got := signedBy(one); got != two {
		t.Errorf("after the overlap: signed by %s", got)
	}
	in := w.customer()
	rotate(0)
	w.pinned = []ed25519.PublicKey{w.clientKey(0)}
	known = done[client.Keys](w, client.PathKeys, client.Empty{})
	if len(known.Keys) != 1 || len(known.Successions) != 0 {
		t.Errorf("after a leak: %+v", known)
	}
	w.refused(client.PathCheck, client.Session{Session: in.Session}, latchkey.CodeSessionNotFound)
}

func TestLimitsAreSigned(t *testing.T) {
	w := newWorldWith(t, func(e *servicetest.Env) *ratelimit.Customers {
		return ratelimit.NewCustomers(e.Clock.Now, ratelimit.Rates{FailuresPerMinute: 10, SignInsPerMinute: 1000, RegistrationsPerHour: 1000})
	})
	session := w.start()
	for range 10 {
		w.refused(client.PathLogin, client.Login{Session: session, Username: "nobody", Password: "wrong", HWID: machine}, latchkey.CodePasswordWrong)
	}
	a := w.send(w.newRequest(client.PathLogin, client.Login{Session: session, Username: "NOBODY ", Password: "wrong", HWID: machine}))
	if a.StatusCode != http.StatusTooManyRequests || a.refusal.Code != "request.rate_limited" || a.refusal.RetryAfter != 90 || a.Header.Get("Retry-After") != "90" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	w.refused(client.PathLicense, client.License{Session: session, License: "WRONG", HWID: machine}, latchkey.CodeRateLimited)
	for range 3 {
		session = w.start()
		w.refused(client.PathCheck, client.Session{Session: session}, latchkey.CodeSessionNotSignedIn)
	}
}

// TestRefusals walks what the functions of signing in refuse.
func TestRefusals(t *testing.T) {
	w := newWorld(t)
	text := "Du bist gesperrt: {reason}"
	w.edit(service.AppEdit{Messages: map[latchkey.MessageKey]*string{latchkey.MsgUserBanned: &text}, DownloadURL: new("https://example.com/new")})
	session, used := w.start(), w.key(1, "30d")
	enter := func(key, hwid string) client.License {
		return client.License{Session: session, License: key, HWID: hwid}
	}
	w.registered("ada")
	done[client.SignedIn](w, client.PathLicense, enter(used, machine))

	if r := w.refused(client.PathInit, client.Init{Version: "0.9"}, latchkey.CodeAppVersion); r.DownloadURL != "https://example.com/new" {
		t.Errorf("%+v", r)
	}
	w.refused(client.PathLicense, enter("ABCDEF", machine), latchkey.CodeLicenseNotFound)
	w.refused(client.PathLicense, client.License{Session: session, License: used}, latchkey.CodeDeviceRequired)
	w.refused(client.PathLicense, enter(used, "12345678"), latchkey.CodeDeviceShort)
	w.refused(client.PathLicense, enter(used, machine+"x"), latchkey.CodeDeviceMismatch)
	w.refused(client.PathLicense, enter(w.key(5, "30d"), machine), latchkey.CodeSubscriptionNoLevel)

	login := client.Login{Session: session, Username: "ada", Password: "wrong", HWID: machine}
	wrong := w.refused(client.PathLogin, login, latchkey.CodePasswordWrong)
	login.Username = "nobody"
	unknown := w.refused(client.PathLogin, login, latchkey.CodePasswordWrong)
	if wrong.Message != unknown.Message {
		t.Errorf("it tells which names there are: %q, %q", wrong.Message, unknown.Message)
	}

	register := client.Register{Session: session, Username: "Ada", Password: "secret", License: w.key(1, "30d"), HWID: machine}
	w.refused(client.PathRegister, register, latchkey.CodeUserExists)
	register.Username, register.License = "bob", used
	w.refused(client.PathRegister, register, latchkey.CodeLicenseUsed)
	register.Email = "nobody"
	if r := w.refused(client.PathRegister, register, latchkey.CodeInvalid); r.Field != "email" {
		t.Errorf("%+v", r)
	}
	w.edit(service.AppEdit{MinUsernameLength: new(int64(4))})
	register.Email = ""
	w.refused(client.PathRegister, register, latchkey.CodeUserNameShort)

	w.refused(client.PathUpgrade, client.Upgrade{Session: session, Username: "nobody", License: w.key(1, "1d")}, latchkey.CodeUserNotFound)
	w.refused(client.PathUpgrade, client.Upgrade{Session: session, Username: "ada", License: used}, latchkey.CodeLicenseUsed)
	more := w.newRequest(client.PathUpgrade, client.Upgrade{Session: session, Username: "ada", License: w.key(1, "1d")})
	w.twice(more, "{}")

	_, err := w.Service.BanUser(w.Ctx(), w.app.ID, w.user("ada").ID, service.UserBan{Reason: "charge-back"})
	w.must(err)
	login.Username, login.Password = "ada", "secret"
	if r := w.refused(client.PathLogin, login, latchkey.CodeUserBanned); r.Message != "Du bist gesperrt: charge-back" || r.Reason != "charge-back" {
		t.Errorf("%+v", r)
	}
	w.Clock.Advance(31 * 24 * time.Hour)
	session = w.start()
	w.refused(client.PathLicense, enter(used, machine), latchkey.CodeSubscriptionExpired)
	_, err = w.Service.PauseApp(w.Ctx(), w.app.ID)
	w.must(err)
	w.refused(client.PathInit, client.Init{}, latchkey.CodeAppPaused)
	_, err = w.Service.DisableApp(w.Ctx(), w.app.ID)
	w.must(err)
	w.refused(client.PathLicense, enter(used, machine), latchkey.CodeAppDisabled)
	done[client.Keys](w, client.PathKeys, client.Empty{})
	w.edit(service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.Protocol13}})
	w.refused(client.PathKeys, client.Empty{}, latchkey.CodeProtocolNotAccepted)
}
