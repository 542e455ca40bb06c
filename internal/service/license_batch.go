package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	batchChunk   = 2_000              // licenses stored by one transaction: sign-ins wait for one at most
	batchWindow  = 25                 // chunks that are sorted together
	batchPage    = 2_000              // licenses read at a time
	batchLease   = 30 * time.Second   // since its last chunk a batch is its maker's
	batchMemory  = 7 * 24 * time.Hour // for how long a call can be repeated
	maxRepeat    = 255                // characters of a caller's name for a call
	chunkTries   = 10                 // for random keys that none has yet
	clearingTime = time.Second        // after which to ask again whether a batch has been cleared away
)

// LicenseBatch is a batch of licenses that exists.
type LicenseBatch struct {
	Amount   int64
	Replayed bool // an earlier call of the same Repeat has made it
	stored   store.LicenseBatch
}

// CreateLicenseBatch makes Amount licenses, all or none, in chunks, so that
// neither memory nor a transaction grows with them and others have their turn.
// Nothing sees any of them before the last is made; if the call fails or its
// context ends, they are deleted. progress, unless nil, is called after each
// chunk; its error ends the call.
//
// With Repeat, the same call made again returns the batch that the first one
// made, or goes on with what a server that died has left of it. Errors: those
// of [Service.CreateLicenses]; request.idempotency_mismatch if the first call
// asked for something else, request.in_progress if it is still at work.
func (s *Service) CreateLicenseBatch(ctx context.Context, appID string, in NewLicenses, progress func(made int64) error) (LicenseBatch, error) {
	if _, err := require(ctx, latchkey.PermLicensesCreate); err != nil {
		return LicenseBatch{}, err
	}
	mask, err := s.checkNewLicenses(in)
	if err != nil {
		return LicenseBatch{}, err
	}
	m := &batchMaker{Service: s, appID: appID, maker: ActorFrom(ctx).ID, in: in, mask: mask, tries: chunkTries}
	if mask.IsCustom() {
		m.tries = 1
	}
	if err := m.begin(ctx); err != nil {
		return LicenseBatch{}, err
	}
	if m.batch.State != store.BatchDone {
		if err := m.make(ctx, progress); err != nil {
			if !m.lost {
				m.drop(ctx)
			}
			return LicenseBatch{}, err
		}
	}
	return LicenseBatch{Amount: m.batch.Amount, Replayed: m.replayed, stored: m.batch}, nil
}

// EachOfBatch reads the licenses of a batch in the order in which they were
// made, a part at a time. Licenses that have been deleted since are missing.
func (s *Service) EachOfBatch(ctx context.Context, appID string, b LicenseBatch, do func([]latchkey.License) error) error {
	from := ""
	for {
		var list []latchkey.License
		err := s.read(ctx, latchkey.PermLicensesCreate, appID, func(tx *store.Tx, app *latchkey.App) (err error) {
			if b.stored.AppID != app.ID {
				return latchkey.Fail(latchkey.CodeAppNotFound)
			}
			list, err = tx.BatchLicenses(ctx, &b.stored, from, batchPage+1)
			return err
		})
		if err != nil {
			return err
		}
		if len(list) <= batchPage {
			return do(list)
		}
		from = list[batchPage].ID
		if err := do(list[:batchPage]); err != nil {
			return err
		}
	}
}

// batchMaker is one call that makes a batch.
type batchMaker struct {
	*Service
	appID string
	maker string // id of the account or API key
	in    NewLicenses
	mask  latchkey.Mask
	tries int
	batch store.LicenseBatch
	lost  bool // the batch is somebody else's now

	replayed bool // the batch was done when the call came
}

// begin opens a batch, or finds the one of the same call.
func (m *batchMaker) begin(ctx context.Context) error {
	now := m.now()
	b := store.LicenseBatch{AppID: m.appID, State: store.BatchOpen, Amount: m.in.Amount, CreatedAt: now}
	var err error
	if b.ID, err = m.newID(latchkey.KindBatch, now); err != nil {
		return err
	}
	if b.IDs, err = latchkey.NewIDRange(latchkey.KindLicense, now, m.rand); err != nil {
		return fmt.Errorf("make ids: %w", err)
	}
	if b.Repeat, b.Body, err = m.repeatHashes(ctx); err != nil {
		return err
	}
	return m.change(ctx, latchkey.PermLicensesCreate, m.appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if err := m.mask.CheckStrength(int(app.Settings.MinKeyBits)); err != nil {
			return err
		}
		m.batch = b
		m.batch.LeaseUntil = now.Add(batchLease)
		inserted, err := tx.InsertBatch(ctx, &m.batch)
		if err != nil || inserted {
			return err
		}
		return m.resume(ctx, tx, now)
	})
}

// repeatHashes are the names under which a call that can be repeated is kept:
// its caller's, and that of what it asks for.
func (m *batchMaker) repeatHashes(ctx context.Context) (repeat, body []byte, err error) {
	if m.in.Repeat == "" {
		return nil, nil, nil
	}
	if len(m.in.Repeat) > maxRepeat || latchkey.CheckNote(m.in.Repeat) != nil {
		return nil, nil, latchkey.Invalid("Idempotency-Key", "An Idempotency-Key has at most 255 characters.")
	}
	asked := m.in
	asked.Repeat = ""
	text, err := json.Marshal(asked)
	if err != nil {
		return nil, nil, fmt.Errorf("write down the request: %w", err)
	}
	sum := sha256.Sum256(text)
	return m.box.Lookup("idempotency", m.appID, ActorFrom(ctx).AccountID, m.in.Repeat), sum[:], nil
}

// resume takes up the batch that an earlier call of the same name has begun.
func (m *batchMaker) resume(ctx context.Context, tx *store.Tx, now time.Time) error {
	earlier, found, err := tx.BatchByRepeat(ctx, m.appID, m.batch.Repeat)
	switch {
	case err != nil:
		return err
	case !found: // it has been cleared away this moment
		return running(clearingTime)
	case !bytes.Equal(earlier.Body, m.batch.Body):
		return latchkey.Fail(latchkey.CodeRepeatDiffers)
	case earlier.State == store.BatchDone:
		m.replayed = true
	case earlier.State == store.BatchDropped:
		return running(clearingTime)
	default:
		until := now.Add(batchLease)
		taken, err := tx.TakeBatch(ctx, earlier.ID, until, now)
		if err != nil {
			return err
		}
		if !taken {
			return running(earlier.LeaseUntil.Sub(now))
		}
		earlier.LeaseUntil = until
	}
	m.batch = earlier
	return nil
}

// running refuses a call whose first try has not ended.
func running(wait time.Duration) error {
	e := latchkey.Fail(latchkey.CodeRepeatRunning)
	e.RetryAfter = max(wait, clearingTime)
	return e
}
