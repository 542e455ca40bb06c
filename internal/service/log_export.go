package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// LogExport is an export that has begun.
type LogExport struct {
	App   string // its name
	Began time.Time

	service *Service
	appID   string
	query   store.LogQuery
	search  string
}

// BeginLogExport checks who asks for which lines and records it. The filter's
// page does not matter; without a sort, the oldest come first.
func (s *Service) BeginLogExport(ctx context.Context, appID string, f LogFilter, format string) (*LogExport, error) {
	if f.Sort == "" {
		f.Sort = "created"
	}
	q, err := f.query()
	if err != nil {
		return nil, err
	}
	e := &LogExport{service: s, appID: appID, query: q, search: f.Search}
	err = s.change(ctx, latchkey.PermLogsRead, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		e.App, e.Began = app.Name, now
		details := (&LogSelection{All: f == LogFilter{Sort: f.Sort}, Filter: &f}).scope()
		details["format"] = format
		if f.Search != "" {
			details["search"] = true
		}
		audit(ctx, tx, now, appID, "logs.export", appID, details)
		return nil
	})
	return e, err
}

// Each calls do with all lines of the export, a part at a time.
func (e *LogExport) Each(ctx context.Context, do func([]LogView) error) error {
	q := e.query
	for q.Limit = logPage; ; {
		var rows []LogView
		err := e.service.read(ctx, latchkey.PermLogsRead, e.appID, func(tx *store.Tx, _ *latchkey.App) (err error) {
			rows, err = tx.LogLines(ctx, e.appID, q)
			return err
		})
		if err != nil {
			return err
		}
		last := len(rows) < logPage
		if !last {
			q.After = rows[len(rows)-1].ID
		}
		if e.search != "" {
			rows = slices.DeleteFunc(rows, func(r LogView) bool { return !r.Mentions(e.search) })
		}
		if err := do(rows); err != nil || last {
			return err
		}
	}
}
