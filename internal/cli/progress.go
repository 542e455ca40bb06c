package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
)

const barWidth = 30 // characters

// bar shows on a terminal how far a long command is, and nothing elsewhere.
type bar struct {
	w    io.Writer // nil: nowhere
	last string
}

func newBar(w io.Writer) *bar {
	f, isFile := w.(*os.File)
	if !isFile {
		return &bar{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	return &bar{w: w}
}

// show draws the bar anew if it would look different.
func (b *bar) show(what string, done, of int64) {
	if b.w == nil || of <= 0 {
		return
	}
	full := int(min(done, of) * barWidth / of)
	percent := min(done, of) * 100 / of
	line := fmt.Sprintf("%s [%s%s] %d %%", what, strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), percent)
	if line != b.last {
		b.last = line
		_, _ = fmt.Fprintf(b.w, "\r%s\x1b[K", line) // a bar that cannot be drawn is no failure
	}
}

// clear takes the bar away.
func (b *bar) clear() {
	if b.last != "" {
		b.last = ""
		_, _ = fmt.Fprint(b.w, "\r\x1b[K")
	}
}
