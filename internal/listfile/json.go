package listfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// listRows reads a JSON list of objects or names, by itself or inside an object:
// {"licenses":[…]}, {"users":[…]}; and an object whose values are the objects.
type listRows struct {
	file   *file
	in     *rationed
	d      *jsontext.Decoder
	state  listState
	found  bool // there was a list, or an object in the object
	number int64
}

// listState is where in the file the reader is.
type listState int

const (
	inList   listState = iota // the file is the list
	inObject                  // the file is an object, and the next is a name
	inNested                  // in a list inside the object
	atEnd
)

func newListRows(f *file, in *bufio.Reader) (*listRows, error) {
	l := &listRows{file: f, in: &rationed{in: in, most: 2 * f.maxRow}}
	l.d = jsontext.NewDecoder(l.in, jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false))
	l.in.ration()
	t, err := l.d.ReadToken()
	switch {
	case err != nil:
		return nil, l.refuse(err)
	case t.Kind() == '[':
		l.found = true
	case t.Kind() == '{':
		l.state = inObject
	default:
		return nil, malformed("The file is no JSON list of " + f.things + ", and no object that holds one.")
	}
	return l, nil
}

func (l *listRows) next(row *record) error {
	for {
		l.in.ration()
		var err error
		switch kind := l.d.PeekKind(); {
		case l.state == atEnd:
			return l.end()
		case l.state == inObject && kind != '}':
			var isRow bool
			if isRow, err = l.readName(); isRow && err == nil {
				return l.readRow(row)
			}
		case kind == ']' || kind == '}':
			if _, err = l.d.ReadToken(); l.state == inNested {
				l.state = inObject
			} else {
				l.state = atEnd
			}
		default:
			return l.readRow(row)
		}
		if err != nil {
			return l.refuse(err)
		}
	}
}

// readName reads a name of the outer object and up to what its value begins
// with. Only lists of certain names are lists of what is looked for.
func (l *listRows) readName() (isRow bool, err error) {
	t, err := l.d.ReadToken()
	if err != nil {
		return false, err
	}
	name := canonical(t.String())
	switch l.d.PeekKind() {
	case '{':
		l.found = true
		return true, nil
	case '[':
		if slices.Contains(l.file.lists, name) {
			l.found, l.state = true, inNested
			_, err = l.d.ReadToken()
			return false, err
		}
	}
	return false, l.d.SkipValue()
}

// end checks that nothing follows.
func (l *listRows) end() error {
	if !l.found {
		return malformed("The object of the file holds no list named " + l.file.lists[0] + " or " + l.file.lists[1] + ".")
	}
	if _, err := l.d.ReadToken(); !errors.Is(err, io.EOF) {
		return malformed("The file is more than one JSON value.")
	}
	return io.EOF
}

func (l *listRows) readRow(row *record) error {
	l.number++
	if err := readValue(l.file, l.d, row); err != nil {
		return l.refuse(err)
	}
	return nil
}

// refuse says where a file stops to be JSON; errors of its source stay.
func (l *listRows) refuse(err error) error {
	if errors.Is(err, errRation) {
		return malformed(fmt.Sprintf("Row %d is larger than a row can be.", l.number))
	}
	if l.in.failed != nil {
		return l.in.failed
	}
	return latchkey.FailWith(latchkey.CodeMalformed, fmt.Sprintf("The file stops to be well-formed JSON in UTF-8 without duplicate names after row %d.", l.number)).Because(err)
}

// readValue reads a row: an object, or a text that is the name alone. Its error
// means that the text is no JSON.
func readValue(f *file, d *jsontext.Decoder, row *record) error {
	switch d.PeekKind() {
	case '{':
		return readObject(f, d, row)
	case '"':
		t, err := d.ReadToken()
		if err == nil {
			row.set(f.name, t.String())
		}
		return err
	}
	row.skip(latchkey.SkipRow)
	return d.SkipValue()
}

func readObject(f *file, d *jsontext.Decoder, row *record) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	var seen []field
	for {
		t, err := d.ReadToken()
		if err != nil || t.Kind() == '}' {
			return err
		}
		name := t.String()
		of := f.fieldOf(canonical(name))
		if f.unused(of) {
			f.ignore(name)
		}
		text, given, err := readField(d, f.isList(of))
		if err != nil {
			return err
		}
		if of == 0 || !given {
			continue
		}
		if text == nil { // a list where there should be none
			row.skip(latchkey.SkipRow)
			continue
		}
		if slices.Contains(seen, of) { // two names for one thing
			row.skip(latchkey.SkipRow)
		}
		seen = append(seen, of)
		row.set(of, *text)
	}
}

// readField reads a value: a text, a number, or, where a list may stand, a list
// or an object as it is written. text is nil of others, given is false of null.
func readField(d *jsontext.Decoder, list bool) (text *string, given bool, err error) {
	kind := d.PeekKind()
	switch {
	case (kind == '{' || kind == '[') && !list:
		return nil, true, d.SkipValue()
	case kind == '{' || kind == '[':
		value, err := d.ReadValue()
		return new(string(value)), true, err
	}
	t, err := d.ReadToken()
	if err != nil {
		return nil, false, err
	}
	return new(t.String()), t.Kind() != 'n', nil
}

// errRation reports a value that is larger than a row may be.
var errRation = errors.New("listfile: a value is too large")

// rationed is a source that gives out so much for each row and then fails, so
// that no value makes the decoder hold more.
type rationed struct {
	in     io.Reader
	most   int // bytes
	left   int
	failed error // of in, [io.EOF] apart
}

// ration allows another row. What the decoder has read ahead comes on top.
func (r *rationed) ration() { r.left = r.most }

func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errRation
	}
	n, err := r.in.Read(p[:min(len(p), r.left)])
	r.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
	}
	return n, err
}

// lineRows reads an object a line. A line that is wrong spoils no other.
type lineRows struct {
	file *file
	lineReader
	text bytes.Reader
	d    *jsontext.Decoder
}

func newLineRows(f *file, in *bufio.Reader) *lineRows {
	l := &lineRows{file: f, lineReader: lineReader{in: in, line: 1, maxRow: f.maxRow}}
	l.d = jsontext.NewDecoder(&l.text)
	return l
}

func (l *lineRows) next(row *record) error {
	for {
		row.line = l.line
		text, end, long, err := l.until('\n', '\n')
		switch {
		case err != nil:
			return err
		case long:
			row.skip(latchkey.SkipLong)
			return nil
		case blank(text) && end == 0:
			return io.EOF
		case blank(text):
			continue
		case aside(text, `{"done":false`):
			return malformed("The file says at its end that the export that wrote it broke off.")
		case aside(text, `{"done":`), aside(text, `{"progress":`):
			continue // what a stream says of itself
		}
		l.text.Reset(text)
		l.d.Reset(&l.text, jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false))
		err = readValue(l.file, l.d, row)
		if err == nil {
			if _, rest := l.d.ReadToken(); !errors.Is(rest, io.EOF) {
				err = errRation
			}
		}
		if err != nil {
			row.broken = true
		}
		return nil
	}
}

func aside(text []byte, begins string) bool {
	return strings.HasPrefix(string(text[:min(len(text), 20)]), begins)
}
