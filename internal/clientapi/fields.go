package clientapi

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// field is one name of a request's body with the rule for its value.
type field struct {
	name     string
	kind     kind
	min, max int64
	octets   bool // lengths are counted in bytes, not in characters
	trimmed  bool // white space around the value is dropped
	optional bool
	form     func(string) bool // beside the length; nil: any text
	rule     string            // what the program's developer is told
}

// fieldRules are the limits of the protocol's fields, by name.
func fieldRules() map[string]field {
	name := field{min: 1, max: client.MaxName}
	entered := name
	entered.trimmed = true
	rules := map[string]field{
		"session":      {min: 1, max: client.MaxSession},
		"version":      {min: 1, max: latchkey.MaxVersionLength},
		"hash":         {min: 32, max: 128, form: isLowerHex, rule: "The field hash has 32 to 128 lower-case hexadecimal digits."},
		"token":        {min: 1, max: client.MaxToken},
		"license":      entered,
		"username":     entered,
		"channel":      name,
		"text":         {min: 1, max: client.MaxChatMessage},
		"password":     {min: 1, max: client.MaxPassword, octets: true},
		"email":        {min: 3, max: client.MaxEmail, octets: true},
		"code":         {min: 1, max: client.MaxCode},
		"reason":       {max: client.MaxReason},
		"message":      {min: 1, max: client.MaxLogMessage},
		"device_name":  {max: client.MaxDeviceName},
		"hwid":         {min: client.MinHWID, max: client.MaxHWID, octets: true, trimmed: true},
		"name":         name,
		"value":        {max: client.MaxUserValue, octets: true},
		"file":         {min: 1, max: client.MaxID},
		"sha256":       {min: 64, max: 64, form: isLowerHex, rule: "The field sha256 has 64 lower-case hexadecimal digits."},
		"offset":       {kind: kindInteger, max: math.MaxInt64, rule: "The field offset is an integer, 0 or more."},
		"length":       {kind: kindInteger, min: 1, max: client.MaxContent, rule: "The field length is an integer from 1 to 4194304."},
		"webhook":      {min: 1, max: client.MaxID},
		"params":       {kind: kindTexts, max: client.MaxParameters, rule: "The field params has up to 16 names of 1 to 64 letters, digits and _.-[], with texts of up to 1024 bytes."},
		"body":         {max: client.MaxWebhookBody, octets: true},
		"content_type": {max: 100},
	}
	for name, f := range rules {
		if f.rule == "" {
			f.rule = f.sentence(name)
			rules[name] = f
		}
	}
	return rules
}

func (f *field) sentence(name string) string {
	unit := "characters"
	if f.octets {
		unit = "bytes"
	}
	return fmt.Sprintf("The field %s is a text of %d to %d %s.", name, f.min, f.max, unit)
}

func isLowerHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }

// check judges a value, which it may trim.
func (f *field) check(m *member) error {
	switch {
	case m.kind != f.kind:
	case f.kind == kindInteger && m.number >= f.min && m.number <= f.max,
		f.kind == kindTexts && f.takesAll(m.texts):
		return nil
	case f.kind == kindText:
		if f.trimmed {
			m.text = strings.TrimSpace(m.text)
		}
		length := len(m.text)
		if !f.octets {
			length = utf8.RuneCountInString(m.text)
		}
		if int64(length) >= f.min && int64(length) <= f.max && (f.form == nil || f.form(m.text)) {
			return nil
		}
	}
	return latchkey.Invalid(f.name, f.rule)
}

// takesAll judges an object of texts.
func (f *field) takesAll(texts []member) bool {
	for i := range texts {
		t := &texts[i]
		if t.kind != kindText || utf8.RuneCountInString(t.name) > client.MaxParameterName || len(t.text) > client.MaxParameterValue {
			return false
		}
	}
	return int64(len(texts)) <= f.max
}

// checkFields refuses what a function does not take, and what it lacks.
func (f *function) checkFields(body []member) error {
	for i := range body {
		if !f.takes(&body[i]) {
			return latchkey.Invalid(body[i].shortName(), "The function has no such field.")
		}
	}
	for i := range f.fields {
		want := &f.fields[i]
		m := find(body, want.name)
		if m == nil {
			if want.optional {
				continue
			}
			return latchkey.Invalid(want.name, want.rule)
		}
		if err := want.check(m); err != nil {
			return err
		}
	}
	return nil
}

func (f *function) takes(m *member) bool {
	for i := range f.fields {
		if f.fields[i].name == m.name {
			return true
		}
	}
	return false
}
