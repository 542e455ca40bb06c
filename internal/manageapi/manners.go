package manageapi

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// manner is what callers may ask of a row beside its substance.
type manner int

const (
	repeatable manner = iota // the row heeds Idempotency-Key
	matched                  // the row heeds If-Match
)

// Headers of calls that are made again.
const (
	repeatHeader   = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed"
)

// asked is what a request asks beside its substance.
type asked struct {
	repeat    string // "": it is not to be repeated
	request   []byte // hash of the whole request, with repeat
	noneMatch *web.EntityTags
	match     *web.EntityTags
}

type askedKey struct{}

func askedOf(ctx context.Context) asked {
	a, _ := ctx.Value(askedKey{}).(asked)
	return a
}

// mannerly has a row heed what it may be asked: a middleware behind the guard,
// and the parameters of the document.
func mannerly(op *huma.Operation, manners []manner) {
	may := map[manner]bool{}
	for _, m := range manners {
		may[m] = true
	}
	reads, streamed := op.Method == get, op.Metadata[fileBody] != nil
	if may[repeatable] {
		op.Parameters = append(op.Parameters, headerParam(repeatHeader, 255,
			"A name of your choice for this request. The same request made again within a day gets the same answer and changes nothing."))
	}
	if may[matched] {
		op.Parameters = append(op.Parameters, headerParam("If-Match", 0,
			"The ETag of what you have read: the call is refused if it has been changed since."))
	}
	if reads {
		op.Parameters = append(op.Parameters, headerParam("If-None-Match", 0, "The ETag of a copy that you have: 304 if it is still good."))
	}
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		a, err := readAsked(r, may[repeatable], streamed)
		if err == nil && a.match != nil && !reads && !may[matched] {
			err = untagged(a.match)
		}
		if err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		inner := context.WithValue(ctx.Context(), askedKey{}, a)
		if a.match != nil && may[matched] {
			inner = service.WithPrecondition(inner, service.Precondition{Any: a.match.Any, Tags: states(a.match)})
		}
		next(huma.WithContext(ctx, inner))
	})
}

func headerParam(name string, longest int, doc string) *huma.Param {
	schema := &huma.Schema{Type: huma.TypeString}
	if longest > 0 {
		schema.MaxLength = &longest
	}
	return &huma.Param{Name: name, In: "header", Description: doc, Schema: schema}
}

// heedless has a row refuse what would have to be heeded and cannot be: its
// answers have no tag, so If-Match with one never holds.
func heedless(op *huma.Operation) {
	if op.Method == get {
		return
	}
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		tags, given, err := web.ReadEntityTags(r.Header, "If-Match")
		if err == nil && given {
			err = untagged(&tags)
		}
		if err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		next(ctx)
	})
}

func untagged(match *web.EntityTags) error {
	if match.Any {
		return nil
	}
	return latchkey.FailWith(latchkey.CodePrecondition, "What this call is about has no ETag.")
}

// readAsked leaves a streamed body out of what is asked for: its handler adds it.
func readAsked(r *http.Request, repeats, streamed bool) (a asked, err error) {
	for name, into := range map[string]**web.EntityTags{"If-Match": &a.match, "If-None-Match": &a.noneMatch} {
		tags, given, err := web.ReadEntityTags(r.Header, name)
		if err != nil {
			return a, err
		}
		if given {
			*into = &tags
		}
	}
	keys := r.Header.Values(repeatHeader)
	if !repeats || len(keys) == 0 {
		return a, nil
	}
	if len(keys) > 1 {
		return a, latchkey.Invalid(repeatHeader, "Send one Idempotency-Key.")
	}
	if a.repeat = keys[0]; a.repeat == "" {
		return a, latchkey.Invalid(repeatHeader, "An Idempotency-Key has 1 to 255 characters.")
	}
	a.request, err = hashRequest(r, streamed)
	return a, err
}

// hashRequest hashes all that is asked for; the guard has read the body unless
// it is streamed.
func hashRequest(r *http.Request, streamed bool) ([]byte, error) {
	var body []byte
	if !streamed {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, latchkey.Fail(latchkey.CodeMalformed).Because(err)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	sum := sha256.New()
	for _, part := range []string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body)} {
		_ = binary.Write(sum, binary.BigEndian, int64(len(part))) // a hash never fails
		_, _ = io.WriteString(sum, part)
	}
	return sum.Sum(nil), nil
}

// states are the parts of tags that edits are judged by; see [etag].
func states(tags *web.EntityTags) []string {
	texts := tags.Strong()
	for i, text := range texts {
		texts[i], _, _ = strings.Cut(text, ".")
	}
	return texts
}
