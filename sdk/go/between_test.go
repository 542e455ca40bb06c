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

	mu       sync.Mutex
	taken    []exchange
	lastPath string
	only     string            // the function that what follows is done to
	asOther  *latchkeytest.App // whose name its requests are sent on under; nil: their own
	instead  *answer           // what its requests are answered; nil: the truth
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
	if b.asOther != nil && path == b.only {
		out.Header.Set(sign.HeaderNativeApp, b.asOther.ID)
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
	b.lastPath = path
	if b.instead != nil && path == b.only {
		a = b.instead.clone()
	}
	a.header.Del("Content-Length") // of the genuine one
	a.write(w)
}

// spoil puts an old answer in the place of those of a function from now on; nil
// ends it.
func (b *between) spoil(path string, old *answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.only, b.instead = path, old
}

// sendAs has requests of a function sent on under another application's name
// from now on; nil ends it.
func (b *between) sendAs(path string, app *latchkeytest.App) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.only, b.asOther = path, app
}

// recorded are the exchanges so far.
func (b *between) recorded() []exchange {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]exchange(nil), b.taken...)
}

// last is what a function answered last.
func (b *between) last(path string) *answer {
	all := b.recorded()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].path == path {
			return all[i].answer
		}
	}
	return nil
}

// client is a new run of an application's program, behind what stands between.
func (b *between) client(t testing.TB, app *latchkeytest.App) *latchkey.Client {
	t.Helper()
	config := app.Config()
	config.BaseURL = b.URL
	c, err := latchkey.New(config, latchkey.WithHWID(testHWID), latchkey.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
