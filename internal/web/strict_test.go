package web

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestCheckJSON(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"an object":                       {`{"a":1,"b":[true,null,"x"]}`, true},
		"white space around it":           {" {} \n", true},
		"sixteen levels":                  {strings.Repeat("[", 16) + strings.Repeat("]", 16), true},
		"seventeen levels":                {strings.Repeat("[", 17) + strings.Repeat("]", 17), false},
		"a name twice":                    {`{"a":1,"a":1}`, false},
		"a name twice further down":       {`{"x":[{"a":1,"a":2}]}`, false},
		"a name twice, once by an escape": {`{"a":1,"\u0061":2}`, false},
		"bad UTF-8 in a value":            {"{\"a\":\"\xff\"}", false},
		"bad UTF-8 in a name":             {"{\"\xff\":1}", false},
		"half a surrogate pair":           {`{"a":"\ud800"}`, false},
		"two values":                      {`{} {}`, false},
		"something behind":                {`{}x`, false},
		"half a value":                    {`{"a":`, false},
		"nothing":                         {``, false},
		"a comment":                       {`{}// x`, false},
		"a trailing comma":                {`{"a":1,}`, false},
		"not a number":                    {`{"a":NaN}`, false},
		"a leading zero":                  {`{"a":01}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckJSON([]byte(c.body))
			if (err == nil) != c.ok || err != nil && latchkey.CodeOf(err) != latchkey.CodeMalformed {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What passes has one meaning: the standard decoder takes it, it is UTF-8, and
// writing it anew without its duplicates loses nothing.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `null`, `"x"`, `{"a":1}`, `{"a":1,"a":2}`, `{"a":{"a":1}}`, "{\"\xff\":1}", `{"\u0000":1}`,
		`[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]`, `1e400`, `-0`, `{"a":"\ud800"}`, `{} {}`, ` {"k":[1,2,{"z":null}]} `, `{"A":1,"a":2}`,
		"\xef\xbb\xbf{}", `{"a":1}x`, `{"a":12345678901234567890}`, `tru`, `{"":""}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if CheckJSON(body) != nil {
			return
		}
		if !json.Valid(body) || !utf8.Valid(body) {
			t.Fatalf("%q passed", body)
		}
		var value any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&value); err != nil {
			t.Fatalf("%q passed, but cannot be decoded: %v", body, err)
		}
		if names, depth := count(value); depth > maxDepth || names != tokens(t, body) {
			t.Fatalf("%q passed with depth %d, and decoding lost a name", body, depth)
		}
	})
}

// count returns how many members objects have within v, and v's depth.
func count(v any) (names, depth int) {
	add := func(item any) {
		n, d := count(item)
		names, depth = names+n, max(depth, d)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			names++
			add(item)
		}
		return names, depth + 1
	case []any:
		for _, item := range v {
			add(item)
		}
		return names, depth + 1
	}
	return 0, 0
}

// tokens counts the members of objects as they stand in the text.
func tokens(t *testing.T, body []byte) (names int) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var objects []bool // whether each open level is an object
	var atName []bool
	for d.More() || len(objects) > 0 {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		top := len(objects) - 1
		switch token {
		case json.Delim('{'), json.Delim('['):
			if top >= 0 {
				atName[top] = true
			}
			objects, atName = append(objects, token == json.Delim('{')), append(atName, true)
		case json.Delim('}'), json.Delim(']'):
			objects, atName = objects[:top], atName[:top]
		default:
			if top >= 0 && objects[top] {
				if atName[top] {
					names++
				}
				atName[top] = !atName[top]
			}
		}
	}
	return names
}
