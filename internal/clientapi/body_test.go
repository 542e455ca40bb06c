package clientapi

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

func TestReadBody(t *testing.T) {
	for text, want := range map[string][]member{
		`{}`:                            {},
		` {} ` + "\n":                   {},
		`{"a":"x","A":"y"}`:             {{name: "a", text: "x"}, {name: "A", text: "y"}},
		`{"a":"\u0041\ud83d\ude00"}`:    {{name: "a", text: "A😀"}},
		`{"n":0,"m":-12}`:               {{name: "n", kind: kindInteger}, {name: "m", kind: kindInteger, number: -12}},
		`{"n":9223372036854775807}`:     {{name: "n", kind: kindInteger, number: 1<<63 - 1}},
		`{"n":1.0,"o":1e3,"p":-0}`:      {{name: "n", kind: kindOther}, {name: "o", kind: kindOther}, {name: "p", kind: kindOther}},
		`{"n":9223372036854775808}`:     {{name: "n", kind: kindOther}},
		`{"a":null,"b":true,"c":["x"]}`: {{name: "a", kind: kindOther}, {name: "b", kind: kindOther}, {name: "c", kind: kindOther}},
		`{"p":{"x":"1","y":{"z":"2"}}}`: {{name: "p", kind: kindTexts, texts: []member{{name: "x", text: "1"}, {name: "y", kind: kindOther}}}},
		`{"":""}`:                       {{}},
	} {
		got, err := readBody([]byte(text))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(member{}), cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", text, err, diff)
		}
	}
	for _, text := range []string{``, ` `, `null`, `[]`, `"x"`, `1`, `{`, `{"a"}`, `{"a":}`, `{"a":"x",}`, `{} {}`, `{}x`, `{"a":"x","a":"x"}`,
		`{"a":1,"\u0061":2}`, `{"p":{"x":"1","x":"1"}}`, `{"a":[{"x":1,"x":1}]}`, "{\"a\":\"\xff\"}", "{\"\xff\":1}", `{"a":"\ud800"}`, `{"a":01}`, `{"a":NaN}`,
		"\xef\xbb\xbf{}", `{'a':1}`, `{}// x`, strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000)} {
		if got, err := readBody([]byte(text)); latchkey.CodeOf(err) != latchkey.CodeMalformed {
			t.Errorf("%.40q: %v, %v", text, got, err)
		}
	}
}

// What is read is one object that every strict reader takes for the same: no
// name is lost, none is made up, and texts are the same.
func FuzzReadBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"session":"x","license":"y"}`, `{"a":1,"a":2}`, `{"a":{"b":"c"}}`, `{"a":[1,{"b":null}]}`, "{\"\xff\":1}", `{"a":-0}`, `{} {}`,
		`{"a":"\ud800"}`, `{"A":1,"a":2}`, `{"a":1e400}`, `{"params":{"x":"1","y":2}}`, ` {"a" : "b" } `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		members, err := readBody(body)
		if err != nil {
			return
		}
		if !utf8.Valid(body) {
			t.Fatalf("%q passed", body)
		}
		var value map[string]any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&value); err != nil || len(value) != len(members) {
			t.Fatalf("%q passed with %d names: %v, %d names", body, len(members), err, len(value))
		}
		for _, m := range members {
			v, there := value[m.name]
			if text, isText := v.(string); !there || isText != (m.kind == kindText) || isText && text != m.text {
				t.Fatalf("%q: %+v was %v", body, m, v)
			}
			if n, isNumber := v.(json.Number); m.kind == kindInteger && (!isNumber || n.String() != json.Number(n).String()) {
				t.Fatalf("%q: %+v was %v", body, m, v)
			}
			if texts, isObject := v.(map[string]any); isObject != (m.kind == kindTexts) || len(texts) != len(m.texts) {
				t.Fatalf("%q: %+v was %v", body, m, v)
			}
		}
		// The management API, which is as strict, takes it too, unless it nests deeper.
		if err := web.CheckJSON(body); err != nil && !strings.Contains(err.Error(), "nests deeper") {
			t.Fatalf("%q passed here only: %v", body, err)
		}
	})
}
