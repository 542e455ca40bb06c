package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/listfile"
)

type licensesExport struct {
	appFlag
	licenseConditions
	Sort   string `help:"created for oldest first, -created for newest first; with --status used also used and -used, by when they were redeemed." enum:"created,-created,used,-used" default:"created"`
	Format string `help:"csv; json, a list; ndjson, a license a line; txt, a key a line. As the file's name says if not given, else csv." enum:",txt,csv,json,ndjson" default:""`
	Output string `help:"File to write, readable by you alone; what is there is replaced once all has arrived." short:"o" placeholder:"FILE"`
}

func (l *licensesExport) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, l.App)
	if err != nil {
		return err
	}
	query := l.query(l.Sort)
	query.Set("format", string(c.exportFormat(l.Format, l.Output)))
	copied := func(w io.Writer) error {
		return c.export(ctx, withQuery(route("/apps/%s/licenses/export", app), query), w, "receiving licenses", l.expected(ctx, c, app))
	}
	return c.output(l.Output, copied)
}

// output writes to a file, or to standard output.
func (c *call) output(name string, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		return write(c.std.Out)
	}
	return replaceFile(name, write)
}

// exportFormat is the format of an export: the one given, or what the name of
// its file says.
func (c *call) exportFormat(given, output string) listfile.Format {
	switch named := listfile.OfName(output); {
	case given != "":
		return listfile.Format(given)
	case named != "":
		return named
	case c.json:
		return listfile.JSON
	}
	return listfile.CSV
}

// expected is how many licenses will come, as far as that is known beforehand.
func (l *licensesExport) expected(ctx context.Context, c *call, app string) int64 {
	if l.Search != "" || l.Level != 0 || l.CreatedBy != "" || !l.CreatedAfter.IsZero() || !l.CreatedBefore.IsZero() {
		return 0
	}
	var page api.LicenseList
	if c.get(ctx, route("/apps/%s/licenses", app), url.Values{"limit": {"1"}}, &page) != nil {
		return 0 // there is no bar then
	}
	if n, narrowed := map[string]int64{"not_used": page.Counts.NotUsed, "used": page.Counts.Used, "banned": page.Counts.Banned}[l.Status]; narrowed {
		return n
	}
	return page.Counts.Total
}

// export copies an export to w. Lines lose the last one, with which the server
// says that they are all.
func (c *call) export(ctx context.Context, path string, w io.Writer, doing string, expected int64) (err error) {
	bar := newBar(c.std.Err)
	defer bar.clear()
	out := bufio.NewWriterSize(w, 64<<10)
	if u, err := url.Parse(path); err == nil && u.Query().Get("format") == string(listfile.Lines) {
		err := c.exportLines(ctx, path, func(count int64, text []byte) error {
			bar.show(doing, count, expected)
			_, err := out.Write(text)
			return err
		})
		return errors.Join(err, out.Flush())
	}
	body, err := c.open(ctx, request{method: http.MethodGet, path: path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	var count int64
	in := bufio.NewReaderSize(body, 64<<10)
	for {
		text, err := in.ReadSlice('\n')
		if _, failed := out.Write(text); failed != nil {
			return fmt.Errorf("write: %w", failed)
		}
		switch {
		case errors.Is(err, io.EOF):
			return out.Flush()
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("read the server's answer: %w", errors.Join(errCutOff, out.Flush()))
		}
		count++
		bar.show(doing, count, expected)
	}
}

func (c *call) exportLines(ctx context.Context, path string, do func(count int64, text []byte) error) (err error) {
	lines, err := c.stream(ctx, request{method: http.MethodGet, path: path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lines.close()) }()
	for count := int64(1); ; count++ {
		text, _, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(count, text)
		}
		if err != nil {
			return err
		}
	}
}

// replaceFile writes a file beside its place and moves it there when it is
// whole, so that half a list is never taken for one.
func replaceFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".latchkey-*")
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}
