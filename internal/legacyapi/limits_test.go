package legacyapi_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/legacyapi"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/web"
)

const (
	home     = "192.0.2.1"
	stranger = "198.51.100.1"
	device   = "hwid-0000000000000001"
)

// limited is a world with limits, in which a request says where it comes from:
// its peer is a proxy that is believed.
type limited struct{ *world }

func newLimited(t testing.TB, rates ratelimit.Rates, trusted ...string) limited {
	t.Helper()
	w := limited{newWorld(t)}
	var proxies []netip.Prefix
	for _, p := range trusted {
		proxies = append(proxies, netip.MustParsePrefix(p))
	}
	handler := legacyapi.New(w.env.Service, legacyapi.Options{Now: w.env.Clock.Now, Rand: rand.Reader,
		Limits: ratelimit.NewCustomers(w.env.Clock.Now, rates)})
	srv := httptest.NewServer(web.Wrap(web.Options{Log: slog.New(slog.DiscardHandler), Now: w.env.Clock.Now, Rand: rand.Reader,
		TrustedProxies: proxies}, handler))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.do("license SUN-AAAA-BBBB-CCCC-0001 1 30d")
	w.do("license SUN-AAAA-BBBB-CCCC-0002 1 30d")
	w.session = w.init(home)
	return w
}

const proxy = "127.0.0.1/32"

func rates() ratelimit.Rates {
	return ratelimit.Rates{FailuresPerMinute: 10, SignInsPerMinute: 1000, RegistrationsPerHour: 1000}
}

// send sends a request from an address and returns its answer, which is 200
// and signed in any case.
func (w limited) send(from string, r *http.Request) (success bool, message string, wait time.Duration) {
	w.t.Helper()
	r.Header.Set("X-Forwarded-For", from)
	resp, err := http.DefaultClient.Do(r)
	w.must(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	w.must(err)
	if resp.StatusCode != http.StatusOK {
		w.t.Errorf("status %d: %s", resp.StatusCode, body)
	}
	w.checkSignatures("answer", resp.Header, body, []string{"ed25519"})
	var a struct {
		Success   bool
		Message   string
		SessionID string
	}
	w.must(json.Unmarshal(body, &a))
	if after := resp.Header.Get("Retry-After"); after != "" {
		wait, err = time.ParseDuration(after + "s")
		w.must(err)
	}
	if a.SessionID != "" {
		a.Message = a.SessionID
	}
	return a.Success, a.Message, wait
}

func (w limited) request(form url.Values) *http.Request {
	w.t.Helper()
	form.Set("name", appName)
	form.Set("ownerid", w.app.OwnerID)
	if form.Get("sessionid") == "" {
		form.Set("sessionid", w.session)
	}
	r, err := http.NewRequest(http.MethodPost, w.url+"/api/1.3/", strings.NewReader(form.Encode()))
	w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (w limited) init(from string) (session string) {
	w.t.Helper()
	ok, session, _ := w.send(from, w.request(url.Values{"type": {"init"}}))
	if !ok {
		w.t.Fatalf("init: %s", session)
	}
	return session
}

// call makes a call and returns what became of it: "done", "refused" for
// another reason than a limit, or the time to wait.
func (w limited) call(from string, pairs ...string) string {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return w.outcome(w.send(from, w.request(form)))
}

func (w limited) outcome(success bool, message string, wait time.Duration) string {
	w.t.Helper()
	limitText := latchkey.CodeRateLimited.Sentence()
	switch {
	case success:
		return "done"
	case message == limitText && wait > 0:
		return wait.String()
	case message == limitText || wait > 0:
		w.t.Errorf("refused with %q, wait %s", message, wait)
	}
	return "refused"
}

func (w limited) want(why, want, got string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: %s, want %s", why, got, want)
	}
}

func (w limited) login(from, name, password string) string {
	w.t.Helper()
	return w.call(from, "type", "login", "username", name, "pass", password, "hwid", device)
}

func (w limited) license(from, key string) string {
	w.t.Helper()
	return w.call(from, "type", "license", "key", key, "hwid", device)
}

func (w limited) register(from, name, key string) string {
	w.t.Helper()
	return w.call(from, "type", "register", "username", name, "pass", "secret", "key", key, "hwid", device)
}

func TestWrongKeysOfOneAddressAreLimited(t *testing.T) {
	w := newLimited(t, rates(), proxy)
	for i := range 10 {
		w.want("a wrong key", "refused", w.license(stranger, fmt.Sprint("WRONG-", i)))
	}
	w.want("the eleventh", "6s", w.license(stranger, "WRONG-11"))
	w.want("a name", "6s", w.login(stranger, "ann", "secret"))
	w.want("a registration", "6s", w.register(stranger, "ann", "WRONG-12"))
	w.want("an upgrade", "6s", w.call(stranger, "type", "upgrade", "username", "ann", "key", "WRONG-13"))
	w.want("a right key", "6s", w.license(stranger, "SUN-AAAA-BBBB-CCCC-0001"))
	w.want("a right key from elsewhere", "done", w.license(home, "SUN-AAAA-BBBB-CCCC-0001"))
	w.env.Clock.Advance(6 * time.Second)
	w.want("six seconds later", "refused", w.license(stranger, "WRONG-14"))
	w.want("and then", "6s", w.license(stranger, "WRONG-15"))
	for i := range 200 {
		w.env.Clock.Advance(6 * time.Second)
		if got := w.license(stranger, fmt.Sprint("WRONG-", 100+i)); got != "refused" {
			w.want("one of a hundred in the hour", "30s", got)
			if i < 80 || i > 120 {
				t.Errorf("the hour's limit came after %d", i)
			}
			break
		}
	}
	w.env.Clock.Advance(time.Hour)
	w.want("an hour later", "refused", w.license(stranger, "WRONG-300"))
}

func TestASlashSixtyFourIsOneAddress(t *testing.T) {
	w := newLimited(t, rates(), proxy)
	for i := range 10 {
		w.want("a wrong key", "refused", w.license(fmt.Sprintf("2001:db8::%x", i), fmt.Sprint("WRONG-", i)))
	}
	w.want("the eleventh", "6s", w.license("2001:db8::ffff:1", "WRONG-11"))
	w.want("the next /64", "refused", w.license("2001:db8:0:1::1", "WRONG-12"))
}

func TestSpellingsAndFormsOfANameShareOneLimit(t *testing.T) {
	const name, password = "Zoë Ångström", "secret"
	w := newLimited(t, rates(), proxy)
	w.want("registering", "done", w.register(home, name, "SUN-AAAA-BBBB-CCCC-0001"))
	for _, spelling := range []string{name, "ZOË ÅNGSTRÖM", "zoë ångström", "Zoe\u0308 A\u030angstro\u0308m", "  Zoë Ångström\n"} {
		w.want(spelling, "refused", w.login(stranger, spelling, "wrong"))
	}
	form := url.Values{"type": {"login"}, "username": {"ZOË ångström"}, "pass": {"wrong"}, "hwid": {device}}
	for range 5 {
		w.want("multipart", "refused", w.outcome(w.send(stranger, w.multipart(form))))
	}
	r := w.request(form)
	r.URL.RawQuery, r.Body, r.ContentLength = form.Encode(), nil, 0
	w.want("by query", "1m30s", w.outcome(w.send(stranger, r)))
	w.want("as multipart", "1m30s", w.outcome(w.send(stranger, w.multipart(form))))
	w.want("as a form", "1m30s", w.login(stranger, "zoË ÅNGSTRÖM", "wrong"))
	w.want("by registering", "1m30s", w.register(stranger, "zoË ÅNGSTRÖM", "SUN-AAAA-BBBB-CCCC-0002"))
	w.want("with the right password", "1m30s", w.login(stranger, name, password))
	w.env.Clock.Advance(90 * time.Second)
	w.want("after the wait", "done", w.login(stranger, name, password))
}

func (w limited) multipart(form url.Values) *http.Request {
	w.t.Helper()
	r := w.request(form)
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name := range form {
		w.must(m.WriteField(name, form.Get(name)))
	}
	w.must(m.Close())
	r.Body, r.ContentLength = io.NopCloser(&body), int64(body.Len())
	r.Header.Set("Content-Type", m.FormDataContentType())
	return r
}

func TestStrangersLockNoCustomerOut(t *testing.T) {
	w := newLimited(t, rates(), proxy)
	w.want("registering", "done", w.register(home, "ann", "SUN-AAAA-BBBB-CCCC-0001"))
	signedIn := w.session
	w.session = w.init(stranger)
	for i := range 40 {
		w.login(fmt.Sprintf("198.51.100.%d", i), "ann", "wrong") // one try from each
		w.login(stranger, "ann", "wrong")                        // and on from one
		w.login(home, fmt.Sprint("neighbor ", i), "wrong")       // and behind her own address
	}
	for _, from := range []string{home, stranger, "203.0.113.7"} {
		w.want("her open session at "+from, "done", w.call(from, "type", "check", "sessionid", signedIn))
	}
	w.want("her name at home, where a neighbor guesses", "done", w.login(home, "ann", "secret"))
	w.want("her name somewhere new", "done", w.login("203.0.113.7", "ann", "secret"))
	w.want("another customer of the app", "done", w.register("203.0.113.8", "bob", "SUN-AAAA-BBBB-CCCC-0002"))
	if got := w.login(stranger, "ann", "secret"); got == "done" || got == "refused" {
		t.Errorf("the stranger: %s", got)
	}
}

func TestOneKeyWithWrongDevicesIsLimited(t *testing.T) {
	w := newLimited(t, rates(), proxy)
	const key = "SUN-AAAA-BBBB-CCCC-0001"
	w.want("the customer", "done", w.license(home, key))
	for i := range 20 {
		w.want("a device", "refused", w.call(stranger, "type", "license", "key", key, "hwid", fmt.Sprintf("another-device-of-%06d", i)))
	}
	w.want("the next", "3s", w.call(stranger, "type", "license", "key", key, "hwid", "another-device-of-many"))
	w.want("the customer", "done", w.license(home, key))
	w.want("another key at that address", "done", w.license(stranger, "SUN-AAAA-BBBB-CCCC-0002"))
	w.env.Clock.Advance(3 * time.Second)
	w.want("three seconds later", "refused", w.call(stranger, "type", "license", "key", key, "hwid", "another-device-of-many"))
}

func TestAttemptsOfAllKindsHaveACeiling(t *testing.T) {
	r := rates()
	r.SignInsPerMinute = 30
	w := newLimited(t, r, proxy)
	for range 30 {
		w.want("a sign-in", "done", w.license(home, "SUN-AAAA-BBBB-CCCC-0001"))
	}
	w.want("one more", "2s", w.license(home, "SUN-AAAA-BBBB-CCCC-0001"))
	w.want("from elsewhere", "done", w.license("203.0.113.7", "SUN-AAAA-BBBB-CCCC-0001"))
	for range 100 {
		w.want("check is not limited", "done", w.call(home, "type", "check"))
	}
	w.init(home)
	w.env.Clock.Advance(2 * time.Second)
	w.want("two seconds later", "done", w.license(home, "SUN-AAAA-BBBB-CCCC-0001"))
}

func TestRegistrationsHaveACeilingWhichFailuresDoNotUse(t *testing.T) {
	r := rates()
	r.RegistrationsPerHour = 1
	w := newLimited(t, r, proxy)
	w.want("a wrong key", "refused", w.register(home, "ann", "WRONG"))
	w.want("the first", "done", w.register(home, "ann", "SUN-AAAA-BBBB-CCCC-0001"))
	w.want("the second", "1h0m0s", w.register(home, "bob", "SUN-AAAA-BBBB-CCCC-0002"))
	w.want("a sign-in", "done", w.login(home, "ann", "secret"))
	w.env.Clock.Advance(time.Hour)
	w.want("an hour later", "done", w.register(home, "bob", "SUN-AAAA-BBBB-CCCC-0002"))
}

func TestAMadeUpForwardedAddressChangesNothing(t *testing.T) {
	w := newLimited(t, rates()) // no proxy is believed
	for i := range 10 {
		w.want("a wrong key", "refused", w.license(fmt.Sprintf("203.0.113.%d", i), fmt.Sprint("WRONG-", i)))
	}
	w.want("the eleventh", "6s", w.license("203.0.113.99", "WRONG-11"))
}

// Guesses made at once all pass; they are waited for afterwards.
func TestGuessesAtOnceArePaidFor(t *testing.T) {
	w := newLimited(t, rates(), proxy)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() { w.license(stranger, fmt.Sprint("WRONG-", i)) })
	}
	wg.Wait()
	if got := w.license(stranger, "WRONG-40"); got == "done" || got == "refused" {
		t.Errorf("then: %s", got)
	}
	w.env.Clock.Advance(2 * time.Minute)
	w.want("two minutes later", "refused", w.license(stranger, "WRONG-41"))
}
