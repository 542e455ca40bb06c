package listfile

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// maxColumns bounds the header of a CSV file.
const maxColumns = 200

// csvRows reads CSV as RFC 4180 has it, with , ; or a tab between the cells,
// whichever the header has. The standard library's reader would hold any cell,
// however long, and turn CR LF inside a note into LF.
type csvRows struct {
	in      *bufio.Reader
	comma   byte
	line    int64 // of the next byte
	columns []field
	maxRow  int

	text  []byte // of the record's cells, one after the other
	ends  []int  // where each cell ends in text
	long  bool   // the record is longer than a row may be
	wrong bool   // a cell goes on after its closing quote
	quote bool   // a cell was quoted
}

// newCSVRows reads the header.
func newCSVRows(f *file, in *bufio.Reader) (*csvRows, error) {
	c := &csvRows{in: in, comma: ',', line: 1, maxRow: f.maxRow}
	c.guessComma()
	if err := c.record(); errors.Is(err, io.EOF) {
		return nil, malformed("The file is empty; the first line of CSV names its columns.")
	} else if err != nil {
		return nil, err
	}
	if c.long || c.wrong || len(c.ends) > maxColumns {
		return nil, malformed("The first line of the file is no header of CSV.")
	}
	for i := range c.ends {
		name := strings.ToValidUTF8(unguard(c.cell(i)), "?")
		of := f.fieldOf(canonical(name))
		if of != 0 && slices.Contains(c.columns, of) {
			return nil, latchkey.FailWith(latchkey.CodeMalformed, "Two columns of the header mean the same.")
		}
		if c.columns = append(c.columns, of); f.unused(of) {
			f.ignore(name)
		}
	}
	if !slices.Contains(c.columns, f.name) {
		return nil, malformed("The header of the file names no column " + f.column + ".")
	}
	return c, nil
}

// guessComma takes ; or a tab for the separator if the first line has it and no
// comma, as spreadsheets in many countries write it.
func (c *csvRows) guessComma() {
	head, _ := c.in.Peek(4096) // shorter at the end of the file
	first, _, _ := strings.Cut(string(head), "\n")
	for _, other := range []byte{';', '\t'} {
		if !strings.Contains(first, ",") && strings.IndexByte(first, other) >= 0 {
			c.comma = other
			return
		}
	}
}

func (c *csvRows) next(row *record) error {
	for {
		row.line = c.line
		if err := c.record(); err != nil {
			return err
		}
		if len(c.ends) > 1 || len(c.text) > 0 || c.quote || c.long || c.wrong {
			break // not an empty line
		}
	}
	switch {
	case c.long:
		row.skip(latchkey.SkipLong)
		return nil
	case c.wrong || len(c.ends) != len(c.columns):
		row.skip(latchkey.SkipRow)
		return nil
	}
	for i, f := range c.columns {
		if f != 0 {
			row.set(f, unguard(c.cell(i)))
		}
	}
	return nil
}

func (c *csvRows) cell(i int) string {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return string(c.text[from:c.ends[i]])
}

// record reads the cells of the next record, [io.EOF] if there is none.
func (c *csvRows) record() error {
	c.text, c.ends, c.long, c.wrong, c.quote = c.text[:0], c.ends[:0], false, false, false
	if _, err := c.in.Peek(1); err != nil {
		return err
	}
	for {
		last, err := c.readCell()
		if err != nil {
			return err
		}
		if len(c.ends) <= maxColumns {
			c.ends = append(c.ends, len(c.text))
		}
		if last {
			return nil
		}
	}
}

// readCell reads a cell; last reports that it ends the record.
func (c *csvRows) readCell() (last bool, err error) {
	b, err := c.read()
	if err == nil && b == '"' {
		c.quote = true
		if err := c.readQuoted(); err != nil {
			return false, err
		}
		if b, err = c.read(); err == nil && b != c.comma && !c.endsLine(b) {
			c.wrong = true
		}
	}
	for ; err == nil; b, err = c.read() {
		switch {
		case b == c.comma:
			return false, nil
		case c.endsLine(b):
			return true, nil
		}
		c.add(b)
	}
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, err
}

// readQuoted reads up to the closing quote.
func (c *csvRows) readQuoted() error {
	for {
		b, err := c.read()
		switch {
		case errors.Is(err, io.EOF):
			return malformed("The file ends inside a quoted cell.")
		case err != nil:
			return err
		case b != '"':
			c.add(b)
			continue
		}
		if next, err := c.in.Peek(1); err != nil || next[0] != '"' {
			return nil
		}
		_, _ = c.in.Discard(1) // has been read
		c.add('"')
	}
}

// endsLine reports whether a byte ends the line, and takes the LF of CR LF.
func (c *csvRows) endsLine(b byte) bool {
	if b != '\r' {
		return b == '\n'
	}
	next, err := c.in.Peek(1)
	if err != nil || next[0] != '\n' {
		return err != nil // CR at the very end
	}
	_, _ = c.read() // has been read
	return true
}

func (c *csvRows) read() (byte, error) {
	b, err := c.in.ReadByte()
	if b == '\n' && err == nil {
		c.line++
	}
	return b, err
}

func (c *csvRows) add(b byte) {
	if len(c.text) >= c.maxRow {
		c.long = true
		return
	}
	c.text = append(c.text, b)
}
