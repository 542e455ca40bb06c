package egress

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/egress/egresstest"
)

// TestNothingReachesThisMachine requests the corpus from a client whose names
// all resolve to loopback, with the check of the text and without it, so that
// the dialed address alone decides.
func TestNothingReachesThisMachine(t *testing.T) {
	inside := egresstest.NewTrap(t, ":0")
	c := newClient(t, Config{AllowHTTP: true, Ports: []uint16{inside.Port(), 80, 443}, Resolver: resolver(t, func(string, int) []string {
		return []string{"127.0.0.1", "::1", "::ffff:127.0.0.1"}
	})})
	var r record
	r.watch(c)
	urls := egresstest.Corpus(inside.Port())
	for _, raw := range urls {
		for rule, do := range map[string]func(Request) (*Answer, error){
			"Do":                       func(q Request) (*Answer, error) { return c.Do(t.Context(), q) },
			"without the text's check": func(q Request) (*Answer, error) { return c.do(t.Context(), q) },
		} {
			if answer, err := do(Request{Method: http.MethodGet, URL: raw}); err == nil || answer != nil || strings.HasPrefix(string(codeOf(err)), "not an error") {
				t.Errorf("%s %q: %v, %v", rule, raw, answer, err)
			}
		}
	}
	if len(r.accepted) > 0 || r.judged < 60 {
		t.Errorf("%d addresses were judged, and may be dialed: %v", r.judged, r.accepted)
	}
	inside.MustStayEmpty(t)
	t.Logf("%d URLs, %d addresses judged", len(urls), r.judged)
}

// inAndOut is a trap at 127.0.0.1 and a receiver at 127.0.0.2, which stands for
// a public address, at one port.
func inAndOut(t *testing.T, z egresstest.Zone, handler http.HandlerFunc) (*egresstest.Trap, *Client) {
	t.Helper()
	inside := egresstest.NewTrap(t, "127.0.0.1:0")
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.2:%d", inside.Port()))
	if err != nil {
		t.Fatal(err)
	}
	outside := &httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}
	outside.Start()
	t.Cleanup(outside.Close)
	return inside, newClient(t, Config{AllowHTTP: true, Ports: []uint16{inside.Port()}, Resolver: resolver(t, z),
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}})
}

func noContent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func TestMixedAnswersReachVettedAddressesOnly(t *testing.T) {
	answers := map[string][]string{
		"inside-first.example.":  {"127.0.0.1", "127.0.0.2"},
		"inside-last.example.":   {"127.0.0.2", "127.0.0.1"},
		"six-inside.example.":    {"::1", "127.0.0.2"},
		"mapped-inside.example.": {"::ffff:127.0.0.1", "127.0.0.2"},
		"many.example.":          {"10.0.0.1", "127.0.0.1", "::1", "169.254.169.254", "fe80::1", "64:ff9b::7f00:1", "127.0.0.2"},
	}
	inside, c := inAndOut(t, func(name string, _ int) []string { return answers[name] }, noContent)
	for name := range answers {
		answer, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: fmt.Sprintf("http://%s:%d/", strings.TrimSuffix(name, "."), inside.Port())})
		if err != nil || answer.Status != http.StatusNoContent {
			t.Errorf("%s: %v, %v", name, answer, err)
		}
	}
	inside.MustStayEmpty(t)
}

func TestARebindingNameIsJudgedEachTime(t *testing.T) {
	inside, c := inAndOut(t, func(_ string, n int) []string {
		if n%2 == 1 {
			return []string{"127.0.0.2"}
		}
		return []string{"127.0.0.1"}
	}, noContent)
	got := map[Code]int{}
	for range 100 {
		_, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: fmt.Sprintf("http://rebind.example:%d/", inside.Port())})
		got[codeOf(err)]++
		_ = c.Close() // or the next request would share the connection and ask nothing
	}
	if got[""] != 50 || got[CodeAddress] != 50 {
		t.Errorf("%v", got)
	}
	inside.MustStayEmpty(t)
}

func TestRedirectsAreAnswersAndNotFollowed(t *testing.T) {
	var port uint16
	inside, c := inAndOut(t, nil, func(w http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		w.Header().Set("Location", fmt.Sprintf("http://127.0.0.1:%d/", port))
		w.Header().Set("Refresh", fmt.Sprintf("0;url=http://127.0.0.1:%d/", port))
		w.Header().Set("Alt-Svc", fmt.Sprintf(`h2="127.0.0.1:%d"`, port))
		w.WriteHeader(code)
	})
	port = inside.Port()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, code := range []int{200, 300, 301, 302, 303, 305, 307, 308} {
			answer, err := c.Do(t.Context(), Request{Method: method, URL: fmt.Sprintf("http://127.0.0.2:%d/%d", port, code), Body: []byte("{}")})
			if err != nil || answer.Status != code {
				t.Errorf("%s %d: %v, %v", method, code, answer, err)
			}
		}
	}
	inside.MustStayEmpty(t)
}

func TestTheEnvironmentsProxyIsNotAsked(t *testing.T) {
	inside, c := inAndOut(t, func(string, int) []string { return []string{"127.0.0.2"} }, noContent)
	if c.transport.Proxy != nil { // the standard library reads the environment once for a process
		t.Error("there is a proxy")
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, "http://"+inside.Addr().String())
	}
	t.Setenv("NO_PROXY", "")
	answer, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: fmt.Sprintf("http://hooks.example.com:%d/", inside.Port())})
	if err != nil || answer.Status != http.StatusNoContent {
		t.Errorf("%v, %v", answer, err)
	}
	inside.MustStayEmpty(t)
}
