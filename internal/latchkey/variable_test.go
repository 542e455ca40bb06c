package latchkey

import (
	"strings"
	"testing"
	"time"
)

func TestVariableCheck(t *testing.T) {
	good := Variable{Name: "motd", Value: "hello"}
	with := func(change func(*Variable)) Variable {
		v := good
		change(&v)
		return v
	}
	for name, c := range map[string]struct {
		v     Variable
		field string // the bad one; "" if none is
	}{
		"an ordinary one":              {good, ""},
		"an empty value":               {with(func(v *Variable) { v.Value = "" }), ""},
		"lines and quotes":             {with(func(v *Variable) { v.Value = "{\n\t\"a\": 1\r\n}" }), ""},
		"the largest value":            {with(func(v *Variable) { v.Value = Secret(strings.Repeat("x", 65_536)) }), ""},
		"a larger one":                 {with(func(v *Variable) { v.Value = Secret(strings.Repeat("x", 65_537)) }), "value"},
		"bytes count, not characters":  {with(func(v *Variable) { v.Value = Secret(strings.Repeat("é", 32_769)) }), "value"},
		"a value with NUL":             {with(func(v *Variable) { v.Value = "a\x00b" }), "value"},
		"a value that is no text":      {with(func(v *Variable) { v.Value = "\xff" }), "value"},
		"no name":                      {with(func(v *Variable) { v.Name = "" }), "name"},
		"the longest name":             {with(func(v *Variable) { v.Name = strings.Repeat("é", 70) }), ""},
		"a longer name":                {with(func(v *Variable) { v.Name = strings.Repeat("é", 71) }), "name"},
		"a name with spaces around it": {with(func(v *Variable) { v.Name = " a" }), "name"},
		"the highest level":            {with(func(v *Variable) { v.MinLevel = MaxLevel }), ""},
		"a higher level":               {with(func(v *Variable) { v.MinLevel = MaxLevel + 1 }), "min_level"},
		"a negative level":             {with(func(v *Variable) { v.MinLevel = -1 }), "min_level"},
	} {
		t.Run(name, func(t *testing.T) { wantField(t, c.v.Check(), c.field) })
	}
}

func TestUserVariableCheck(t *testing.T) {
	for name, c := range map[string]struct {
		v     UserVariable
		field string
	}{
		"an ordinary one":   {UserVariable{Name: "theme", Value: "dark"}, ""},
		"an empty value":    {UserVariable{Name: "theme"}, ""},
		"the largest value": {UserVariable{Name: "theme", Value: Secret(strings.Repeat("x", 4_096))}, ""},
		"a larger one":      {UserVariable{Name: "theme", Value: Secret(strings.Repeat("x", 4_097))}, "value"},
		"a value with NUL":  {UserVariable{Name: "theme", Value: "\x00"}, "value"},
		"no name":           {UserVariable{Value: "dark"}, "name"},
	} {
		t.Run(name, func(t *testing.T) { wantField(t, c.v.Check(), c.field) })
	}
}

func TestSetByUser(t *testing.T) {
	now := time.UnixMilli(1)
	v := UserVariable{Name: "theme", Value: "dark"}
	if err := v.SetByUser("light", now); err != nil || v.Value != "light" || v.UpdatedAt != now {
		t.Errorf("%v, %q at %v", err, v.Value.Reveal(), v.UpdatedAt)
	}
	v.ReadOnly = true
	if err := v.SetByUser("dark", now); CodeOf(err) != CodeVariableReadOnly || v.Value != "light" {
		t.Errorf("read-only: %v, %q", err, v.Value.Reveal())
	}
}

// wantField wants a refusal of one field; "" wants none.
func wantField(t *testing.T, err error, field string) {
	t.Helper()
	got, want := "", Code("")
	if e, ok := err.(*Error); ok {
		got = e.Field
	}
	if field != "" {
		want = CodeInvalid
	}
	if CodeOf(err) != want || got != field {
		t.Errorf("answered %v about %q, want %q", err, got, field)
	}
}
