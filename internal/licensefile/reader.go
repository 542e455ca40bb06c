package licensefile

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// maxRow bounds a row, in bytes: keys, notes and reasons are at most 1,070
// characters together, escaped or not.
const maxRow = 64 << 10

// readBuffer is how much of a file is read at a time, in bytes.
const readBuffer = 64 << 10

// Options is what a file itself does not say.
type Options struct {
	Format   Format
	Level    int64             // of rows without one; 0: 1
	Duration latchkey.Duration // of rows without one; zero: such rows are skipped
}

// Row is a row of a file.
type Row struct {
	Number int64 // 1, 2, … of the rows
	Line   int64 // on which it begins; 0 in JSON, where lines mean nothing
	latchkey.ImportedLicense
	Skip latchkey.SkipReason // why the row says no license; "": it does

	exact  bool // the duration is our own
	banned bool
	usedBy bool
}

// Reader reads a file row by row. It is used by one goroutine.
type Reader struct {
	options Options
	rows    rows
	number  int64
	ignored []string
}

// rows is a format: next reads the next row into row, without its number, or
// returns [io.EOF].
type rows interface {
	next(row *Row) error
}

// NewReader returns a reader of a file in UTF-8, with or without a byte order
// mark. Its error is request.malformed or request.invalid, or what in returns.
func NewReader(in io.Reader, o Options) (*Reader, error) {
	r := &Reader{options: o}
	buffer := bufio.NewReaderSize(in, readBuffer)
	head, err := buffer.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = buffer.Discard(3) // has been read
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, malformed("The file is in UTF-16; save it as UTF-8.")
	}
	err = nil // a short file is none
	switch o.Format {
	case Text:
		r.rows = &textRows{lineReader: lineReader{in: buffer, line: 1}}
	case CSV:
		r.rows, err = newCSVRows(r, buffer)
	case JSON:
		r.rows, err = newListRows(r, buffer)
	default:
		r.rows = newLineRows(r, buffer)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Next returns the next row; [io.EOF] after the last. Any other error means
// that the file cannot be read to its end: request.malformed, or what the
// underlying reader returned.
func (r *Reader) Next() (Row, error) {
	var row Row
	if err := r.rows.next(&row); err != nil {
		return Row{}, err
	}
	r.number++
	row.Number = r.number
	row.settle(r.options)
	return row, nil
}

// Ignored are the names of columns or fields that were there and are not
// imported, in the order in which they came; at most 50.
func (r *Reader) Ignored() []string { return r.ignored }

// lineReader cuts a file at certain bytes and counts lines.
type lineReader struct {
	in   *bufio.Reader
	line int64 // of the next byte
	buf  []byte
}

// until reads up to one of two bytes, which is returned and not part of the
// text; 0 is the end of the file. long reports that the text was longer than
// a row may be, and only its beginning is there. The text is good until the
// next call.
func (l *lineReader) until(a, b byte) (text []byte, end byte, long bool, err error) {
	l.buf = l.buf[:0]
	end, long, err = l.more(a, b)
	return l.buf, end, long, err
}

// more appends to what until has read.
func (l *lineReader) more(a, b byte) (end byte, long bool, err error) {
	for {
		c, err := l.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, long, nil
		}
		if err != nil {
			return 0, long, err
		}
		if c == '\n' {
			l.line++
		}
		if c == a || c == b {
			return c, long, nil
		}
		if len(l.buf) >= maxRow {
			long = true
			continue
		}
		l.buf = append(l.buf, c)
	}
}
