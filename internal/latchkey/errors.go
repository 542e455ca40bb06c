package latchkey

import (
	"errors"
	"slices"
	"time"
)

// Error is the only error that a caller of Latchkey sees. Everything else is
// reported as [CodeInternal] without its text.
type Error struct {
	Code       Code          // stable, documented in docs/errors.md
	Message    string        // a sentence that a person can act on; never holds submitted secrets
	Field      string        // JSON name of the offending field, if one is to blame
	Fields     []FieldError  // every offending field, where several are
	RetryAfter time.Duration // how long to wait before trying again, if waiting helps
	Reason     string        // the seller's ban reason, for {reason} in messages
	Until      time.Time     // when what stands in the way ends, where that is known
	err        error
}

// FieldError names one offending field of a request.
type FieldError struct {
	Field   string // JSON path, such as "duration" or "ids[3]"
	Message string
}

// Errorf-style helpers are deliberately absent: a message is a constant
// sentence, so that it can be documented and never leaks a value.

// Fail returns an error of a code with that code's standard sentence.
func Fail(code Code) *Error { return &Error{Code: code, Message: code.Sentence()} }

// FailWith returns an error of a code with a sentence of its own.
func FailWith(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Invalid reports that one field of a request breaks a rule.
func Invalid(field, message string) *Error {
	return &Error{Code: CodeInvalid, Message: message, Field: field}
}

func (e *Error) Error() string {
	if e.err != nil {
		return string(e.Code) + ": " + e.err.Error()
	}
	return string(e.Code) + ": " + e.Message
}

// Unwrap returns the cause, which is logged and never shown to a caller.
func (e *Error) Unwrap() error { return e.err }

// Is reports whether target is an [*Error] of the same code, so that
// errors.Is(err, latchkey.Fail(latchkey.CodeLicenseUsed)) works.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because returns a copy of e that records its cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.err = cause
	return &c
}

// At returns a copy of e that blames a field of the request.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Blame returns err at a field of the request if it is an [*Error] of one of
// the codes, and as it is otherwise.
func Blame(err error, field string, codes ...Code) error {
	if e, ok := errors.AsType[*Error](err); ok && slices.Contains(codes, e.Code) {
		return e.At(field)
	}
	return err
}

// CodeOf returns the code of err: "" for nil, [CodeInternal] for an error
// that is not an [*Error].
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
