package mail

import (
	"errors"
	"slices"

	"github.com/wneessen/go-mail/smtp"
)

// signIn picks the way to sign in, and remembers that it came to that, to tell
// a wrong password from a refused message.
type signIn struct {
	sender  *Sender
	started bool
	done    bool
	chosen  smtp.Auth
}

var errNoSignIn = errors.New("the mail server offers no way to sign in that is known here")

// Start prefers what does not show the server the password.
func (a *signIn) Start(server *smtp.ServerInfo) (string, []byte, error) {
	a.started = true
	c := a.sender.cfg
	switch {
	case !server.TLS:
		return "", nil, errors.New("the connection is not encrypted")
	case slices.Contains(server.Auth, "SCRAM-SHA-256"):
		a.chosen = smtp.ScramSHA256Auth(c.Username, c.Password)
	case slices.Contains(server.Auth, "PLAIN"):
		a.chosen = smtp.PlainAuth("", c.Username, c.Password, c.Host, false)
	case slices.Contains(server.Auth, "LOGIN"):
		a.chosen = smtp.LoginAuth(c.Username, c.Password, c.Host, false)
	default:
		return "", nil, errNoSignIn
	}
	return a.chosen.Start(server)
}

// Next answers the server's next question; when it has none, it has accepted.
func (a *signIn) Next(fromServer []byte, more bool) ([]byte, error) {
	answer, err := a.chosen.Next(fromServer, more)
	a.done = err == nil && !more
	return answer, err
}
