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
)

// corpus are URLs that have led servers into their own networks. PORT is where
// the trap listens on every address of this machine.
func corpus() []string {
	hosts := []string{
		// the machine itself
		"127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost",
		// one number, fewer parts, octal, hexadecimal, leading zeros, overflow
		"2130706433", "017700000001", "0x7f000001", "0x7F.0x0.0x0.0x1", "0x7f.1", "0177.0.0.1", "0177.1", "127.1", "127.0.1", "127.000.000.001",
		"00000177.0.0.1", "0", "0x0", "00", "0.0", "0000.0.0.0", "4294967295", "3232235521", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "425.510.425.510", "127.0.0.1.1", "127.0.0.256", "1.65793",
		// private, link-local and cloud services
		"10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.169.254", "169.254.170.2", "100.100.100.200", "100.64.0.1", "192.0.0.192", "168.63.129.16",
		"198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1", "metadata.google.internal", "instance-data", "kubernetes.default.svc",
		// IPv6, and IPv4 inside of it
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
		"[::ffff:169.254.169.254]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
		"[2001:0:7f00:1::]", "[2001::80ff:fffe]", "[fc00::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]",
		// zones, and IPv6 that is none
		"[fe80::1%25lo]", "[fe80::1%25eth0]", "[::1%25lo]", "[::1%25]", "[fe80::1%lo]", "[::ffff:127.0.0.1%25lo]", "[127.0.0.1]", "[localhost]", "[::1].example.com",
		// names that resolve inwards (the DNS of this test answers every name so)
		"127.0.0.1.nip.example", "spoofed.example.com", "www.127-0-0-1.example.com", "a.b.c.d.e.example.com", "xn--e1afmkfd.example", "_service.example.com", "example.com.",
		// other dots and digits of Unicode, percent-encoding
		"127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "locaⅼhost", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "localhost%00.example.com", "127.0.0.1%23.example.com", "127.0.0.1%2f.example.com", "loca\u00adlhost", "127.0.0.1\u200b",
		// who is the host?
		"example.com@127.0.0.1", "example.com:443@127.0.0.1", "127.0.0.1@localhost", "user:pass@localhost", ":@127.0.0.1", "@127.0.0.1", "example.com%40127.0.0.1", "example.com\\@127.0.0.1", "127.0.0.1\\.example.com", "example.com#@127.0.0.1", "localhost#.example.com", "localhost?.example.com", "localhost;.example.com", "localhost,example.com", "localhost .example.com", "local\thost", "local\nhost", "127.0.0.1\r\nHost: x", ".localhost", "localhost..", "127..0.0.1",
	}
	var all []string
	for _, h := range hosts {
		all = append(all, "http://"+h+":PORT/")
	}
	return append(all,
		// ports
		"http://127.0.0.1", "https://127.0.0.1/", "http://127.0.0.1:PORT:PORT/", "http://127.0.0.1:0PORT/", "http://127.0.0.1:+PORT/", "http://127.0.0.1:/", "http://127.0.0.1:22/", "http://127.0.0.1:65536/", "http://127.0.0.1:-1/", "http://127.0.0.1:0/", "http://127.0.0.1:http/", "https://127.0.0.1:PORT/",
		// schemes and shapes
		"file:///etc/passwd", "file://localhost:PORT/etc/passwd", "ftp://127.0.0.1:PORT/", "gopher://127.0.0.1:PORT/_GET", "dict://127.0.0.1:PORT/", "ldap://127.0.0.1:PORT/", "tftp://127.0.0.1:PORT/", "jar:http://127.0.0.1:PORT!/", "data:text/plain,x", "javascript:alert(1)", "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "ws://127.0.0.1:PORT/", "h2c://127.0.0.1:PORT/", "HTTP://127.0.0.1:PORT/", "hTTp://LocalHost:PORT/",
		"//127.0.0.1:PORT/", "///127.0.0.1:PORT/", "http:127.0.0.1:PORT/", "http:/127.0.0.1:PORT/", "http:///127.0.0.1:PORT/", "http:\\\\127.0.0.1:PORT\\", "http:/\\127.0.0.1:PORT/", "127.0.0.1:PORT", "/etc/passwd", "", " ", "http://", "http://:PORT/", "http://[::1/", "http://::1:PORT/", " http://127.0.0.1:PORT/", "http://127.0.0.1:PORT/ ", "\thttp://127.0.0.1:PORT/", "http://127.0.0.1:PORT/#fragment", "http://127.0.0.1:PORT/\x00",
	)
}

// TestNothingReachesThisMachine requests the corpus from a client whose names
// all resolve to loopback, with the check of the text and without it, so that
// the dialed address alone decides.
func TestNothingReachesThisMachine(t *testing.T) {
	inside := newTrap(t, ":0")
	c := newClient(t, Config{AllowHTTP: true, Ports: []uint16{inside.port(), 80, 443}, Resolver: resolver(t, func(string, int) []string {
		return []string{"127.0.0.1", "::1", "::ffff:127.0.0.1"}
	})})
	var r record
	r.watch(c)
	urls := corpus()
	for _, raw := range urls {
		raw = strings.ReplaceAll(raw, "PORT", strconv.Itoa(int(inside.port())))
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
	inside.mustStayEmpty(t)
	t.Logf("%d URLs, %d addresses judged", len(urls), r.judged)
}

// inAndOut is a trap at 127.0.0.1 and a receiver at 127.0.0.2, which stands for
// a public address, at one port.
func inAndOut(t *testing.T, z zone, handler http.HandlerFunc) (*trap, *Client) {
	t.Helper()
	inside := newTrap(t, "127.0.0.1:0")
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.2:%d", inside.port()))
	if err != nil {
		t.Fatal(err)
	}
	outside := &httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}
	outside.Start()
	t.Cleanup(outside.Close)
	return inside, newClient(t, Config{AllowHTTP: true, Ports: []uint16{inside.port()}, Resolver: resolver(t, z),
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
		answer, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: fmt.Sprintf("http://%s:%d/", strings.TrimSuffix(name, "."), inside.port())})
		if err != nil || answer.Status != http.StatusNoContent {
			t.Errorf("%s: %v, %v", name, answer, err)
		}
	}
	inside.mustStayEmpty(t)
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
		_, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: fmt.Sprintf("http://rebind.example:%d/", inside.port())})
		got[codeOf(err)]++
		_ = c.Close() // or the next request would share the connection and ask nothing
	}
	if got[""] != 50 || got[CodeAddress] != 50 {
		t.Errorf("%v", got)
	}
	inside.mustStayEmpty(t)
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
	port = inside.port()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, code := range []int{200, 300, 301, 302, 303, 305, 307, 308} {
			answer, err := c.Do(t.Context(), Request{Method: method, URL: fmt.Sprintf("http://127.0.0.2:%d/%d", port, code), Body: []byte("{}")})
			if err != nil || answer.Status != code {
				t.Errorf("%s %d: %v, %v", method, code, answer, err)
			}
		}
	}
	inside.mustStayEmpty(t)
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
	answer, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: fmt.Sprintf("http://hooks.example.com:%d/", inside.port())})
	if err != nil || answer.Status != http.StatusNoContent {
		t.Errorf("%v, %v", answer, err)
	}
	inside.mustStayEmpty(t)
}
