package listfile

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// kind is what a file is a list of.
type kind struct {
	things  string                  // in sentences
	name    field                   // the one that a row cannot do without
	column  string                  // what that is called in CSV
	lists   []string                // what a list inside an object is called
	fieldOf func(name string) field // 0: of no field that the kind has
	unused  func(of field) bool     // whether nothing is made of it
	isList  func(of field) bool     // whether it may hold a list or an object
	maxRow  int                     // bytes
}

// file is a file that is read row by row.
type file struct {
	kind
	rows    rows
	number  int64 // of the last row
	ignored []string
}

// rows is a format: next reads the next row into row, or returns [io.EOF].
type rows interface {
	next(row *record) error
}

// record is a row as it was read, before anything is made of its values.
type record struct {
	line   int64
	values []value
	broken bool // it is not a row of the format, whatever was read of it
}

// value is a named value of a row, or a reason why there is none.
type value struct {
	of   field
	text string
	skip latchkey.SkipReason
}

// set takes a value; an empty one counts as absent.
func (r *record) set(of field, text string) {
	switch {
	case !utf8.ValidString(text):
		r.skip(latchkey.SkipUTF8)
	case text != "":
		r.values = append(r.values, value{of: of, text: text})
	}
}

func (r *record) skip(why latchkey.SkipReason) { r.values = append(r.values, value{skip: why}) }

// next reads the next row; [io.EOF] after the last.
func (f *file) next() (record, error) {
	var r record
	if err := f.rows.next(&r); err != nil {
		return record{}, err
	}
	f.number++
	return r, nil
}

// Bounds of what is said about columns that are not imported.
const (
	maxIgnored     = 50
	maxIgnoredName = 64 // bytes
)

// ignore remembers the name of a value that nothing is made of.
func (f *file) ignore(name string) {
	if len(name) > maxIgnoredName {
		name = strings.ToValidUTF8(name[:maxIgnoredName], "") + "…"
	}
	if len(f.ignored) < maxIgnored && utf8.ValidString(name) && !slices.Contains(f.ignored, name) {
		f.ignored = append(f.ignored, name)
	}
}

// Ignored are the names of columns or fields that were there and are not
// imported, in the order in which they came; at most 50.
func (f *file) Ignored() []string { return f.ignored }
