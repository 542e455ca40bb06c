package manageapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// refusal is a problem in the shape that huma writes as it stands.
type refusal struct {
	api.Problem
	wait time.Duration
}

func refuse(ctx context.Context, err error) error {
	p, wait := web.NewProblem(ctx, err)
	return &refusal{Problem: p, wait: wait}
}

// Error, GetStatus, GetHeaders and ContentType are what huma asks of an error.
func (r *refusal) Error() string  { return r.Code }
func (r *refusal) GetStatus() int { return r.Status }

func (r *refusal) GetHeaders() http.Header {
	if r.wait == 0 {
		return nil
	}
	return http.Header{"Retry-After": {web.RetryAfter(r.wait)}}
}

func (r *refusal) ContentType(string) string { return web.ProblemType }

// onlyOurErrors replaces errors of huma's own making, whose texts may repeat
// what was submitted. The guard leaves it no cause to make any.
func onlyOurErrors(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p, _ := web.NewProblem(ctx.Context(), latchkey.Fail(latchkey.CodeMalformed).Because(model))
	p.Status = model.Status
	return p, nil
}
