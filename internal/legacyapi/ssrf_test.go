package legacyapi_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/egress/egresstest"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// hostile is a world whose server calls what the test allows. Programs use
// another service on the same database.
func hostile(t *testing.T, port uint16, allow []netip.Prefix, z egresstest.Zone) *world {
	t.Helper()
	client := (*egress.Client)(nil)
	w := newWorldWith(t, func(w *world) {
		client = egress.New(egress.Config{Now: w.env.Clock.Now, AllowHTTP: true, Ports: []uint16{port, 80, 443}, Allow: allow, Resolver: egresstest.Resolver(t, z)})
		w.env.Change(func(c *service.Config) { c.Egress = client })
	})
	t.Cleanup(func() { _ = client.Close() })
	return w
}

// force stores an address although the server refuses it: as if it had been
// saved when the operator allowed more.
func (w *world) force(address string) (webhook, file string) {
	w.t.Helper()
	now := w.env.Clock.Now()
	h := latchkey.Webhook{ID: w.newID(latchkey.KindWebhook, now), AppID: w.app.ID, Name: strconv.Itoa(len(w.licenses)), URL: latchkey.Secret(address), ShowAnswer: true, CreatedAt: now, UpdatedAt: now}
	f := latchkey.File{ID: w.newID(latchkey.KindFile, now), AppID: w.app.ID, Name: "x", Link: latchkey.Secret(address), ContentAt: now, CreatedAt: now, UpdatedAt: now}
	h.Name = h.ID
	w.must(w.env.DB.Write(context.Background(), func(tx *store.Tx) error {
		if err := tx.InsertWebhook(context.Background(), &h); err != nil {
			return err
		}
		if f.Link == "" { // which is no link
			return nil
		}
		return tx.InsertFile(context.Background(), &f)
	}))
	return h.ID, f.ID
}

// TestNothingReachesThisMachine saves and calls every URL of the corpus, as the
// address of a webhook and as a link, through the use cases and the wire. What
// counts is who connects to the trap, which listens on every address.
func TestNothingReachesThisMachine(t *testing.T) {
	inside := egresstest.NewTrap(t, ":0")
	w := hostile(t, inside.Port(), nil, func(string, int) []string { return []string{"127.0.0.1", "::1", "::ffff:127.0.0.1"} })
	p := w.program(t)
	svc := w.env.Service
	saved := 0
	for _, address := range egresstest.Corpus(inside.Port()) {
		w.env.Clock.Advance(7 * time.Second) // or the session would be told to wait
		hook, err := svc.CreateWebhook(w.owner, w.app.ID, service.NewWebhook{Name: "of " + strconv.Itoa(saved), URL: latchkey.Secret(address)})
		if err == nil { // a name, which may lead anywhere
			saved++
			if got := p.must(url.Values{"type": {"webhook"}, "webid": {hook.ID}}); got["success"] != false || got["message"] != "The address of the webhook could not be called." {
				t.Errorf("%q: %v", address, got)
			}
			if _, err := svc.TestWebhook(w.owner, w.app.ID, hook.ID); latchkey.CodeOf(err) != latchkey.CodeWebhookFailed || strings.Contains(err.(*latchkey.Error).Message, "127.0.0.1") {
				t.Errorf("%q: %v", address, err)
			}
		} else if latchkey.CodeOf(err) != latchkey.CodeInvalid {
			t.Errorf("%q: %v", address, err)
		}
		if f, err := svc.LinkFile(w.owner, w.app.ID, service.NewFile{Name: "x", Link: latchkey.Secret(address)}); err == nil {
			if got := p.must(url.Values{"type": {"file"}, "fileid": {f.ID}}); got["success"] != false {
				t.Errorf("%q: %v", address, got)
			}
			w.must(svc.DeleteFile(w.owner, w.app.ID, f.ID))
		}
		webhook, file := w.force(address)
		for _, call := range []url.Values{{"type": {"webhook"}, "webid": {webhook}, "params": {"&a=b"}}, {"type": {"webhook"}, "webid": {webhook}, "body": {"{}"}}, {"type": {"file"}, "fileid": {file}}} {
			w.env.Clock.Advance(7 * time.Second)
			if got := p.must(call); got["success"] != false {
				t.Errorf("%q by force: %v", address, got)
			}
		}
	}
	if saved < 5 {
		t.Errorf("only %d addresses were saved: the test does not reach the dialer", saved)
	}
	inside.MustStayEmpty(t)
	t.Logf("%d URLs, %d of them saved", len(egresstest.Corpus(inside.Port())), saved)
}

// A name that leads outside when it is looked at and inside when it is called is
// judged each time by where it leads then.
func TestRebindingReachesNothingInside(t *testing.T) {
	inside := egresstest.NewTrap(t, "127.0.0.1:0")
	l, err := net.Listen("tcp", "127.0.0.2:"+strconv.Itoa(int(inside.Port())))
	if err != nil {
		t.Fatal(err)
	}
	outside := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Connection", "close") // or the next request would share the connection and ask nothing
	})}}
	outside.Start()
	t.Cleanup(outside.Close)
	w := hostile(t, inside.Port(), []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, func(_ string, n int) []string {
		if n%2 == 1 {
			return []string{"127.0.0.2"}
		}
		return []string{"127.0.0.1"}
	})
	hook, err := w.env.Service.CreateWebhook(w.owner, w.app.ID, service.NewWebhook{Name: "rebinds",
		URL: latchkey.Secret("http://rebind.example:" + strconv.Itoa(int(inside.Port())) + "/")})
	w.must(err)
	p := w.program(t)
	reached := 0
	for range 100 {
		w.env.Clock.Advance(7 * time.Second)
		if p.must(url.Values{"type": {"webhook"}, "webid": {hook.ID}})["success"] == true {
			reached++
		}
	}
	if reached != 50 {
		t.Errorf("%d of 100 calls reached the outside", reached)
	}
	inside.MustStayEmpty(t)
}
