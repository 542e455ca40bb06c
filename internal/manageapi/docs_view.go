package manageapi

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// docPage is what the page of documentation shows.
type docPage struct {
	Title, About, Version string
	Groups                []docGroup
	Types                 []docType
}

type docGroup struct {
	Name, Anchor string
	Calls        []docCall
}

type docCall struct {
	ID, Method, Path, Summary string
	Permission                string
	Params                    []docField
	Body                      []docField
	Answers                   string
	AnswerType                string // name of a docType, "" if there is no body
}

type docField struct {
	Name, Type, Doc string
	Example         string
	Needed          bool
}

type docType struct {
	Name   string
	Fields []docField
}

func docsView(spec *huma.OpenAPI, version string) docPage {
	page := docPage{Title: spec.Info.Title, About: spec.Info.Description, Version: version}
	schemas := spec.Components.Schemas
	for _, call := range operations(spec) {
		if n := len(page.Groups); n == 0 || page.Groups[n-1].Name != call.Tags[0] {
			page.Groups = append(page.Groups, docGroup{Name: call.Tags[0], Anchor: strings.ReplaceAll(strings.ToLower(call.Tags[0]), " ", "-")})
		}
		group := &page.Groups[len(page.Groups)-1]
		group.Calls = append(group.Calls, describeCall(schemas, call))
	}
	for _, name := range slices.Sorted(maps.Keys(schemas.Map())) {
		page.Types = append(page.Types, docType{Name: name, Fields: describeFields(schemas.Map()[name])})
	}
	return page
}

// operations returns every call in the order of the table: by tag as the spec
// lists them, then by path, then by method.
func operations(spec *huma.OpenAPI) []*huma.Operation {
	var all []*huma.Operation
	for _, item := range spec.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				all = append(all, op)
			}
		}
	}
	tagOrder := map[string]int{}
	for i, tag := range spec.Tags {
		tagOrder[tag.Name] = i
	}
	methodOrder := map[string]int{get: 0, post: 1, patch: 2, remove: 3}
	slices.SortFunc(all, func(a, b *huma.Operation) int {
		return cmp.Or(cmp.Compare(tagOrder[a.Tags[0]], tagOrder[b.Tags[0]]), cmp.Compare(a.Path, b.Path),
			cmp.Compare(methodOrder[a.Method], methodOrder[b.Method]))
	})
	return all
}

func describeCall(schemas huma.Registry, op *huma.Operation) docCall {
	call := docCall{ID: op.OperationID, Method: op.Method, Path: Prefix + op.Path, Summary: op.Summary,
		Permission: fmt.Sprint(op.Extensions["x-permission"]), Answers: fmt.Sprint(op.DefaultStatus)}
	for _, p := range op.Parameters {
		call.Params = append(call.Params, docField{Name: p.Name, Type: p.In + ", " + typeName(p.Schema), Doc: p.Description, Needed: p.Required})
	}
	if op.RequestBody != nil {
		call.Body = describeBody(schemas, op.RequestBody)
	}
	if media := op.Responses[call.Answers].Content["application/json"]; media != nil {
		call.AnswerType = strings.TrimPrefix(media.Schema.Ref, "#/components/schemas/")
	}
	return call
}

func describeBody(schemas huma.Registry, body *huma.RequestBody) []docField {
	media := body.Content["application/json"]
	if media == nil { // it stands for itself
		return []docField{{Name: "the whole body", Type: binaryType, Doc: body.Description, Needed: true}}
	}
	schema := media.Schema
	if schema.Type == huma.TypeArray { // a file
		schema = schema.Items
	}
	return describeFields(schemas.SchemaFromRef(schema.Ref))
}

func describeFields(schema *huma.Schema) []docField {
	var fields []docField
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name]
		fields = append(fields, docField{Name: name, Type: typeName(property), Doc: property.Description,
			Example: example(property), Needed: slices.Contains(schema.Required, name)})
	}
	// What must be there comes first.
	slices.SortStableFunc(fields, func(a, b docField) int {
		switch {
		case a.Needed == b.Needed:
			return 0
		case a.Needed:
			return -1
		}
		return 1
	})
	return fields
}

// example is a schema's example, "" if it has none.
func example(s *huma.Schema) string {
	if len(s.Examples) == 0 {
		return ""
	}
	return strings.Trim(fmt.Sprint(s.Examples[0]), "[]")
}

// typeName says in a few words what a schema takes.
func typeName(s *huma.Schema) string {
	name := s.Type
	switch {
	case s.Ref != "":
		name = strings.TrimPrefix(s.Ref, "#/components/schemas/")
	case s.Type == huma.TypeArray:
		name = "list of " + typeName(s.Items)
	case len(s.Enum) > 0:
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		name = strings.Join(values, " | ")
	case s.Format == "date-time":
		name = "time"
	case s.Minimum != nil && s.Maximum != nil:
		name = fmt.Sprintf("%s %.0f…%.0f", s.Type, *s.Minimum, *s.Maximum)
	case s.MaxLength != nil:
		name = fmt.Sprintf("%s ≤ %d", s.Type, *s.MaxLength)
	}
	if s.Nullable {
		name += " or null"
	}
	return name
}
