package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/listfile"
)

type licensesImport struct {
	appFlag
	File     string `arg:"" help:"File to read; - for standard input."`
	Format   string `help:"csv, json, ndjson or txt. As the file's name says if not given." enum:",txt,csv,json,ndjson" default:""`
	Level    int64  `help:"Level of rows that have none; 1 if not given." placeholder:"N"`
	Duration string `help:"Duration of rows that have none: 45s, 30m, 12h, 30d, 5w, 1mo, 1y or lifetime." placeholder:"TIME"`
	DryRun   bool   `help:"Change nothing, and say what would come of it."`
	OnError  string `help:"What a row does that cannot be imported: skip it, or abort and import nothing." enum:"skip,abort" default:"skip"`
	Repeat   string `name:"idempotency-key" help:"A name for this call: made again with it, the call gives the same report and imports nothing. A random one if not given." placeholder:"KEY"`
}

var errNothingImported = errors.New("no row of the file could be imported")

func (l *licensesImport) Run(ctx context.Context, c *call) error {
	format := importFormat(l.Format, l.File)
	if format == "" {
		return usageError("The name of the file does not say its format; add --format csv, json, ndjson or txt.")
	}
	path, err := l.path(ctx, c, "/apps/%s/licenses/import")
	if err != nil {
		return err
	}
	report, err := c.importFile(ctx, sentFile{name: l.File, path: withQuery(path, l.query(format)), format: format, repeat: l.Repeat, dryRun: l.DryRun, doing: "importing licenses"})
	if err != nil {
		return err
	}
	return c.showImport(report, licenseReasons())
}

// importFormat is the format of a file: the one given, or what its name says.
func importFormat(given, file string) listfile.Format {
	if given != "" {
		return listfile.Format(given)
	}
	return listfile.OfName(file)
}

// sentFile is a file that is to be imported.
type sentFile struct {
	name   string
	path   string // of the call
	format listfile.Format
	repeat string
	dryRun bool
	doing  string // what is shown meanwhile
}

// importFile sends a file, shows how far it is, and returns the report.
func (c *call) importFile(ctx context.Context, f sentFile) (api.ImportReport, error) {
	in, size, err := c.openFile(f.name)
	if err != nil {
		return api.ImportReport{}, err
	}
	if f.repeat == "" {
		f.repeat = rand.Text()
	}
	report, err := c.sendFile(ctx, f.doing, request{method: http.MethodPost, path: f.path, file: in, size: size,
		header: http.Header{"Content-Type": {f.format.MediaType()}, "Idempotency-Key": {f.repeat}}})
	var refused *apiError
	if err != nil && !f.dryRun && !errors.As(err, &refused) {
		return report, fmt.Errorf("%w; the same command with --idempotency-key %s imports it or says what came of it", err, f.repeat)
	}
	return report, err
}

// openFile opens a file; its size is 0 if it is not known.
func (c *call) openFile(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(c.std.In), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("read file: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read file %s: %w", name, errors.Join(err, f.Close()))
	}
	if !info.Mode().IsRegular() {
		return f, 0, nil
	}
	return f, info.Size(), nil
}

func (l *licensesImport) query(format listfile.Format) url.Values {
	q := url.Values{"format": {string(format)}, "on_error": {l.OnError}, "dry_run": {strconv.FormatBool(l.DryRun)}}
	if l.Level != 0 {
		q.Set("level", strconv.FormatInt(l.Level, 10))
	}
	if l.Duration != "" {
		q.Set("duration", l.Duration)
	}
	return q
}

func (c *call) sendFile(ctx context.Context, doing string, q request) (report api.ImportReport, err error) {
	lines, err := c.stream(ctx, q)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, lines.close()) }()
	bar := newBar(c.std.Err)
	defer bar.clear()
	for {
		text, line, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return report, nil
		case err != nil:
			return report, err
		case line.Progress != nil:
			bar.show(doing, line.Progress.Made, line.Progress.Amount)
		default:
			if err := json.Unmarshal(text, &report); err != nil {
				return report, fmt.Errorf("read the server's answer: %w", err)
			}
		}
	}
}

// shownRows is how many skipped rows are shown to people.
const shownRows = 20

func (c *call) showImport(r api.ImportReport, words map[string]string) error {
	text := importText(r, words)
	if c.json {
		if err := printJSON(c.std.Out, r); err != nil {
			return err
		}
	} else if err := printf(c.std.Out, "%s", text); err != nil {
		return err
	}
	known := 0
	for _, s := range r.Skipped {
		if s.Reason == "exists" || s.Reason == "repeated" {
			known++
		}
	}
	if r.Rows > 0 && r.Imported == 0 && known == 0 {
		return errNothingImported
	}
	return nil
}

// importText is a report for people.
func importText(r api.ImportReport, words map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %s %simported.\n", r.Imported, counted(int(r.Rows), "row"), either(r.DryRun, "would be ", ""))
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "Skipped: %d, %s.\n", s.Count, inWords(words, s.Reason))
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "Note: %d %s.\n", w.Count, inWords(words, w.Reason))
	}
	if len(r.MissingLevels) > 0 {
		fmt.Fprintf(&b, "Levels without a subscription: %s.\n", strings.Trim(fmt.Sprint(r.MissingLevels), "[]"))
	}
	if len(r.MissingNames) > 0 {
		fmt.Fprintf(&b, "Subscriptions that the application does not have: %s.\n", plain(strings.Join(r.MissingNames, ", ")))
	}
	if len(r.Ignored) > 0 {
		fmt.Fprintf(&b, "Not imported: %s.\n", plain(strings.Join(r.Ignored, ", ")))
	}
	for _, row := range r.SkippedRows[:min(len(r.SkippedRows), shownRows)] {
		where := ""
		if row.Line > 0 {
			where = fmt.Sprintf(" (line %d)", row.Line)
		}
		fmt.Fprintf(&b, "  row %d%s: %s\n", row.Row, where, inWords(words, row.Reason))
	}
	if len(r.SkippedRows) > shownRows {
		b.WriteString("  and so on; --json lists the first 1,000\n")
	}
	return b.String()
}

// inWords is a reason or warning as people say it.
func inWords(words map[string]string, reason string) string {
	if text, known := words[reason]; known {
		return text
	}
	return plain(reason)
}

func licenseReasons() map[string]string {
	return map[string]string{
		"exists":            "the application has the key already",
		"repeated":          "the key appears earlier in the file",
		"key_malformed":     "no key, or one longer than 70 characters",
		"level_invalid":     "the level is not a number from 1 to 1,000,000",
		"duration_invalid":  "no duration, or none that can be read",
		"status_unknown":    "the status is none of not_used, used, banned",
		"text_invalid":      "a note or reason longer than 500 characters",
		"time_invalid":      "a time that cannot be read",
		"row_malformed":     "not a row of this format",
		"not_utf8":          "not UTF-8",
		"row_too_long":      "longer than a row can be",
		"weak_key":          "have keys that are easier to guess than the application allows for new ones",
		"no_subscription":   "have a level that no subscription has, so nobody can redeem them yet",
		"used_without_user": "have been used, and nobody here has what they gave",
	}
}
