package egress

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// receiver is a TLS server of the test whose names are example.com and
// 127.0.0.1, and a client that may reach it by any name.
func receiver(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *Client) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server, clientFor(t, server.Listener.Addr(), roots)
}

func clientFor(t *testing.T, at net.Addr, roots *x509.CertPool) *Client {
	t.Helper()
	return newClient(t, Config{Roots: roots, AllowHTTP: true, Ports: []uint16{at.(*net.TCPAddr).AddrPort().Port()},
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Resolver: resolver(t, func(name string, _ int) []string {
			if name == "nowhere.example." {
				return nil
			}
			return []string{"127.0.0.1"}
		})})
}

func TestDo(t *testing.T) {
	type request struct {
		Method, Path, Agent, Type, Body, Proto string
	}
	var got request
	server, c := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = request{r.Method, r.URL.RequestURI(), r.UserAgent(), r.Header.Get("Content-Type"), string(body), r.Proto}
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, "later")
	})
	answer, err := c.Do(t.Context(), Request{Method: http.MethodPost, URL: server.URL + "/hook?a=b",
		Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"n":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	if want := (request{"POST", "/hook?a=b", "Latchkey", "application/json", `{"n":1}`, "HTTP/2.0"}); got != want {
		t.Errorf("the receiver saw %+v", got)
	}
	if answer.Status != 429 || string(answer.Body) != "later" || answer.Truncated || answer.Header.Get("Retry-After") != "7" || answer.Duration <= 0 {
		t.Errorf("%+v", answer)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	const bomb = 1 << 30
	server, c := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/exact":
			_, _ = w.Write(make([]byte, maxAnswer))
		case "/huge":
			chunk := make([]byte, 1<<20)
			for range bomb / len(chunk) {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			chunk := make([]byte, 1<<20)
			for range bomb / len(chunk) {
				if _, err := z.Write(chunk); err != nil {
					return
				}
			}
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, "packed")
			_ = z.Close()
		case "/broken":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "not packed")
		case "/headers":
			for i := range 2000 {
				w.Header().Set("X-"+strconv.Itoa(i), strings.Repeat("x", 100))
			}
		}
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for path, want := range map[string]struct {
		length    int
		truncated bool
		code      Code
	}{
		"/none":    {0, false, ""},
		"/exact":   {maxAnswer, false, ""},
		"/huge":    {maxAnswer, true, ""},
		"/bomb":    {maxAnswer, true, ""},
		"/gzip":    {6, false, ""},
		"/broken":  {0, false, CodeAnswerBroken},
		"/headers": {0, false, CodeAnswerBroken},
	} {
		answer, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: server.URL + path})
		if codeOf(err) != want.code {
			t.Errorf("%s: %v", path, err)
		}
		if answer == nil {
			answer = &Answer{}
		}
		if len(answer.Body) != want.length || answer.Truncated != want.truncated {
			t.Errorf("%s: %d bytes, truncated %t", path, len(answer.Body), answer.Truncated)
		}
	}
	runtime.ReadMemStats(&after)
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
		t.Errorf("%d MiB were allocated", used)
	}
}

func TestAnEndlessHeaderEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for line := bytes.Repeat([]byte("X-Endless: yes\r\n"), 64); err == nil; {
			_, err = conn.Write(line)
		}
	}()
	c := clientFor(t, l.Addr(), nil)
	if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: "http://" + l.Addr().String() + "/"}); codeOf(err) != CodeAnswerBroken {
		t.Error(err)
	}
}

func TestSlowReceivers(t *testing.T) {
	release := make(chan struct{})
	server, c := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/drip" {
			_, _ = io.WriteString(w, "some")
			_ = http.NewResponseController(w).Flush()
		}
		<-release
	})
	defer close(release)
	if c.total != 15*time.Second || c.dialer.Timeout != 5*time.Second || c.transport.TLSHandshakeTimeout != 5*time.Second {
		t.Errorf("bounds are %v, %v and %v", c.total, c.dialer.Timeout, c.transport.TLSHandshakeTimeout)
	}
	c.total = 100 * time.Millisecond
	if answer, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: server.URL + "/"}); codeOf(err) != CodeAnswerTimeout || answer != nil {
		t.Errorf("no answer: %v, %v", answer, err)
	}
	answer, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: server.URL + "/drip"})
	if codeOf(err) != CodeAnswerTimeout || answer == nil || answer.Status != 200 || string(answer.Body) != "some" {
		t.Errorf("half an answer: %+v, %v", answer, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Do(ctx, Request{Method: http.MethodGet, URL: server.URL + "/"}); codeOf(err) != CodeCanceled {
		t.Errorf("canceled: %v", err)
	}
}

func TestASilentTLSServerIsATimeoutOfTheConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts by its backlog, says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := clientFor(t, l.Addr(), nil)
	c.total = 100 * time.Millisecond
	if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: "https://" + l.Addr().String() + "/"}); codeOf(err) != CodeConnectTimeout {
		t.Error(err)
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	server, c := receiver(t, noContent)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	strangers := clientFor(t, server.Listener.Addr(), x509.NewCertPool())
	old := httptest.NewUnstartedServer(http.HandlerFunc(noContent))
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.Config.ErrorLog = log.New(io.Discard, "", 0)
	old.StartTLS()
	defer old.Close()
	roots := x509.NewCertPool()
	roots.AddCert(old.Certificate())
	for rule, tc := range map[string]struct {
		client *Client
		url    string
		want   Code
	}{
		"the certificate's name":      {c, "https://example.com:" + port, ""},
		"another name":                {c, "https://example.org:" + port, CodeTLS},
		"an authority nobody trusts":  {strangers, "https://example.com:" + port, CodeTLS},
		"TLS 1.1":                     {clientFor(t, old.Listener.Addr(), roots), old.URL, CodeTLS},
		"a server that speaks HTTP":   plain(t),
		"nobody listens":              closed(t),
		"a name that does not exist":  {c, "https://nowhere.example:" + port, CodeDNS},
		"an address that is not ours": {c, "https://127.0.0.3:" + port, CodeAddress},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := tc.client.Do(t.Context(), Request{Method: http.MethodGet, URL: tc.url})
			if codeOf(err) != tc.want {
				t.Error(err)
			}
		})
	}
}

type certificateCase = struct {
	client *Client
	url    string
	want   Code
}

func plain(t *testing.T) certificateCase {
	server := httptest.NewServer(http.HandlerFunc(noContent))
	t.Cleanup(server.Close)
	return certificateCase{clientFor(t, server.Listener.Addr(), nil), "https://" + server.Listener.Addr().String(), CodeTLS}
}

func closed(t *testing.T) certificateCase {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return certificateCase{clientFor(t, l.Addr(), nil), "https://" + l.Addr().String(), CodeConnectFailed}
}

func TestRequestsThatAreNone(t *testing.T) {
	server, c := receiver(t, noContent)
	for rule, r := range map[string]Request{
		"CONNECT":         {Method: http.MethodConnect, URL: server.URL},
		"no method":       {URL: server.URL},
		"an unknown one":  {Method: "GET / HTTP/1.1\r\nX: y", URL: server.URL},
		"a split header":  {Method: http.MethodGet, URL: server.URL, Header: http.Header{"User-Agent": {"x\r\nX-Injected: y"}}},
		"a header's name": {Method: http.MethodGet, URL: server.URL, Header: http.Header{"X Y": {"z"}}},
	} {
		t.Run(rule, func(t *testing.T) {
			if answer, err := c.Do(t.Context(), r); codeOf(err) != CodeRequest {
				t.Errorf("%v, %v", answer, err)
			}
		})
	}
}

// What the owner reads names no address; what the operator reads does.
func TestRefusalsTellTheOwnerNoAddress(t *testing.T) {
	c := newClient(t, Config{Resolver: resolver(t, func(string, int) []string { return []string{"10.20.30.40"} })})
	_, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: "https://hooks.example.com/"})
	var e *Error
	if codeOf(err) != CodeAddress {
		t.Fatal(err)
	}
	e = err.(*Error)
	if strings.Contains(e.Message, "10.20") || strings.Contains(e.Invalid("url").Message, "10.20") {
		t.Errorf("the owner reads %q", e.Message)
	}
	if !strings.Contains(e.Error(), "10.20.30.40") {
		t.Errorf("the log reads %q", e.Error())
	}
}

func TestFetch_reads_what_is_large(t *testing.T) {
	size := 3 << 20
	srv, c := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/file":
			_, _ = w.Write(bytes.Repeat([]byte("x"), size))
		case "/broken":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	own := errors.New("the reader has had enough")
	for path, want := range map[string]struct {
		status, n int
		err       error
		code      Code
	}{
		"/file":   {status: 200, n: size},
		"/broken": {status: 200, n: 4, code: CodeAnswerBroken},
		"/gone":   {status: 404},
		"/enough": {status: 404, err: own},
	} {
		var status, n int
		err := c.Fetch(t.Context(), Request{Method: http.MethodGet, URL: srv.URL + path}, func(a *Answer, body io.Reader) error {
			b, err := io.ReadAll(body)
			status, n = a.Status, len(b)
			if path == "/enough" {
				return own
			}
			return err
		})
		if status != want.status || n != want.n || want.err != nil && !errors.Is(err, want.err) || want.err == nil && codeOf(err) != want.code {
			t.Errorf("%s: %d, %d bytes, %v", path, status, n, err)
		}
	}
	if err := c.Fetch(t.Context(), Request{Method: http.MethodGet, URL: "ftp://example.com/"}, nil); codeOf(err) != CodeURLScheme {
		t.Error(err)
	}
}

func TestDo_makes_so_many_requests_at_once(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	srv, c := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	done := make(chan error)
	for range maxAtOnce {
		go func() {
			_, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: srv.URL})
			done <- err
		}()
	}
	for range maxAtOnce {
		<-arrived
	}
	if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: srv.URL}); codeOf(err) != CodeBusy {
		t.Errorf("one more: %v", err)
	}
	close(release)
	for range maxAtOnce {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	go func() { <-arrived }()
	if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: srv.URL}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
