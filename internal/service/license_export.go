package service

import (
	"context"
	"maps"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// exportPage is how many licenses one read of an export takes: a read that
// lasts keeps SQLite's log from shrinking.
const exportPage = 2000

// LicenseExport is an export that has begun. It is used by one goroutine.
type LicenseExport struct {
	App   string           // name of the app
	Tiers map[int64]string // names of the subscriptions of each level, with "; " between them
	Began time.Time

	service *Service
	appID   string
	query   store.LicenseQuery
	details map[string]any
}

// BeginLicenseExport checks who asks for which licenses and records it, before
// the first key leaves. The filter's page does not matter; without a sort,
// the oldest come first. format is for the audit log. Whatever comes of it,
// [LicenseExport.End] has to be called.
func (s *Service) BeginLicenseExport(ctx context.Context, appID string, f LicenseFilter, format string) (*LicenseExport, error) {
	if f.Sort == "" {
		f.Sort = "created"
	}
	asc, byUse, err := f.order()
	if err != nil {
		return nil, err
	}
	if err := checkSearch(f.Search); err != nil {
		return nil, err
	}
	if err := checkStatus(f.Status); err != nil {
		return nil, err
	}
	e := &LicenseExport{service: s, appID: appID, details: exportDetails(f, format), query: store.LicenseQuery{
		Search: f.Search, Status: f.Status, Level: f.Level, CreatedBy: f.CreatedBy, CreatedAfter: f.CreatedAfter,
		CreatedBefore: f.CreatedBefore, ByUse: byUse, Keyset: store.Keyset{Ascending: asc, Limit: exportPage}}}
	err = s.change(ctx, latchkey.PermLicensesRead, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		e.App, e.Began = app.Name, now
		subs, err := tx.Subscriptions(ctx, appID, store.Keyset{Ascending: true, Limit: MaxLimit})
		e.Tiers = map[int64]string{}
		for _, sub := range subs {
			if e.Tiers[sub.Level] != "" {
				e.Tiers[sub.Level] += "; "
			}
			e.Tiers[sub.Level] += sub.Name
		}
		audit(ctx, tx, now, appID, "licenses.export_begin", appID, e.details)
		return err
	})
	return e, err
}

// exportDetails is what the audit log tells of a filter. What is searched for
// may be a key.
func exportDetails(f LicenseFilter, format string) map[string]any {
	d := map[string]any{"format": format, "sort": f.Sort}
	if f.Search != "" {
		d["search"] = true
	}
	if f.Status != "" {
		d["status"] = string(f.Status)
	}
	if f.Level != 0 {
		d["level"] = f.Level
	}
	if f.CreatedBy != "" {
		d["created_by"] = f.CreatedBy
	}
	for name, at := range map[string]time.Time{"created_after": f.CreatedAfter, "created_before": f.CreatedBefore} {
		if !at.IsZero() {
			d[name] = at.UTC().Format(time.RFC3339Nano)
		}
	}
	return d
}

// exportedPage is a page, or why there is none.
type exportedPage struct {
	list []LicenseView
	err  error
}

// Each calls do with all licenses of the export, a part at a time. While one is
// dealt with, the next is read. Licenses that are made meanwhile may or may
// not be among them; none comes twice.
func (e *LicenseExport) Each(ctx context.Context, do func([]LicenseView) error) error {
	ctx, cancel := context.WithCancel(ctx)
	pages := make(chan exportedPage, 1)
	go func() {
		defer close(pages)
		e.read(ctx, pages)
	}()
	defer func() {
		cancel()
		for range pages { // until its reader has ended
		}
	}()
	for p := range pages {
		if p.err != nil {
			return p.err
		}
		if err := do(p.list); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil { // its reader may have given up without a word
		return latchkey.Fail(latchkey.CodeUnavailable).Because(err)
	}
	return nil
}

func (e *LicenseExport) read(ctx context.Context, pages chan<- exportedPage) {
	q := e.query
	for more := true; more; {
		var p exportedPage
		p.err = e.service.read(ctx, latchkey.PermLicensesRead, e.appID, func(tx *store.Tx, _ *latchkey.App) error {
			rows, next, err := tx.ExportLicenses(ctx, e.appID, q)
			p.list = make([]LicenseView, len(rows))
			for i, r := range rows {
				p.list[i] = LicenseView(r)
			}
			q.After = next
			return err
		})
		more = p.err == nil && q.After != ""
		select {
		case pages <- p:
		case <-ctx.Done():
			return
		}
	}
}

// End records how an export ended: with how many licenses sent, and whether
// these are all. It does so also when its caller is gone.
func (e *LicenseExport) End(ctx context.Context, count int64, whole bool) error {
	return e.service.endExport(ctx, e.appID, "licenses.export", e.details, count, whole)
}

// endExport records how an export ended whose beginning told details.
func (s *Service) endExport(ctx context.Context, appID, action string, details map[string]any, count int64, whole bool) error {
	ctx = context.WithoutCancel(ctx)
	return s.db.Write(ctx, func(tx *store.Tx) error {
		told := maps.Clone(details)
		told["count"], told["whole"] = count, whole
		audit(ctx, tx, s.now(), appID, action, appID, told)
		return nil
	})
}
