package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	// logScan bounds the lines that one search looks at. Messages are sealed, so
	// no index knows their words.
	logScan = 5_000
	logPage = 500 // lines read at a time, by searches and exports
)

// LogView is a log line with its user's name.
type LogView = store.LogRow

// LogFilter narrows a list of log lines; zero fields do not.
type LogFilter struct {
	UserID        string
	Device        string // its name, exactly
	Search        string // text anywhere in the message, without regard to case
	CreatedAfter  time.Time
	CreatedBefore time.Time
	Sort          string // "-created" (default), "created"
	Page
}

// query checks the filter and turns it into the store's terms.
func (f *LogFilter) query() (q store.LogQuery, err error) {
	if q.Ascending, err = ascending(f.Sort); err != nil {
		return q, err
	}
	if err := checkSearch(f.Search); err != nil {
		return q, err
	}
	q.UserID, q.Device, q.CreatedAfter, q.CreatedBefore = f.UserID, f.Device, f.CreatedAfter, f.CreatedBefore
	return q, nil
}

// ListLogs lists an app's log lines. A search looks at 5,000 lines at most: its
// pages may have fewer lines than asked for, or none, and a next page all the same.
func (s *Service) ListLogs(ctx context.Context, appID string, f LogFilter) (list List[LogView], err error) {
	q, err := f.query()
	if err != nil {
		return list, err
	}
	shape := f
	shape.Page = Page{}
	if q.Keyset, err = s.keyset(f.Page, q.Ascending, "logs", appID, shape); err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermLogsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		if f.Search != "" {
			list, err = s.searchLogs(ctx, tx, appID, q, shape)
			return err
		}
		rows, err := tx.LogLines(ctx, appID, q)
		if err != nil {
			return err
		}
		list, err = page(s, rows, q.Keyset, func(r *LogView) string { return r.ID }, "logs", appID, shape)
		return err
	})
	return list, err
}

// searchLogs opens lines one after the other until the page is full.
func (s *Service) searchLogs(ctx context.Context, tx *store.Tx, appID string, q store.LogQuery, f LogFilter) (list List[LogView], err error) {
	wanted := q.Limit - 1
	q.Limit = logPage
	for scanned := 0; scanned < logScan; scanned += logPage {
		rows, err := tx.LogLines(ctx, appID, q)
		if err != nil {
			return list, err
		}
		for i := range rows {
			q.After = rows[i].ID
			if rows[i].Mentions(f.Search) {
				list.Items = append(list.Items, rows[i])
			}
			if len(list.Items) == wanted {
				list.Next, err = s.cursor(q.Keyset, q.After, "logs", appID, f)
				return list, err
			}
		}
		if len(rows) < logPage {
			return list, nil
		}
	}
	list.Next, err = s.cursor(q.Keyset, q.After, "logs", appID, f)
	return list, err
}

// Log returns one log line; log.not_found.
func (s *Service) Log(ctx context.Context, appID, id string) (view LogView, err error) {
	err = s.read(ctx, latchkey.PermLogsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		view, err = tx.LogLine(ctx, appID, id)
		return err
	})
	return view, err
}

// DeleteLog deletes a log line; log.not_found.
func (s *Service) DeleteLog(ctx context.Context, appID, id string) error {
	return s.change(ctx, latchkey.PermLogsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		audit(ctx, tx, now, appID, "log.delete", id, nil)
		n, err := tx.DeleteLogLine(ctx, appID, id)
		if err == nil && n == 0 {
			return latchkey.Fail(latchkey.CodeLogNotFound)
		}
		return err
	})
}
