package egress

import "github.com/latchkey-dev/latchkey/internal/latchkey"

// Code says why a request was not made or not answered. The texts are stable:
// delivery logs keep them and programs compare them.
type Code string

// The url codes are known from the text alone, when an address is saved; the
// others when a request is made.
const (
	CodeURLMalformed Code = "url.malformed"
	CodeURLTooLong   Code = "url.too_long"
	CodeURLScheme    Code = "url.scheme"
	CodeURLUserinfo  Code = "url.userinfo"
	CodeURLFragment  Code = "url.fragment"
	CodeURLHost      Code = "url.host"
	CodeURLPort      Code = "url.port"
	CodeParams       Code = "url.params"

	CodeRequest        Code = "request.invalid"
	CodeCanceled       Code = "request.canceled"
	CodeBusy           Code = "request.busy"
	CodeAddress        Code = "address.refused"
	CodeDNS            Code = "dns.failed"
	CodeConnectFailed  Code = "connect.failed"
	CodeConnectTimeout Code = "connect.timeout"
	CodeTLS            Code = "tls.failed"
	CodeAnswerTimeout  Code = "answer.timeout"
	CodeAnswerBroken   Code = "answer.broken"
)

// Error is the only error of this package. Message is for the owner of the URL:
// it repeats no address that a name leads to, because names can lead to places
// that only this server sees. The cause, which may hold one, is for the
// operator's log.
type Error struct {
	Code    Code
	Message string
	err     error
}

func (e *Error) Error() string {
	if e.err != nil {
		return string(e.Code) + ": " + e.err.Error()
	}
	return string(e.Code) + ": " + e.Message
}

// Unwrap returns the cause, for the log alone.
func (e *Error) Unwrap() error { return e.err }

// Is reports whether target is an [*Error] of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Invalid is the error as a refusal of a request's field.
func (e *Error) Invalid(field string) *latchkey.Error {
	return latchkey.Invalid(field, e.Message).Because(e)
}

func refuse(code Code, message string) *Error { return &Error{Code: code, Message: message} }
