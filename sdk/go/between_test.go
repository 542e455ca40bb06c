package latchkey_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
	"github.com/latchkey-dev/latchkey/latchkeytest"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// exchange is a request as the SDK sent it, and the real server's answer.
type exchange struct {
	path  string
	asked latchkey.Asked
	*answer
}

// between stands between programs and a real server, as whoever owns the
// network does: it sees everything and can put anything in an answer's place.
type between struct {
	*httptest.Server
	real *latchkeytest.Server

	mu      sync.Mutex
	taken   []exchange
	others  map[string]*latchkeytest.App // whose name a function's requests are sent on under
	instead map[string]*answer           // what they are answered in place of the truth
}

func newBetween(t testing.TB) *between {
	t.Helper()
	b := &between{real: latchkeytest.New(t)}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *between) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	out, err := http.NewRequest(r.Method, b.real.URL+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return
	}
	out.Header = r.Header.Clone()
	_, path, _ := strings.Cut(r.URL.Path, client.Prefix)
	if other := b.others[path]; other != nil {
		out.Header.Set(sign.HeaderNativeApp, other.ID)
	}
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header.Clone()}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		return
	}
	b.taken = append(b.taken, exchange{path: path, answer: a.clone(), asked: latchkey.Asked{App: out.Header.Get(sign.HeaderNativeApp), Method: r.Method,
		Target: client.Prefix + path, Nonce: r.Header.Get(sign.HeaderNativeNonce), Body: string(body)}})
	if old := b.instead[path]; old != nil {
		a = old.clone()
	}
	a.header.Del("Content-Length") // of the genuine one
	a.write(w)
}

// spoil puts old answers in the place of those of functions from now on; nil
// ends it.
func (b *between) spoil(instead map[string]*answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.instead = instead
}

// sendAs has requests of functions sent on under other applications' names from
// now on; nil ends it.
func (b *between) sendAs(others map[string]*latchkeytest.App) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.others = others
}

// recorded are the exchanges so far.
func (b *between) recorded() []exchange {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]exchange(nil), b.taken...)
}

// newest is the last exchange of a function.
func (b *between) newest(path string) exchange {
	all := b.recorded()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].path == path {
			return all[i]
		}
	}
	return exchange{}
}

// last is what a function answered last.
func (b *between) last(path string) *answer { return b.newest(path).answer }

// client is a new run of an application's program, behind what stands between.
// It trusts one key.
func (b *between) client(t testing.TB, app *latchkeytest.App, key string) *latchkey.Client {
	t.Helper()
	config := app.Config()
	config.BaseURL, config.PublicKeys = b.URL, []string{key}
	c, err := latchkey.New(config, latchkey.WithHWID(testHWID), latchkey.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
