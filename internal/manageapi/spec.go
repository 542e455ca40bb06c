package manageapi

import (
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

const about = "Every action of the dashboard is a call of this API. Machines send an API key, in the header " +
	"Authorization: Bearer KEY; the dashboard uses a cookie. Bodies are JSON in UTF-8; unknown fields, duplicate names and " +
	"unknown parameters are refused. Refusals are problem+json with a stable code, explained in docs/errors.md. " +
	"Lists come in pages: next of one is cursor of the following. The headers RateLimit-Policy and RateLimit say how often " +
	"calls of a class (x-rate-class) may be made and what is left; beyond that the answer is 429 with Retry-After. " +
	"Calls that make something can be repeated with an Idempotency-Key, and edits be bound by If-Match to the ETag of what was " +
	"read. Answers from 1 KiB up are compressed if Accept-Encoding asks for zstd or gzip and the caller uses an API key."

// newConfig is huma's, without what it adds by itself: no routes of its own,
// no $schema fields and links, one format.
func newConfig() huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[api.Time](), reflect.TypeFor[time.Time]())
	schemas.RegisterTypeAlias(reflect.TypeFor[api.Nullable[int64]](), reflect.TypeFor[*int64]())
	schemas.RegisterTypeAlias(reflect.TypeFor[api.Nullable[string]](), reflect.TypeFor[*string]())
	schemas.RegisterTypeAlias(reflect.TypeFor[api.Nullable[api.Time]](), reflect.TypeFor[*time.Time]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Latchkey management API", Version: "1", Description: about},
			Components: &huma.Components{
				Schemas: schemas,
				Headers: answerHeaders(),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"apiKey":  {Type: "http", Scheme: "bearer", Description: "An API key with the permission that the call names."},
					"session": {Type: "apiKey", In: "cookie", Name: "__Host-latchkey", Description: "The dashboard's session."},
				},
			},
		},
		Formats: map[string]huma.Format{
			"application/json": huma.DefaultJSONFormat,
			"json":             huma.DefaultJSONFormat, // the suffix of problem+json
		},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{onlyOurErrors},
	}
}

func problemResponse(schemas huma.Registry) *huma.Response {
	return &huma.Response{
		Description: "A refusal, with its code.",
		Content: map[string]*huma.MediaType{
			web.ProblemType: {Schema: schemas.Schema(reflect.TypeFor[api.Problem](), true, "")},
		},
	}
}

// finishSpec says what the types could not: lists are never null, permissions
// are a closed list, and huma's own error model is not used.
func finishSpec(spec *huma.OpenAPI, sections []section) {
	for _, section := range sections {
		spec.Tags = append(spec.Tags, &huma.Tag{Name: section.tag})
	}
	schemas := spec.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for _, schema := range schemas {
		for _, property := range schema.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false
			}
		}
	}
	permissions := schemas["CreateAPIKey"].Properties["permissions"].Items
	for _, p := range latchkey.Permissions() {
		permissions.Enum = append(permissions.Enum, string(p))
	}
	actions := schemas["AuditEvent"].Properties["action"]
	for _, a := range latchkey.AuditActions() {
		actions.Enum = append(actions.Enum, a.Name)
	}
}
