package service

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	maxSkippedRows   = 1000 // that a report names
	maxMissingLevels = 20   // that a report names
)

// ImportReport is what came of an import, or would come of it.
type ImportReport struct {
	DryRun        bool
	Rows          int64 // of the file
	Imported      int64
	Skipped       map[latchkey.SkipReason]int64
	SkippedRows   []SkippedRow // the first 1,000, in the order of the file
	Warnings      map[latchkey.ImportWarning]int64
	MissingLevels []int64  // the first 20 levels that no subscription has
	MissingTiers  []string // the first 20 subscriptions that users hold and the app does not have
	Ignored       []string // columns or fields that no license takes
}

// SkippedRow is a row that became no license.
type SkippedRow struct {
	Row    int64 // 1, 2, …
	Line   int64 // of the file; 0 where the format has none
	Reason latchkey.SkipReason
}

func newImportReport(dryRun bool) ImportReport {
	return ImportReport{DryRun: dryRun, Skipped: map[latchkey.SkipReason]int64{}, Warnings: map[latchkey.ImportWarning]int64{}}
}

// add takes in what a part, nil for none, has skipped.
func (r *ImportReport) add(p *importPart) {
	if p == nil {
		return
	}
	for why, n := range p.reasons {
		r.Skipped[why] += n
	}
	slices.SortFunc(p.skipped, func(a, b SkippedRow) int { return cmp.Compare(a.Row, b.Row) })
	r.SkippedRows = append(r.SkippedRows, p.skipped[:min(len(p.skipped), maxSkippedRows-len(r.SkippedRows))]...)
}

func (r *ImportReport) warn(of latchkey.ImportWarning, warn bool) {
	if warn {
		r.Warnings[of]++
	}
}

func (r *ImportReport) missing(level int64) {
	if len(r.MissingLevels) < maxMissingLevels && !slices.Contains(r.MissingLevels, level) {
		r.MissingLevels = append(r.MissingLevels, level)
	}
}

// missingTier notes a subscription that the app does not have.
func (r *ImportReport) missingTier(h *latchkey.ImportedHolding) {
	if h.Name == "" {
		r.missing(h.Level)
		return
	}
	if len(r.MissingTiers) < maxMissingLevels && !slices.Contains(r.MissingTiers, h.Name) {
		r.MissingTiers = append(r.MissingTiers, h.Name)
	}
}

// details is what the audit log tells.
func (r *ImportReport) details() map[string]any {
	var skipped int64
	for _, n := range r.Skipped {
		skipped += n
	}
	return map[string]any{"rows": r.Rows, "imported": r.Imported, "skipped": skipped}
}

// refuseImport says which row an import was aborted for.
func refuseImport(at SkippedRow, why latchkey.SkipReason) error {
	field := fmt.Sprintf("rows[%d]", at.Row)
	e := latchkey.Fail(latchkey.CodeImportRefused)
	e.Field = field
	where := fmt.Sprintf("Row %d", at.Row)
	if at.Line > 0 {
		where += fmt.Sprintf(" on line %d", at.Line)
	}
	e.Message = fmt.Sprintf("%s is refused (%s), so nothing was imported.", where, why)
	return e
}
