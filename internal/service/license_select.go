package service

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// LicenseSelection names licenses for a bulk action. Exactly one of IDs, All
// and Filter is set.
type LicenseSelection struct {
	IDs    []string // at most 1,000
	All    bool
	Status latchkey.LicenseStatus // narrows All
	Filter *LicenseFilter         // narrows by at least one thing; its order and page do not matter
}

func (sel *LicenseSelection) check() error {
	if sel.Filter == nil {
		if err := checkSelection(sel.IDs, sel.All); err != nil {
			return err
		}
		if sel.Status != "" && !sel.All {
			return latchkey.Invalid("status", "A status narrows all; leave it out beside ids and filter.")
		}
		return checkStatus(sel.Status)
	}
	if len(sel.IDs) > 0 || sel.All || sel.Status != "" {
		return latchkey.Invalid("filter", "Name ids, a filter or all, one of them.")
	}
	f := *sel.Filter
	f.Sort, f.Page = "", Page{}
	sel.Filter = &f
	if f == (LicenseFilter{}) {
		return latchkey.Invalid("filter", "A filter narrows by something; for all licenses say all.")
	}
	if err := checkSearch(f.Search); err != nil {
		return err
	}
	return checkStatus(f.Status)
}

func checkStatus(status latchkey.LicenseStatus) error {
	switch status {
	case "", latchkey.LicenseNotUsed, latchkey.LicenseUsed, latchkey.LicenseBanned:
		return nil
	}
	return latchkey.Invalid("status", "The status is not_used, used or banned.")
}

func checkSelection(ids []string, all bool) error {
	if all == (len(ids) > 0) {
		return latchkey.Invalid("ids", "Name ids or all, not both.")
	}
	if len(ids) > maxSelection {
		return latchkey.Invalid("ids", "Name at most 1,000 ids.")
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			return latchkey.Invalid("ids", "An id is named twice.")
		}
		seen[id] = true
	}
	return nil
}

// query is what to look for, if not for ids.
func (sel *LicenseSelection) query() store.LicenseQuery {
	f := sel.Filter
	if f == nil {
		return store.LicenseQuery{Status: sel.Status}
	}
	return store.LicenseQuery{Search: f.Search, Status: f.Status, Level: f.Level, CreatedBy: f.CreatedBy, CreatedAfter: f.CreatedAfter, CreatedBefore: f.CreatedBefore}
}

// still reports whether a license that was found is selected now that nobody
// else can change it: it may have been redeemed in between.
func (sel *LicenseSelection) still(l *latchkey.License) bool {
	if len(sel.IDs) > 0 {
		return true
	}
	q := sel.query()
	return (q.Status == "" || l.Status == q.Status) && (q.Level == 0 || l.Level == q.Level)
}

// amount tells how many there are where the app's counts say it; nil if they do not.
func (sel *LicenseSelection) amount() func(counts *AppStats) int64 {
	q := sel.query()
	status := q.Status
	q.Status = ""
	if q.Search != "" || q.Level != 0 || q.CreatedBy != "" || !q.CreatedAfter.IsZero() || !q.CreatedBefore.IsZero() {
		return nil
	}
	return func(counts *AppStats) (n int64) {
		for s, of := range counts.Licenses {
			if status == "" || s == status {
				n += of
			}
		}
		return n
	}
}

// find is that of [bulkWork].
func (sel *LicenseSelection) find(ctx context.Context, tx *store.Tx, job *store.BulkJob, limit int) (ids []string, next string, err error) {
	q := sel.query()
	q.Until, q.Except = job.Until, job.Hidden
	q.After, q.Limit = job.Cursor, limit
	list, next, err := tx.SelectLicenses(ctx, job.AppID, q)
	ids = make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	return ids, next, err
}

// scope tells the audit log what was selected.
func (sel *LicenseSelection) scope(ctx context.Context, tx *store.Tx, appID string) (map[string]any, error) {
	f := sel.Filter
	if f == nil {
		f = &LicenseFilter{Status: sel.Status}
	}
	scope := map[string]any{}
	for name, value := range map[string]string{"status": string(f.Status), "created_by": f.CreatedBy, "created_after": moment(f.CreatedAfter), "created_before": moment(f.CreatedBefore)} {
		if value != "" {
			scope[name] = value
		}
	}
	if f.Level != 0 {
		scope["level"] = f.Level
	}
	if f.Search != "" {
		var err error
		if scope["search"], err = auditableSearch(ctx, tx, appID, f.Search); err != nil {
			return nil, err
		}
	}
	if len(scope) == 0 {
		return map[string]any{"all": true}, nil
	}
	return map[string]any{"filter": scope}, nil
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// maxAuditedSearch is how long text may be, in characters, of which the audit
// log tells more than the end: a key that is hard to guess is longer.
const maxAuditedSearch = 11

// auditableSearch is what the audit log tells of search text, which may be a key.
func auditableSearch(ctx context.Context, tx *store.Tx, appID, text string) (string, error) {
	if utf8.RuneCountInString(text) <= maxAuditedSearch {
		_, err := findLicense(ctx, tx, appID, text)
		if err != nil {
			if latchkey.CodeOf(err) == latchkey.CodeLicenseNotFound {
				return text, nil
			}
			return "", err
		}
	}
	return "…" + latchkey.Secret(text).Last4(), nil
}
