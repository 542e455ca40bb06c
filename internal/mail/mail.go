// Package mail sends plain-text mail through the operator's SMTP server. It
// owns how that server is spoken to and how a message is encoded; texts and
// languages are the caller's, and so is the decision to try again.
//
// What others typed can become nothing but text: addresses are parsed, subjects
// and bodies encoded, and line ends in a header refused.
package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"
)

// Security is how the connection to the server is protected.
type Security string

// The default is [StartTLS]. [NoTLS] sends everything in clear and therefore
// never a password; it is for a relay on the same machine.
const (
	StartTLS    Security = "starttls" // required: a server without it gets no mail
	ImplicitTLS Security = "tls"      // from the first byte
	NoTLS       Security = "none"
)

// defaultTimeout bounds one message, from dialing to the server's receipt.
const defaultTimeout = 30 * time.Second

// Config is the operator's SMTP server.
type Config struct {
	Host     string
	Port     int      // 0: 587, with ImplicitTLS 465, with NoTLS 25
	Security Security // "": StartTLS
	Username string   // "": no sign-in
	Password string
	From     string         // "Latchkey <no-reply@example.com>" or the address alone
	Timeout  time.Duration  // 0: 30 seconds for a message as a whole
	Roots    *x509.CertPool // nil: the system's
	Now      func() time.Time
	Rand     io.Reader // makes message ids
}

// Sender sends mail. It is safe for concurrent use if its rand is; each message
// has a connection of its own.
type Sender struct {
	cfg  Config
	from *netmail.Address
	tls  *tls.Config
}

// New checks the configuration. It does not connect.
func New(cfg Config) (*Sender, error) {
	from, err := parseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("the sender's mail address: %w", err)
	}
	ports := map[Security]int{StartTLS: 587, ImplicitTLS: 465, NoTLS: 25}
	if cfg.Security == "" {
		cfg.Security = StartTLS
	}
	if ports[cfg.Security] == 0 {
		return nil, fmt.Errorf("mail security is %q; it is one of %s, %s and %s", cfg.Security, StartTLS, ImplicitTLS, NoTLS)
	}
	if cfg.Port == 0 {
		cfg.Port = ports[cfg.Security]
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	switch {
	case cfg.Host == "" || strings.ContainsFunc(cfg.Host, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return nil, errors.New("the mail server's host name is missing or not one")
	case cfg.Port < 1 || cfg.Port > 65535:
		return nil, errors.New("the mail server's port is not from 1 to 65535")
	case cfg.Username != "" && cfg.Security == NoTLS:
		return nil, errors.New("a password is not sent to a mail server without TLS; leave out the user name or choose starttls or tls")
	case cfg.Username == "" && cfg.Password != "":
		return nil, errors.New("the mail server's password has no user name")
	}
	return &Sender{cfg: cfg, from: from,
		tls: &tls.Config{ServerName: cfg.Host, RootCAs: cfg.Roots, MinVersion: tls.VersionTLS12}}, nil
}

func (s *Sender) address() string { return net.JoinHostPort(s.cfg.Host, strconv.Itoa(s.cfg.Port)) }

// maxAddress is what SMTP transports (RFC 5321).
const maxAddress = 254

// CheckAddress says whether mail can be sent to an address: local@domain alone,
// without a name, at most 254 bytes.
func CheckAddress(address string) error {
	a, err := parseAddress(address)
	if err != nil {
		return err
	}
	if a.Name != "" || a.Address != address {
		return errAddress
	}
	return nil
}

var errAddress = errors.New("it is not a mail address")

// parseAddress is stricter than the grammar: no quoted local parts, comments or
// control characters, which mail servers read in different ways.
func parseAddress(text string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(text)
	if err != nil { // its text repeats the address
		return nil, errAddress
	}
	local, domain, ok := strings.Cut(a.Address, "@")
	if !ok || local == "" || domain == "" || len(a.Address) > maxAddress || len(local) > 64 ||
		strings.ContainsFunc(text, isControl) || strings.ContainsFunc(a.Name, isControl) ||
		strings.ContainsAny(a.Address, " \"(),:;<>[\\]") || strings.Contains(domain, "@") {
		return nil, errAddress
	}
	return a, nil
}

func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
}
