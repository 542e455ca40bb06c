package service_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLicenseFiles(t *testing.T) {
	tell(t, []story{
		{"what one app exports another imports", moveLicenses},
		{"an export is narrowed and ordered as the list is", exportSome},
		{"an export is in the audit log before its keys leave, without what was searched", exportIsAudited},
		{"rows that cannot be imported are skipped, in the order of the file", skipRows},
		{"a dry run tells the same and changes nothing", dryRun},
		{"all or nothing stops at the first row that is refused", abortImport},
		{"a file that breaks off leaves nothing", brokenImport},
		{"an import whose context ends leaves nothing", cancelImport},
		{"nothing sees a license of an import before its end", hiddenImport},
		{"an import asked for again gives the same report", repeatImport},
		{"a used license stays used, a banned one what it was", importedStatuses},
		{"bad imports are refused before anything is read", refusedImports},
	})
}

// file is a text that is read as a file.
type file struct {
	*listfile.Reader
	text string
	fail error // instead of its end
}

func (f *file) Digest() []byte {
	sum := sha256.Sum256([]byte(f.text))
	return sum[:]
}

func (f *file) Next() (listfile.Row, error) {
	row, err := f.Reader.Next()
	if err != nil && f.fail != nil {
		err = f.fail
	}
	return row, err
}

func (s *scene) file(format listfile.Format, text string) *file {
	s.Helper()
	r, err := listfile.NewReader(strings.NewReader(text), listfile.Options{Format: format, Duration: s.length("30d")})
	s.must(err)
	return &file{Reader: r, text: text}
}

func (s *scene) imported(appID string, in service.ImportCall, f service.ImportFile) service.ImportReport {
	s.Helper()
	report, err := s.Service.ImportLicenses(s.Ctx(), appID, in, f, nil)
	s.must(err)
	return report
}

func (s *scene) exported(appID string, f service.LicenseFilter, format listfile.Format) string {
	s.Helper()
	x, err := s.Service.BeginLicenseExport(s.Ctx(), appID, f, string(format))
	s.must(err)
	var out bytes.Buffer
	w := listfile.NewWriter(&out, format, x.Tiers)
	s.must(x.Each(s.Ctx(), func(list []service.LicenseView) error {
		for i := range list {
			s.must(w.Write(&list[i].License, list[i].UsedByName))
		}
		return nil
	}))
	s.must(w.Finish())
	s.must(x.End(s.Ctx(), w.Count(), true))
	return out.String()
}

// manyKeys is a file of n keys; "TWICE" twice, in different chunks.
func manyKeys(n int) string {
	var b strings.Builder
	b.WriteString("TWICE\n")
	for i := range n {
		fmt.Fprintf(&b, "MANY-%06d-ABCDEFGHIJKLMN\n", i)
	}
	b.WriteString("TWICE\n")
	return b.String()
}

func (s *scene) total(appID string) (n int64) {
	s.Helper()
	stats, err := s.Service.AppStats(s.Ctx(), appID)
	s.must(err)
	for _, count := range stats.Licenses {
		n += count
	}
	return n
}

func moveLicenses(s *scene) {
	notes := []string{"", "a,b", `say "so"`, "two\r\nlines", "=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "grüße 🔑", "\nx"}
	for i, note := range notes {
		list, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Charset: bothCases(), Level: int64(i + 1), Duration: s.length(fmt.Sprint(i+1, "w")), Note: note})
		s.must(err)
		if i%3 == 0 {
			_, err = s.Service.BanLicense(s.Ctx(), s.app.ID, list[0].ID, note, false)
			s.must(err)
		}
	}
	_, err := s.license(s.key("lifetime"), machine)
	s.must(err)
	type kept struct {
		Key, Duration, Note, Reason string
		Level                       int64
		Status                      latchkey.LicenseStatus
		Used, Banned                time.Time
	}
	all := func(appID string) (list []kept) {
		x, err := s.Service.BeginLicenseExport(s.Ctx(), appID, service.LicenseFilter{}, "test")
		s.must(err)
		s.must(x.Each(s.Ctx(), func(part []service.LicenseView) error {
			for _, l := range part {
				list = append(list, kept{l.Key.Reveal(), l.Duration.String(), l.Note, l.BanReason, l.Level, l.Status, l.UsedAt, l.BannedAt})
			}
			return nil
		}))
		return list
	}
	want := all(s.app.ID)
	for _, format := range []listfile.Format{listfile.CSV, listfile.JSON, listfile.Lines} {
		to := s.App(s.app.Name + " " + string(format))
		s.Clock.Advance(time.Hour)
		report := s.imported(to.ID, service.ImportCall{}, s.file(format, s.exported(s.app.ID, service.LicenseFilter{}, format)))
		if report.Imported != int64(len(notes)+1) || len(report.Skipped) > 0 || report.Warnings[latchkey.WarnNoUser] != 1 {
			s.Errorf("%s: %+v", format, report)
		}
		if diff := cmp.Diff(want, all(to.ID)); diff != "" {
			s.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
	to := s.App(s.app.Name + " txt")
	if report := s.imported(to.ID, service.ImportCall{}, s.file(listfile.Text, s.exported(s.app.ID, service.LicenseFilter{}, listfile.Text))); report.Imported != int64(len(want)) {
		s.Errorf("txt: %+v", report)
	}
}

func exportSome(s *scene) {
	for _, n := range []struct {
		level int64
		note  string
	}{{1, "gold one"}, {2, "gold two"}, {1, "silver"}} {
		_, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Mask: "K" + strings.ReplaceAll(n.note, " ", "") + "-******************", Charset: bothCases(), Level: n.level, Duration: s.length("30d"), Note: n.note})
		s.must(err)
		s.Clock.Advance(time.Minute)
	}
	for want, f := range map[string]service.LicenseFilter{
		"Kgoldone Kgoldtwo Ksilver":  {},
		"Ksilver Kgoldtwo Kgoldone":  {Sort: "-created"},
		"Kgoldone Ksilver":           {Level: 1},
		"Kgoldone Kgoldtwo":          {Search: "gold"},
		"Kgoldtwo Kgoldone":          {Search: "gold", Sort: "-created"},
		"Kgoldtwo":                   {Search: "gold", Level: 2},
		"Ksilver":                    {CreatedAfter: s.Clock.Now().Add(-90 * time.Second)},
		"Kgoldone Kgoldtwo  Ksilver": {CreatedBy: "nobody"},
	} {
		if f.CreatedBy != "" {
			want = ""
		}
		var got []string
		for line := range strings.Lines(s.exported(s.app.ID, f, listfile.Text)) {
			name, _, _ := strings.Cut(line, "-")
			got = append(got, name)
		}
		if strings.Join(got, " ") != want {
			s.Errorf("%+v: %v, want %s", f, got, want)
		}
	}
	for _, f := range []service.LicenseFilter{{Sort: "key"}, {Status: "lost"}, {Search: strings.Repeat("x", 300)}} {
		_, err := s.Service.BeginLicenseExport(s.Ctx(), s.app.ID, f, "txt")
		s.refused(err, latchkey.CodeInvalid)
	}
}

func exportIsAudited(s *scene) {
	key := s.key("30d")
	x, err := s.Service.BeginLicenseExport(s.Ctx(), s.app.ID, service.LicenseFilter{Search: key, Status: latchkey.LicenseNotUsed}, "txt")
	s.must(err)
	if got := s.actions(); got[0] != "licenses.export_begin" {
		s.Errorf("the log ends with %v", got[0])
	}
	gone, cancel := context.WithCancel(s.Ctx())
	cancel()
	if err := x.Each(gone, func([]service.LicenseView) error { return nil }); err == nil {
		s.Error("an export went on without its caller")
	}
	s.must(x.End(gone, 0, false))
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 2}})
	s.must(err)
	for _, ev := range list.Items {
		if strings.Contains(fmt.Sprint(ev.Details), key) || ev.Details["search"] != true || ev.Details["status"] != "not_used" {
			s.Errorf("%s: %v", ev.Action, ev.Details)
		}
	}
	if ev := list.Items[0]; ev.Action != "licenses.export" || ev.Details["whole"] != false || fmt.Sprint(ev.Details["count"]) != "0" {
		s.Errorf("%s: %v", ev.Action, ev.Details)
	}
}

// awkwardFile has a row for every reason.
func (s *scene) awkwardFile(existing string) string {
	return "key,level,duration,status,note,used_at\n" + // line 1
		existing + ",1,30d,,,\n" +
		"GOOD-ABCDEFGHIJKLMNOPQR,1,30d,,,\n" +
		"GOOD-ABCDEFGHIJKLMNOPQR,1,30d,,,\n" +
		strings.Repeat("K", 71) + ",1,30d,,,\n" +
		"LEVEL,0,30d,,,\n" +
		"DAYS,1,101y,,,\n" +
		"STATUS,1,30d,lost,,\n" +
		"NOTE,1,30d,," + strings.Repeat("n", 501) + ",\n" +
		"TIME,1,30d,used,,never\n" +
		"ROW,1\n" +
		"WEAK,9,30d,used,,\n"
}

func (s *scene) awkwardReport(dry bool) service.ImportReport {
	r := service.ImportReport{DryRun: dry, Rows: 11, Imported: 2, Ignored: nil, MissingLevels: []int64{9},
		Skipped:  map[latchkey.SkipReason]int64{},
		Warnings: map[latchkey.ImportWarning]int64{latchkey.WarnWeak: 1, latchkey.WarnNoLevel: 1, latchkey.WarnNoUser: 1}}
	for line, why := range map[int64]latchkey.SkipReason{2: latchkey.SkipExists, 4: latchkey.SkipRepeated, 5: latchkey.SkipKey, 6: latchkey.SkipLevel, 7: latchkey.SkipDuration,
		8: latchkey.SkipStatus, 9: latchkey.SkipText, 10: latchkey.SkipTime, 11: latchkey.SkipRow} {
		r.Skipped[why]++
		r.SkippedRows = append(r.SkippedRows, service.SkippedRow{Row: line - 1, Line: line, Reason: why})
	}
	for i := range r.SkippedRows {
		for j := range i {
			if r.SkippedRows[i].Row < r.SkippedRows[j].Row {
				r.SkippedRows[i], r.SkippedRows[j] = r.SkippedRows[j], r.SkippedRows[i]
			}
		}
	}
	return r
}

func skipRows(s *scene) {
	text := s.awkwardFile(s.key("30d"))
	if diff := cmp.Diff(s.awkwardReport(false), s.imported(s.app.ID, service.ImportCall{}, s.file(listfile.CSV, text))); diff != "" {
		s.Errorf("(-want +got):\n%s", diff)
	}
	if n := s.total(s.app.ID); n != 3 {
		s.Errorf("%d licenses", n)
	}
	if got := s.actions(); got[0] != "licenses.import" {
		s.Errorf("the log ends with %v", got[0])
	}
	report := s.imported(s.app.ID, service.ImportCall{}, s.file(listfile.Text, manyKeys(5100)))
	if report.Rows != 5102 || report.Imported != 5101 || len(report.SkippedRows) != 1 || report.SkippedRows[0] != (service.SkippedRow{Row: 5102, Line: 5102, Reason: latchkey.SkipRepeated}) {
		s.Errorf("%+v", report)
	}
	again := s.imported(s.app.ID, service.ImportCall{}, s.file(listfile.Text, manyKeys(5100)))
	if again.Imported != 0 || again.Skipped[latchkey.SkipExists] != 5102 || len(again.SkippedRows) != 1000 || again.SkippedRows[999].Row != 1000 {
		s.Errorf("again: %d imported, %v, %d rows named", again.Imported, again.Skipped, len(again.SkippedRows))
	}
}

func dryRun(s *scene) {
	existing := s.key("30d")
	before := s.actions()
	if diff := cmp.Diff(s.awkwardReport(true), s.imported(s.app.ID, service.ImportCall{DryRun: true}, s.file(listfile.CSV, s.awkwardFile(existing)))); diff != "" {
		s.Errorf("(-want +got):\n%s", diff)
	}
	report := s.imported(s.app.ID, service.ImportCall{DryRun: true}, s.file(listfile.Text, manyKeys(5100)))
	if report.Imported != 5101 || report.Skipped[latchkey.SkipRepeated] != 1 {
		s.Errorf("%+v", report)
	}
	if n := s.total(s.app.ID); n != 1 || len(s.actions()) != len(before) {
		s.Errorf("%d licenses, %v", n, s.actions())
	}
}

func abortImport(s *scene) {
	existing := s.key("30d")
	for text, field := range map[string]string{
		"key\nGOOD-ABCDEFGHIJKLMNOPQR\n\"" + "x\ny\"\n":                   "rows[2]",
		"key\nGOOD-ABCDEFGHIJKLMNOPQR\n" + existing + "\n":                "rows[2]",
		"key\n" + manyKeys(5100):                                          "rows[5102]",
		"key\nGOOD-ABCDEFGHIJKLMNOPQR\nG-1\nGOOD-ABCDEFGHIJKLMNOPQR\nG-2": "rows[3]",
	} {
		for _, dry := range []bool{true, false} {
			_, err := s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{Abort: true, DryRun: dry}, s.file(listfile.CSV, text), nil)
			s.refused(err, latchkey.CodeImportRefused)
			if e, ok := errors.AsType[*latchkey.Error](err); ok && e.Field != field {
				s.Errorf("it is refused for %s, want %s", e.Field, field)
			}
		}
	}
	if n := s.total(s.app.ID); n != 1 {
		s.Errorf("%d licenses", n)
	}
	s.imported(s.app.ID, service.ImportCall{Abort: true}, s.file(listfile.Text, "GOOD-ABCDEFGHIJKLMNOPQR"))
}

func (s *scene) nothingLeft() {
	s.Helper()
	if n := s.total(s.app.ID); n != 0 || len(s.licenses()) != 0 {
		s.Errorf("%d licenses are left", n)
	}
	if n, err := s.Service.SweepBatches(s.Ctx()); n != 0 || err != nil {
		s.Errorf("%d batches are left to be swept, %v", n, err)
	}
}

func importedStatuses(s *scene) {
	s.imported(s.app.ID, service.ImportCall{}, s.file(listfile.CSV, "key,status,used_at,ban_reason\n"+
		"FREE,not_used,,\nUSED,used,,\nBANNED,banned,,spam\nBOTH,banned,2026-01-01T00:00:00Z,spam\nLATER,used,2200-01-01T00:00:00Z,\n"))
	for key, want := range map[string]latchkey.Code{"FREE": "", "USED": latchkey.CodeLicenseUsed, "BANNED": latchkey.CodeLicenseBanned, "BOTH": latchkey.CodeLicenseBanned} {
		_, err := s.license(key, machine)
		s.refused(err, want)
		user := s.user("user of "+key, "a password")
		_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, user.ID, key)
		if key != "FREE" {
			s.refused(err, want)
		}
	}
	for _, l := range s.licenses() {
		switch key := l.Key.Reveal(); key {
		case "LATER":
			if !l.UsedAt.Equal(s.Clock.Now()) {
				s.Errorf("%s was used %v", key, l.UsedAt)
			}
		case "BANNED", "BOTH":
			after, err := s.Service.UnbanLicense(s.Ctx(), s.app.ID, l.ID)
			s.must(err)
			if want := map[string]latchkey.LicenseStatus{"BANNED": latchkey.LicenseNotUsed, "BOTH": latchkey.LicenseUsed}[key]; l.BanReason != "spam" || after.Status != want {
				s.Errorf("%s banned for %q is then %s", key, l.BanReason, after.Status)
			}
		}
	}
}

func refusedImports(s *scene) {
	stranger := other(s, s.Env, fmt.Sprint("stranger-", s.DB.Engine(), "@example.com"))
	for want, ctx := range map[latchkey.Code]context.Context{
		latchkey.CodeAppNotFound:  s.As(stranger),
		latchkey.CodeAuthRequired: outside(),
		latchkey.CodeForbidden:    s.machine(service.NewAPIKey{Name: "reader", Permissions: []latchkey.Permission{latchkey.PermLicensesUpdate}}),
	} {
		for _, dry := range []bool{true, false} {
			f := s.file(listfile.Text, "A")
			_, err := s.Service.ImportLicenses(ctx, s.app.ID, service.ImportCall{DryRun: dry}, f, nil)
			s.refused(err, want)
			if row, err := f.Next(); row.Key != "A" || err != nil {
				s.Error("the file was read")
			}
		}
		_, err := s.Service.BeginLicenseExport(ctx, s.app.ID, service.LicenseFilter{}, "txt")
		s.refused(err, want)
	}
	_, err := s.Service.ImportLicenses(s.Ctx(), s.app.ID, service.ImportCall{Repeat: strings.Repeat("x", 256)}, s.file(listfile.Text, "A"), nil)
	s.refused(err, latchkey.CodeInvalid)
	s.nothingLeft()
}
