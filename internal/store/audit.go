package store

import (
	"context"
	"crypto/sha256"
	"math"
	"slices"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const auditColumns = `chain, seq, at, actor_kind, actor_id, action, target_id, details, request_id, ip, hash`

const (
	qAuditHeadInsert = `INSERT INTO audit_heads (chain, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (chain) DO NOTHING`
	// Reserving numbers is the lock on the chain until the commit.
	qAuditHeadReserve = `UPDATE audit_heads SET seq = seq + $2 WHERE chain = $1 RETURNING seq, hash`
	qAuditHeadHash    = `UPDATE audit_heads SET hash = $2 WHERE chain = $1`
	qAuditHead        = `SELECT seq, hash FROM audit_heads WHERE chain = $1`
	qAuditInsert      = `INSERT INTO audit_events (` + auditColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	qAuditNewest      = `SELECT ` + auditColumns + ` FROM audit_events WHERE chain = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`
)

// appendEvents stores what was recorded. Chains are taken in one order
// everywhere, so that two writes never wait for each other.
func (tx *Tx) appendEvents() error {
	events := tx.events
	if len(events) > 0 {
		tx.wakes |= wakesAudit
	}
	slices.SortStableFunc(events, func(a, b latchkey.AuditEvent) int { return strings.Compare(a.Chain, b.Chain) })
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].Chain == events[0].Chain {
			n++
		}
		if err := tx.appendChain(events[:n]); err != nil {
			return wrap("append audit events", err)
		}
		events = events[n:]
	}
	return nil
}

// appendChain stores events of one chain.
func (tx *Tx) appendChain(events []latchkey.AuditEvent) error {
	chain := events[0].Chain
	last, hash, err := tx.reserve(chain, int64(len(events)))
	if err != nil {
		return err
	}
	for i := range events {
		ev := &events[i]
		ev.Seq = last - int64(len(events)-1-i)
		details, err := ev.EncodeDetails()
		if err != nil {
			return err
		}
		ev.Hash = ev.ChainHash(hash, details)
		hash = ev.Hash
		if err := tx.later(tx.ctx, qAuditInsert, chain, ev.Seq, ms(ev.At), ev.ActorKind, ev.ActorID, ev.Action,
			ev.TargetID, string(details), ev.RequestID, ev.IP, ev.Hash[:]); err != nil {
			return err
		}
	}
	return tx.later(tx.ctx, qAuditHeadHash, chain, events[len(events)-1].Hash[:])
}

// reserve takes the next n numbers of a chain and returns the last of them and
// the hash before the first; a new chain starts from a hash of zeros.
func (tx *Tx) reserve(chain string, n int64) (last int64, hash [sha256.Size]byte, err error) {
	var b []byte
	err = tx.queryRow(tx.ctx, qAuditHeadReserve, chain, n).Scan(&last, &b)
	if isNoRows(err) {
		if _, err := tx.exec(tx.ctx, qAuditHeadInsert, chain, hash[:]); err != nil {
			return 0, hash, err
		}
		err = tx.queryRow(tx.ctx, qAuditHeadReserve, chain, n).Scan(&last, &b)
	}
	if err != nil {
		return 0, hash, err
	}
	if copy(hash[:], b) != sha256.Size {
		return 0, hash, &AuditError{Chain: chain, Seq: last, Problem: "the chain's head has a hash of the wrong length"}
	}
	return last, hash, nil
}

// AuditEvents returns up to limit events of a chain, the last written first, from before
// the number beforeSeq; 0: from the newest.
func (tx *Tx) AuditEvents(ctx context.Context, chain string, beforeSeq int64, limit int) ([]latchkey.AuditEvent, error) {
	if beforeSeq == 0 {
		beforeSeq = math.MaxInt64
	}
	return collect(tx, ctx, "list audit events", qAuditNewest, []any{chain, beforeSeq, limit}, scanWholeEvent)
}

// scanEvent reads a row of auditColumns; the details stay as they are stored.
func scanEvent(row scanner) (ev latchkey.AuditEvent, details []byte, err error) {
	var at int64
	var hash []byte
	err = row.Scan(&ev.Chain, &ev.Seq, &at, &ev.ActorKind, &ev.ActorID, &ev.Action, &ev.TargetID, &details,
		&ev.RequestID, &ev.IP, &hash)
	ev.At = fromMs(at)
	copy(ev.Hash[:], hash)
	return ev, details, err
}
