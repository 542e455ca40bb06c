package e2e_test

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// schema is what the garbage needs of a JSON schema.
type schema struct {
	Ref        string `json:"$ref"`
	Type       any    `json:"type"` // a text, or a list with null in it
	Properties map[string]schema
	Items      *schema
	Enum       []string
	Format     string
}

// operation is a row of the management API as its document describes it.
type operation struct {
	method, path string
	params       []parameter
	body         *schema
	slow         bool // about passwords, which are hashed
}

type parameter struct {
	Name string
	In   string
}

// spec is the document of the management API.
type spec struct {
	Paths map[string]map[string]struct {
		Parameters  []parameter
		RateClass   string `json:"x-rate-class"`
		RequestBody *struct {
			Content map[string]struct{ Schema schema }
		}
	}
	Components struct{ Schemas map[string]schema }
}

// readSpec fetches the document that the server publishes of itself.
func readSpec(t *testing.T, server string) *spec {
	t.Helper()
	res, err := http.Get(server + "/api/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var s spec
	if err := json.Unmarshal(content, &s); err != nil {
		t.Fatalf("%v\n%.300s", err, content)
	}
	return &s
}

// operations lists every row, in the same order every time.
func (s *spec) operations(t *testing.T) []operation {
	t.Helper()
	var all []operation
	for path, methods := range s.Paths {
		for method, o := range methods {
			op := operation{method: strings.ToUpper(method), path: path, params: o.Parameters, slow: o.RateClass == "auth"}
			if o.RequestBody != nil {
				op.body = new(s.resolve(o.RequestBody.Content["application/json"].Schema))
			}
			all = append(all, op)
		}
	}
	if len(all) < 50 {
		t.Fatalf("the document describes %d operations only", len(all))
	}
	slices.SortFunc(all, func(a, b operation) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method)) })
	return all
}

func (s *spec) resolve(sch schema) schema {
	for sch.Ref != "" {
		sch = s.Components.Schemas[strings.TrimPrefix(sch.Ref, "#/components/schemas/")]
	}
	return sch
}
