package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// ProblemType is the media type of [api.Problem].
const ProblemType = "application/problem+json"

const errorsDoc = "https://github.com/latchkey-dev/latchkey/blob/main/docs/errors.md#"

// DocLink is the address of a code's paragraph in docs/errors.md. The anchor
// is the heading as a reader's browser knows it, without the dot.
func DocLink(code latchkey.Code) string {
	return errorsDoc + strings.ReplaceAll(string(code), ".", "")
}

// NewProblem is the body that answers err, and how long the client should wait
// before it tries again (0: waiting does not help). Only an [*latchkey.Error]
// shows its text; everything else is server.internal. It notes code and, for
// what is the server's own fault, the cause for the access line.
func NewProblem(ctx context.Context, err error) (api.Problem, time.Duration) {
	ex := ExchangeFrom(ctx)
	e, ok := errors.AsType[*latchkey.Error](err)
	if !ok {
		e = latchkey.Fail(latchkey.CodeInternal)
	}
	status := Status(e.Code)
	ex.Code = e.Code
	if status >= 500 {
		ex.Cause = err
	}
	p := api.Problem{
		Type: DocLink(e.Code), Title: e.Code.Sentence(), Status: status, Detail: e.Message,
		Code: string(e.Code), RequestID: ex.RequestID,
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, api.FieldError{Field: f.Field, Message: f.Message})
	}
	if field := cmp.Or(e.Field, e.Code.Field()); len(p.Errors) == 0 && field != "" {
		p.Errors = []api.FieldError{{Field: field, Message: e.Message}}
	}
	wait := e.RetryAfter
	if wait == 0 && status == http.StatusServiceUnavailable {
		wait = time.Second
	}
	return p, wait
}

// WriteProblem answers a request with err as problem+json.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	p, wait := NewProblem(r.Context(), err)
	body, err := json.Marshal(p)
	if err != nil {
		// A struct of text and numbers always encodes.
		panic(err)
	}
	h := w.Header()
	h.Set("Content-Type", ProblemType)
	h.Set("Cache-Control", "no-store")
	if wait > 0 {
		h.Set("Retry-After", RetryAfter(wait))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // a client that left is no error
}

// RetryAfter is a wait as the header counts it: whole seconds, rounded up.
func RetryAfter(wait time.Duration) string {
	return strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)
}
