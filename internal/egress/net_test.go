package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

func codeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Message != "" {
		return e.Code
	}
	return Code("not an error of this package: " + err.Error())
}

// trap listens where nothing may ever connect to, and counts who does.
type trap struct {
	net.Listener
	connections atomic.Int64
}

func newTrap(t *testing.T, address string) *trap {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	tr := &trap{Listener: l}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			tr.connections.Add(1)
			_ = conn.Close()
		}
	}()
	return tr
}

func (tr *trap) port() uint16 { return tr.Addr().(*net.TCPAddr).AddrPort().Port() }

// mustStayEmpty proves that the trap works by stepping into it, after which
// only that one connection may have been counted.
func (tr *trap) mustStayEmpty(t *testing.T) {
	t.Helper()
	conn, err := net.Dial("tcp", tr.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Read(make([]byte, 1)) // until the trap has counted and closed it
	_ = conn.Close()
	if n := tr.connections.Load(); n != 1 {
		t.Errorf("%d connections reached %s", n-1, tr.Addr())
	}
}

// zone answers the A and AAAA questions about every name. n counts the A
// questions about that name, from 1.
type zone func(name string, n int) []string

// resolver is Go's own, asking a DNS server of the test.
func resolver(t *testing.T, z zone) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		asked := map[string]int{}
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := z.answer(buf[:n], asked); answer != nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (z zone) answer(query []byte, asked map[string]int) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	name := q.Name.String()
	if q.Type == dnsmessage.TypeA {
		asked[name]++
	}
	for _, text := range z(name, max(1, asked[name])) {
		a := netip.MustParseAddr(text)
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	answer, err := m.Pack()
	if err != nil {
		return nil
	}
	return answer
}

// record notes every address that the dialer was allowed to connect to.
type record struct {
	mu       sync.Mutex
	accepted []string
	judged   int
}

func (r *record) watch(c *Client) {
	judge := c.dialer.ControlContext
	c.dialer.ControlContext = func(ctx context.Context, network, address string, raw syscall.RawConn) error {
		err := judge(ctx, network, address, raw)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.judged++
		if err == nil {
			r.accepted = append(r.accepted, address)
		}
		return err
	}
}

func newClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	cfg.Now = time.Now
	c := New(cfg)
	t.Cleanup(func() { _ = c.Close() })
	return c
}
