package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// EntityTag is a validator as RFC 9110 has it, without its quotes.
type EntityTag struct {
	Text string
	Weak bool // good for If-None-Match only
}

// EntityTags is the value of If-Match or If-None-Match.
type EntityTags struct {
	Any  bool // "*": whatever there is
	List []EntityTag
}

// ReadEntityTags reads a header of entity tags, which may come in several
// lines; given is false if it does not come at all. Its error is request.invalid.
func ReadEntityTags(h http.Header, name string) (tags EntityTags, given bool, err error) {
	lines := h.Values(name)
	if len(lines) == 0 {
		return tags, false, nil
	}
	text := strings.TrimSpace(strings.Join(lines, ","))
	if text == "*" {
		return EntityTags{Any: true}, true, nil
	}
	for rest := text; ; {
		rest = strings.TrimLeft(rest, " \t,") // a list may have empty elements
		if rest == "" {
			break
		}
		tag, after, ok := cutEntityTag(rest)
		if after = strings.TrimLeft(after, " \t"); !ok || after != "" && after[0] != ',' {
			return tags, true, badTags(name)
		}
		tags.List = append(tags.List, tag)
		rest = after
	}
	if len(tags.List) == 0 {
		return tags, true, badTags(name)
	}
	return tags, true, nil
}

func badTags(name string) error {
	return latchkey.Invalid(name, `Send entity tags as they came in ETag, quotes included, such as "1a2b", or * alone.`)
}

// cutEntityTag takes the entity tag that text begins with.
func cutEntityTag(text string) (tag EntityTag, rest string, ok bool) {
	text, tag.Weak = strings.CutPrefix(text, "W/")
	if text == "" || text[0] != '"' {
		return tag, "", false
	}
	tag.Text, rest, ok = strings.Cut(text[1:], `"`)
	if strings.ContainsFunc(tag.Text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return tag, "", false
	}
	return tag, rest, ok
}

// Fresh reports whether a copy with one of the tags, which came in
// If-None-Match, is still good where tag, without quotes, is the current one.
// The comparison is weak, and a copy in another coding is as good.
func (t EntityTags) Fresh(tag string) bool {
	return t.Any || slices.ContainsFunc(t.List, func(e EntityTag) bool { return withoutCoding(e.Text) == tag })
}

// Strong returns the texts of the tags that can say what a change is made to,
// which came in If-Match: weak ones never do.
func (t EntityTags) Strong() []string {
	var texts []string
	for _, e := range t.List {
		if !e.Weak {
			texts = append(texts, withoutCoding(e.Text))
		}
	}
	return texts
}

// codedTag marks an entity tag, with its quotes, as that of the bytes in a
// coding: they are others, so a strong tag must be another.
func codedTag(etag string, c Coding) string {
	body, ok := strings.CutSuffix(etag, `"`)
	if !ok || c == Identity {
		return etag
	}
	return body + "-" + string(c) + `"`
}

func withoutCoding(tag string) string {
	for _, c := range []Coding{Gzip, Zstd} {
		if text, ok := strings.CutSuffix(tag, "-"+string(c)); ok {
			return text
		}
	}
	return tag
}
