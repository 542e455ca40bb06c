package latchkey_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestAuditChanges(t *testing.T) {
	at := time.Date(2026, 3, 1, 13, 0, 0, 5, time.FixedZone("CET", 3600))
	two := int64(2)
	for rule, c := range map[string]struct {
		before, after map[string]any
		want          string
	}{
		"nothing":                         {map[string]any{"a": 1, "b": latchkey.Secret("x")}, map[string]any{"a": 1, "b": latchkey.Secret("x")}, `{}`},
		"a number":                        {map[string]any{"a": 1, "b": true}, map[string]any{"a": 2, "b": true}, `{"a":{"after":2,"before":1}}`},
		"a list":                          {map[string]any{"a": []string{"x"}}, map[string]any{"a": []string{}}, `{"a":{"after":[],"before":["x"]}}`},
		"a pointer":                       {map[string]any{"a": (*int64)(nil)}, map[string]any{"a": &two}, `{"a":{"after":2,"before":null}}`},
		"a time":                          {map[string]any{"a": time.Time{}}, map[string]any{"a": at}, `{"a":{"after":"2026-03-01T12:00:00Z","before":null}}`},
		"the same time elsewhere":         {map[string]any{"a": at.UTC()}, map[string]any{"a": at}, `{}`},
		"a field that comes":              {map[string]any{}, map[string]any{"a": "x"}, `{"a":{"after":"x","before":null}}`},
		"a field that goes":               {map[string]any{"a": "x"}, map[string]any{}, `{"a":{"after":null,"before":"x"}}`},
		"a secret":                        {map[string]any{"a": latchkey.Secret("old")}, map[string]any{"a": latchkey.Secret("new")}, `{"a":{"hidden":true}}`},
		"a secret that comes":             {map[string]any{}, map[string]any{"a": latchkey.Secret("new")}, `{"a":{"hidden":true}}`},
		"a secret that becomes none":      {map[string]any{"a": latchkey.Secret("old")}, map[string]any{"a": "plain"}, `{"a":{"hidden":true}}`},
		"a text that is too long":         {map[string]any{"a": "x"}, map[string]any{"a": strings.Repeat("x", 399)}, `{"a":{"hidden":true}}`},
		"a text that is just not":         {map[string]any{"a": "x"}, map[string]any{"a": strings.Repeat("y", 398)}, `{"a":{"after":"` + strings.Repeat("y", 398) + `","before":"x"}}`},
		"a text that was too long":        {map[string]any{"a": strings.Repeat("x", 500)}, map[string]any{"a": "x"}, `{"a":{"hidden":true}}`},
		"a long text that stays":          {map[string]any{"a": strings.Repeat("x", 500)}, map[string]any{"a": strings.Repeat("x", 500)}, `{}`},
		"what cannot be written as JSON":  {map[string]any{"a": 1}, map[string]any{"a": func() {}}, `{"a":{"hidden":true}}`},
		"a text that becomes a number":    {map[string]any{"a": "1"}, map[string]any{"a": 1}, `{"a":{"after":1,"before":"1"}}`},
		"false that becomes nothing":      {map[string]any{"a": false}, map[string]any{"a": nil}, `{"a":{"after":null,"before":false}}`},
		"two fields, in order of the log": {map[string]any{"b": 1, "a": 1}, map[string]any{"b": 2, "a": 2}, `{"a":{"after":2,"before":1},"b":{"after":2,"before":1}}`},
	} {
		changes := latchkey.AuditChanges(c.before, c.after)
		got, err := json.Marshal(changes)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, want %s, %v", rule, got, c.want, err)
		}
		if text := fmt.Sprintf("%#v %s", changes, got); strings.Contains(text, "old") || strings.Contains(text, "new") {
			t.Errorf("%s: it tells a secret: %s", rule, text)
		}
	}
}
