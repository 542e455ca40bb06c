package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/web"
)

func proxies() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
}

func from(peer string, forwarded ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = peer
	r.Header["X-Forwarded-For"] = forwarded
	return r
}

func TestClientIP(t *testing.T) {
	for name, c := range map[string]struct {
		r    *http.Request
		want string
	}{
		"a stranger's header is not believed":             {from("203.0.113.9:5000", "198.51.100.1"), "203.0.113.9"},
		"a proxy's header is":                             {from("10.0.0.1:5000", "198.51.100.1"), "198.51.100.1"},
		"the client cannot put hops in front":             {from("10.0.0.1:5000", "1.2.3.4, 198.51.100.1"), "198.51.100.1"},
		"nor in a header of its own":                      {from("10.0.0.1:5000", "1.2.3.4", "198.51.100.1"), "198.51.100.1"},
		"trusted hops are skipped":                        {from("10.0.0.1:5000", "198.51.100.1, 10.9.9.9, 10.8.8.8"), "198.51.100.1"},
		"nothing left of the first untrusted hop is read": {from("10.0.0.1:5000", "garbage, 198.51.100.1, 10.9.9.9"), "198.51.100.1"},
		"a hop that is no address ends the search":        {from("10.0.0.1:5000", "198.51.100.1, unknown, 10.9.9.9"), "10.9.9.9"},
		"a proxy without the header is the client":        {from("10.0.0.1:5000"), "10.0.0.1"},
		"all hops trusted: the first of them":             {from("10.0.0.1:5000", "10.7.7.7, 10.9.9.9"), "10.7.7.7"},
		"IPv4 within IPv6 is IPv4":                        {from("[::ffff:10.0.0.1]:5000", "::ffff:198.51.100.1"), "198.51.100.1"},
		"IPv6 proxies work":                               {from("[fd00::1]:5000", "2001:db8::7"), "2001:db8::7"},
		"zones mean nothing here":                         {from("[fe80::1%eth0]:5000"), "fe80::1"},
		"a port is no address":                            {from("10.0.0.1:5000", "198.51.100.1:4711"), "10.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := web.ClientIP(c.r, proxies()).String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// Whatever a header holds, the answer is the peer or a hop, and a stranger's
// header changes nothing.
func FuzzClientIP(f *testing.F) {
	for _, seed := range []string{"", ",", "198.51.100.1", "1.2.3.4, 10.0.0.9", "::1, ::ffff:1.2.3.4", "a,b,c", "10.0.0.1,,", " 2001:db8::1 ",
		"1.2.3.4:80", "[::1]", "0177.0.0.1", "999.1.1.1", "fe80::1%eth0", "unknown", "\x00", "10.0.0.1, \t10.0.0.2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := web.ClientIP(from("203.0.113.9:1", header), proxies()); got != netip.MustParseAddr("203.0.113.9") {
			t.Fatalf("a stranger is taken for %s", got)
		}
		got := web.ClientIP(from("10.0.0.1:1", header), proxies())
		if !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Fatalf("%q gives %s", header, got)
		}
		// What an untrusted client writes in front cannot change a real hop.
		if got := web.ClientIP(from("10.0.0.1:1", header+", 198.51.100.1"), proxies()); got != netip.MustParseAddr("198.51.100.1") {
			t.Fatalf("%q in front gives %s", header, got)
		}
	})
}
