package listfile

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Writer writes a list of licenses. It does not buffer. It is used by one
// goroutine.
type Writer struct {
	w      io.Writer
	format Format
	tiers  map[int64]string
	row    []byte
	count  int64
}

// NewWriter returns a writer of a format; tiers names the subscriptions of each
// level, for people who read CSV.
func NewWriter(w io.Writer, f Format, tiers map[int64]string) *Writer {
	return &Writer{w: w, format: f, tiers: tiers}
}

// columns are those of CSV.
const columns = "key,status,level,subscription,duration,note,created_at,created_by,used_at,used_by,used_by_name,ban_reason,banned_at,updated_at,id"

// Write adds a license; usedByName is the name of its user, "" if there is none.
func (w *Writer) Write(l *latchkey.License, usedByName string) error {
	b := w.row[:0]
	switch w.format {
	case Text:
		b = append(append(b, l.Key.Reveal()...), '\n')
	case CSV:
		if w.count == 0 {
			b = append(b, columns+"\r\n"...)
		}
		b = w.appendCSV(b, l, usedByName)
	case JSON:
		b = append(b, either(w.count == 0, "[\n", ",\n")...)
		b = appendJSON(b, l, usedByName)
	default:
		b = append(appendJSON(b, l, usedByName), '\n')
	}
	w.row = b
	w.count++
	return w.write(b)
}

// Finish writes what ends the list. A file without it is not whole.
func (w *Writer) Finish() error {
	switch {
	case w.format == CSV && w.count == 0:
		return w.write([]byte(columns + "\r\n"))
	case w.format == JSON && w.count == 0:
		return w.write([]byte("[]\n"))
	case w.format == JSON:
		return w.write([]byte("\n]\n"))
	}
	return nil
}

// Count is how many licenses have been written.
func (w *Writer) Count() int64 { return w.count }

func (w *Writer) write(b []byte) error {
	if _, err := w.w.Write(b); err != nil {
		return fmt.Errorf("write licenses: %w", err)
	}
	return nil
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func (w *Writer) appendCSV(b []byte, l *latchkey.License, usedByName string) []byte {
	b = AppendCell(b, l.Key.Reveal())
	b = append(append(append(b, ','), l.Status...), ',')
	b = append(strconv.AppendInt(b, l.Level, 10), ',')
	b = append(AppendCell(b, w.tiers[l.Level]), ',')
	b = append(append(b, l.Duration.String()...), ',')
	b = append(AppendCell(b, l.Note), ',')
	b = append(appendMoment(b, l.CreatedAt), ',')
	b = append(append(b, l.CreatedBy...), ',')
	b = append(appendMoment(b, l.UsedAt), ',')
	b = append(append(b, l.UsedBy...), ',')
	b = append(AppendCell(b, usedByName), ',')
	b = append(AppendCell(b, l.BanReason), ',')
	b = append(appendMoment(b, l.BannedAt), ',')
	b = append(appendMoment(b, l.UpdatedAt), ',')
	b = append(b, l.ID...)
	return append(b, "\r\n"...)
}

// AppendCell adds a cell of CSV with text that people chose: safe from formulas, and quoted
// where the format or a spreadsheet's reading of it asks for that.
func AppendCell(b []byte, text string) []byte {
	text = guard(text)
	if !strings.ContainsAny(text, ",;\"\r\n\t' ") {
		return append(b, text...)
	}
	b = append(b, '"')
	for i := range len(text) {
		if text[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, text[i])
	}
	return append(b, '"')
}

// moment is how the management API writes times: RFC 3339 in UTC with
// milliseconds.
const moment = "2006-01-02T15:04:05.000Z"

func appendMoment(b []byte, at time.Time) []byte {
	if at.IsZero() {
		return b
	}
	return at.UTC().AppendFormat(b, moment)
}

// appendJSON writes a license as the management API does.
func appendJSON(b []byte, l *latchkey.License, usedByName string) []byte {
	b = append(append(b, `{"id":"`...), l.ID...)
	b = appendText(append(b, `","key":`...), l.Key.Reveal())
	b = append(append(b, `,"status":"`...), l.Status...)
	b = strconv.AppendInt(append(b, `","level":`...), l.Level, 10)
	b = append(append(b, `,"duration":"`...), l.Duration.String()...)
	b = appendText(append(b, `","note":`...), l.Note)
	b = appendMoment(append(b, `,"created_at":"`...), l.CreatedAt)
	b = append(append(append(b, `","created_by":"`...), l.CreatedBy...), '"')
	if !l.UsedAt.IsZero() {
		b = append(appendMoment(append(b, `,"used_at":"`...), l.UsedAt), '"')
	}
	if l.UsedBy != "" {
		b = append(append(append(b, `,"used_by":"`...), l.UsedBy...), '"')
	}
	if usedByName != "" {
		b = appendText(append(b, `,"used_by_name":`...), usedByName)
	}
	if l.BanReason != "" {
		b = appendText(append(b, `,"ban_reason":`...), l.BanReason)
	}
	if !l.BannedAt.IsZero() {
		b = append(appendMoment(append(b, `,"banned_at":"`...), l.BannedAt), '"')
	}
	return append(appendMoment(append(b, `,"updated_at":"`...), l.UpdatedAt), `"}`...)
}

func appendText(b []byte, text string) []byte {
	// Its only error is bad UTF-8, for which it writes the replacement character.
	out, _ := jsontext.AppendQuote(b, text)
	return out
}
