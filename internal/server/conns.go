package server

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// limitListener hangs up on connections beyond a total and beyond a number per
// address, so that one machine cannot take all of them. This machine and
// trusted proxies are outside the second limit: they carry everybody.
type limitListener struct {
	net.Listener
	total, perIP int
	trusted      []netip.Prefix

	mu   sync.Mutex
	open int
	byIP map[netip.Addr]int
}

func newLimitListener(l net.Listener, c Config) *limitListener {
	return &limitListener{Listener: l, total: c.MaxConnections, perIP: c.MaxConnectionsPerIP,
		trusted: c.TrustedProxies, byIP: map[netip.Addr]int{}}
}

// Accept waits for a connection within the limits.
func (l *limitListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		ip := l.counted(c.RemoteAddr())
		if l.enter(ip) {
			return &limitedConn{Conn: c, leave: sync.OnceFunc(func() { l.leave(ip) })}, nil
		}
		_ = c.Close() // nobody is left to tell
	}
}

// counted is the address to count a connection under, zero for none: a whole
// /64 for IPv6, which is what one machine gets.
func (l *limitListener) counted(addr net.Addr) netip.Addr {
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return netip.Addr{}
	}
	ip := at.Addr().Unmap().WithZone("")
	if ip.IsLoopback() || slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return netip.Addr{}
	}
	if ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().Addr()
	}
	return ip
}

func (l *limitListener) enter(ip netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.total || ip.IsValid() && l.byIP[ip] >= l.perIP {
		return false
	}
	l.open++
	if ip.IsValid() {
		l.byIP[ip]++
	}
	return true
}

func (l *limitListener) leave(ip netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if !ip.IsValid() {
		return
	}
	if l.byIP[ip]--; l.byIP[ip] == 0 {
		delete(l.byIP, ip)
	}
}

type limitedConn struct {
	net.Conn
	leave func()
}

func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
