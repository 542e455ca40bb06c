// Package egresstest has what a test needs to show that nothing is called that
// must not be: URLs that have led servers into their own networks, a listener
// that nobody may reach, and a DNS of its own.
package egresstest

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Trap listens where nothing may ever connect to, and counts who does.
type Trap struct {
	net.Listener
	connections atomic.Int64
}

// NewTrap listens on an address.
func NewTrap(t testing.TB, address string) *Trap {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	tr := &Trap{Listener: l}
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

// Port is where it listens.
func (tr *Trap) Port() uint16 { return tr.Addr().(*net.TCPAddr).AddrPort().Port() }

// MustStayEmpty proves that the trap works by stepping into it, after which
// only that one connection may have been counted.
func (tr *Trap) MustStayEmpty(t testing.TB) {
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

// Zone answers the A and AAAA questions about every name. n counts the A
// questions about that name, from 1.
type Zone func(name string, n int) []string

// Resolver is Go's own, asking a DNS server of the test.
func Resolver(t testing.TB, z Zone) *net.Resolver {
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

func (z Zone) answer(query []byte, asked map[string]int) []byte {
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
