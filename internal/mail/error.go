package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"
)

// Code says why a message was not sent.
type Code string

// Whether waiting helps is in [Error.Temporary].
const (
	CodeRecipient   Code = "mail.recipient"   // the address is none
	CodeMessage     Code = "mail.message"     // subject or text cannot be sent
	CodeCanceled    Code = "mail.canceled"    // the caller gave up
	CodeUnreachable Code = "mail.unreachable" // no server there, or it hung up
	CodeTimeout     Code = "mail.timeout"     // it did not answer in time
	CodeTLS         Code = "mail.tls"         // no TLS, or a certificate that is not valid for its host
	CodeSignIn      Code = "mail.sign_in"     // it did not accept user name and password
	CodeDeferred    Code = "mail.deferred"    // it said 4xx: later perhaps
	CodeRefused     Code = "mail.refused"     // it said 5xx: never
)

// Error is the only error of Send. Its text holds no recipient, no password, and
// no text of the server, which may repeat both.
type Error struct {
	Code   Code
	Status int // the server's answer, such as 550; 0 if it gave none
	err    error
}

func (e *Error) Error() string {
	switch {
	case e.Status != 0:
		return fmt.Sprintf("%s: the mail server answered %d", e.Code, e.Status)
	case e.err != nil:
		return fmt.Sprintf("%s: %v", e.Code, e.err)
	}
	return string(e.Code)
}

// Is reports whether target is an [*Error] of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Temporary reports whether the same message may be taken later, without
// anybody having changed anything.
func (e *Error) Temporary() bool {
	switch e.Code {
	case CodeCanceled, CodeUnreachable, CodeTimeout, CodeDeferred:
		return true
	case CodeSignIn:
		return e.Status >= 400 && e.Status < 500
	}
	return false
}

// explain turns the library's errors into ours. Causes are words of our own
// and never the server's.
func explain(err error, l *line, auth *signIn) *Error {
	status := statusOf(err)
	netErr, isNet := errors.AsType[net.Error](err)
	hungUp := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case isNet && netErr.Timeout():
		return &Error{Code: CodeTimeout}
	case auth.started && !auth.done && (status != 0 || errors.Is(err, errNoSignIn)):
		return &Error{Code: CodeSignIn, Status: status, err: errNoSignIn}
	case status >= 500:
		return &Error{Code: CodeRefused, Status: status}
	case status >= 400:
		return &Error{Code: CodeDeferred, Status: status}
	case isTLS(err):
		return &Error{Code: CodeTLS, err: errors.New("the mail server has no certificate that is valid for its host name, or an old TLS version")}
	case l.sender.cfg.Security != NoTLS && !l.isSecure() && !isNet && !hungUp:
		return &Error{Code: CodeTLS, err: errors.New("the mail server does not offer STARTTLS")}
	}
	return &Error{Code: CodeUnreachable, err: errors.New("the mail server cannot be reached, or ended the connection")}
}

func isTLS(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	op, ok := errors.AsType[*net.OpError](err)
	return certificate || record || alert || ok && (op.Op == "remote error" || op.Op == "local error")
}

// statusOf is the server's answer in an error, 0 if there is none.
func statusOf(err error) int {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code
	}
	if failed, ok := errors.AsType[*gomail.SendError](err); ok {
		return failed.ErrorCode()
	}
	return 0
}
