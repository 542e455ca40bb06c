package clientapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// Refuse answers a call that ended in an error; of a handler that panicked too.
func (c *call) Refuse(w http.ResponseWriter, err error) {
	e, ours := errors.AsType[*latchkey.Error](err)
	if !ours {
		e = latchkey.Fail(latchkey.CodeInternal)
	}
	ex := web.ExchangeFrom(c.r.Context())
	ex.Code = e.Code
	status := web.Status(e.Code)
	if status >= http.StatusInternalServerError {
		ex.Cause = err
	}
	wait := e.RetryAfter
	if wait == 0 && status == http.StatusServiceUnavailable {
		wait = time.Second
	}
	if wait > 0 {
		w.Header().Set("Retry-After", web.RetryAfter(wait))
	}
	refused := client.Error{Code: string(e.Code), Message: sentence(e), Field: e.Field, Reason: e.Reason,
		RetryAfter: int64((wait + time.Second - 1) / time.Second), RequestID: ex.RequestID}
	if c.app != nil {
		refused.Message = c.forCustomer(e)
		if e.Code == latchkey.CodeAppVersion {
			refused.DownloadURL = c.app.Settings.DownloadURL
		}
	}
	c.write(w, status, &client.Refusal{Error: refused})
}

// forCustomer is what the refusal says to the customer: the app's message, which
// its seller may have changed, unless there is something to say that is about
// this request alone.
func (c *call) forCustomer(e *latchkey.Error) string {
	if text, ok := c.app.Messages.ForCustomer(e); ok {
		return text
	}
	return sentence(e)
}

// sentence is what the refusal says: of codes whose standard sentence is about
// the management API, one of this protocol's own.
func sentence(e *latchkey.Error) string {
	own := ""
	switch e.Code {
	case latchkey.CodeRouteNotFound:
		own = "This server has no such function."
	case latchkey.CodeMethodNotAllowed:
		own = "Functions are called by POST."
	case latchkey.CodeRepeatDiffers:
		own = "This nonce was used for another request; take a new one for each."
	case latchkey.CodeRepeatRunning:
		own = "The request with this nonce is still being served; repeat it in a moment."
	}
	if own == "" || e.Message != e.Code.Sentence() {
		return e.Message
	}
	return own
}
