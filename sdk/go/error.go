package latchkey

import (
	"errors"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
)

// ErrUnavailable means that the server gave no answer: no network, a timeout,
// or a gateway that could not reach it. Trying again later may help.
var ErrUnavailable = errors.New("latchkey: the server cannot be reached")

// ErrUnverified means that what answered has not proven to be the server, or
// does not speak the protocol. Trying again rarely helps: the address or the
// public key is wrong, or somebody stands in between.
var ErrUnverified = errors.New("latchkey: the answer is not proven to be the server's")

// ErrTwoFactor means that the password was right and a code is asked for; call
// [Client.TwoFactor].
var ErrTwoFactor = errors.New("latchkey: a code of the second factor is needed")

// ErrNotSignedIn means that a call needs a session which this client has not.
var ErrNotSignedIn = errors.New("latchkey: nobody is signed in")

// Error is a refusal that the server has signed.
type Error struct {
	Code        Code
	Status      int           // HTTP
	Message     string        // for the customer
	Field       string        // the field to blame, "" if none
	Reason      string        // of a ban
	RetryAfter  time.Duration // after which trying again can help; 0 if unknown
	DownloadURL string        // with [CodeAppVersion]: where the current version is
	RequestID   string        // names the request in the server's log
}

func (e *Error) Error() string { return "latchkey: " + string(e.Code) + ": " + e.Message }

// Is reports whether target is an [*Error] of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// CodeOf returns the code of a signed refusal, "" for every other error.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

func refusal(status int, e client.Error) *Error {
	return &Error{Code: Code(e.Code), Status: status, Message: e.Message, Field: e.Field, Reason: e.Reason,
		RetryAfter: time.Duration(min(max(e.RetryAfter, 0), 86_400)) * time.Second, DownloadURL: e.DownloadURL, RequestID: e.RequestID}
}
