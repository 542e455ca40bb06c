package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AuditExport is an export that has begun.
type AuditExport struct {
	App   string // its name; "" for the server's own log
	Began time.Time

	service *Service
	appID   string
	search  auditSearch
}

// BeginAuditExport checks who asks for which events of an app's log or, with
// appID "", of the server's own, and records it. The filter's page does not
// matter; without a sort, the oldest come first.
func (s *Service) BeginAuditExport(ctx context.Context, appID string, f AuditFilter, format string) (*AuditExport, error) {
	if f.Sort == "" {
		f.Sort = "at"
	}
	a, err := f.search(auditChain(appID))
	if err != nil {
		return nil, err
	}
	e := &AuditExport{service: s, appID: appID, search: a}
	begin := func(tx *store.Tx, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		e.Began = now
		details := f.scope()
		details["format"] = format
		audit(ctx, tx, now, auditChain(appID), "audit.export", appID, details)
		return nil
	}
	if appID != "" {
		return e, s.change(ctx, latchkey.PermAuditRead, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
			e.App = app.Name
			return begin(tx, now)
		})
	}
	if _, err := require(ctx, latchkey.PermAdministrator); err != nil {
		return nil, err
	}
	return e, s.write(ctx, func(tx *store.Tx) error { return begin(tx, s.now()) })
}

// Each calls do with all events of the export, a part at a time.
func (e *AuditExport) Each(ctx context.Context, do func([]AuditView) error) error {
	if e.search.impossible() {
		return do(nil)
	}
	q := e.search.query
	for q.Limit = auditPart; ; {
		var views []AuditView
		last := false
		err := e.service.readAudit(ctx, e.appID, func(tx *store.Tx) error {
			events, err := tx.AuditLog(ctx, q)
			if err != nil {
				return err
			}
			if last = len(events) < auditPart; !last {
				q.After = store.AuditPlace(&events[len(events)-1])
			}
			fitting := events[:0]
			for i := range events {
				if e.search.fits(&events[i]) {
					fitting = append(fitting, events[i])
				}
			}
			views, err = withNames(ctx, tx, e.appID, fitting)
			return err
		})
		if err != nil {
			return err
		}
		if err := do(views); err != nil || last {
			return err
		}
	}
}
