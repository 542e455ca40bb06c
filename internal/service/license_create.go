package service

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// NewLicenses asks for a batch.
type NewLicenses struct {
	Amount    int64  // 1 to the operator's cap
	Mask      string // "": latchkey.DefaultMask
	Charset   latchkey.Charset
	Level     int64
	Duration  latchkey.Duration
	Note      string
	CustomKey bool   // confirms a mask without a star
	Repeat    string // the caller's own name for the call, for [Service.CreateLicenseBatch]; "": none
}

// keyCollisions is how often a batch is made anew because one of its random
// keys existed already.
const keyCollisions = 3

// CreateLicenses makes Amount licenses, all or none, and returns them; for more
// than a thousand see [Service.CreateLicenseBatch]. Errors: license.weak_mask,
// license.custom_unconfirmed, license.exists, request.invalid, and those of a
// repeated call.
func (s *Service) CreateLicenses(ctx context.Context, appID string, in NewLicenses) ([]latchkey.License, error) {
	if _, err := require(ctx, latchkey.PermLicensesCreate); err != nil {
		return nil, err
	}
	if in.Repeat != "" {
		return s.repeatedBatch(ctx, appID, in)
	}
	mask, err := s.checkNewLicenses(in)
	if err != nil {
		return nil, err
	}
	tries := keyCollisions
	if mask.IsCustom() {
		tries = 1
	}
	var batch []latchkey.License
	for range tries {
		batch, err = s.createBatch(ctx, appID, mask, in)
		if latchkey.CodeOf(err) != latchkey.CodeLicenseExists {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return batch, nil
}

// repeatedBatch makes a batch that can be asked for again, and reads it.
func (s *Service) repeatedBatch(ctx context.Context, appID string, in NewLicenses) ([]latchkey.License, error) {
	b, err := s.CreateLicenseBatch(ctx, appID, in, nil)
	if err != nil {
		return nil, err
	}
	var list []latchkey.License
	err = s.EachOfBatch(ctx, appID, b, func(part []latchkey.License) error {
		list = append(list, part...)
		return nil
	})
	return list, err
}

func (s *Service) checkNewLicenses(in NewLicenses) (latchkey.Mask, error) {
	text := in.Mask
	if text == "" {
		text = latchkey.DefaultMask
	}
	mask, err := latchkey.NewMask(text, in.Charset)
	if err != nil {
		return mask, err
	}
	if in.Amount < 1 || in.Amount > s.limits.LicensesPerCall {
		return mask, latchkey.Invalid("amount", fmt.Sprintf("One call makes 1 to %d licenses.", s.limits.LicensesPerCall))
	}
	if mask.IsCustom() && (!in.CustomKey || in.Amount != 1) {
		return mask, latchkey.Fail(latchkey.CodeLicenseCustom)
	}
	if in.Duration == (latchkey.Duration{}) {
		return mask, latchkey.Invalid("duration", "A license has a duration.")
	}
	if err := latchkey.CheckLevel(in.Level); err != nil {
		return mask, err
	}
	return mask, latchkey.CheckNote(in.Note)
}

func (s *Service) createBatch(ctx context.Context, appID string, mask latchkey.Mask, in NewLicenses) ([]latchkey.License, error) {
	batch := make([]latchkey.License, in.Amount)
	// Made before the transaction: nothing may hold the writer for long.
	now := s.now()
	for i := range batch {
		l := &batch[i]
		*l = latchkey.License{AppID: appID, Level: in.Level, Duration: in.Duration, Note: in.Note, Status: latchkey.LicenseNotUsed,
			CreatedAt: now, UpdatedAt: now, CreatedBy: ActorFrom(ctx).ID}
		var err error
		if l.Key, err = mask.Generate(s.rand); err != nil {
			return nil, err
		}
		if l.ID, err = s.newID(latchkey.KindLicense, now); err != nil {
			return nil, err
		}
	}
	err := s.change(ctx, latchkey.PermLicensesCreate, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if err := mask.CheckStrength(int(app.Settings.MinKeyBits)); err != nil {
			return err
		}
		for i := range batch {
			if err := tx.InsertLicense(ctx, &batch[i]); err != nil {
				return err
			}
		}
		target := appID
		if len(batch) == 1 {
			target = batch[0].ID
		}
		audit(ctx, tx, now, appID, "license.create", target, createDetails(mask, in))
		return nil
	})
	return batch, err
}

func createDetails(mask latchkey.Mask, in NewLicenses) map[string]any {
	return map[string]any{"amount": in.Amount, "level": in.Level, "duration": in.Duration.String(), "custom_key": mask.IsCustom(), "bits": int(mask.Bits())}
}
