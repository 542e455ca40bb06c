package egress

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Bounds of a URL, in bytes.
const (
	MaxURL  = 2048
	maxHost = 253
)

// CheckURL says whether the text of a URL is one that [Client.Do] requests, so
// that its owner can be told when it is saved. It resolves no name. The error
// is an [*Error] with a url or address code.
func (c *Client) CheckURL(raw string) error {
	_, err := c.parse(raw)
	return err
}

func (c *Client) parse(raw string) (*url.URL, error) {
	u, err := parseURL(raw)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "http" && !c.allowHTTP {
		return nil, refuse(CodeURLScheme, "The URL must begin with https://.")
	}
	if err := c.policy.port(port(u)); err != nil {
		return nil, err
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := c.policy.address(a); err != nil {
			return nil, refused(err)
		}
	} else if !strings.Contains(u.Hostname(), ".") && len(c.policy.allowed) == 0 {
		return nil, refuse(CodeURLHost, "The URL's host must be a full name, such as hooks.example.com.")
	}
	return u, nil
}

// parseURL applies the rules that hold whatever the operator has set.
func parseURL(raw string) (*url.URL, error) {
	if len(raw) > MaxURL {
		return nil, refuse(CodeURLTooLong, "The URL is longer than 2,048 bytes.")
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
		return nil, refuse(CodeURLMalformed, "The URL has a character that must be percent-encoded, or a name that must be written in its xn-- form.")
	}
	u, err := url.Parse(raw)
	if err != nil { // its text repeats the URL, which may hold a secret
		return nil, refuse(CodeURLMalformed, "This is not a URL.")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, refuse(CodeURLScheme, "The URL must begin with https://.")
	case u.Opaque != "" || u.Host == "":
		return nil, refuse(CodeURLMalformed, "The URL has no host.")
	case u.User != nil || strings.Contains(u.Host, "@"):
		return nil, refuse(CodeURLUserinfo, "The URL must not hold a user name or password.")
	case strings.Contains(raw, "#"):
		return nil, refuse(CodeURLFragment, "The URL must not have a fragment (#).")
	case port(u) == 0:
		return nil, refuse(CodeURLPort, "The URL's port is not a number from 1 to 65535.")
	}
	return u, checkHost(u)
}

func checkHost(u *url.URL) error {
	host := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		if a, err := netip.ParseAddr(host); err != nil || a.Zone() != "" {
			return refuse(CodeURLHost, "The URL's host is not an IPv6 address without a zone.")
		}
		return nil
	}
	if len(host) > maxHost {
		return refuse(CodeURLHost, "The URL's host is longer than 253 bytes.")
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return refuse(CodeURLHost, "The URL's host is not a name of letters, digits and hyphens between single dots.")
		}
	}
	// Some resolvers read 127.1, 2130706433 and 0x7f.1 as addresses; no name
	// of the DNS ends in a number.
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' {
		if a, err := netip.ParseAddr(host); err != nil || !a.Is4() {
			return refuse(CodeURLHost, "The URL's host is a number but not an IPv4 address in its usual form.")
		}
	}
	return nil
}

// isLabel accepts what the DNS knows as a part of a name, with the underscore
// that some zones use.
func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	})
}

// port is the one that the URL leads to, 0 if it is none.
func port(u *url.URL) uint16 {
	switch text := u.Port(); {
	case text != "":
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return 0
		}
		return uint16(n)
	case strings.HasSuffix(u.Host, ":"):
		return 0
	case u.Scheme == "https":
		return 443
	}
	return 80
}
