package manageapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// section is a group of routes under one heading of the documentation.
type section struct {
	tag  string
	rows []route
}

// route is one row of the table.
type route struct {
	method  string
	path    string
	status  int                 // of success
	needs   latchkey.Permission // or public, or signedIn
	rate    rateClass
	id      string // stable: clients are generated from it
	summary string
	handle  binder
}

// Routes that no permission describes.
const (
	public   latchkey.Permission = "public"    // no credentials are read
	signedIn latchkey.Permission = "signed-in" // a person with a dashboard session, no API key
)

// rateClass groups routes that are counted together; the limits are ceilings.
type rateClass string

const (
	rateAuth  rateClass = "auth"  // passwords and tokens: guessing is the danger
	rateRead  rateClass = "read"  // one object or page
	rateWrite rateClass = "write" // one change
	rateBulk  rateClass = "bulk"  // many changes in one transaction
)

// binder registers a row's handler; it closes over the handler's types.
type binder func(api huma.API, op huma.Operation)

// maxBody is where an operation says how large its body may be.
const maxBody = "latchkey-max-body"

// upTo binds a row whose body may be larger than others, in bytes.
func upTo(limit int64, bind binder) binder {
	return func(api huma.API, op huma.Operation) {
		op.Metadata = map[string]any{maxBody: limit}
		bind(api, op)
	}
}

// bodyLimit is how large an operation's body may be, in bytes.
func bodyLimit(op *huma.Operation) int64 {
	if limit, ok := op.Metadata[maxBody].(int64); ok {
		return limit
	}
	return web.MaxBody
}

// returning binds a handler that answers with a body.
func returning[I, O any](f func(context.Context, *I) (O, error)) binder {
	return func(api huma.API, op huma.Operation) {
		heedless(&op)
		status := op.DefaultStatus
		op.Responses[fmt.Sprint(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{
				"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, "")},
			},
		}
		registerRaw(api, op, func(ctx context.Context, in *I) (func(huma.Context), error) {
			body, err := f(ctx, in)
			return func(hc huma.Context) {
				hc.SetHeader("Content-Type", "application/json")
				hc.SetStatus(status)
				_ = huma.DefaultJSONFormat.Marshal(hc.BodyWriter(), body) // the client has gone
			}, err
		})
	}
}

// registerRaw is [huma.Register] for a handler that returns what writes its
// answer. The library compiles some 20 KB for each pair of an input and an
// output: with one output for all it is once for each input.
func registerRaw[I any](api huma.API, op huma.Operation, f func(context.Context, *I) (func(huma.Context), error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		write, err := f(ctx, in)
		if err != nil {
			return nil, refuse(ctx, err)
		}
		return &huma.StreamResponse{Body: write}, nil
	})
}

// registerSilent is [registerRaw] for a handler that answers with nothing.
func registerSilent[I any](api huma.API, op huma.Operation, f func(context.Context, *I) error) {
	status := op.DefaultStatus
	op.Responses[fmt.Sprint(status)] = &huma.Response{Description: http.StatusText(status)}
	registerRaw(api, op, func(ctx context.Context, in *I) (func(huma.Context), error) {
		return func(hc huma.Context) { hc.SetStatus(status) }, f(ctx, in)
	})
}

// silent binds a handler that answers with nothing.
func silent[I any](f func(context.Context, *I) error) binder {
	return func(api huma.API, op huma.Operation) {
		heedless(&op)
		registerSilent(api, op, f)
	}
}

// register puts a row into the mux and the OpenAPI document.
func (s *surface) register(api huma.API, tag string, row route) {
	op := huma.Operation{
		Method: row.method, Path: row.path, DefaultStatus: row.status,
		OperationID: row.id, Summary: row.summary, Tags: []string{tag},
		Extensions:  map[string]any{"x-permission": string(row.needs), "x-rate-class": string(row.rate)},
		Security:    []map[string][]string{{"apiKey": {}}, {"session": {}}},
		Middlewares: huma.Middlewares{s.guard(row)},
		// The guard reads and checks parameters and body, with sentences and
		// without echoing values; what is left for huma is to decode them.
		SkipValidateParams: true, SkipValidateBody: true, MaxBodyBytes: -1, BodyReadTimeout: -1,
	}
	switch row.needs {
	case public:
		op.Security = []map[string][]string{}
	case signedIn:
		op.Security = []map[string][]string{{"session": {}}}
	}
	op.Responses = map[string]*huma.Response{"default": problemResponse(s.schemas)}
	row.handle(api, op)
	describeHeaders(op.Responses)
}
