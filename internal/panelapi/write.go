package panelapi

import (
	"encoding/json"
	"errors"
	"net/http"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// read decodes a body: one JSON object, with the names that the call has in
// exactly their letters, each at most once.
func read[T any](c *call) (in T, err error) {
	if err := web.CheckJSON(c.body); err != nil {
		return in, err
	}
	if err := jsonv2.Unmarshal(c.body, &in, jsonv2.RejectUnknownMembers(true)); err != nil {
		e := latchkey.Invalid("body", "The body is not what this call takes; see docs/customer-panel-api.md.")
		return in, e.Because(err)
	}
	return in, nil
}

// write answers with a value as JSON; nil is no body.
func (c *call) write(v any) {
	if v == nil {
		c.w.WriteHeader(http.StatusNoContent)
		return
	}
	body, err := json.Marshal(v)
	if err != nil {
		c.refuse(err)
		return
	}
	c.w.Header().Set("Content-Type", "application/json")
	if c.status != 0 {
		c.w.WriteHeader(c.status)
	}
	_, _ = c.w.Write(append(body, '\n')) // a client that left is no error
}

// problem is a refusal: what the APIs answer, in the words that the seller has
// chosen for customers, with the reason of a ban.
type problem struct {
	api.Problem
	Reason string `json:"reason,omitempty"`
}

func (c *call) refuse(err error) {
	p, wait := web.NewProblem(c.r.Context(), err)
	out := problem{Problem: p}
	if e, ours := errors.AsType[*latchkey.Error](err); ours {
		out.Reason = e.Reason
		if c.app != nil {
			if text, ok := c.app.Messages.ForCustomer(e); ok {
				out.Detail = text
			}
		}
	}
	body, err := json.Marshal(out)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	h := c.w.Header()
	h.Set("Content-Type", web.ProblemType)
	if wait > 0 {
		h.Set("Retry-After", web.RetryAfter(wait))
	}
	c.w.WriteHeader(p.Status)
	_, _ = c.w.Write(append(body, '\n'))
}
