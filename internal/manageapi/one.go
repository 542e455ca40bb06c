package manageapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// one binds a handler that answers with one thing, by what the service knows of
// it and how that is written. Answers that show the thing as it can be read
// have its ETag.
func one[I, V, O any](s *surface, f func(context.Context, *I) (V, error), wire func(*V) O, manners ...manner) binder {
	return func(a huma.API, op huma.Operation) {
		bindOne(s, a, op, manners, wire, func(ctx context.Context, in *I, answer func(context.Context, func(context.Context) (V, error)) error) error {
			return answer(ctx, func(ctx context.Context) (V, error) { return f(ctx, in) })
		})
	}
}

// bindOne is [one] for a handler with something to do before its call is made,
// or found to have been made before: it calls answer with the call, once.
func bindOne[I, V, O any](s *surface, a huma.API, op huma.Operation, manners []manner, wire func(*V) O,
	handle func(ctx context.Context, in *I, answer func(context.Context, func(context.Context) (V, error)) error) error) {
	mannerly(&op, manners)
	op.Responses[fmt.Sprint(op.DefaultStatus)] = &huma.Response{
		Description: http.StatusText(op.DefaultStatus),
		Headers:     oneHeaders[V](&op),
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, "")},
		},
	}
	if op.Method == get {
		op.Responses["304"] = &huma.Response{Description: "The copy named in If-None-Match is still good."}
	}
	reads, status := op.Method == get, op.DefaultStatus
	encode := func(made any) ([]byte, error) {
		v, ok := made.(V)
		if !ok {
			return nil, fmt.Errorf("write answer: the call has made a %T", made)
		}
		return s.encodeOne(made, wire(&v), reads)
	}
	registerRaw(a, op, func(ctx context.Context, in *I) (func(huma.Context), error) {
		done := oneAnswer{status: status}
		err := handle(ctx, in, func(ctx context.Context, call func(context.Context) (V, error)) (err error) {
			done.text, done.replayed, err = s.makeOne(ctx, encode, func(ctx context.Context) (any, error) { return call(ctx) })
			return err
		})
		if err == nil && reads {
			err = judgeRead(ctx, done.text)
		}
		return func(hc huma.Context) {
			r, w := humago.Unwrap(hc)
			writeOne(w, r.WithContext(ctx), done)
		}, err
	})
}

// gone binds a handler that deletes one thing and answers with nothing.
func gone[I any](f func(context.Context, *I) error) binder {
	return func(a huma.API, op huma.Operation) {
		mannerly(&op, []manner{matched})
		registerSilent(a, op, f)
	}
}

// makeOne makes a call, once if its caller has named it.
func (s *surface) makeOne(ctx context.Context, encode func(any) ([]byte, error), call func(context.Context) (any, error)) (answer []byte, replayed bool, err error) {
	if a := askedOf(ctx); a.repeat != "" {
		return s.svc.Once(ctx, service.Repeat{Key: a.repeat, Asked: a.request, Encode: encode}, func(ctx context.Context) error {
			_, err := call(ctx)
			return err
		})
	}
	v, err := call(ctx)
	if err != nil {
		return nil, false, err
	}
	answer, err = encode(v)
	return answer, false, err
}

// encodeOne writes an answer: a line with its ETag, which may be empty, and the
// body. So both are kept of a call that can be repeated.
func (s *surface) encodeOne(v, wire any, reads bool) ([]byte, error) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	if err := e.Encode(wire); err != nil {
		return nil, fmt.Errorf("write answer: %w", err)
	}
	tag, err := s.etag(v, body.Bytes(), reads)
	if err != nil {
		return nil, err
	}
	return append([]byte(tag+"\n"), body.Bytes()...), nil
}

// etag is the strong tag of an answer without its quotes. Its end is of the
// bytes, and so another one whenever anything shown is. Its beginning is of
// what edits change, and is all that If-Match compares: that time runs and
// customers sign in does not make an edit wrong. Things that nobody edits have
// the end alone; what is not a thing as it can be read has no tag.
func (s *surface) etag(v any, body []byte, reads bool) (string, error) {
	sum := sha256.Sum256(body)
	end := hex.EncodeToString(sum[:10])
	t, edited := v.(service.Tagged)
	switch {
	case edited:
		state, err := s.svc.Tag(t)
		return state + "." + end, err
	case reads:
		return end, nil
	}
	return "", nil
}

// judgeRead refuses a read whose If-Match does not hold.
func judgeRead(ctx context.Context, answer []byte) error {
	match := askedOf(ctx).match
	if match == nil || match.Any {
		return nil
	}
	tag, _, _ := bytes.Cut(answer, []byte("\n"))
	for _, t := range match.Strong() {
		if t == string(tag) {
			return nil
		}
	}
	return latchkey.Fail(latchkey.CodePrecondition)
}

// oneAnswer is an answer as [surface.encodeOne] writes it, about to be sent.
type oneAnswer struct {
	status   int
	text     []byte
	replayed bool
}

func writeOne(w http.ResponseWriter, r *http.Request, a oneAnswer) {
	tag, body, _ := bytes.Cut(a.text, []byte("\n"))
	h := w.Header()
	if len(tag) > 0 {
		h.Set("ETag", `"`+string(tag)+`"`)
	}
	sayReplayed(h, a.replayed)
	if had := askedOf(r.Context()).noneMatch; had != nil && web.IsSafe(r.Method) && had.Fresh(string(tag)) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // a client that left is no error
}

// sayReplayed marks the answer of a call that has been made before.
func sayReplayed(h http.Header, replayed bool) {
	if replayed {
		h.Set(replayedHeader, "true")
	}
}

// oneHeaders are the headers of an answer with one thing, for the document.
func oneHeaders[V any](op *huma.Operation) map[string]*huma.Header {
	headers := map[string]*huma.Header{}
	if _, edited := any(*new(V)).(service.Tagged); edited || op.Method == get {
		headers["ETag"] = headerRef("ETag")
	}
	for _, p := range op.Parameters {
		if p.Name == repeatHeader {
			headers[replayedHeader] = headerRef(replayedHeader)
		}
	}
	return headers
}

// itself is the wire form of what is one already.
func itself[V any](v *V) V { return *v }
