package service

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// SweepLogs deletes log lines that are older than their app keeps them, and the
// oldest of those that are more than the operator allows, in chunks. It returns
// how many.
func (s *Service) SweepLogs(ctx context.Context) (total int64, err error) {
	err = s.eachApp(ctx, func(app *latchkey.App) error {
		now := s.now()
		old := latchkey.IDBound(latchkey.KindLogLine, now.AddDate(0, 0, -int(app.Settings.LogRetention)))
		n, err := s.trimLogs(ctx, app.ID, old, -1)
		if total += n; err != nil {
			return err
		}
		var count int64
		err = s.db.Read(ctx, func(tx *store.Tx) error {
			count, err = tx.LogLineCount(ctx, app.ID)
			return err
		})
		if over := count - s.limits.logLines(); err == nil && over > 0 {
			n, err = s.trimLogs(ctx, app.ID, latchkey.IDBound(latchkey.KindLogLine, now), over)
			total += n
		}
		return err
	})
	return total, err
}

// trimLogs deletes an app's oldest lines before an id, at most so many (below 0:
// all of them).
func (s *Service) trimLogs(ctx context.Context, appID, before string, most int64) (total int64, err error) {
	for most != total {
		limit := int64(sweepChunk)
		if most >= 0 {
			limit = min(limit, most-total)
		}
		var any []string
		err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
			any, err = tx.LogLineIDs(ctx, appID, store.LogQuery{Until: before, Keyset: store.Keyset{Ascending: true, Limit: 1}})
			return err
		})
		if err != nil || len(any) == 0 {
			return total, err
		}
		var n int64
		err = s.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.TrimLogLines(ctx, appID, before, int(limit))
			return err
		})
		if total += n; err != nil || n < limit {
			return total, err
		}
	}
	return total, nil
}

// logLines is how many lines an app may have.
func (l *Limits) logLines() int64 {
	if l.LogLinesPerApp <= 0 {
		return DefaultLogLines
	}
	return l.LogLinesPerApp
}

// sweptApps is how many apps a sweep reads at a time.
const sweptApps = 100

// eachApp calls do with every app, and goes on after an error; the first one is
// returned.
func (s *Service) eachApp(ctx context.Context, do func(app *latchkey.App) error) (first error) {
	for after := ""; ; {
		var apps []latchkey.App
		err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
			apps, err = tx.AppsAfter(ctx, after, sweptApps)
			return err
		})
		if err != nil {
			return err
		}
		for i := range apps {
			if err := do(&apps[i]); err != nil && first == nil {
				first = err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if len(apps) < sweptApps {
			return first
		}
		after = apps[len(apps)-1].ID
	}
}
