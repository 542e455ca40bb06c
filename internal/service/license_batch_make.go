package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// madeWindow is chunks whose keys were sorted together, or why there are none.
type madeWindow struct {
	chunks []*store.LicenseChunk
	err    error
}

// make stores what is missing of the batch and brings it into being. While one
// window is stored, the next is made.
func (m *batchMaker) make(ctx context.Context, progress func(made int64) error) error {
	size := batchWindow * m.batchSize
	next := m.ahead(m.batch.Made, size)
	for m.batch.Made < m.batch.Amount {
		window := <-next
		next = m.ahead(m.batch.Made+size, size)
		if window.err != nil {
			return window.err
		}
		for _, chunk := range window.chunks {
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
	}
	if err := ctx.Err(); err != nil {
		return latchkey.Fail(latchkey.CodeUnavailable).Because(err)
	}
	m.analyze(ctx)
	return m.finish(ctx)
}

// analyzedFrom is how many licenses must have come at once for the database to
// count anew.
const analyzedFrom = 10_000

// analyze has the database learn of a large batch before anybody asks for it.
func (m *batchMaker) analyze(ctx context.Context) {
	if m.batch.Made < analyzedFrom {
		return
	}
	if err := m.db.Analyze(ctx); err != nil {
		m.log.WarnContext(ctx, "database not analyzed", "error", err) // it does so by itself in a while
	}
}

// ahead makes the window of n licenses that begins at a number of the batch.
func (m *batchMaker) ahead(from, n int64) <-chan madeWindow {
	made := make(chan madeWindow, 1)
	go func() {
		chunks, err := m.window(from, n)
		made <- madeWindow{chunks, err}
	}()
	return made
}

// window makes the licenses of n numbers of the batch, those that it has.
// Random keys that are equal are drawn again.
func (m *batchMaker) window(from, n int64) (chunks []*store.LicenseChunk, err error) {
	if n = min(n, m.batch.Amount-from); n <= 0 {
		return nil, nil
	}
	for range m.tries {
		keys := make([]latchkey.Secret, n)
		for i := range keys {
			if keys[i], err = m.mask.Generate(m.rand); err != nil {
				return nil, err
			}
		}
		model := latchkey.License{AppID: m.appID, Level: m.in.Level, Duration: m.in.Duration, Note: m.in.Note, Status: latchkey.LicenseNotUsed,
			CreatedAt: m.batch.CreatedAt, UpdatedAt: m.batch.CreatedAt, CreatedBy: m.maker}
		chunks, err = m.db.NewLicenseChunks(model, keys, int(m.batchSize), func(i int) string { return m.batch.IDs.ID(from + int64(i)) })
		if latchkey.CodeOf(err) != latchkey.CodeLicenseExists {
			break
		}
	}
	return chunks, err
}

// store stores a chunk, with other keys if one of them exists already.
func (m *batchMaker) store(ctx context.Context, chunk *store.LicenseChunk) error {
	for try := 1; ; try++ {
		err := m.storeOnce(ctx, chunk)
		if latchkey.CodeOf(err) != latchkey.CodeLicenseExists || try == m.tries {
			return err
		}
		again, err := m.window(m.batch.Made, int64(chunk.Len()))
		if err != nil {
			return err
		}
		chunk = again[0]
	}
}

func (m *batchMaker) storeOnce(ctx context.Context, chunk *store.LicenseChunk) error {
	n := int64(chunk.Len())
	var until time.Time
	err := m.db.WriteRows(ctx, func(tx *store.Tx) error {
		if _, err := authorize(ctx, tx, latchkey.PermLicensesCreate, m.appID); err != nil {
			return err
		}
		until = m.now().Add(batchLease)
		ok, err := tx.AdvanceBatch(ctx, m.batch.ID, m.batch.Made, n, until)
		if err != nil {
			return err
		}
		if m.lost = !ok; m.lost {
			return running(clearingTime)
		}
		return tx.InsertChunk(ctx, chunk)
	})
	if err == nil {
		m.batch.Made, m.batch.LeaseUntil = m.batch.Made+n, until
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

// drop deletes what has been stored, also when the caller is gone, unless the
// batch is not as this call has left it: whatever was committed without our
// knowing of it, and what somebody else has taken over, is left to the sweep.
func (m *batchMaker) drop(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	var dropped bool
	err := m.db.Write(ctx, func(tx *store.Tx) (err error) {
		dropped, err = tx.DropBatch(ctx, m.batch.ID, m.batch.LeaseUntil)
		return err
	})
	if err == nil && dropped {
		err = m.clearBatch(ctx, &m.batch)
	}
	if err != nil {
		// Nothing shows what is left; the next sweep deletes it.
		m.log.WarnContext(ctx, "batch of licenses not cleared away", "app", m.appID, "error", err)
	}
}

// clearBatch deletes what is stored of a dropped batch, and then the batch.
func (s *Service) clearBatch(ctx context.Context, b *store.LicenseBatch) error {
	for from := int64(0); from < b.Amount; from += s.batchSize {
		err := s.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.ClearBatch(ctx, b, from, s.batchSize)
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
