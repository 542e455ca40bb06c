package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientIP returns the address that a request comes from: the peer of the
// connection, or, if that is a trusted proxy, the right-most hop of
// X-Forwarded-For that is not one. Everything left of it is the client's own
// word and is not read. A hop that is no address ends the search: the last
// trusted hop then stands for the client.
func ClientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer := parsePeer(r.RemoteAddr)
	if !isTrusted(peer, trusted) {
		return peer
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	client := peer
	for _, hop := range slices.Backward(hops) {
		addr, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return client
		}
		client = plain(addr)
		if !isTrusted(client, trusted) {
			return client
		}
	}
	return client
}

// behindUnnamedProxy reports a request that seems to come through a proxy of
// the operator's own, on this machine or network, that is not trusted.
func behindUnnamedProxy(r *http.Request, trusted []netip.Prefix) bool {
	if len(r.Header["X-Forwarded-For"]) == 0 {
		return false
	}
	peer := parsePeer(r.RemoteAddr)
	return (peer.IsLoopback() || peer.IsPrivate()) && !isTrusted(peer, trusted)
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// parsePeer reads RemoteAddr; it is the zero Addr where there is no network
// address, as on a Unix socket.
func parsePeer(remote string) netip.Addr {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return plain(ap.Addr())
}

// plain gives an address its one spelling: IPv4 inside IPv6 becomes IPv4, and
// zones, which mean nothing on another machine, go.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
