package egress

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// network is a range that no stranger's URL may lead to.
type network struct {
	prefix netip.Prefix
	what   string
}

// special are the ranges of the IANA special-purpose registries for IPv4 and
// IPv6, multicast, and what carries an IPv4 address inside an IPv6 one, whose
// far end this server cannot judge. Ranges that the registries call globally
// reachable are listed too: they serve protocols, and no receiver lives there.
func special() []network {
	var all []network
	for _, row := range [][2]string{
		{"0.0.0.0/8", "this network"},
		{"10.0.0.0/8", "private use"},
		{"100.64.0.0/10", "shared address space of carriers"},
		{"127.0.0.0/8", "loopback"},
		{"168.63.129.16/32", "a cloud's services for its machines"},
		{"169.254.0.0/16", "link-local"},
		{"172.16.0.0/12", "private use"},
		{"192.0.0.0/24", "protocol assignments"},
		{"192.0.2.0/24", "documentation"},
		{"192.31.196.0/24", "AS112"},
		{"192.52.193.0/24", "AMT"},
		{"192.88.99.0/24", "6to4 relays"},
		{"192.168.0.0/16", "private use"},
		{"192.175.48.0/24", "AS112"},
		{"198.18.0.0/15", "benchmarking"},
		{"198.51.100.0/24", "documentation"},
		{"203.0.113.0/24", "documentation"},
		{"224.0.0.0/4", "multicast"},
		{"240.0.0.0/4", "reserved"},
		{"255.255.255.255/32", "broadcast"},

		{"::/128", "unspecified"},
		{"::1/128", "loopback"},
		{"::/96", "IPv4-compatible"},
		{"::ffff:0:0/96", "IPv4-mapped"},
		{"::ffff:0:0:0/96", "IPv4-translated"},
		{"64:ff9b::/96", "NAT64"},
		{"64:ff9b:1::/48", "NAT64 for local use"},
		{"100::/64", "discard only"},
		{"100:0:0:1::/64", "dummy"},
		{"2001::/32", "Teredo"},
		{"2001::/23", "protocol assignments"},
		{"2001:db8::/32", "documentation"},
		{"2002::/16", "6to4"},
		{"2620:4f:8000::/48", "AS112"},
		{"3fff::/20", "documentation"},
		{"5f00::/16", "segment routing"},
		{"fc00::/7", "unique local"},
		{"fe80::/10", "link-local"},
		{"fec0::/10", "site-local"},
		{"ff00::/8", "multicast"},
	} {
		all = append(all, network{netip.MustParsePrefix(row[0]), row[1]})
	}
	return all
}

// policy says which addresses and ports may be dialed.
type policy struct {
	blocked []netip.Prefix // the operator's own; they win
	allowed []netip.Prefix // although the tables refuse them
	special []network
	unicast netip.Prefix // outside of it, no IPv6 address is assigned to anybody
	ports   []uint16
}

// port refuses a port that requests do not go to.
func (p *policy) port(n uint16) error {
	if slices.Contains(p.ports, n) {
		return nil
	}
	names := make([]string, len(p.ports))
	for i, known := range p.ports {
		names[i] = strconv.Itoa(int(known))
	}
	return refuse(CodeURLPort, "The URL's port is not one that this server connects to: "+strings.Join(names, ", ")+".")
}

// address returns why an address must not be dialed, or nil.
func (p *policy) address(a netip.Addr) error {
	if !a.IsValid() {
		return fmt.Errorf("%q is not an address", a)
	}
	if a.Zone() != "" {
		return fmt.Errorf("%s has a zone", a)
	}
	a = a.Unmap()
	if within(p.blocked, a) {
		return fmt.Errorf("%s is blocked by the operator", a)
	}
	if within(p.allowed, a) {
		return nil
	}
	for _, n := range p.special {
		if n.prefix.Contains(a) {
			return fmt.Errorf("%s is in %s (%s)", a, n.prefix, n.what)
		}
	}
	if a.Is6() && !p.unicast.Contains(a) {
		return fmt.Errorf("%s is outside of %s", a, p.unicast)
	}
	return nil
}

func within(ranges []netip.Prefix, a netip.Addr) bool {
	for _, r := range ranges {
		if r.Contains(a) {
			return true
		}
	}
	return false
}
