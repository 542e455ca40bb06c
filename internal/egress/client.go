package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Bounds of a request.
const (
	connectTimeout  = 5 * time.Second
	totalTimeout    = 15 * time.Second
	fetchTimeout    = 45 * time.Second // of a file
	maxAtOnce       = 64               // requests, whoever makes them
	idleTimeout     = 30 * time.Second
	maxAnswer       = 16 << 10 // of the body, after decompression
	maxHeader       = 16 << 10
	maxIdle         = 64
	maxIdlePerHost  = 2
	maxConnsPerHost = 64
	pingAfter       = 10 * time.Second
)

// Config is what the operator decides. The zero value, with a clock, is the
// strict one: https to public addresses at ports 443 and 8443.
type Config struct {
	Now       func() time.Time // required; measures answers
	AllowHTTP bool             // also http, and port 80
	Ports     []uint16         // instead of the standard ones
	Allow     []netip.Prefix   // reached although they are not public
	Block     []netip.Prefix   // never reached, also if in Allow
	Roots     *x509.CertPool   // nil: the system's
	Resolver  *net.Resolver    // nil: the system's
}

// Client makes requests under one policy. It is safe for concurrent use.
type Client struct {
	now       func() time.Time
	allowHTTP bool
	policy    *policy
	dialer    net.Dialer
	transport *http.Transport
	total     time.Duration
	fetch     time.Duration
	slots     chan struct{} // one for each request under way
}

// New returns a client. Close it to let go of its idle connections.
func New(cfg Config) *Client {
	c := &Client{now: cfg.Now, allowHTTP: cfg.AllowHTTP, total: totalTimeout, fetch: fetchTimeout, slots: make(chan struct{}, maxAtOnce), policy: &policy{
		blocked: masked(cfg.Block), allowed: masked(cfg.Allow), special: special(),
		unicast: netip.MustParsePrefix("2000::/3"), ports: slices.Clone(cfg.Ports),
	}}
	if len(c.policy.ports) == 0 {
		c.policy.ports = []uint16{443, 8443}
		if cfg.AllowHTTP {
			c.policy.ports = append(c.policy.ports, 80)
		}
	}
	c.dialer = net.Dialer{Timeout: connectTimeout, Resolver: cfg.Resolver, ControlContext: c.policy.control}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	c.transport = &http.Transport{
		Proxy:                  nil, // a proxy would do the dialing, unjudged
		DialContext:            c.dial,
		Protocols:              protocols,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cfg.Roots},
		TLSHandshakeTimeout:    connectTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		MaxConnsPerHost:        maxConnsPerHost,
		MaxResponseHeaderBytes: maxHeader,
		// A silent HTTP/2 connection would fail every request that shares it.
		HTTP2: &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: connectTimeout},
	}
	return c
}

// masked brings ranges into the form in which addresses are compared.
func masked(ranges []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, r := range ranges {
		if a := r.Addr(); a.Is4In6() && r.Bits() >= 96 {
			r = netip.PrefixFrom(a.Unmap(), r.Bits()-96)
		}
		out = append(out, r.Masked())
	}
	return out
}

// Close ends the connections that wait for another request.
func (c *Client) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}

// dial resolves the host as an absolute name: a search list would try a
// stranger's name within the operator's own domains first.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err != nil && !strings.HasSuffix(host, ".") {
		host += "."
	}
	return c.dialer.DialContext(ctx, network, net.JoinHostPort(host, port))
}

// control is called by the dialer with the address of each connection that it
// is about to make, after the name was resolved. Refusing one lets the dialer
// go on to the next, so of a mixed answer only vetted addresses are reached.
func (p *policy) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return refused(err)
	}
	if err := p.port(to.Port()); err != nil {
		return err
	}
	if err := p.address(to.Addr()); err != nil {
		return refused(err)
	}
	return nil
}

func refused(cause error) *Error {
	return &Error{Code: CodeAddress, err: cause,
		Message: "The URL leads to an address that is not on the public Internet; this server's operator decides which others it may reach."}
}
