package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// LicenseQuery narrows and orders [Tx.Licenses]; zero fields do not.
type LicenseQuery struct {
	Search        string
	Status        latchkey.LicenseStatus
	Level         int64
	CreatedBy     string
	CreatedAfter  time.Time // or at it
	CreatedBefore time.Time
	Until         string   // only ids before this one
	Except        []IDSpan // none of these ids
	ByUse         bool     // in the order of redemptions; wants the status used
	Keyset                 // After is the [UsePlace] of that order, else an id
}

// LicenseRow is a license with its user's name, if that is not the key itself.
type LicenseRow struct {
	latchkey.License
	UsedByName string
}

const licenseRowSelect = `SELECT ` + licenseColumns + `, COALESCE(u.name, '') FROM licenses l
	LEFT JOIN users u ON u.app_id = l.app_id AND u.id = l.used_by`

func (tx *Tx) scanLicenseRow(row scanner) (r LicenseRow, err error) {
	r.License, err = tx.scanLicense(row, &r.UsedByName)
	return r, err
}

// Licenses returns one page. What a search finds is said at [Tx.licensesFound].
func (tx *Tx) Licenses(ctx context.Context, appID string, q LicenseQuery) ([]LicenseRow, error) {
	if q.ByUse {
		return tx.licensesByUse(ctx, appID, &q)
	}
	if q.Search != "" {
		ids, err := tx.licensesFound(ctx, appID, &q)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		return tx.licensesByID(ctx, appID, ids, q.Ascending)
	}
	return licensesInTurn(tx, ctx, appID, &q, licenseRowSelect, tx.scanLicenseRow)
}

// licensesInTurn reads the page of a query that searches for nothing.
func licensesInTurn[T any](tx *Tx, ctx context.Context, appID string, q *LicenseQuery, selection string, scan func(scanner) (T, error)) (list []T, err error) {
	of, _, err := tx.smallestOf(ctx, appID, q)
	if err != nil {
		return nil, err
	}
	return licensesOfSet(tx, ctx, appID, q, of, selection, scan)
}

// licensesOfSet reads a set in the order of creation until the page is full.
func licensesOfSet[T any](tx *Tx, ctx context.Context, appID string, q *LicenseQuery, of licenseSet, selection string, scan func(scanner) (T, error)) (list []T, err error) {
	spans, err := tx.licenseSpans(ctx, appID, q)
	if err != nil {
		return nil, err
	}
	for _, s := range spans {
		w := of.where(appID, q)
		q.narrow(tx, w, of)
		s.narrow(w, "l.id")
		w.add(licenseExists)
		if err := tx.licenseAnywhere(ctx, appID, q.Search, w); err != nil {
			return nil, err
		}
		text, args := w.ordered(selection, "l.id", q.Ascending, q.Limit-len(list))
		more, err := collect(tx, ctx, "list licenses", text, tx.db.engine.planned(args), scan)
		if list = append(list, more...); err != nil || len(list) >= q.Limit {
			return list, err
		}
	}
	return list, nil
}

// licensesByID returns licenses of certain ids in their order.
func (tx *Tx) licensesByID(ctx context.Context, appID string, ids []string, ascending bool) ([]LicenseRow, error) {
	w := newWhere("l.app_id = ?", appID)
	w.addIn("l.id", ids)
	w.add(licenseExists)
	list, err := collect(tx, ctx, "list licenses", licenseRowSelect+` WHERE `+w.text.String(), tx.db.engine.planned(w.args), tx.scanLicenseRow)
	sortByID(list, func(l *LicenseRow) string { return l.ID }, ascending)
	return list, err
}

// LicenseIDs returns the ids of one page.
func (tx *Tx) LicenseIDs(ctx context.Context, appID string, q LicenseQuery) ([]string, error) {
	if q.Search != "" {
		return tx.licensesFound(ctx, appID, &q)
	}
	return licensesInTurn(tx, ctx, appID, &q, licenseIDSelect, scanID)
}

const licenseIDSelect = `SELECT l.id FROM licenses l`

func scanID(row scanner) (id string, err error) {
	err = row.Scan(&id)
	return id, err
}

const qLicenseRangesHidden = `SELECT first_id, last_id FROM license_batches WHERE app_id = $1 AND state <> 'done'`

// licenseSpans returns where in the order of ids the page can be, in the order
// of the list: after its cursor, within the dates, and around the batches that
// are being made, over whose licenses it must not walk. There is one span
// unless such a batch lies in the way.
func (tx *Tx) licenseSpans(ctx context.Context, appID string, q *LicenseQuery) ([]span, error) {
	rest, made := q.span(), q.made()
	rest.from = max(rest.from, made.from)
	if made.to != "" {
		rest.to = rest.sooner(made.to)
	}
	if q.Until != "" {
		rest.to = rest.sooner(q.Until)
	}
	hidden, err := collect(tx, ctx, "list batches", qLicenseRangesHidden, []any{appID}, func(row scanner) (s span, err error) {
		err = row.Scan(&s.from, &s.to)
		return s, err
	})
	if err != nil {
		return nil, err
	}
	for _, s := range q.Except {
		hidden = append(hidden, span{s.First, s.Last})
	}
	slices.SortFunc(hidden, func(a, b span) int { return strings.Compare(a.from, b.from) })
	var spans []span
	for _, h := range hidden {
		if h.to <= rest.from || rest.to != "" && h.from >= rest.to {
			continue
		}
		if h.from > rest.from {
			spans = append(spans, span{rest.from, h.from})
		}
		rest.from = h.to
	}
	if rest.to == "" || rest.from < rest.to {
		spans = append(spans, rest)
	}
	if !q.Ascending {
		slices.Reverse(spans)
	}
	return spans, nil
}

// span is a run of ids, its ends not included; "" is no end.
type span struct{ from, to string }

func (s span) sooner(to string) string {
	if s.to == "" || to < s.to {
		return to
	}
	return s.to
}

func (s span) narrow(w *where, id string) {
	if s.from != "" {
		w.add(id+" > ?", s.from)
	}
	if s.to != "" {
		w.add(id+" < ?", s.to)
	}
}

// span is what the cursor leaves of the list.
func (k Keyset) span() span {
	if k.Ascending {
		return span{from: k.After}
	}
	return span{to: k.After}
}
