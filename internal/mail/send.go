package mail

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

// Bounds of a message, in bytes.
const (
	maxSubject = 500
	maxText    = 256 << 10
)

// Message is one mail to one person.
type Message struct {
	To      string // an address alone; see [CheckAddress]
	Subject string // one line
	Text    string // plain text, lines of any length
}

// Send hands a message to the server. When it returns nil the server has taken
// it over. The error is an [*Error].
func (s *Sender) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	l := &line{sender: s}
	auth := &signIn{sender: s}
	// The library bounds each step and not their sum, and after a refusal
	// leaves the connection open: both end here.
	defer context.AfterFunc(bounded, l.close)()
	defer l.close()
	client, err := gomail.NewClient(s.cfg.Host, s.options(l, auth)...)
	if err != nil {
		return &Error{Code: CodeMessage, err: err}
	}
	err = client.DialAndSendWithContext(bounded, msg)
	// A server that took the message and then failed to say goodbye has it;
	// sending it again would make two.
	if err == nil || msg.IsDelivered() {
		return nil
	}
	if ctx.Err() != nil {
		return &Error{Code: CodeCanceled}
	}
	if bounded.Err() != nil {
		return &Error{Code: CodeTimeout}
	}
	return explain(err, l, auth)
}

func (s *Sender) options(l *line, auth *signIn) []gomail.Option {
	policy := gomail.TLSMandatory
	if s.cfg.Security == NoTLS {
		policy = gomail.NoTLS
	}
	options := []gomail.Option{
		gomail.WithPort(s.cfg.Port), gomail.WithTimeout(s.cfg.Timeout), gomail.WithTLSConfig(l.config()), gomail.WithTLSPolicy(policy),
		gomail.WithDialContextFunc(l.dial), gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithHELO(s.domain()),
	}
	if s.cfg.Security == ImplicitTLS {
		options = append(options, gomail.WithSSL())
	}
	if s.cfg.Username != "" {
		options = append(options, gomail.WithSMTPAuthCustom(auth))
	}
	return options
}

// domain is how this server calls itself: not by the machine's name, which is
// nobody's business.
func (s *Sender) domain() string {
	_, domain, _ := strings.Cut(s.from.Address, "@")
	return domain
}

func (s *Sender) compose(m Message) (*gomail.Msg, error) {
	if err := CheckAddress(m.To); err != nil {
		return nil, &Error{Code: CodeRecipient, err: err}
	}
	if m.Subject == "" || len(m.Subject) > maxSubject || !utf8.ValidString(m.Subject) || strings.ContainsFunc(m.Subject, isControl) {
		return nil, &Error{Code: CodeMessage, err: errors.New("the subject is not one line of 1 to 500 bytes")}
	}
	if len(m.Text) > maxText || !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, 0) {
		return nil, &Error{Code: CodeMessage, err: errors.New("the text is not UTF-8 of at most 256 KiB")}
	}
	var id [16]byte
	if _, err := io.ReadFull(s.cfg.Rand, id[:]); err != nil {
		return nil, &Error{Code: CodeMessage, err: fmt.Errorf("read randomness: %w", err)}
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	if err := msg.To(m.To); err != nil {
		return nil, &Error{Code: CodeRecipient, err: errAddress}
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.cfg.Now())
	msg.SetMessageIDWithValue(hex.EncodeToString(id[:]) + "@" + s.domain())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no vacation replies
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	return msg, nil
}

// line is the one connection of a message.
type line struct {
	sender *Sender
	mu     sync.Mutex
	conn   net.Conn
	closed bool
	secure bool
}

// config notes that a handshake was made and the certificate is right.
func (l *line) config() *tls.Config {
	config := l.sender.tls.Clone()
	config.VerifyConnection = func(tls.ConnectionState) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.secure = true
		return nil
	}
	return config
}

func (l *line) isSecure() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.secure
}

func (l *line) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, l.sender.address())
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.conn = conn
	if l.closed {
		_ = conn.Close()
	}
	l.mu.Unlock()
	if l.sender.cfg.Security != ImplicitTLS {
		return conn, nil
	}
	secured := tls.Client(conn, l.config())
	return secured, secured.HandshakeContext(ctx)
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.conn != nil {
		_ = l.conn.Close() // it may be closed already
	}
}
