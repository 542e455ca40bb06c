package store

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// licenseSet is a part of an app's licenses that an index lists in the order of
// their ids; see [userSet].
type licenseSet int

const (
	allLicenses licenseSet = iota
	ofStatus
	ofLevel
	ofMaker
	ofTime // of their creation
)

// where begins a query that reads the set.
func (s licenseSet) where(appID string, q *LicenseQuery) *where {
	w := newWhere("l.app_id = ?", appID)
	switch s {
	case ofStatus:
		w.add("l.status = ?", string(q.Status))
	case ofLevel:
		w.add("l.level = ?", q.Level)
	case ofMaker:
		w.add("l.created_by = ?", q.CreatedBy)
	case ofTime:
		q.made().narrow(w, "l.id")
	}
	return w
}

// narrow adds the filters, the search, the moments and the set apart, so that
// SQLite chooses no index for them.
func (q *LicenseQuery) narrow(tx *Tx, w *where, of licenseSet) {
	unindexed := tx.db.engine.unindexed
	if q.Status != "" && of != ofStatus {
		w.add(unindexed("l.status")+" = ?", string(q.Status))
	}
	if q.Level != 0 && of != ofLevel {
		w.add(unindexed("l.level")+" = ?", q.Level)
	}
	if q.CreatedBy != "" && of != ofMaker {
		w.add(unindexed("l.created_by")+" = ?", q.CreatedBy)
	}
}

// made is between which ids the moments are.
func (q *LicenseQuery) made() (s span) {
	if !q.CreatedAfter.IsZero() {
		s.from = latchkey.IDBound(latchkey.KindLicense, q.CreatedAfter)
	}
	if !q.CreatedBefore.IsZero() {
		s.to = latchkey.IDBound(latchkey.KindLicense, q.CreatedBefore)
	}
	return s
}

// smallestOf is the smallest of the sets that the query names, and whether it is
// small. One that nothing is to be compared with is not counted.
func (tx *Tx) smallestOf(ctx context.Context, appID string, q *LicenseQuery) (least licenseSet, small bool, err error) {
	var sets []licenseSet
	for _, s := range []struct {
		set   licenseSet
		named bool
	}{
		{ofLevel, q.Level != 0}, {ofMaker, q.CreatedBy != ""}, {ofStatus, q.Status != "" && !q.ByUse},
		{ofTime, q.ByUse && q.made() != span{}},
	} {
		if s.named {
			sets = append(sets, s.set)
		}
	}
	switch {
	case len(sets) == 0:
		return allLicenses, false, nil
	case len(sets) == 1 && q.Search == "" && !q.ByUse:
		return sets[0], true, nil
	}
	least = sets[0]
	fewest := int64(tx.db.bounds.counted)
	for _, s := range sets {
		var n int64
		if s == ofStatus {
			var counts Counts
			counts, err = tx.Counts(ctx, appID)
			n = counts.Licenses[q.Status]
		} else {
			n, err = tx.counted(ctx, ` FROM licenses l`, s.where(appID, q), fewest)
		}
		if err != nil {
			return least, false, err
		}
		if n < fewest {
			least, fewest = s, n
		}
	}
	return least, fewest < int64(tx.db.bounds.among), nil
}
