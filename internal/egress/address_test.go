package egress

import (
	"net/netip"
	"testing"
)

func TestAddresses(t *testing.T) {
	strict := New(Config{}).policy
	for _, refused := range []string{
		// IPv4, each special range by its first and last address
		"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
		"127.0.0.0", "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.255.255",
		"172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.0.255", "192.0.2.1", "192.31.196.1", "192.52.193.1",
		"192.88.99.1", "192.168.0.0", "192.168.255.255", "192.175.48.1", "198.18.0.0", "198.19.255.255", "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255",
		// IPv6
		"::", "::1", "::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:7f00:1",
		"64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff::1",
		"100::1", "100:0:0:1::1", "2001::1", "2001:0:7f00:1::", "2001:1::1", "2001:2::1", "2001:10::1", "2001:1ff:ffff::1",
		"2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::", "2620:4f:8000::1", "3fff::1", "3fff:fff::1",
		"4000::1", "5f00::1", "8000::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fdff::1", "fe80::1", "febf::1", "fec0::1",
		"feff::1", "ff02::1", "ff0e::1",
		// zones name an interface of this machine
		"fe80::1%eth0", "::1%lo", "2606:4700::1%eth0", "::ffff:1.1.1.1%eth0",
	} {
		if err := strict.address(netip.MustParseAddr(refused)); err == nil {
			t.Errorf("%s may be dialed", refused)
		}
	}
	for _, public := range []string{
		"1.0.0.1", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:1.1.1.1",
		"2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2606:4700:4700::1111", "2a00:1450::1", "3ffe:ffff::1",
	} {
		if err := strict.address(netip.MustParseAddr(public)); err != nil {
			t.Errorf("%s may not be dialed: %v", public, err)
		}
	}
	if strict.address(netip.Addr{}) == nil {
		t.Error("no address may be dialed")
	}
}

func TestAddresses_of_the_operator(t *testing.T) {
	p := New(Config{
		Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32"), netip.MustParsePrefix("::ffff:172.16.0.0/108")},
		Block: []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32"), netip.MustParsePrefix("8.8.8.0/24"), netip.MustParsePrefix("2606:4700::/32")},
	}).policy
	for address, want := range map[string]bool{
		"10.1.0.1": true, "::ffff:10.1.0.1": true, "fd00:1::1": true, "172.31.0.1": true,
		"10.2.0.1": false, "fd00:2::1": false, "fd00:1::1%eth0": false,
		"10.1.2.3": false, "::ffff:10.1.2.3": false, "8.8.8.8": false, "2606:4700::1": false,
		"8.8.4.4": true, "2002:a01:1::": false,
	} {
		if got := p.address(netip.MustParseAddr(address)) == nil; got != want {
			t.Errorf("%s may be dialed: %t", address, got)
		}
	}
}

// The dialer hands over what it is about to connect to; whatever it is that
// cannot be judged is refused.
func TestControl_refuses_what_it_cannot_judge(t *testing.T) {
	p := New(Config{}).policy
	for _, c := range []struct {
		network, address string
		want             Code
	}{
		{"tcp4", "1.1.1.1:443", ""},
		{"tcp6", "[2606:4700::1]:443", ""},
		{"tcp4", "1.1.1.1:22", CodeURLPort},
		{"tcp4", "1.1.1.1:80", CodeURLPort},
		{"tcp4", "127.0.0.1:443", CodeAddress},
		{"tcp6", "[fe80::1%eth0]:443", CodeAddress},
		{"udp4", "1.1.1.1:443", CodeAddress},
		{"tcp", "1.1.1.1:443", CodeAddress},
		{"unix", "/run/docker.sock", CodeAddress},
		{"tcp4", "", CodeAddress},
		{"tcp4", "localhost:443", CodeAddress},
	} {
		if got := codeOf(p.control(t.Context(), c.network, c.address, nil)); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.network, c.address, got, c.want)
		}
	}
}
