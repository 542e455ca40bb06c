package listfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

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

// Reader reads a file of licenses row by row. It is used by one goroutine.
type Reader struct {
	*file
	options Options
}

// NewReader returns a reader of a file in UTF-8, with or without a byte order
// mark. Its error is request.malformed or request.invalid, or what in returns.
func NewReader(in io.Reader, o Options) (*Reader, error) {
	f, err := open(in, o.Format, licenses())
	return &Reader{file: f, options: o}, err
}

// open begins to read a file.
func open(in io.Reader, format Format, k kind) (*file, error) {
	f := &file{kind: k}
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
	switch format {
	case Text:
		f.rows = &textRows{file: f, lineReader: lineReader{in: buffer, line: 1, maxRow: f.maxRow}}
	case CSV:
		f.rows, err = newCSVRows(f, buffer)
	case JSON:
		f.rows, err = newListRows(f, buffer)
	default:
		f.rows = newLineRows(f, buffer)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Next returns the next row; [io.EOF] after the last. Any other error means
// that the file cannot be read to its end: request.malformed, or what the
// underlying reader returned.
func (r *Reader) Next() (Row, error) {
	rec, err := r.next()
	if err != nil {
		return Row{}, err
	}
	row := Row{Number: r.number, Line: rec.line}
	for _, v := range rec.values {
		if row.skip(v.skip); v.skip == "" {
			row.set(v.of, v.text)
		}
	}
	if rec.broken {
		row.Skip = latchkey.SkipRow
	}
	row.settle(r.options)
	return row, nil
}

// lineReader cuts a file at certain bytes and counts lines.
type lineReader struct {
	in   *bufio.Reader
	line int64 // of the next byte
	buf  []byte

	maxRow int
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
		if len(l.buf) >= l.maxRow {
			long = true
			continue
		}
		l.buf = append(l.buf, c)
	}
}
