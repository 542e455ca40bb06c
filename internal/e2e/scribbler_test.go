package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// scribbler makes up what requests hold.
type scribbler struct {
	*rand.Rand
	real []string // values that mean something
}

// newScribbler always makes up the same for a number.
func newScribbler(number int, real ...string) *scribbler {
	return &scribbler{rand.New(rand.NewPCG(garbageSeed, uint64(number))), real}
}

func (r *scribbler) pick(from ...string) string { return from[r.IntN(len(from))] }

// text is a value for a field: half of them mean something.
func (r *scribbler) text() string {
	if r.IntN(2) == 0 {
		return r.pick(r.real...)
	}
	switch r.IntN(8) {
	case 0:
		return ""
	case 1:
		return strings.Repeat(r.pick("x", "é", "\x00", "../", "{{", "'"), 1<<r.IntN(10))
	case 2:
		return r.pick("-1", "0", "1e309", "9223372036854775807", "99999999999999999999", "NaN", "0x10", "1.5", "true", "null")
	case 3:
		return r.pick("' OR 1=1 --", "\"; DROP TABLE licenses; --", "%00", "%zz", "<script>", "${x}", "\r\nX: y", "\xff\xfe", "\u202e", "a\x00b")
	case 4:
		return r.pick("9999999999y", "-1d", "1mo", "0s", "30 d", "1h1d", "292y", "100y")
	case 5:
		return r.pick("lic_", "usr_", "app_") + string(r.bytes(26, "0123456789abcdefghjkmnpqrstvwxyz"))
	}
	return string(r.bytes(r.IntN(80), ""))
}

// header is a value that a header may have.
func (r *scribbler) header() string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, r.text())
}

// bytes are random ones, of an alphabet if there is one.
func (r *scribbler) bytes(n int, alphabet string) []byte {
	b := make([]byte, n)
	for at := range b {
		if b[at] = byte(r.IntN(256)); alphabet != "" {
			b[at] = alphabet[r.IntN(len(alphabet))]
		}
	}
	return b
}

// body is JSON that nearly fits a schema, or did before it was spoiled.
func (r *scribbler) body(s *spec, sch *schema) []byte {
	var value any = map[string]any{}
	if sch != nil {
		value = r.value(s, *sch, 0)
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // texts, numbers and lists always encode
	}
	if r.IntN(4) == 0 {
		text = r.spoil(text)
	}
	return text
}

func (r *scribbler) value(s *spec, sch schema, depth int) any {
	sch = s.resolve(sch)
	if r.IntN(12) == 0 || depth > 4 {
		return []any{nil, r.text(), -1, 1e300, true, []any{r.text()}, map[string]any{r.text(): 1}, json.Number("1e999")}[r.IntN(8)]
	}
	switch typ := fmt.Sprint(sch.Type); {
	case typ == "object":
		fields := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(sch.Properties)) {
			if r.IntN(4) > 0 {
				fields[name] = r.field(s, name, sch.Properties[name], depth+1)
			}
		}
		if r.IntN(20) == 0 {
			fields[r.text()] = r.text()
		}
		return fields
	case typ == "array" && sch.Items != nil:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, r.value(s, *sch.Items, depth+1))
		}
		return list
	case typ == "boolean":
		return r.IntN(2) == 0
	case strings.Contains(typ, "integer"):
		return []int64{1, 2, 3, 20, 60, 1000, 0, -1, 1 << 40, 9223372036854775807}[r.IntN(10)]
	case len(sch.Enum) > 0:
		return r.pick(sch.Enum...)
	case sch.Format == "date-time":
		return r.pick("2030-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2030-02-30T00:00:00Z")
	}
	return r.text()
}

// field is a value for a field; some fields would otherwise rarely be right,
// or end the party for all the others.
func (r *scribbler) field(s *spec, name string, sch schema, depth int) any {
	often := r.IntN(10) > 0
	switch {
	case name == "duration" && often:
		return r.pick("30d", "1s", "5w", "1mo", "1y", "lifetime")
	case name == "all" && often:
		return false
	case (name == "password" || name == "confirm") && often:
		return ""
	case name == "name" && often:
		return "garbage"
	}
	return r.value(s, sch, depth)
}

// spoil breaks a text somewhere.
func (r *scribbler) spoil(text []byte) []byte {
	if len(text) == 0 {
		return r.bytes(r.IntN(100), "")
	}
	text, at := slices.Clone(text), r.IntN(len(text))
	switch r.IntN(6) {
	case 0:
		return text[:at]
	case 1:
		text[at] ^= 1 << r.IntN(8)
	case 2:
		return append(text, text...)
	case 3:
		return slices.Insert(text, at, r.bytes(1+r.IntN(20), "")...)
	case 4:
		return slices.Insert(text, at, bytes.Repeat([]byte(r.pick("[", "{", "\"", "&", "=", "%")), 1+r.IntN(2000))...)
	case 5:
		return slices.Insert(text, at, bytes.Repeat([]byte("x"), 100_000)...)
	}
	return text
}
