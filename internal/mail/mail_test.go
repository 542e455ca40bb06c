package mail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/mail"
)

func hello() mail.Message {
	return mail.Message{To: "ann@example.org", Subject: "Hello", Text: "Dear Ann\n"}
}

func codeOf(err error) mail.Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*mail.Error](err); ok {
		return e.Code
	}
	return "another error"
}

// read takes a message apart as a mail program does.
func read(t *testing.T, data string) (netmail.Header, string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, strings.ReplaceAll(string(text), "\r\n", "\n")
}

func TestSend(t *testing.T) {
	for _, security := range []mail.Security{mail.StartTLS, mail.ImplicitTLS, mail.NoTLS} {
		t.Run(string(security), func(t *testing.T) {
			server := serve(t, security, nil)
			s := sender(t, server.port, server.roots, func(c *mail.Config) {
				c.Security = security
				if security != mail.NoTLS {
					c.Username, c.Password = "latchkey", "correct"
				}
			})
			if err := s.Send(t.Context(), hello()); err != nil {
				t.Fatal(err)
			}
			got := server.messages()
			if len(got) != 1 {
				t.Fatalf("%d messages", len(got))
			}
			header, text := read(t, got[0].Data)
			got[0].Data = ""
			want := received{From: "no-reply@example.com", To: "ann@example.org", TLS: security != mail.NoTLS}
			if want.TLS {
				want.SignedIn = "latchkey"
			}
			if diff := cmp.Diff(want, got[0]); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff("Dear Ann\n", text); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(netmail.Header{
				"From": {`"Latchkey" <no-reply@example.com>`}, "To": {"<ann@example.org>"}, "Subject": {"Hello"},
				"Date": {"Sun, 01 Mar 2026 12:00:00 +0000"}, "Message-Id": {"<00000000000000000000000000000000@example.com>"},
				"Auto-Submitted": {"auto-generated"}, "Mime-Version": {"1.0"},
				"Content-Type": {"text/plain; charset=UTF-8"}, "Content-Transfer-Encoding": {"quoted-printable"},
			}, header); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSend_carries_any_text(t *testing.T) {
	server := serve(t, mail.StartTLS, nil)
	s := sender(t, server.port, server.roots, nil)
	for _, m := range []mail.Message{
		{To: "ann@example.org", Subject: "Passwort zurücksetzen – 密码 🔑", Text: "Grüße\n.\n..\n.QUIT\nFrom me\n" + strings.Repeat("long ", 1000)},
		{To: "ann@example.org", Subject: strings.Repeat("ü", 250), Text: ""},
		{To: "ann@example.org", Subject: "=?UTF-8?Q?not_encoded?=", Text: "a\r\nb\r\n"},
		{To: "ann+tag_x@sub.example.org", Subject: strings.Repeat("a", 500), Text: "\n\n"},
	} {
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		all := server.messages()
		header, text := read(t, all[len(all)-1].Data)
		subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
		if err != nil || subject != m.Subject && !strings.HasPrefix(m.Subject, "=?") {
			t.Errorf("subject %q, %v", subject, err)
		}
		if want := strings.ReplaceAll(m.Text, "\r\n", "\n"); strings.TrimSuffix(text, "\n") != strings.TrimSuffix(want, "\n") {
			t.Errorf("text %q", text)
		}
		for line := range strings.SplitSeq(all[len(all)-1].Data, "\r\n") {
			if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) {
				t.Errorf("a line of %d bytes: %.80q", len(line), line)
			}
		}
	}
}

func TestSend_lets_nobody_add_headers_or_commands(t *testing.T) {
	server := serve(t, mail.StartTLS, nil)
	s := sender(t, server.port, server.roots, nil)
	for rule, c := range map[string]struct {
		change func(*mail.Message)
		want   mail.Code
	}{
		"a subject of two lines":     {func(m *mail.Message) { m.Subject = "Hello\r\nBcc: eve@example.net" }, mail.CodeMessage},
		"a subject with a bare CR":   {func(m *mail.Message) { m.Subject = "Hello\rBcc: eve@example.net" }, mail.CodeMessage},
		"a subject with a NUL":       {func(m *mail.Message) { m.Subject = "Hello\x00" }, mail.CodeMessage},
		"a subject with a C1 end":    {func(m *mail.Message) { m.Subject = "Hello\u0085Bcc: eve" }, mail.CodeMessage},
		"a subject not in UTF-8":     {func(m *mail.Message) { m.Subject = "Hello\xff" }, mail.CodeMessage},
		"no subject":                 {func(m *mail.Message) { m.Subject = "" }, mail.CodeMessage},
		"a subject too long":         {func(m *mail.Message) { m.Subject = strings.Repeat("x", 501) }, mail.CodeMessage},
		"a text not in UTF-8":        {func(m *mail.Message) { m.Text = "\xff" }, mail.CodeMessage},
		"a text too long":            {func(m *mail.Message) { m.Text = strings.Repeat("x", 256<<10+1) }, mail.CodeMessage},
		"two recipients":             {func(m *mail.Message) { m.To = "ann@example.org, eve@example.net" }, mail.CodeRecipient},
		"a recipient of two lines":   {func(m *mail.Message) { m.To = "ann@example.org\r\nBcc: eve@example.net" }, mail.CodeRecipient},
		"a recipient with a command": {func(m *mail.Message) { m.To = "ann@example.org>\r\nRCPT TO:<eve@example.net" }, mail.CodeRecipient},
		"a recipient with a name":    {func(m *mail.Message) { m.To = "Ann <ann@example.org>" }, mail.CodeRecipient},
		"a quoted recipient":         {func(m *mail.Message) { m.To = `"a b"@example.org` }, mail.CodeRecipient},
		"a recipient with two @":     {func(m *mail.Message) { m.To = `"ann@example.net"@example.org` }, mail.CodeRecipient},
		"a route":                    {func(m *mail.Message) { m.To = "<@example.net:ann@example.org>" }, mail.CodeRecipient},
		"a comment":                  {func(m *mail.Message) { m.To = "ann(x)@example.org" }, mail.CodeRecipient},
		"an address literal":         {func(m *mail.Message) { m.To = "ann@[127.0.0.1]" }, mail.CodeRecipient},
		"no domain":                  {func(m *mail.Message) { m.To = "ann" }, mail.CodeRecipient},
		"no recipient":               {func(m *mail.Message) { m.To = "" }, mail.CodeRecipient},
		"a recipient too long":       {func(m *mail.Message) { m.To = "ann@" + strings.Repeat("a.", 130) + "org" }, mail.CodeRecipient},
	} {
		t.Run(rule, func(t *testing.T) {
			m := hello()
			c.change(&m)
			err := s.Send(t.Context(), m)
			if e, ok := errors.AsType[*mail.Error](err); !ok || e.Code != c.want || e.Temporary() {
				t.Error(err)
			}
		})
	}
	if n := len(server.messages()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestSend_needs_TLS(t *testing.T) {
	plain := serve(t, mail.NoTLS, nil)
	good := serve(t, mail.StartTLS, nil)
	direct := serve(t, mail.ImplicitTLS, nil)
	_, others := certificate(t, "127.0.0.1")
	wrongName := serve(t, mail.StartTLS, func(s *server) {
		cert, roots := certificate(t, "127.0.0.9")
		s.TLSConfig, s.roots = &tls.Config{Certificates: []tls.Certificate{cert}}, roots
	})
	old := serve(t, mail.StartTLS, func(s *server) { s.TLSConfig.MinVersion, s.TLSConfig.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	for rule, c := range map[string]struct {
		sender *mail.Sender
		want   mail.Code
	}{
		"a server without it":            {sender(t, plain.port, plain.roots, nil), mail.CodeTLS},
		"an authority nobody trusts":     {sender(t, good.port, others, nil), mail.CodeTLS},
		"the same, from the first byte":  {sender(t, direct.port, others, func(c *mail.Config) { c.Security = mail.ImplicitTLS }), mail.CodeTLS},
		"a certificate of another host":  {sender(t, wrongName.port, wrongName.roots, nil), mail.CodeTLS},
		"TLS 1.1":                        {sender(t, old.port, old.roots, nil), mail.CodeTLS},
		"TLS from the first byte, plain": {sender(t, plain.port, plain.roots, func(c *mail.Config) { c.Security = mail.ImplicitTLS }), mail.CodeTLS},
		"STARTTLS taken back":            {sender(t, script(t, "220 hi", "250-hi\r\n250 STARTTLS", "502 no"), nil, nil), mail.CodeRefused},
		"plain text behind STARTTLS":     {sender(t, script(t, "220 hi", "250-hi\r\n250 STARTTLS", "220 go\r\n250 AUTH PLAIN", "nonsense"), nil, nil), mail.CodeTLS},
	} {
		t.Run(rule, func(t *testing.T) {
			err := c.sender.Send(t.Context(), hello())
			if e, ok := errors.AsType[*mail.Error](err); !ok || e.Code != c.want || e.Temporary() {
				t.Error(err)
			}
		})
	}
	for _, s := range []*server{plain, good, direct, wrongName, old} {
		if len(s.messages()) != 0 {
			t.Error("a message was sent")
		}
	}
}

func TestSend_says_what_the_server_refused(t *testing.T) {
	say := func(step string, code int) func(*server) {
		return func(s *server) {
			s.refuse = func(at string) error {
				if at != step {
					return nil
				}
				return &smtp.SMTPError{Code: code, Message: "ann@example.org correct"}
			}
		}
	}
	for rule, c := range map[string]struct {
		change    func(*server)
		password  string
		want      mail.Code
		status    int
		temporary bool
	}{
		"a wrong password":       {nil, "wrong", mail.CodeSignIn, 454, true}, // what this server says to any error of its own
		"a password, for good":   {say("auth", 535), "correct", mail.CodeSignIn, 535, false},
		"a password, for now":    {say("auth", 454), "correct", mail.CodeSignIn, 454, true},
		"the sender, for good":   {say("mail", 550), "correct", mail.CodeRefused, 550, false},
		"the recipient, for now": {say("rcpt", 450), "correct", mail.CodeDeferred, 450, true},
		"the recipient":          {say("rcpt", 550), "correct", mail.CodeRefused, 550, false},
		"the text, for now":      {say("data", 451), "correct", mail.CodeDeferred, 451, true},
		"the text":               {say("data", 554), "correct", mail.CodeRefused, 554, false},
	} {
		t.Run(rule, func(t *testing.T) {
			server := serve(t, mail.StartTLS, c.change)
			s := sender(t, server.port, server.roots, func(cfg *mail.Config) { cfg.Username, cfg.Password = "latchkey", c.password })
			err := s.Send(t.Context(), hello())
			e, ok := errors.AsType[*mail.Error](err)
			if !ok || e.Code != c.want || e.Status != c.status || e.Temporary() != c.temporary {
				t.Fatalf("%v", err)
			}
			if strings.Contains(err.Error(), "ann@") || strings.Contains(err.Error(), c.password) {
				t.Errorf("it says too much: %v", err)
			}
		})
	}
}

func TestSend_to_servers_that_break_off(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	ready := []string{"220 hi", "250 hi", "250 ok", "250 ok", "354 go"}
	for rule, c := range map[string]struct {
		port int
		want mail.Code
	}{
		"nobody listens":                 {closed, mail.CodeUnreachable},
		"it hangs up at once":            {script(t, ""), mail.CodeUnreachable},
		"it is busy":                     {script(t, "421 later"), mail.CodeDeferred},
		"it wants no mail":               {script(t, "554 no"), mail.CodeRefused},
		"it hangs up after the greeting": {script(t, "220 hi", ""), mail.CodeUnreachable},
		"it hangs up in the text":        {script(t, append(ready, "")...), mail.CodeUnreachable},
		"it speaks HTTP":                 {script(t, "HTTP/1.1 400 Bad Request"), mail.CodeUnreachable},
		"it never greets":                {script(t), mail.CodeTimeout},
		"it goes silent":                 {script(t, "220 hi"), mail.CodeTimeout},
		"it goes silent in the text":     {script(t, ready...), mail.CodeTimeout},
	} {
		t.Run(rule, func(t *testing.T) {
			s := sender(t, c.port, nil, func(cfg *mail.Config) {
				cfg.Security = mail.NoTLS
				if c.want == mail.CodeTimeout {
					cfg.Timeout = 100 * time.Millisecond
				}
			})
			err := s.Send(t.Context(), hello())
			if e, ok := errors.AsType[*mail.Error](err); !ok || e.Code != c.want || e.Temporary() != (c.want != mail.CodeRefused) {
				t.Error(err)
			}
		})
	}
	t.Run("what it took over before hanging up is sent", func(t *testing.T) {
		s := sender(t, script(t, append(ready, "250 taken", "")...), nil, func(cfg *mail.Config) { cfg.Security = mail.NoTLS })
		if err := s.Send(t.Context(), hello()); err != nil {
			t.Error(err)
		}
	})
	t.Run("the caller gives up", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		s := sender(t, script(t, "220 hi"), nil, func(cfg *mail.Config) { cfg.Security = mail.NoTLS })
		start := time.Now()
		if err := s.Send(ctx, hello()); codeOf(err) != mail.CodeCanceled || time.Since(start) > 10*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestSend_offers_no_password_without_TLS(t *testing.T) {
	if _, err := mail.New(mail.Config{Host: "127.0.0.1", Security: mail.NoTLS, Username: "latchkey", Password: "secret", From: "a@example.com"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestNew_configuration(t *testing.T) {
	good := mail.Config{Host: "mail.example.com", From: "a@example.com"}
	for rule, c := range map[string]struct {
		change func(*mail.Config)
		ok     bool
	}{
		"host and sender":       {func(*mail.Config) {}, true},
		"a sender with a name":  {func(c *mail.Config) { c.From = "Jürgen's Shop <a@example.com>" }, true},
		"no host":               {func(c *mail.Config) { c.Host = "" }, false},
		"a host of two lines":   {func(c *mail.Config) { c.Host = "a\r\nb" }, false},
		"no sender":             {func(c *mail.Config) { c.From = "" }, false},
		"a sender of two lines": {func(c *mail.Config) { c.From = "x\r\nBcc: b@example.com <a@example.com>" }, false},
		"two senders":           {func(c *mail.Config) { c.From = "a@example.com, b@example.com" }, false},
		"a port that is none":   {func(c *mail.Config) { c.Port = 70000 }, false},
		"security that is none": {func(c *mail.Config) { c.Security = "ssl" }, false},
		"a password for nobody": {func(c *mail.Config) { c.Password = "x" }, false},
	} {
		t.Run(rule, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			if _, err := mail.New(cfg); (err == nil) != c.ok {
				t.Error(err)
			}
		})
	}
}

// FuzzCheckAddress: what is accepted as an address is one, in one spelling, and
// cannot end a command or a header.
func FuzzCheckAddress(f *testing.F) {
	for _, seed := range []string{"ann@example.org", "ann+x@example.org", "ü@exämple.org", `"a b"@example.org`, "a@b@c", "<a@b>", "a@[::1]", "a@b\r\nc", "a(b)@c", "a@b.", ".a@b", "a..b@c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if mail.CheckAddress(address) != nil {
			return
		}
		if strings.Count(address, "@") != 1 || len(address) > 254 || strings.ContainsAny(address, " \t\r\n\x00<>,;\"()[]") {
			t.Fatalf("%q is accepted", address)
		}
	})
}
