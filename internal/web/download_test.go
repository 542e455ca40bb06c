package web_test

import (
	"mime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// FuzzAttachment: whatever a file is called, browsers read its name and nothing
// else.
func FuzzAttachment(f *testing.F) {
	for _, name := range []string{"a.txt", `"; filename="b`, "ü", "a\r\nb", "%41", "a;b", `\`, "*", "'", "\u202e", "\xff", " a "} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		header := web.Attachment(name)
		if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%q", header)
		}
		kind, params, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || len(params) != 1 {
			t.Fatalf("%q is read as %s %v, %v", header, kind, params, err)
		}
		if utf8.ValidString(name) && params["filename"] != name {
			t.Fatalf("%q is read as %q", header, params["filename"])
		}
		if _, rest, _ := strings.Cut(header, "filename=\""); strings.ContainsAny(rest[:strings.IndexByte(rest, '"')], `\/%`) && latchkey.CheckFileName(name) == nil {
			t.Fatalf("%q has a path for old browsers", header)
		}
	})
}
