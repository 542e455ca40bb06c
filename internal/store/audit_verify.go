package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
)

const (
	qAuditNextHead  = `SELECT chain FROM audit_heads WHERE chain > $1 ORDER BY chain LIMIT 1`
	qAuditNextChain = `SELECT chain FROM audit_events WHERE chain > $1 ORDER BY chain LIMIT 1`
	qAuditAfter     = `SELECT ` + auditColumns + ` FROM audit_events WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3`
)

// verifyPage is how many events are read at a time.
const verifyPage = 500

// AuditError names the first row of an audit chain that is not as it was written.
type AuditError struct {
	Chain   string
	Seq     int64
	Problem string
}

func (e *AuditError) Error() string {
	return fmt.Sprintf("audit chain %s, event %d: %s", e.Chain, e.Seq, e.Problem)
}

// VerifyAudit recomputes every audit chain from its first event and compares
// the last with the chain's head; the error is an [*AuditError] for the first
// bad row. Chains may grow meanwhile. Its memory does not grow with them.
func (db *DB) VerifyAudit(ctx context.Context) error {
	verified, err := db.eachChain(ctx, qAuditNextHead, db.verifyChain)
	if err != nil {
		return err
	}
	found, err := db.eachChain(ctx, qAuditNextChain, db.requireHead)
	if err != nil {
		return err
	}
	db.log.DebugContext(ctx, "audit chains verified", "chains", verified, "with_events", found)
	return nil
}

// eachChain calls do for every chain that the query names.
func (db *DB) eachChain(ctx context.Context, query string, do func(context.Context, string) error) (n int, err error) {
	for chain := ""; ; n++ {
		err := db.Read(ctx, func(tx *Tx) error { return tx.queryRow(ctx, query, chain).Scan(&chain) })
		if isNoRows(err) {
			return n, nil
		}
		if err != nil {
			return n, wrap("list audit chains", err)
		}
		if err := do(ctx, chain); err != nil {
			return n, err
		}
	}
}

func (db *DB) requireHead(ctx context.Context, chain string) error {
	_, err := db.auditHead(ctx, chain)
	if isNoRows(err) {
		return &AuditError{Chain: chain, Seq: 1, Problem: "the chain has events and no head"}
	}
	return err
}

type auditHead struct {
	seq  int64
	hash []byte
}

func (db *DB) auditHead(ctx context.Context, chain string) (h auditHead, err error) {
	err = db.Read(ctx, func(tx *Tx) error { return tx.queryRow(ctx, qAuditHead, chain).Scan(&h.seq, &h.hash) })
	return h, wrap("read audit head", err)
}

// verifyChain walks one chain. The head is always read before the page of
// events that must contain its last, so a chain that grows meanwhile is not
// taken for a broken one.
func (db *DB) verifyChain(ctx context.Context, chain string) error {
	walk := auditWalk{chain: chain}
	for {
		head, err := db.auditHead(ctx, chain)
		if err != nil {
			return err
		}
		before := walk.seq
		if err := db.Read(ctx, func(tx *Tx) error { return walk.page(ctx, tx) }); err != nil {
			return err
		}
		if walk.seq == before {
			return walk.compare(head)
		}
	}
}

// auditWalk is how far a chain has been recomputed.
type auditWalk struct {
	chain string
	seq   int64
	hash  [sha256.Size]byte
}

func (w *auditWalk) page(ctx context.Context, tx *Tx) error {
	rows, err := tx.query(ctx, qAuditAfter, w.chain, w.seq, verifyPage)
	if err != nil {
		return wrap("read audit events", err)
	}
	defer rows.Close()
	for rows.Next() {
		ev, details, err := scanEvent(rows)
		if err != nil {
			return wrap("read audit event", err)
		}
		if ev.Seq != w.seq+1 {
			return &AuditError{Chain: w.chain, Seq: w.seq + 1, Problem: "the event is missing"}
		}
		w.seq++
		if w.hash = ev.ChainHash(w.hash, details); w.hash != ev.Hash {
			return &AuditError{Chain: w.chain, Seq: w.seq, Problem: "the event was altered, or one before it"}
		}
	}
	return wrap("read audit events", rows.Err())
}

// compare holds a fully read chain against its head.
func (w *auditWalk) compare(head auditHead) error {
	switch {
	case w.seq < head.seq:
		return &AuditError{Chain: w.chain, Seq: w.seq + 1, Problem: "the event is missing at the chain's end"}
	case w.seq > head.seq:
		return &AuditError{Chain: w.chain, Seq: head.seq + 1, Problem: "the event is not covered by the chain's head"}
	case !bytes.Equal(w.hash[:], head.hash) && w.seq > 0:
		return &AuditError{Chain: w.chain, Seq: w.seq, Problem: "the chain's head has another hash"}
	}
	return nil
}
