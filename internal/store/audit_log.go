package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// AuditQuery says which events of a chain [Tx.AuditLog] returns: of the fields
// from About to ActorKind the first that is set decides, by an index of its
// own, and the others must not be set. They are in the order of their times.
type AuditQuery struct {
	Chain     string
	About     string   // id of what did it, or of what it was done to
	Target    string   // id
	Actor     string   // id
	Actions   []string // at most MaxAuditActions
	ActorKind string   // not customers
	From      time.Time
	To        time.Time // before it
	Keyset              // After is an [AuditPlace]
}

// MaxAuditActions bounds the actions of one query.
const MaxAuditActions = maxBranches

// AuditPlace is where an event stands in the order of [Tx.AuditLog].
func AuditPlace(e *latchkey.AuditEvent) string {
	return strconv.FormatInt(ms(e.At), 10) + "." + strconv.FormatInt(e.Seq, 10)
}

type auditPlace struct{ at, seq int64 }

func readAuditPlace(s string) (p auditPlace, err error) {
	at, seq, _ := strings.Cut(s, ".")
	if p.at, err = strconv.ParseInt(at, 10, 64); err == nil {
		p.seq, err = strconv.ParseInt(seq, 10, 64)
	}
	if err != nil {
		return p, latchkey.Fail(latchkey.CodeCursorInvalid)
	}
	return p, nil
}

// branches are the conditions that decide; none: the whole chain.
func (q *AuditQuery) branches() (list []branch) {
	switch {
	case q.About != "":
		list = []branch{{"e.target_id = ? AND e.target_id <> ''", []any{q.About}}, {"e.actor_id = ? AND e.actor_id <> ''", []any{q.About}}}
	case q.Target != "":
		list = []branch{{"e.target_id = ? AND e.target_id <> ''", []any{q.Target}}}
	case q.Actor != "":
		list = []branch{{"e.actor_id = ? AND e.actor_id <> ''", []any{q.Actor}}}
	case len(q.Actions) > 0:
		for _, action := range q.Actions {
			list = append(list, branch{"e.action = ?", []any{action}})
		}
	case q.ActorKind != "":
		list = []branch{{"e.actor_kind = ? AND e.actor_kind <> 'customer'", []any{q.ActorKind}}}
	default:
		list = []branch{{}}
	}
	return list
}

// where is what a branch adds to the chain, the times and the page.
func (q *AuditQuery) where(b branch, args []any) (*where, error) {
	w := &where{args: args}
	w.add("e.chain = ?", q.Chain)
	if b.condition != "" {
		w.add(b.condition, b.args...)
	}
	if !q.From.IsZero() {
		w.add("e.at >= ?", ms(q.From))
	}
	if !q.To.IsZero() {
		w.add("e.at < ?", ms(q.To))
	}
	if q.After != "" {
		p, err := readAuditPlace(q.After)
		if err != nil {
			return nil, err
		}
		than := "<"
		if q.Ascending {
			than = ">"
		}
		w.add("(e.at, e.seq) "+than+" (?, ?)", p.at, p.seq)
	}
	return w, nil
}

const auditEventColumns = `SELECT e.chain, e.seq, e.at, e.actor_kind, e.actor_id, e.action, e.target_id, e.details, e.request_id, e.ip, e.hash FROM audit_events e`

// order is that of the list, but for its direction at the end.
func (q *AuditQuery) order() string {
	if q.Ascending {
		return "e.at, e.seq"
	}
	return "e.at DESC, e.seq"
}

// AuditLog returns one page.
func (tx *Tx) AuditLog(ctx context.Context, q AuditQuery) ([]latchkey.AuditEvent, error) {
	branches := q.branches()
	if len(branches) > 1 {
		return tx.auditUnion(ctx, &q, branches)
	}
	w, err := q.where(branches[0], nil)
	if err != nil {
		return nil, err
	}
	text, args := w.ordered(auditEventColumns, q.order(), q.Ascending, q.Limit)
	return collect(tx, ctx, "list audit events", text, tx.db.engine.planned(args), scanWholeEvent)
}

// auditUnion finds the places of a page in every branch, which an index alone
// tells, and reads only the events that are on it.
func (tx *Tx) auditUnion(ctx context.Context, q *AuditQuery, branches []branch) ([]latchkey.AuditEvent, error) {
	var text strings.Builder
	var args []any
	for i, b := range branches {
		w, err := q.where(b, args)
		if err != nil {
			return nil, err
		}
		part, more := w.ordered(`SELECT e.at, e.seq FROM audit_events e`, q.order(), q.Ascending, q.Limit)
		if i > 0 {
			text.WriteString(" UNION ALL ")
		}
		text.WriteString("SELECT at, seq FROM (" + part + ") b" + strconv.Itoa(i))
		args = more
	}
	places, err := collect(tx, ctx, "find audit events", text.String(), tx.db.engine.planned(args), func(row scanner) (p auditPlace, err error) {
		err = row.Scan(&p.at, &p.seq)
		return p, err
	})
	if err != nil || len(places) == 0 {
		return nil, err
	}
	seqs := q.cutPlaces(places)
	w := newWhere("e.chain = ?", q.Chain)
	w.addAny("e.seq", seqs)
	list, err := collect(tx, ctx, "read audit events", auditEventColumns+` WHERE `+w.text.String(), tx.db.engine.planned(w.args), scanWholeEvent)
	slices.SortFunc(list, func(a, b latchkey.AuditEvent) int {
		return q.compare(auditPlace{ms(a.At), a.Seq}, auditPlace{ms(b.At), b.Seq})
	})
	return list, err
}

// compare orders places as the list is.
func (q *AuditQuery) compare(a, b auditPlace) int {
	if !q.Ascending {
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
}

// cutPlaces returns the numbers of the first events of the list, each once: an
// event may be found by what did it and by what it was done to.
func (q *AuditQuery) cutPlaces(places []auditPlace) []any {
	slices.SortFunc(places, q.compare)
	places = slices.Compact(places)
	seqs := make([]any, min(len(places), q.Limit))
	for i := range seqs {
		seqs[i] = places[i].seq
	}
	return seqs
}

// scanWholeEvent reads a row with its details.
func scanWholeEvent(row scanner) (latchkey.AuditEvent, error) {
	ev, details, err := scanEvent(row)
	if err != nil {
		return ev, err
	}
	if err := json.Unmarshal(details, &ev.Details); err != nil {
		return ev, fmt.Errorf("decode details of event %d: %w", ev.Seq, err)
	}
	return ev, nil
}
