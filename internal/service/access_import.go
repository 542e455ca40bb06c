package service

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	// MaxImportedLines bounds one import into a list, in lines.
	MaxImportedLines = 100_000
	importedLines    = 500 // stored by one transaction
	refusedLines     = 100 // told of in a report
)

// AccessImport is a text with one value a line.
type AccessImport struct {
	Kind      latchkey.AccessKind // "": each line's form says it
	Text      string
	Reason    string
	ExpiresAt time.Time
	DryRun    bool
	// Progress, unless nil, is called after each part with how many lines have
	// been stored and how many there are; its error ends the call.
	Progress func(done, of int64) error
}

// AccessReport is what came of an import.
type AccessReport struct {
	DryRun   bool
	Lines    int64 // that hold something
	Imported int64
	Existing int64 // on the list already, or named twice in the text
	Refused  int64
	Why      []RefusedLine // the first 100
}

// RefusedLine is a line that names nothing that the list can hold.
type RefusedLine struct {
	Line   int64 // from 1
	Reason string
}

// ImportAccess puts every value of a text on a list. What is on it already stays
// as it is, so that the same text can be imported again. Empty lines and what
// follows a # are passed over. The text is stored in parts: what has been stored
// when an import ends early stays. Errors: request.invalid.
func (s *Service) ImportAccess(ctx context.Context, appID string, list latchkey.AccessList, in AccessImport) (report AccessReport, err error) {
	if _, err := require(ctx, list.Writes()); err != nil {
		return report, err
	}
	report.DryRun = in.DryRun
	entries, err := s.readLines(list, &in, &report)
	if err != nil {
		return report, err
	}
	run := s.change
	if in.DryRun {
		run = func(ctx context.Context, p latchkey.Permission, appID string, body func(*store.Tx, *latchkey.App, time.Time) error) error {
			return s.read(ctx, p, appID, func(tx *store.Tx, app *latchkey.App) error { return body(tx, app, s.now()) })
		}
	}
	for done := 0; done == 0 || done < len(entries); {
		part := entries[done:min(len(entries), done+importedLines)]
		var stored int64
		err := run(ctx, list.Writes(), appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) (err error) {
			stored, err = s.storeLines(ctx, tx, appID, list, part, now)
			return err
		})
		if err != nil {
			return report, err
		}
		report.Imported += stored
		report.Existing += int64(len(part)) - stored
		if done += len(part); in.Progress != nil {
			if err := in.Progress(int64(done), int64(len(entries))); err != nil {
				return report, err
			}
		}
		if len(part) == 0 {
			break
		}
	}
	return report, nil
}

// readLines reads the text and counts what it refuses.
func (s *Service) readLines(list latchkey.AccessList, in *AccessImport, report *AccessReport) (entries []latchkey.AccessEntry, err error) {
	now := s.now()
	common := latchkey.AccessEntry{List: list, Reason: in.Reason, ExpiresAt: in.ExpiresAt.UTC().Truncate(time.Millisecond)}
	if err := latchkey.CheckReason(in.Reason); err != nil {
		return nil, err
	}
	if err := common.CheckEnd(now); err != nil {
		return nil, err
	}
	if in.Kind != "" {
		if err := list.CheckKind(in.Kind); err != nil {
			return nil, err
		}
	}
	number, known := int64(0), map[string]bool{}
	for line := range strings.Lines(strings.TrimPrefix(in.Text, "\ufeff")) {
		number++
		text := withoutRemark(line, in.Kind)
		if text == "" {
			continue
		}
		if report.Lines++; report.Lines > MaxImportedLines {
			return nil, latchkey.FailWith(latchkey.CodeTooLarge, "An import has at most 100,000 lines; split it.")
		}
		e := common
		if err := s.readLine(&e, in.Kind, text); err != nil {
			if report.Refused++; len(report.Why) < refusedLines {
				report.Why = append(report.Why, RefusedLine{Line: number, Reason: sentence(err)})
			}
			continue
		}
		if name := string(e.Kind) + ":" + e.Value.Reveal(); !known[name] {
			known[name] = true
			entries = append(entries, e)
			continue
		}
		report.Existing++
	}
	return entries, nil
}

// withoutRemark is what a line says before a #. A hardware id may hold one, so
// among those a remark has a line of its own.
func withoutRemark(line string, kind latchkey.AccessKind) string {
	line = strings.TrimSpace(line)
	before, _, remarked := strings.Cut(line, "#")
	if remarked && (kind != latchkey.AccessHWID || before == "") {
		return strings.TrimSpace(before)
	}
	return line
}

func (s *Service) readLine(e *latchkey.AccessEntry, kind latchkey.AccessKind, text string) (err error) {
	if kind == "" {
		e.Kind, e.Value, err = latchkey.ParseAccessLine(text)
	} else {
		e.Kind, e.Value, err = latchkey.ParseAccess(kind, text)
	}
	if err != nil {
		return err
	}
	if err := e.List.CheckKind(e.Kind); err != nil {
		return err
	}
	return s.judges(e.Kind)
}

// sentence is what a refusal says to its reader.
func sentence(err error) string {
	if e, ok := errors.AsType[*latchkey.Error](err); ok {
		return e.Message
	}
	return latchkey.CodeInternal.Sentence()
}

// storeLines stores a part and returns how many of it were new; read-only, it
// only counts them.
func (s *Service) storeLines(ctx context.Context, tx *store.Tx, appID string, list latchkey.AccessList, part []latchkey.AccessEntry, now time.Time) (stored int64, err error) {
	if len(part) == 0 {
		return 0, nil
	}
	var revision int64
	if !tx.ReadOnly() {
		if revision, err = tx.LockAccess(ctx, appID, false); err != nil {
			return 0, err
		}
	}
	for _, e := range part {
		e.AppID, e.CreatedBy, e.CreatedAt, e.UpdatedAt = appID, ActorFrom(ctx).ID, now, now
		isNew := false
		if tx.ReadOnly() {
			there, err := tx.AccessEntryOf(ctx, appID, list, e.Kind, e.Value)
			if isNew = latchkey.CodeOf(err) == list.NotFound() || err == nil && there.CheckEnd(now) != nil; err != nil && !isNew {
				return stored, err
			}
		} else {
			if e.ID, err = s.newID(list.EntryKind(), now); err != nil {
				return stored, err
			}
			if isNew, err = tx.InsertAccess(ctx, &e, revision, now); err != nil {
				return stored, err
			}
		}
		if isNew {
			stored++
		}
	}
	if tx.ReadOnly() || stored == 0 {
		return stored, nil
	}
	audit(ctx, tx, now, appID, string(list)+".import", appID, map[string]any{"imported": stored, "lines": len(part)})
	return stored, s.roomForEntries(ctx, tx, appID, list, 0)
}
