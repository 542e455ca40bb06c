package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

// Repeat is the answer of a call that its caller may make again. Call says
// whose call it is and under which name, Asked what it asked for; both are hashes.
type Repeat struct {
	Call      []byte
	Asked     []byte
	Answer    []byte
	CreatedAt time.Time
}

const (
	// What is too old counts as not there. On PostgreSQL a second claim waits
	// here until the first one's transaction has ended.
	qRepeatClaim = `INSERT INTO repeats (call_hash, asked_hash, answer_sealed, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (call_hash) DO UPDATE SET asked_hash = excluded.asked_hash, answer_sealed = excluded.answer_sealed,
		created_at = excluded.created_at WHERE repeats.created_at <= $5`
	qRepeatAnswer = `UPDATE repeats SET answer_sealed = $2 WHERE call_hash = $1`
	qRepeat       = `SELECT asked_hash, answer_sealed, created_at FROM repeats WHERE call_hash = $1 AND created_at > $2`
	qRepeatsOld   = `DELETE FROM repeats WHERE call_hash IN
		(SELECT r.call_hash FROM repeats r WHERE r.created_at <= $1 ORDER BY r.created_at LIMIT $2)`
)

func repeatPlace(call []byte) secretbox.Place {
	return secretbox.Place{Table: "repeats", Row: hex.EncodeToString(call), Column: "answer"}
}

// ClaimRepeat reserves the name of a call for this transaction; claimed is
// false if a call of that name has been made after a moment. Its answer is
// stored by [Tx.AnswerRepeat] before the transaction ends.
func (tx *Tx) ClaimRepeat(ctx context.Context, r *Repeat, after time.Time) (claimed bool, err error) {
	n, err := tx.exec(ctx, qRepeatClaim, r.Call, r.Asked, []byte{}, ms(r.CreatedAt), ms(after))
	return n == 1, wrap("claim repeat", err)
}

// AnswerRepeat stores the answer of a call that this transaction has claimed.
func (tx *Tx) AnswerRepeat(ctx context.Context, r *Repeat) error {
	sealed, err := tx.box().Seal(repeatPlace(r.Call), r.Answer)
	if err != nil {
		return fmt.Errorf("seal answer: %w", err)
	}
	_, err = tx.exec(ctx, qRepeatAnswer, r.Call, sealed)
	return wrap("store answer", err)
}

// Repeat returns the call of a name that was made after a moment, and whether
// there is one.
func (tx *Tx) Repeat(ctx context.Context, call []byte, after time.Time) (r Repeat, found bool, err error) {
	var sealed []byte
	var created int64
	err = tx.queryRow(ctx, qRepeat, call, ms(after)).Scan(&r.Asked, &sealed, &created)
	if isNoRows(err) {
		return r, false, nil
	}
	if err != nil {
		return r, false, wrap("read repeat", err)
	}
	if r.Answer, err = tx.box().Open(repeatPlace(call), sealed); err != nil {
		return r, false, fmt.Errorf("open answer: %w", err)
	}
	r.Call, r.CreatedAt = call, fromMs(created)
	return r, true, nil
}

// ForgetRepeats forgets up to limit calls that were made at a moment or before.
func (tx *Tx) ForgetRepeats(ctx context.Context, until time.Time, limit int) (int64, error) {
	n, err := tx.exec(ctx, qRepeatsOld, ms(until), limit)
	return n, wrap("forget repeats", err)
}
