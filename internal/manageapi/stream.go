package manageapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// linesType is the media type of JSON values, one a line.
const linesType = "application/x-ndjson"

// writer writes an answer that is not a value to be encoded.
type writer func(w http.ResponseWriter, r *http.Request)

// writing binds a handler that writes its answer itself once it knows that
// there is one. others are the media types that it answers in beside JSON of O.
func writing[I, O any](f func(context.Context, *I) (writer, error), others ...string) binder {
	return func(a huma.API, op huma.Operation) {
		response := &huma.Response{Description: http.StatusText(op.DefaultStatus), Content: map[string]*huma.MediaType{
			"application/json": {Schema: a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, "")},
		}}
		for _, media := range others {
			response.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
		op.Responses[fmt.Sprint(op.DefaultStatus)] = response
		heedless(&op)
		huma.Register(a, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
			write, err := f(ctx, in)
			if err != nil {
				return nil, refuse(ctx, err)
			}
			return &huma.StreamResponse{Body: func(ctx huma.Context) {
				r, w := humago.Unwrap(ctx)
				write(w, r.WithContext(ctx.Context()))
			}}, nil
		})
	}
}

// value writes one JSON value.
func value(status int, v any) writer {
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := json.Marshal(v)
		if err != nil {
			web.WriteProblem(w, r, fmt.Errorf("write answer: %w", err))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(append(text, '\n')) // a client that left is no error
	}
}

// stream is an answer that is sent while it is made. Before its first bytes
// are out it can still become a problem.
type stream struct {
	w        http.ResponseWriter
	r        *http.Request
	to       *http.ResponseController
	keepOpen func(*http.ResponseController) error
	status   int
	media    string
	file     string // name under which browsers save it; "": they show it
	began    bool
	buffer   *bufio.Writer
}

// streamBuffer is how much is collected before it is sent, in bytes.
const streamBuffer = 64 << 10

func (s *surface) stream(w http.ResponseWriter, r *http.Request, status int, media string) *stream {
	o := &stream{w: w, r: r, to: http.NewResponseController(w), keepOpen: s.keepOpen, status: status, media: media}
	o.buffer = bufio.NewWriterSize(o, streamBuffer)
	return o
}

// Write sends bytes, after the header.
func (o *stream) Write(p []byte) (int, error) {
	if err := o.begin(); err != nil {
		return 0, err
	}
	return o.w.Write(p)
}

// begin sends the header, once, and gives the connection more time.
func (o *stream) begin() error {
	if o.keepOpen != nil {
		if err := o.keepOpen(o.to); err != nil {
			return fmt.Errorf("keep the connection open: %w", err)
		}
	}
	if !o.began {
		o.began = true
		h := o.w.Header()
		h.Set("Content-Type", o.media)
		if o.file != "" {
			h.Set("Content-Disposition", `attachment; filename="`+o.file+`"`)
		}
		h.Set("X-Accel-Buffering", "no") // nginx would collect it
		o.w.WriteHeader(o.status)
	}
	return nil
}

// line adds a JSON value as a line.
func (o *stream) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write line: %w", err)
	}
	_, err = o.buffer.Write(append(text, '\n'))
	return err
}

// flush sends what has been added.
func (o *stream) flush() error {
	if err := o.buffer.Flush(); err != nil {
		return err
	}
	return o.to.Flush()
}

// progress returns a function that tells the client how far the call is, and
// fails when the client is gone.
func (o *stream) progress(amount int64) func(made int64) error {
	return func(made int64) error {
		if err := o.line(api.ProgressLine{Progress: &api.Progress{Made: made, Amount: amount}}); err != nil {
			return err
		}
		return o.flush()
	}
}

// abort ends a stream whose format cannot say that something went wrong.
func (o *stream) abort(err error) {
	if !o.began {
		web.WriteProblem(o.w, o.r, err)
		return
	}
	_, _ = web.NewProblem(o.r.Context(), err) // for the access line
	panic(http.ErrAbortHandler)
}

// end sends the last line of a stream of lines: count things, or why not.
func (o *stream) end(count int64, err error) {
	if err != nil && !o.began {
		web.WriteProblem(o.w, o.r, err)
		return
	}
	done := err == nil
	last := api.StreamEnd{Done: &done, Count: &count}
	if err != nil {
		problem, _ := web.NewProblem(o.r.Context(), err)
		last.Count, last.Problem = nil, &problem
	}
	if o.line(last) == nil {
		_ = o.flush() // a client that left is no error
	}
}
