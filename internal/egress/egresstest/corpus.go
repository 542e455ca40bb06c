package egresstest

import (
	"strconv"
	"strings"
)

// Corpus returns URLs that have led servers into their own networks, to a port
// where a trap listens on every address of this machine.
func Corpus(port uint16) []string {
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
	all = append(all,
		// ports
		"http://127.0.0.1", "https://127.0.0.1/", "http://127.0.0.1:PORT:PORT/", "http://127.0.0.1:0PORT/", "http://127.0.0.1:+PORT/", "http://127.0.0.1:/", "http://127.0.0.1:22/", "http://127.0.0.1:65536/", "http://127.0.0.1:-1/", "http://127.0.0.1:0/", "http://127.0.0.1:http/", "https://127.0.0.1:PORT/",
		// schemes and shapes
		"file:///etc/passwd", "file://localhost:PORT/etc/passwd", "ftp://127.0.0.1:PORT/", "gopher://127.0.0.1:PORT/_GET", "dict://127.0.0.1:PORT/", "ldap://127.0.0.1:PORT/", "tftp://127.0.0.1:PORT/", "jar:http://127.0.0.1:PORT!/", "data:text/plain,x", "javascript:alert(1)", "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "ws://127.0.0.1:PORT/", "h2c://127.0.0.1:PORT/", "HTTP://127.0.0.1:PORT/", "hTTp://LocalHost:PORT/",
		"//127.0.0.1:PORT/", "///127.0.0.1:PORT/", "http:127.0.0.1:PORT/", "http:/127.0.0.1:PORT/", "http:///127.0.0.1:PORT/", "http:\\\\127.0.0.1:PORT\\", "http:/\\127.0.0.1:PORT/", "127.0.0.1:PORT", "/etc/passwd", "", " ", "http://", "http://:PORT/", "http://[::1/", "http://::1:PORT/", " http://127.0.0.1:PORT/", "http://127.0.0.1:PORT/ ", "\thttp://127.0.0.1:PORT/", "http://127.0.0.1:PORT/#fragment", "http://127.0.0.1:PORT/\x00",
	)
	for i, raw := range all {
		all[i] = strings.ReplaceAll(raw, "PORT", strconv.Itoa(int(port)))
	}
	return all
}
