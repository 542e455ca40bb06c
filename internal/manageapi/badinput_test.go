package manageapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// canary is put wherever a value is submitted; no answer may repeat it.
const canary = "canary-7f3a"

// document returns the OpenAPI document as the guard knows it.
func document(t *testing.T) *huma.OpenAPI {
	t.Helper()
	config := newConfig()
	api := humago.NewWithPrefix(http.NewServeMux(), Prefix, config)
	s := &surface{schemas: config.Components.Schemas}
	sections := s.routes()
	for _, section := range sections {
		for _, row := range section.rows {
			s.register(api, section.tag, row)
		}
	}
	finishSpec(api.OpenAPI(), sections)
	return api.OpenAPI()
}

// badCase is a request that must be refused.
type badCase struct {
	name    string
	request request
}

// badBodies makes bad bodies for an operation: wrong as JSON, wrong as a
// whole, and wrong in each single field.
func badBodies(spec *huma.OpenAPI, op *huma.Operation) map[string]string {
	bad := map[string]string{
		"half":          `{"a":`,
		"two values":    `{} {}`,
		"bad UTF-8":     "{\"" + canary + "\":\"\xff\"}",
		"too deep":      `{"a":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`,
		"a list":        `[]`,
		"a text":        `"` + canary + `"`,
		"null":          `null`,
		"unknown field": `{"nothing_of_this_name":"` + canary + `"}`,
		"too large":     `{"note":"` + strings.Repeat("x", 70_000) + `"}`,
		"far too large": strings.Repeat(" ", 1_000_000),
	}
	if op.RequestBody == nil || op.Metadata[fileBody] != nil {
		return bad
	}
	schema := resolve(spec, op.RequestBody.Content["application/json"].Schema)
	good := sample(spec, schema).(map[string]any)
	with := func(name string, value any) string {
		body := maps.Clone(good)
		body[name] = value
		text, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	for name, property := range schema.Properties {
		for kind, value := range badValues(resolve(spec, property)) {
			bad[name+" is "+kind] = with(name, value)
		}
		bad[name+" twice"] = `{"` + name + `":` + text(good[name]) + `,` + with(name, good[name])[1:]
		upper := maps.Clone(good)
		delete(upper, name)
		upper[strings.ToUpper(name[:1])+name[1:]] = good[name]
		bad[name+" in another case"] = text(upper)
	}
	for _, name := range schema.Required {
		less := maps.Clone(good)
		delete(less, name)
		bad[name+" missing"] = text(less)
	}
	return bad
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func resolve(spec *huma.OpenAPI, s *huma.Schema) *huma.Schema {
	for s.Ref != "" {
		s = spec.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// sample makes a value that fits a schema.
func sample(spec *huma.OpenAPI, s *huma.Schema) any {
	s = resolve(spec, s)
	switch s.Type {
	case huma.TypeObject:
		fields := map[string]any{}
		for name, property := range s.Properties {
			fields[name] = sample(spec, property)
		}
		return fields
	case huma.TypeArray:
		return []any{sample(spec, s.Items)}
	case huma.TypeBoolean:
		return true
	case huma.TypeInteger:
		return max(1, int(*s.Minimum))
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "date-time":
		return "2030-01-01T00:00:00Z"
	}
	length := 1
	if s.MinLength != nil {
		length = *s.MinLength
	}
	return strings.Repeat("1", length)
}

// badValues are values that do not fit a property's schema.
func badValues(s *huma.Schema) map[string]any {
	bad := map[string]any{"an object": map[string]any{canary: 1}, "null": nil, "a broken number": 1.5, "a list of lists": []any{[]any{canary}}}
	if s.Type != huma.TypeObject {
		bad["an empty object"] = map[string]any{}
	}
	if s.Type != huma.TypeArray {
		bad["an empty list"] = []any{}
	}
	if s.Type != huma.TypeBoolean {
		bad["true"] = true
	}
	if s.Type != huma.TypeString {
		bad["a text"] = canary
	}
	if s.Nullable {
		delete(bad, "null")
	}
	switch s.Type {
	case huma.TypeInteger:
		bad["negative"] = -1
		bad["beyond 64 bits"] = json.Number("99999999999999999999999")
		bad["beyond a float"] = json.Number("1e999")
		bad["the largest"] = json.Number("9223372036854775807")
		bad["an exponent"] = json.Number("1e3")
		bad["a number as text"] = "1"
	case huma.TypeString:
		bad["a number"] = 7
		bad["with NUL"] = "a\x00b"
		if s.MaxLength != nil {
			bad["too long"] = strings.Repeat("ü", *s.MaxLength+1)
		}
		if len(s.Enum) > 0 || s.Format == "date-time" {
			bad["not in the list"] = canary
		}
	case huma.TypeArray:
		bad["a list of objects"] = []any{map[string]any{}}
		bad["too many"] = slices.Repeat([]any{"1"}, *s.MaxItems+1)
	}
	return bad
}

// badQueries makes bad query strings for an operation.
func badQueries(op *huma.Operation) []string {
	bad := []string{"nothing_of_this_name=" + canary, "%zz", "a;b", "%ff=" + canary}
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		bad = append(bad, p.Name+"=1&"+p.Name+"=1", p.Name+"=%ff"+canary, p.Name+"=%00", strings.ToUpper(p.Name)+"=1")
		switch {
		case p.Schema.Type == huma.TypeInteger:
			bad = append(bad, p.Name+"="+canary, p.Name+"=-1", p.Name+"=0", p.Name+"=99999999999999999999", p.Name+"=1.5", p.Name+"=0x1")
		case p.Schema.Type == huma.TypeBoolean, len(p.Schema.Enum) > 0, p.Schema.Format != "":
			bad = append(bad, p.Name+"="+canary)
		case p.Schema.MaxLength != nil:
			bad = append(bad, p.Name+"="+strings.Repeat("x", *p.Schema.MaxLength+1))
		}
		if p.Name == "cursor" {
			bad = append(bad, "cursor="+canary, "cursor=AAAA", "cursor=e30", "cursor=%2B%2F%3D")
		}
	}
	return bad
}

// badCases is every bad request to one row.
func badCases(w *world, spec *huma.OpenAPI, row route, credential string) []badCase {
	op := operation(spec, row)
	plain := func(body string) request { return w.as(credential, row.method, row.path, body) }
	var cases []badCase
	isFile := op.Metadata[fileBody] != nil // whose rows may be wrong; see TestImportsThatAreRefused
	for name, body := range badBodies(spec, op) {
		if !isFile {
			cases = append(cases, badCase{name, plain(body)})
		}
	}
	for _, query := range badQueries(op) {
		q := plain("")
		q.path += "?" + query
		cases = append(cases, badCase{"query " + query, q})
	}
	for name, header := range map[string][2]string{
		"a form":            {"Content-Type", "application/x-www-form-urlencoded"},
		"plain text":        {"Content-Type", "text/plain"},
		"another charset":   {"Content-Type", "application/json; charset=utf-16"},
		"no type":           {"Content-Type", ""},
		"gzip":              {"Content-Encoding", "gzip"},
		"two encodings":     {"Content-Encoding", "gzip, br"},
		"an empty encoding": {"Content-Encoding", ""},
	} {
		if isFile {
			break
		}
		body := `{}`
		if op.RequestBody != nil {
			body = text(sample(spec, op.RequestBody.Content["application/json"].Schema))
		}
		q := plain(body)
		q.header.Set(header[0], header[1])
		cases = append(cases, badCase{name, q})
	}
	return cases
}

func operation(spec *huma.OpenAPI, row route) *huma.Operation {
	for _, op := range operations(spec) {
		if op.OperationID == row.id {
			return op
		}
	}
	panic("no operation " + row.id)
}

// state is all that a bad request could have changed.
func (w *world) state() string {
	w.t.Helper()
	var out strings.Builder
	for _, route := range []string{"/apps", "/apps/{app}/subscriptions", "/apps/{app}/licenses", "/apps/{app}/users", "/apps/{app}/sessions",
		"/apps/{app}/chats", "/apps/{app}/chats/{chat}/messages", "/apps/{app}/chat-mutes",
		"/apps/{app}/tokens", "/apps/{app}/variables", "/apps/{app}/variables/{variable}", "/apps/{app}/users/{user}/variables",
		"/apps/{app}/blacklists", "/apps/{app}/whitelists",
		"/apps/{app}/audit-events", "/audit-events", "/accounts", "/account", "/account/sign-ins", "/api-keys"} {
		a := w.send(w.as(w.key, "GET", route, ""))
		if a.status != 200 {
			w.t.Fatalf("%s: %d %s", route, a.status, a.body)
		}
		fmt.Fprintf(&out, "%s %s\n", route, a.body)
	}
	return out.String()
}

func TestBadInputIsRefusedEverywhereAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.settle()
	cookie := w.signIn()
	spec := document(t)
	before, tried := w.state(), 0
	for _, row := range rows() {
		credential := w.key
		if row.needs == signedIn {
			credential = cookie
		}
		for _, c := range badCases(w, spec, row, credential) {
			tried++
			name := row.id + ": " + c.name
			a := w.send(c.request)
			if a.status < 400 || a.status > 499 {
				t.Errorf("%.120s: status %d %.300s", name, a.status, a.body)
				continue
			}
			w.checkProblem(a, name)
			if strings.Contains(string(a.body), canary) && !strings.Contains(string(a.body), `"field":"`) {
				t.Errorf("%.120s: the answer repeats what was sent: %s", name, a.body)
			}
		}
		if after := w.state(); after != before {
			t.Fatalf("bad input to %s changed something:\n%s\n%s", row.id, before, after)
		}
	}
	if strings.Contains(w.log.String(), canary) {
		t.Error("the log repeats what was sent")
	}
	t.Logf("%d bad requests", tried)
}
