package listfile

import (
	"bytes"
	"io"
	"regexp"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// textRows reads one key a line. A line that begins with KEY,LEVEL,DAYS is a
// list of such rows with | between them, in one line or in many.
type textRows struct {
	file *file
	lineReader
	triples bool // the line began with one
}

// triple is KEY,LEVEL,DAYS; the key may hold commas of its own.
var triple = regexp.MustCompile(`^(.+),\s*(\d{1,18})\s*,\s*(\d{1,18}(?:\.\d{1,18})?)\s*$`)

func (t *textRows) next(row *record) error {
	for {
		row.line = t.line
		text, end, long, err := t.until('\n', '|')
		if err != nil {
			return err
		}
		parts := triple.FindSubmatch(text)
		listed := t.triples
		t.triples = end == '|' && (listed || parts != nil)
		if end == '|' && !t.triples && !blank(text) {
			// A key with a | in it: the line is the key.
			t.buf = append(t.buf, '|')
			var longer bool
			if end, longer, err = t.more('\n', '\n'); err != nil {
				return err
			}
			text, long = t.buf, long || longer
		}
		switch {
		case long:
			row.skip(latchkey.SkipLong)
			return nil
		case blank(text) && end == 0:
			return io.EOF
		case blank(text):
			continue
		case !utf8.Valid(text):
			row.skip(latchkey.SkipUTF8)
		case parts == nil && listed:
			row.skip(latchkey.SkipRow)
		case parts == nil:
			row.set(t.file.name, string(text))
		default:
			row.set(fieldKey, string(parts[1]))
			row.set(fieldLevel, string(parts[2]))
			row.set(fieldDays, string(parts[3]))
		}
		return nil
	}
}

func blank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }
