package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdCuts puts a proxy before the server: what a POST asks is done, and of the
// first answer under an Idempotency-Key its end, or all of it, is lost.
func cmdCuts(ts *testscript.TestScript, _ bool, _ []string) {
	proxy := httptest.NewServer(cutter(ts.Getenv("LATCHKEY_URL")))
	ts.Defer(proxy.Close)
	ts.Setenv("LATCHKEY_URL", proxy.URL)
}

func cutter(server string) http.Handler {
	var mu sync.Mutex // a connection that is broken off tells the next one nothing
	seen := map[string]bool{}
	cuts := 0
	cut := func(r *http.Request) int {
		mu.Lock()
		defer mu.Unlock()
		key := r.Header.Get("Idempotency-Key")
		if r.Method != http.MethodPost || seen[key] {
			return 0
		}
		seen[key] = true
		cuts++
		return cuts
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := http.NewRequestWithContext(r.Context(), r.Method, server+r.URL.RequestURI(), r.Body)
		if err != nil {
			panic(err)
		}
		q.Header = r.Header
		res, err := http.DefaultTransport.RoundTrip(q)
		if err != nil {
			panic(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			panic(err)
		}
		if n := cut(r); n > 0 {
			if n%2 == 0 {
				w.WriteHeader(res.StatusCode)
				_, _ = w.Write(body[:len(body)/2])
				_ = http.NewResponseController(w).Flush()
			}
			panic(http.ErrAbortHandler)
		}
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = w.Write(body)
	})
}

// A server that is not there has been asked nothing, and is not asked again.
func TestWhatCannotBeReachedIsNotAskedTwice(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	c, err := newClient(srv.URL, "lk_x")
	if err != nil {
		t.Fatal(err)
	}
	tries := 0
	err = once(t.Context(), func() error {
		tries++
		return c.get(t.Context(), "/apps", nil, nil)
	})
	if err == nil || tries != 1 {
		t.Errorf("%d tries, %v", tries, err)
	}
}
