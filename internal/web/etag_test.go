package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestEntityTagsAreReadAsTheRFCHasThem(t *testing.T) {
	strong := func(texts ...string) EntityTags {
		var tags EntityTags
		for _, text := range texts {
			tags.List = append(tags.List, EntityTag{Text: text})
		}
		return tags
	}
	for name, c := range map[string]struct {
		lines []string
		want  EntityTags
	}{
		"one":                    {[]string{`"a"`}, strong("a")},
		"a list":                 {[]string{`"a", "b" ,"c"`}, strong("a", "b", "c")},
		"several lines":          {[]string{`"a"`, `"b"`}, strong("a", "b")},
		"empty elements":         {[]string{`, "a",, "b",`}, strong("a", "b")},
		"a comma within":         {[]string{`"a,b"`}, strong("a,b")},
		"an empty tag":           {[]string{`""`}, strong("")},
		"a weak one":             {[]string{`W/"a", "b"`}, EntityTags{List: []EntityTag{{"a", true}, {"b", false}}}},
		"whatever there is":      {[]string{` * `}, EntityTags{Any: true}},
		"a star as a tag":        {[]string{`"*"`}, strong("*")},
		"bytes that are no text": {[]string{"\"\xe9\""}, strong("\xe9")},
	} {
		got, given, err := ReadEntityTags(http.Header{"If-Match": c.lines}, "If-Match")
		if diff := cmp.Diff(c.want, got); diff != "" || !given || err != nil {
			t.Errorf("%s: %t, %v, (-want +got)\n%s", name, given, err, diff)
		}
	}
	if _, given, err := ReadEntityTags(http.Header{}, "If-Match"); given || err != nil {
		t.Errorf("no header: %t, %v", given, err)
	}
	for _, bad := range []string{"", ",", "a", `"a`, `a"`, `"a" "b"`, `"a"b`, `w/"a"`, `W/a`, `W/ "a"`, `*, "a"`, `"a", *`, "\"a\tb\"", `"a b"`, "**"} {
		if _, given, err := ReadEntityTags(http.Header{"If-Match": {bad}}, "If-Match"); latchkey.CodeOf(err) != latchkey.CodeInvalid || !given {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTagsCompareWeaklyForReadsAndStronglyForEdits(t *testing.T) {
	tags, _, err := ReadEntityTags(http.Header{"X": {`W/"a", "b-gzip", "c"`}}, "X")
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]bool{"a": true, "b": true, "c": true, "d": false, "b-gzip": false} {
		if tags.Fresh(tag) != want {
			t.Errorf("%s is fresh: %t", tag, !want)
		}
	}
	if diff := cmp.Diff([]string{"b", "c"}, tags.Strong()); diff != "" {
		t.Error(diff)
	}
}

func FuzzReadEntityTags(f *testing.F) {
	for _, seed := range []string{`"a", W/"b"`, "*", `,,"`, `W/`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		tags, _, err := ReadEntityTags(http.Header{"X": {line}}, "X")
		if err == nil && !tags.Any && len(tags.List) == 0 {
			t.Errorf("%q says nothing", line)
		}
		for _, e := range tags.List {
			if err == nil && strings.Contains(e.Text, `"`) {
				t.Errorf("%q has the tag %q", line, e.Text)
			}
		}
	})
}
