package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkey-dev/latchkey/internal/mail"
	"github.com/latchkey-dev/latchkey/internal/server"
)

// mailFlags say through which server mail is sent.
type mailFlags struct {
	SMTPHost         string `name:"smtp-host" help:"Mail server; without one no mail is sent." env:"LATCHKEY_SMTP_HOST" placeholder:"HOST"`
	SMTPPort         int    `name:"smtp-port" help:"Its port; 587, with tls 465, with none 25, if not given." env:"LATCHKEY_SMTP_PORT" placeholder:"N"`
	SMTPSecurity     string `name:"smtp-security" help:"starttls; tls from the first byte; or none, without a password, for a relay on this machine." enum:"starttls,tls,none" default:"starttls" env:"LATCHKEY_SMTP_SECURITY"`
	SMTPUsername     string `name:"smtp-username" help:"User name at the mail server, if it asks for one." env:"LATCHKEY_SMTP_USERNAME" placeholder:"NAME"`
	SMTPPassword     string `name:"smtp-password" help:"Its password; others on this machine can see it when it is typed, so prefer the variable or a file." env:"LATCHKEY_SMTP_PASSWORD" placeholder:"PASSWORD"`
	SMTPPasswordFile string `name:"smtp-password-file" help:"File that holds that password." env:"LATCHKEY_SMTP_PASSWORD_FILE" placeholder:"FILE"`
	MailFrom         string `name:"mail-from" help:"Sender of mails: an address, or a name and <an address>." env:"LATCHKEY_MAIL_FROM" placeholder:"ADDRESS"`
}

// settings reads the password and checks what can be seen to be wrong.
func (m *mailFlags) settings(std Streams) (mail.Config, error) {
	c := mail.Config{Host: m.SMTPHost, Port: m.SMTPPort, Security: mail.Security(m.SMTPSecurity), Username: m.SMTPUsername, Password: m.SMTPPassword, From: m.MailFrom}
	if c.Host == "" {
		if m.SMTPPort != 0 || c.Username != "" || c.Password != "" || m.SMTPPasswordFile != "" || c.From != "" {
			return c, usageError("Mail needs a server: give --smtp-host as well.")
		}
		return c, nil
	}
	if c.From == "" {
		return c, usageError("Mail needs a sender: give --mail-from as well.")
	}
	if m.SMTPPasswordFile != "" {
		if c.Password != "" {
			return c, usageError("Give --smtp-password or --smtp-password-file, not both.")
		}
		var err error
		if c.Password, err = readSecret(m.SMTPPasswordFile, std.In); err != nil {
			return c, err
		}
	}
	if _, err := mail.New(c); err != nil {
		return c, usageError(fmt.Sprintf("The mail settings are wrong: %v.", err))
	}
	return c, nil
}

type mailCommand struct {
	Test mailTest `cmd:"" help:"Send a mail, to see whether the settings work."`
}

type mailTest struct {
	mailFlags
	To string `help:"Who gets it." required:"" placeholder:"ADDRESS"`
}

func (m *mailTest) Run(ctx context.Context, std Streams) error {
	settings, err := m.settings(std)
	if err != nil {
		return err
	}
	if settings.Host == "" {
		return usageError("Name the mail server with --smtp-host.")
	}
	if err := mail.CheckAddress(m.To); err != nil {
		return usageError("--to is no mail address.")
	}
	err = server.TestMail(ctx, server.Config{Mail: settings}, m.To)
	if e, ok := errors.AsType[*mail.Error](err); ok {
		return fmt.Errorf("the mail was not sent: %w", e)
	}
	if err != nil {
		return err
	}
	return printf(std.Out, "The mail server has taken the mail.\n")
}
