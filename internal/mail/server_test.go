package mail_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/latchkey-dev/latchkey/internal/mail"
)

// received is what a server took over.
type received struct {
	From, To, SignedIn string
	TLS                bool
	Data               string
}

// server is a real SMTP server on loopback.
type server struct {
	*smtp.Server
	port  int
	roots *x509.CertPool

	mu    sync.Mutex
	taken []received
	// refuse is asked at each step: "auth", "mail", "rcpt", "data".
	refuse func(step string) error
}

// certificate is one that the address's owner made himself.
func certificate(t *testing.T, ip string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP(ip)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// serve starts a server; change may alter it before.
func serve(t *testing.T, security mail.Security, change func(*server)) *server {
	t.Helper()
	s := &server{}
	s.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	s.ErrorLog = log.New(io.Discard, "", 0)
	s.Domain = "mail.example.com"
	cert, roots := certificate(t, "127.0.0.1")
	s.roots = roots
	if security != mail.NoTLS {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	if change != nil {
		change(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if security == mail.ImplicitTLS {
		l = tls.NewListener(l, s.TLSConfig)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// messages are those that were taken over so far.
func (s *server) messages() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.taken...)
}

func (s *server) answer(step string) error {
	if s.refuse == nil {
		return nil
	}
	return s.refuse(step)
}

type session struct {
	server *server
	conn   *smtp.Conn
	got    received
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "latchkey" || password != "correct" {
			return errors.New("wrong")
		}
		s.got.SignedIn = username
		return s.server.answer("auth")
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.got.From = from
	return s.server.answer("mail")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.got.To += to
	return s.server.answer("rcpt")
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.answer("data"); err != nil {
		return err
	}
	_, s.got.TLS = s.conn.TLSConnectionState()
	s.got.Data = string(b)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.taken = append(s.server.taken, s.got)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// script is a server that says its lines, one for each that it is told, and
// then nothing more; it hangs up at an empty one.
func script(t *testing.T, lines ...string) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buf := make([]byte, 4096)
		for _, line := range lines {
			if line == "" {
				return
			}
			if _, err := io.WriteString(conn, line+"\r\n"); err != nil {
				return
			}
			if _, err := conn.Read(buf); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, conn) // until the client gives up
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// sender is a strict one for a server, unless changed.
func sender(t *testing.T, port int, roots *x509.CertPool, change func(*mail.Config)) *mail.Sender {
	t.Helper()
	cfg := mail.Config{Host: "127.0.0.1", Port: port, From: "Latchkey <no-reply@example.com>", Roots: roots,
		Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }, Rand: bytes.NewReader(make([]byte, 1<<16))}
	if change != nil {
		change(&cfg)
	}
	s, err := mail.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
