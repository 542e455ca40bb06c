package server

import (
	"net"
	"net/netip"
	"testing"
)

// heldListener hands out connections from given addresses.
type heldListener struct {
	net.Listener
	from []string
}

func (l *heldListener) Accept() (net.Conn, error) {
	if len(l.from) == 0 {
		return nil, net.ErrClosed
	}
	addr := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(l.from[0]))
	l.from = l.from[1:]
	return &heldConn{addr: addr}, nil
}

type heldConn struct {
	net.Conn
	addr net.Addr
}

func (c *heldConn) RemoteAddr() net.Addr { return c.addr }
func (c *heldConn) Close() error         { return nil }

func TestConnectionLimits(t *testing.T) {
	const a, b, v6, v6Near, v6Far = "203.0.113.1:1", "203.0.113.2:1", "[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8:0:1::1]:1"
	for name, test := range map[string]struct {
		total, perIP int
		trusted      string
		from         []string
		want         int
	}{
		"one address takes no more than its share":         {10, 2, "", []string{a, a, a, a, b}, 3},
		"all together take no more than the total":         {3, 2, "", []string{a, b, a, b, v6}, 3},
		"an IPv6 network counts as one address":            {10, 1, "", []string{v6, v6Near, v6Far}, 2},
		"IPv4 inside IPv6 is the IPv4 address":             {10, 1, "", []string{a, "[::ffff:203.0.113.1]:2"}, 1},
		"this machine has no share of its own":             {10, 1, "", []string{"127.0.0.1:1", "127.0.0.1:2", "[::1]:1"}, 3},
		"a trusted proxy carries everybody":                {10, 1, "203.0.113.0/24", []string{a, a, a}, 3},
		"this machine is within the total like all others": {2, 1, "", []string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c := Config{MaxConnections: test.total, MaxConnectionsPerIP: test.perIP}
			if test.trusted != "" {
				c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(test.trusted)}
			}
			l := newLimitListener(&heldListener{from: test.from}, c)
			var open []net.Conn
			for {
				conn, err := l.Accept()
				if err != nil {
					break
				}
				open = append(open, conn)
			}
			if len(open) != test.want {
				t.Errorf("%d connections, want %d", len(open), test.want)
			}
			for _, conn := range open {
				_ = conn.Close()
				_ = conn.Close() // counts once
			}
			if l.open != 0 || len(l.byIP) != 0 {
				t.Errorf("after closing, %d are counted, by address %v", l.open, l.byIP)
			}
		})
	}
}
