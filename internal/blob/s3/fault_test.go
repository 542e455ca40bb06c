package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/blob/s3"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// wire lies between a store and the real server, and misbehaves as a test says.
type wire struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string // methods and ranges
	bend func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler)
}

// open opens a store whose requests go through the wire. The host that is signed
// is the wire's, and the server sees it.
func (p *place) wired(bend func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler)) (*s3.Store, *wire) {
	p.t.Helper()
	target, err := url.Parse(p.server.Endpoint)
	if err != nil {
		p.t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	w := &wire{bend: bend}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.seen = append(w.seen, strings.TrimSpace(r.Method+" "+r.Header.Get("Range")))
		n := len(w.seen)
		bend := w.bend
		w.mu.Unlock()
		if bend == nil {
			pass.ServeHTTP(rw, r)
			return
		}
		bend(n, rw, r, pass)
	}))
	p.t.Cleanup(w.Close)
	return p.open(func(c *s3.Config) {
		c.Endpoint = w.URL
		c.Timing.Attempt, c.Timing.Stall = time.Second, time.Second
	}), w
}

func (w *wire) calls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.seen...)
}

// from now on it misbehaves so; counting begins anew.
func (w *wire) now(bend func(n int, rw http.ResponseWriter, r *http.Request, pass http.Handler)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen, w.bend = nil, bend
}

func put(t *testing.T, s *s3.Store, text string) blob.Stored {
	t.Helper()
	stored, err := s.Put(t.Context(), strings.NewReader(text), 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func count(t *testing.T, s *s3.Store) (n int) {
	t.Helper()
	for _, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// hangUp ends the connection without an answer.
func hangUp(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func TestPut_survives_what_passes(t *testing.T) {
	for rule, bend := range map[string]func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler){
		"the service is busy": func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if n%2 == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			pass.ServeHTTP(w, r)
		},
		"the connection breaks": func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if n%2 == 1 {
				hangUp(w)
			}
			pass.ServeHTTP(w, r)
		},
		"the answer is lost after it was stored": func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
			pass.ServeHTTP(discards{http.Header{}}, r)
			if r.Method == http.MethodPut && n == 2 {
				hangUp(w)
			}
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusNotFound)
			}
		},
	} {
		t.Run(rule, func(t *testing.T) {
			p := newPlace(t)
			s, _ := p.wired(bend)
			text := strings.Repeat("some text ", 100_000)
			stored := put(t, s, text)
			direct := p.open(nil)
			content, size, err := direct.Open(t.Context(), stored.ID)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(content)
			if err != nil || string(b) != text || size != int64(len(text)) || content.Close() != nil || p.leftovers() != 0 {
				t.Errorf("%d bytes of %d, %v, %d temporary files", len(b), size, err, p.leftovers())
			}
		})
	}
}

// discards is an answer that nobody gets.
type discards struct{ header http.Header }

func (d discards) Header() http.Header       { return d.header }
func (discards) Write(b []byte) (int, error) { return len(b), nil }
func (discards) WriteHeader(int)             {}

func TestPut_that_fails_leaves_nothing(t *testing.T) {
	for rule, c := range map[string]struct {
		bend  func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler)
		tries int
	}{
		"the service refuses": {func(_ int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if r.Method == http.MethodPut {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			pass.ServeHTTP(w, r)
		}, 1},
		"the service stays away": {func(_ int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if r.Method == http.MethodPut {
				hangUp(w)
			}
			pass.ServeHTTP(w, r)
		}, 4},
		"every answer is lost": {func(_ int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if r.Method == http.MethodPut {
				pass.ServeHTTP(discards{http.Header{}}, r)
				hangUp(w)
			}
			pass.ServeHTTP(w, r)
		}, 4},
		"some of it is lost on the way": {func(_ int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if r.Method == http.MethodPut {
				b, _ := io.ReadAll(r.Body)
				b[0]++
				r.Body = io.NopCloser(bytes.NewReader(b))
			}
			pass.ServeHTTP(w, r)
		}, 1},
	} {
		t.Run(rule, func(t *testing.T) {
			p := newPlace(t)
			s, w := p.wired(c.bend)
			_, err := s.Put(t.Context(), strings.NewReader("a text"), 100)
			if latchkey.CodeOf(err) != latchkey.CodeUnavailable {
				t.Errorf("%v", err)
			}
			puts := 0
			for _, call := range w.calls() {
				if call == http.MethodPut {
					puts++
				}
			}
			if puts != c.tries {
				t.Errorf("it was tried %d times, not %d: %v", puts, c.tries, w.calls())
			}
			if n := count(t, p.open(nil)); n != 0 || p.leftovers() != 0 {
				t.Errorf("it left %d files, %d temporary ones", n, p.leftovers())
			}
		})
	}
}

func TestOpen_goes_on_where_it_broke_off(t *testing.T) {
	p := newPlace(t)
	s, w := p.wired(nil)
	text := strings.Repeat("0123456789", 1_000_000)
	stored := put(t, s, text)
	read := func() (string, error) {
		content, _, err := s.Open(t.Context(), stored.ID)
		if err != nil {
			return "", err
		}
		defer content.Close()
		b, err := io.ReadAll(content)
		return string(b), err
	}
	t.Run("after each half an answer", func(t *testing.T) {
		w.now(func(n int, rw http.ResponseWriter, r *http.Request, pass http.Handler) {
			if r.Method == http.MethodGet && n%2 == 0 {
				pass.ServeHTTP(&cut{ResponseWriter: rw, left: 100_000}, r)
				return
			}
			pass.ServeHTTP(rw, r)
		})
		if got, err := read(); got != text || err != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
	t.Run("not for ever without a byte", func(t *testing.T) {
		w.now(func(_ int, rw http.ResponseWriter, r *http.Request, pass http.Handler) {
			if r.Method == http.MethodGet {
				pass.ServeHTTP(&cut{ResponseWriter: rw}, r)
				return
			}
			pass.ServeHTTP(rw, r)
		})
		if got, err := read(); got != "" || latchkey.CodeOf(err) != latchkey.CodeUnavailable {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if n := len(w.calls()); n != 5 { // HEAD, and four times GET
			t.Errorf("%d requests: %v", n, w.calls())
		}
	})
	t.Run("not with another content", func(t *testing.T) {
		w.now(func(n int, rw http.ResponseWriter, r *http.Request, pass http.Handler) {
			rec := httptest.NewRecorder()
			if r.Method == http.MethodGet {
				pass.ServeHTTP(rw, r)
				return
			}
			pass.ServeHTTP(rec, r)
			rec.Header().Set("ETag", `"of what was there a moment ago"`)
			maps.Copy(rw.Header(), rec.Header())
		})
		if got, err := read(); got != "" || !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

// cut ends the connection after some bytes of a body.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(b []byte) (int, error) {
	if len(b) > c.left {
		_, _ = c.ResponseWriter.Write(b[:c.left])
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(b)
	return c.ResponseWriter.Write(b)
}

func TestOpen_fetches_what_is_read_and_little_more(t *testing.T) {
	p := newPlace(t)
	s, w := p.wired(nil)
	stored := put(t, s, strings.Repeat("0123456789", 1_000_000))
	serve := func(method, span string) {
		w.now(nil)
		content, _, err := s.Open(t.Context(), stored.ID)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(method, "/", nil)
		r.Header.Set("Range", span)
		rec := httptest.NewRecorder()
		rec.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(rec, r, "", time.Time{}, content)
		if err := content.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		method, span string
		want         []string
	}{
		{"HEAD", "", []string{"HEAD"}},
		{"GET", "bytes=9000000-9999999", []string{"HEAD", "GET bytes=9000000-9999999"}},
		{"GET", "bytes=0-9", []string{"HEAD", "GET bytes=0-4194303"}},
		{"GET", "", []string{"HEAD", "GET bytes=0-4194303", "GET bytes=4194304-8388607", "GET bytes=8388608-9999999"}},
	} {
		serve(c.method, c.span)
		if got := strings.Join(w.calls(), ", "); got != strings.Join(c.want, ", ") {
			t.Errorf("%s %s asks for %s", c.method, c.span, got)
		}
	}
}

func TestOpen_refuses_other_bytes_than_it_asked_for(t *testing.T) {
	p := newPlace(t)
	s, w := p.wired(nil)
	stored := put(t, s, "0123456789")
	w.now(func(_ int, rw http.ResponseWriter, r *http.Request, pass http.Handler) {
		r.Header.Del("Range") // as a service does that knows none
		pass.ServeHTTP(rw, r)
	})
	content, _, err := s.Open(t.Context(), stored.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if _, err := content.Seek(5, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(content); len(b) != 0 || err == nil {
		t.Errorf("%q, %v", b, err)
	}
}

func TestSilentServicesAreGivenUp(t *testing.T) {
	p := newPlace(t)
	_, w := p.wired(nil)
	s := p.open(func(c *s3.Config) {
		c.Endpoint = w.URL
		c.Timing.Attempt, c.Timing.Stall = 50*time.Millisecond, 50*time.Millisecond
	})
	stored := put(t, s, strings.Repeat("x", 1_000_000))
	t.Run("before they answer", func(t *testing.T) {
		w.now(func(_ int, _ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() })
		if _, _, err := s.Open(t.Context(), stored.ID); latchkey.CodeOf(err) != latchkey.CodeUnavailable {
			t.Error(err)
		}
	})
	t.Run("in the middle", func(t *testing.T) {
		w.now(func(_ int, rw http.ResponseWriter, r *http.Request, pass http.Handler) {
			pass.ServeHTTP(rw, r)
		})
		content, _, err := s.Open(t.Context(), stored.ID)
		if err != nil {
			t.Fatal(err)
		}
		defer content.Close()
		w.now(func(_ int, rw http.ResponseWriter, r *http.Request, _ http.Handler) {
			rw.Header().Set("Content-Length", "1000000")
			rw.WriteHeader(http.StatusPartialContent)
			_ = http.NewResponseController(rw).Flush()
			<-r.Context().Done()
		})
		if b, err := io.ReadAll(content); len(b) != 0 || latchkey.CodeOf(err) != latchkey.CodeUnavailable {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	})
	t.Run("when the caller goes", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w.now(func(_ int, _ http.ResponseWriter, r *http.Request, _ http.Handler) { cancel(); <-r.Context().Done() })
		if _, _, err := s.Open(ctx, stored.ID); !errors.Is(err, context.Canceled) || len(w.calls()) != 1 {
			t.Errorf("%v after %d requests", err, len(w.calls()))
		}
	})
}

// TestNothingStaysBehind: readers that are closed early leave no goroutine.
func TestNothingStaysBehind(t *testing.T) {
	p := newPlace(t)
	s := p.open(nil)
	stored := put(t, s, strings.Repeat("x", 6_000_000))
	before := runtime.NumGoroutine()
	for range 20 {
		content, _, err := s.Open(t.Context(), stored.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(content, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		if err := content.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := content.Read(make([]byte, 1)); err == nil {
			t.Error("it is read after it was closed")
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for tries := 0; runtime.NumGoroutine() > before && tries < 1000; tries++ {
		runtime.Gosched()
		if _, err := http.Get(p.server.Endpoint + "/health"); err != nil { // which takes a moment
			t.Fatal(err)
		}
		http.DefaultClient.CloseIdleConnections()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}
