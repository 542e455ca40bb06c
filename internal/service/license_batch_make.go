package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// madeChunk is a chunk, or why there is none.
type madeChunk struct {
	*store.LicenseChunk
	err error
}

// make stores what is missing of the batch and brings it into being. While one
// chunk is stored, the next is made.
func (m *batchMaker) make(ctx context.Context, progress func(made int64) error) error {
	next := m.ahead(m.batch.Made)
	for m.batch.Made < m.batch.Amount {
		chunk := <-next
		next = m.ahead(m.batch.Made + batchChunk)
		if err := m.store(ctx, chunk); err != nil {
			return err
		}
		if progress == nil {
			continue
		}
		if err := progress(m.batch.Made); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return latchkey.Fail(latchkey.CodeUnavailable).Because(err)
	}
	return m.finish(ctx)
}

// ahead makes the chunk that begins at a number of the batch.
func (m *batchMaker) ahead(from int64) <-chan madeChunk {
	made := make(chan madeChunk, 1)
	go func() { made <- m.chunk(from) }()
	return made
}

func (m *batchMaker) chunk(from int64) madeChunk {
	n := min(batchChunk, m.batch.Amount-from)
	if n <= 0 {
		return madeChunk{}
	}
	keys := make([]latchkey.Secret, n)
	var err error
	for i := range keys {
		if keys[i], err = m.mask.Generate(m.rand); err != nil {
			return madeChunk{err: err}
		}
	}
	model := latchkey.License{AppID: m.appID, Level: m.in.Level, Duration: m.in.Duration, Note: m.in.Note, Status: latchkey.LicenseNotUsed,
		CreatedAt: m.batch.CreatedAt, UpdatedAt: m.batch.CreatedAt, CreatedBy: m.maker}
	chunk, err := m.db.NewLicenseChunk(model, keys, func(i int) string { return m.batch.IDs.ID(from + int64(i)) })
	return madeChunk{chunk, err}
}

// store stores a chunk, with other keys if one of them exists already.
func (m *batchMaker) store(ctx context.Context, chunk madeChunk) error {
	for try := 1; ; try++ {
		err := chunk.err
		if err == nil {
			err = m.storeOnce(ctx, chunk.LicenseChunk)
		}
		if latchkey.CodeOf(err) != latchkey.CodeLicenseExists || try == m.tries {
			return err
		}
		chunk = m.chunk(m.batch.Made)
	}
}

func (m *batchMaker) storeOnce(ctx context.Context, chunk *store.LicenseChunk) error {
	n := int64(chunk.Len())
	err := m.db.WriteRows(ctx, func(tx *store.Tx) error {
		if _, err := authorize(ctx, tx, latchkey.PermLicensesCreate, m.appID); err != nil {
			return err
		}
		ok, err := tx.AdvanceBatch(ctx, m.batch.ID, m.batch.Made, n, m.now().Add(batchLease))
		if err != nil {
			return err
		}
		if m.lost = !ok; m.lost {
			return running(clearingTime)
		}
		return tx.InsertChunk(ctx, chunk)
	})
	if err == nil {
		m.batch.Made += n
	}
	return err
}

func (m *batchMaker) finish(ctx context.Context) error {
	return m.change(ctx, latchkey.PermLicensesCreate, m.appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		ok, err := tx.FinishBatch(ctx, &m.batch)
		if err != nil {
			return err
		}
		if m.lost = !ok; m.lost {
			return running(clearingTime)
		}
		audit(ctx, tx, now, m.appID, "license.create", m.appID, createDetails(m.mask, m.in))
		return nil
	})
}

// drop deletes what has been stored, also when the caller is gone.
func (m *batchMaker) drop(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	err := m.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.DropBatch(ctx, m.batch.ID, m.now().Add(2*batchLease))
		return err
	})
	if err == nil {
		err = m.clearBatch(ctx, &m.batch)
	}
	if err != nil {
		// Nothing shows what is left; the next sweep deletes it.
		m.log.WarnContext(ctx, "batch of licenses not cleared away", "app", m.appID, "error", err)
	}
}

// clearBatch deletes what is stored of a dropped batch, and then the batch.
func (s *Service) clearBatch(ctx context.Context, b *store.LicenseBatch) error {
	for n := batchChunk; n == batchChunk; {
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.ClearBatch(ctx, b, batchChunk)
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *store.Tx) error { return tx.DeleteBatch(ctx, b.ID) })
}

// SweepBatches deletes what servers that died have left of batches of
// licenses, and forgets calls that are too old to be repeated. It returns how
// many batches these were.
func (s *Service) SweepBatches(ctx context.Context) (total int64, err error) {
	var stale []store.LicenseBatch
	now := s.now()
	err = s.db.Write(ctx, func(tx *store.Tx) (err error) {
		if total, err = tx.ForgetBatches(ctx, now.Add(-batchMemory), sweepChunk); err != nil {
			return err
		}
		all, err := tx.StaleBatches(ctx, now)
		stale = stale[:0]
		for _, b := range all {
			dropped, err := b.State == store.BatchDropped, error(nil)
			if !dropped {
				dropped, err = tx.DropBatch(ctx, b.ID, now)
			}
			if err != nil {
				return err
			}
			if dropped {
				stale = append(stale, b)
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for i := range stale {
		if err := s.clearBatch(ctx, &stale[i]); err != nil {
			return total, err
		}
		total++
	}
	return total, nil
}
