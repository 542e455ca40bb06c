package outbox

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// discord is something that takes what Discord takes.
type discord struct {
	*testing.T
	env    *servicetest.Env
	app    service.AppView
	client *egress.Client
	url    string

	answer http.HandlerFunc // nil: 204
	mu     sync.Mutex
	got    []string // bodies
}

func newDiscord(t *testing.T) *discord {
	d := &discord{T: t, env: servicetest.New(t)}
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.URL.Path != "/api/webhooks/1/abc" {
			t.Errorf("%s %s (%v)", r.Method, r.URL, err)
		}
		d.mu.Lock()
		d.got = append(d.got, string(body))
		d.mu.Unlock()
		if d.answer != nil {
			d.answer(w, r)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	port := srv.Listener.Addr().(*net.TCPAddr).Port
	d.client = egress.New(egress.Config{Now: time.Now, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ports: []uint16{uint16(port)}, Roots: roots})
	t.Cleanup(func() { _ = d.client.Close() })
	d.env.Change(func(c *service.Config) { c.Egress = d.client })
	d.app = d.env.App("demo")
	d.url = srv.URL + "/api/webhooks/1/abc"
	d.set()
	return d
}

func (d *discord) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *discord) set() {
	d.Helper()
	_, err := d.env.Service.SetLogWebhook(d.env.Ctx(), d.app.ID, latchkey.Secret(d.url))
	d.must(err)
}

// report has a program report, and the line posted.
func (d *discord) report(message, device string) latchkey.DeliveryResult {
	d.Helper()
	ctx := service.WithOrigin(context.Background(), service.Origin{IP: "203.0.113.7"})
	client := d.env.Client(d.app)
	d.must(d.env.Service.ClientLog(ctx, client, d.env.Session(client), message, device))
	claims, _, err := d.env.Service.ClaimDeliveries(ctx, 10, 10)
	d.must(err)
	if len(claims) != 1 {
		d.Fatalf("%d queues are due", len(claims))
	}
	line, err := d.env.Service.NextDelivery(ctx, claims[0], latchkey.DeliveryResult{})
	d.must(err)
	result := LogWebhook(d.env.Service, d.client)(ctx, line)
	_, err = d.env.Service.NextDelivery(ctx, claims[0], result)
	d.must(err)
	return result
}

func TestALineIsPosted(t *testing.T) {
	d := newDiscord(t)
	if got := d.report("**bold** @everyone [x](https://evil.example)\n`code` é", "ANN_PC"); got != (latchkey.DeliveryResult{}) {
		t.Fatalf("%+v", got)
	}
	list, err := d.env.Service.ListLogs(d.env.Ctx(), d.app.ID, service.LogFilter{})
	d.must(err)
	d.mu.Lock()
	defer d.mu.Unlock()
	var got, want any
	d.must(json.Unmarshal([]byte(d.got[0]), &got))
	d.must(json.Unmarshal([]byte(`{"embeds":[{"title":"demo",
		"description":"\\*\\*bold\\*\\* \\@everyone \\[x\\]\\(https\\:\\/\\/evil\\.example\\)\n\\`+"`code\\\\`"+` é",
		"fields":[{"name":"Computer","value":"ANN\\_PC","inline":true},{"name":"Address","value":"203\\.0\\.113\\.7","inline":true}],
		"timestamp":"2026-03-01T12:00:00Z","footer":{"text":"`+list.Items[0].ID+`"}}],"allowed_mentions":{"parse":[]}}`), &want))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatAReceiverSays(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   latchkey.DeliveryResult
		stops  bool
	}{
		{"ok", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":"1"}`)) }, latchkey.DeliveryResult{}, false},
		{"ok, and a pause", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset-After", "1.5")
			w.WriteHeader(http.StatusNoContent)
		}, latchkey.DeliveryResult{Wait: 1500 * time.Millisecond}, false},
		{"too many", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "64")
			w.WriteHeader(http.StatusTooManyRequests)
		}, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "status 429", Wait: 64 * time.Second}, false},
		{"too many, for how long it does not say", status(429), latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "status 429", Wait: time.Second}, false},
		{"down", status(503), latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "status 503"}, false},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "answer.broken"}, false},
		{"refuses the line", status(400), latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "status 400"}, false},
		{"redirects", status(302), latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "status 302"}, false},
		{"knows no such webhook", status(404), latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "status 404"}, true},
		{"wants no more", status(410), latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "status 410"}, true},
		{"refuses the token", status(401), latchkey.DeliveryResult{Outcome: latchkey.DeliveryRefused, Error: "status 401"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDiscord(t)
			d.answer = c.answer
			if diff := cmp.Diff(c.want, d.report("a line", "")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			view, err := d.env.Service.LogWebhook(d.env.Ctx(), d.app.ID)
			d.must(err)
			if stopped := !view.StoppedAt.IsZero(); stopped != c.stops || stopped && view.Error != c.want.Error {
				t.Errorf("%+v", view)
			}
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// Whom the operator does not let it reach is not reached, whatever the seller
// has saved.
func TestAnInternalAddressIsNotPostedTo(t *testing.T) {
	d := newDiscord(t)
	d.client = egress.New(egress.Config{Now: time.Now})
	if got := d.report("a line", ""); got.Outcome != latchkey.DeliveryUnreachable || len(d.got) != 0 || !strings.HasPrefix(got.Error, "url.") && !strings.HasPrefix(got.Error, "address.") {
		t.Errorf("%+v, %d arrived", got, len(d.got))
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{"1": time.Second, "0.25": 250 * time.Millisecond, "": 0, "-1": 0, "NaN": 0, "Inf": 0, "1e300": 0, "soon": 0} {
		if got := seconds(text); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// FuzzPlain: whoever takes the backslashes out again, as Discord does, has the
// text, and no sign stands without one.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"", "a", "**b**", "\\*", "@everyone <@1> <#2> :x:", "[a](b)", "```\n```", "> q\n# h\n- l", "é\U0001F600\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		var back strings.Builder
		escaped := false
		for _, r := range plain(text) {
			isSign := r > ' ' && r < 0x7f && !strings.ContainsRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", r)
			switch {
			case escaped:
				if !isSign {
					t.Fatalf("%q stands behind a backslash", r)
				}
				back.WriteRune(r)
				escaped = false
			case r == '\\':
				escaped = true
			case isSign:
				t.Fatalf("%q stands without a backslash", r)
			default:
				back.WriteRune(r)
			}
		}
		if back.String() != text {
			t.Errorf("%q became %q", text, back.String())
		}
	})
}
