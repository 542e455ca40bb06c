package manageapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Bounds of what a refusal repeats of a request: names of fields only.
const (
	maxFound     = 20
	maxFieldName = 100 // bytes
)

// checker holds a value against a schema of the OpenAPI document and collects
// the fields that break it. Its sentences come from the schema alone: what was
// submitted is never repeated.
type checker struct {
	schemas huma.Registry
	found   []latchkey.FieldError
}

func (c *checker) add(field, message string) {
	if len(c.found) == maxFound {
		return
	}
	if len(field) > maxFieldName {
		field = field[:maxFieldName] + "…"
	}
	c.found = append(c.found, latchkey.FieldError{Field: strings.ToValidUTF8(field, "?"), Message: message})
}

// value checks v, as a [json.Decoder] with UseNumber reads it; field is its
// path, "" for the body itself.
func (c *checker) value(schema *huma.Schema, v any, field string) {
	for schema.Ref != "" {
		schema = c.schemas.SchemaFromRef(schema.Ref)
	}
	if v == nil && schema.Nullable {
		return
	}
	switch schema.Type {
	case huma.TypeObject:
		if fields, ok := v.(map[string]any); ok {
			c.object(schema, fields, field)
			return
		}
	case huma.TypeArray:
		if items, ok := v.([]any); ok && within(len(items), schema.MinItems, schema.MaxItems) {
			for i, item := range items {
				c.value(schema.Items, item, field+"["+strconv.Itoa(i)+"]")
			}
			return
		}
	default:
		if scalarFits(schema, v) {
			return
		}
	}
	c.add(field, rule(schema))
}

// object checks the fields of an object: the known ones, those that are
// missing, and those that do not exist, in the order of their names.
func (c *checker) object(schema *huma.Schema, fields map[string]any, path string) {
	if path != "" {
		path += "."
	}
	for _, name := range schema.Required {
		if _, given := fields[name]; !given {
			c.add(path+name, "This field is needed.")
		}
	}
	others, _ := schema.AdditionalProperties.(*huma.Schema)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		property := schema.Properties[name]
		if property == nil {
			property = others
		}
		if property == nil {
			c.add(path+name, "There is no such field.")
			continue
		}
		c.value(property, fields[name], path+name)
	}
}

func scalarFits(schema *huma.Schema, v any) bool {
	switch v := v.(type) {
	case bool:
		return schema.Type == huma.TypeBoolean
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		return err == nil && schema.Type == huma.TypeInteger &&
			(schema.Minimum == nil || float64(n) >= *schema.Minimum) && (schema.Maximum == nil || float64(n) <= *schema.Maximum)
	case string:
		return schema.Type == huma.TypeString && textFits(schema, v)
	}
	return false
}

func textFits(schema *huma.Schema, text string) bool {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || !within(utf8.RuneCountInString(text), schema.MinLength, schema.MaxLength) {
		return false
	}
	if schema.Format == "date-time" {
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	}
	return len(schema.Enum) == 0 || slices.Contains(schema.Enum, any(text))
}

func within(n int, least, most *int) bool {
	return (least == nil || n >= *least) && (most == nil || n <= *most)
}

// rule says in a sentence what a schema asks for.
func rule(schema *huma.Schema) string {
	switch schema.Type {
	case huma.TypeObject:
		return "This is a JSON object."
	case huma.TypeArray:
		return "This is a list" + span(schema.MinItems, schema.MaxItems, "items") + "."
	case huma.TypeBoolean:
		return "This is true or false."
	case huma.TypeInteger:
		if schema.Minimum != nil && schema.Maximum != nil {
			return fmt.Sprintf("This is a whole number from %.0f to %.0f.", *schema.Minimum, *schema.Maximum)
		}
		return "This is a whole number."
	}
	if len(schema.Enum) > 0 {
		return "This is one of " + strings.Trim(fmt.Sprint(schema.Enum), "[]") + "."
	}
	if schema.Format == "date-time" {
		return "This is a time such as 2025-03-01T12:00:00Z."
	}
	return "This is text" + span(schema.MinLength, schema.MaxLength, "characters") + " without NUL."
}

func span(least, most *int, of string) string {
	switch {
	case least != nil && most != nil:
		return fmt.Sprintf(" of %d to %d %s", *least, *most, of)
	case most != nil:
		return fmt.Sprintf(" of at most %d %s", *most, of)
	}
	return ""
}
