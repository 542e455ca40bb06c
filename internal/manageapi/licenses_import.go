package manageapi

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

type importLicensesInput struct {
	AppPath
	Format   string `query:"format" enum:"json,ndjson,csv,txt" doc:"Of the body; its Content-Type if left out. With the dashboard's cookie the Content-Type is application/json and this says the format."`
	Level    int64  `query:"level" minimum:"1" maximum:"1000000" doc:"Of rows that have none; 1 if left out."`
	Duration string `query:"duration" maxLength:"32" doc:"Of rows that have none, such as 30d; they are skipped if it is left out."`
	DryRun   bool   `query:"dry_run" doc:"Change nothing, only report what would come of it."`
	OnError  string `query:"on_error" enum:"skip,abort" doc:"What a row does that cannot be imported: it is skipped, or nothing is imported."`
	Accept   string `header:"Accept" doc:"application/x-ndjson asks for a stream of lines: progress in rows while the file is read (amount is estimated from Content-Length, and is made itself without one), the report, and a last line that says done."`
	Repeat   string `header:"Idempotency-Key" maxLength:"255" doc:"A name of your choice for this request. The same request made again within a day answers with the same report and imports nothing."`
}

func (s *surface) importLicenses(_ context.Context, in *importLicensesInput) (writer, error) {
	options := listfile.Options{Level: in.Level}
	if in.Duration != "" {
		var err error
		if options.Duration, err = latchkey.ParseDuration(in.Duration); err != nil {
			return nil, err
		}
	}
	ask := service.ImportCall{DryRun: in.DryRun, Abort: in.OnError == "abort", Repeat: in.Repeat}
	return func(w http.ResponseWriter, r *http.Request) {
		options.Format = formatOf(r)
		ask.Asked = fmt.Sprint(options)
		s.readFile(w, r, maxFile, ask.Repeat != "", func(body *upload, progress fileProgress) (service.ImportReport, error) {
			file, err := listfile.NewReader(body, options)
			if err != nil {
				return service.ImportReport{}, err
			}
			var told func(rows int64) error
			if progress != nil {
				told = func(rows int64) error { return progress(rows, body.estimate(rows)) }
			}
			return s.svc.ImportLicenses(r.Context(), in.App, ask, &importFile{Reader: file, upload: body}, told)
		})
	}, nil
}

// fileProgress tells the caller of an import how many rows have had their turn,
// and about how many there are; nil if they do not want to know.
type fileProgress func(done, of int64) error

// readFile answers an import, which do does.
func (s *surface) readFile(w http.ResponseWriter, r *http.Request, limit int64, hashed bool, do func(body *upload, progress fileProgress) (service.ImportReport, error)) {
	lines := r.Header.Get("Accept") == linesType
	body := s.upload(w, r, limit, hashed)
	out := s.stream(w, r, http.StatusOK, linesType)
	var progress fileProgress
	if lines {
		if err := body.answerWhileReading(w, r); err != nil {
			out.end(0, err)
			return
		}
		progress = func(done, of int64) error { return out.progress(of)(done) }
	}
	report, err := do(body, progress)
	out.report(importReport(&report), err, lines)
}

// importFile is a file that arrives as a body.
type importFile struct {
	*listfile.Reader
	upload *upload
}

// Digest is a hash of the whole body.
func (f *importFile) Digest() []byte { return f.upload.sum.Sum(nil) }

// report ends a call with a report or a problem, as lines or as one value.
func (o *stream) report(report api.ImportReport, err error, lines bool) {
	switch {
	case !lines && err == nil:
		value(http.StatusOK, report)(o.w, o.r)
		return
	case err == nil:
		err = o.line(report)
	}
	o.end(1, err)
}

func importReport(r *service.ImportReport) api.ImportReport {
	return api.ImportReport{DryRun: r.DryRun, Rows: r.Rows, Imported: r.Imported, Skipped: reasonCounts(r.Skipped), Warnings: reasonCounts(r.Warnings),
		SkippedRows: each(r.SkippedRows, func(row *service.SkippedRow) api.SkippedRow {
			return api.SkippedRow{Row: row.Row, Line: row.Line, Reason: string(row.Reason)}
		}),
		MissingLevels: append([]int64{}, r.MissingLevels...), MissingNames: r.MissingTiers, Ignored: append([]string{}, r.Ignored...)}
}

// reasonCounts lists counts, the largest first.
func reasonCounts[R ~string](counts map[R]int64) []api.ReasonCount {
	list := []api.ReasonCount{}
	for _, why := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, api.ReasonCount{Reason: string(why), Count: counts[why]})
	}
	slices.SortStableFunc(list, func(a, b api.ReasonCount) int { return cmp.Compare(b.Count, a.Count) })
	return list
}
