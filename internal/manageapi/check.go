package manageapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// checkQuery refuses parameters that the operation does not have, that come
// twice, or that break their schema. An empty parameter counts as absent.
func (s *surface) checkQuery(op *huma.Operation, r *http.Request) error {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return latchkey.FailWith(latchkey.CodeMalformed, "The query string could not be read.").Because(err)
	}
	c := checker{schemas: s.schemas}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		given, schema := values[name], querySchema(op, name)
		switch {
		case schema == nil:
			c.add(name, "There is no such parameter.")
		case len(given) > 1:
			c.add(name, "Give this parameter once.")
		case given[0] != "":
			c.value(schema, queryValue(schema, given[0]), name)
		}
	}
	return c.err()
}

func querySchema(op *huma.Operation, name string) *huma.Schema {
	for _, p := range op.Parameters {
		if p.In == "query" && p.Name == name {
			return p.Schema
		}
	}
	return nil
}

// queryValue is a parameter's text as JSON would say it; text that is not of
// the schema's type stays text and is refused as such.
func queryValue(schema *huma.Schema, text string) any {
	switch schema.Type {
	case huma.TypeInteger:
		return json.Number(text)
	case huma.TypeBoolean:
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	}
	return text
}

// checkBody refuses a body that is not strict JSON or breaks the operation's
// schema, and returns the body to decode: an empty one counts as {}.
func (s *surface) checkBody(op *huma.Operation, r *http.Request, body []byte) ([]byte, error) {
	if len(body) == 0 {
		body = []byte("{}")
	} else if !web.HasJSONType(r) {
		return nil, latchkey.Fail(latchkey.CodeMediaType)
	}
	if err := web.CheckJSON(body); err != nil {
		return nil, err
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // a float64 would forget what was sent
	if err := d.Decode(&value); err != nil {
		return nil, latchkey.Fail(latchkey.CodeMalformed).Because(fmt.Errorf("decode checked body: %w", err))
	}
	if op.RequestBody == nil {
		if fields, ok := value.(map[string]any); !ok || len(fields) > 0 {
			return nil, latchkey.FailWith(latchkey.CodeInvalid, "This call takes no body.")
		}
		return body, nil
	}
	c := checker{schemas: s.schemas}
	c.value(op.RequestBody.Content["application/json"].Schema, value, "")
	return body, c.err()
}

// err is what the checker found: request.invalid with every field, or nil.
func (c *checker) err() error {
	if len(c.found) == 0 {
		return nil
	}
	e := latchkey.Fail(latchkey.CodeInvalid)
	if e.Fields = c.found; len(c.found) == 1 {
		e.Message = strings.TrimPrefix(c.found[0].Field+": ", ": ") + c.found[0].Message
	}
	return e
}
