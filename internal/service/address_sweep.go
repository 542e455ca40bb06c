package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// addressStep is how often addresses are taken out of an app's rows, and how
// much earlier than the sweep before each begins: a call that was under way
// then may have stored one a little late.
const addressStep = time.Hour

// keptIP is the caller's address, if the app keeps those of its customers.
func keptIP(ctx context.Context, app *latchkey.App) string {
	if !app.Settings.IPLogging {
		return ""
	}
	return OriginFrom(ctx).IP
}

// sessionIP is the address that a session keeps. One that began longer ago than
// addresses are kept gets none: its id says when it began, and the sweep, which
// goes by ids, has been there.
func sessionIP(ctx context.Context, app *latchkey.App, began, now time.Time) string {
	if began.Before(keptFrom(app, now)) {
		return ""
	}
	return keptIP(ctx, app)
}

// keptFrom is the moment from which on an app keeps addresses.
func keptFrom(app *latchkey.App, now time.Time) time.Time {
	if !app.Settings.IPLogging {
		return now
	}
	return now.AddDate(0, 0, -int(app.Settings.IPRetention))
}

// SweepAddresses takes the addresses of customers out of what is older than
// their app keeps them, or all if it keeps none: users, sign-ins, sessions and log
// lines stay, in chunks. It returns how many.
func (s *Service) SweepAddresses(ctx context.Context) (total int64, err error) {
	err = s.eachApp(ctx, func(app *latchkey.App) error {
		n, err := s.sweepAddresses(ctx, app)
		total += n
		return err
	})
	return total, err
}

func (s *Service) sweepAddresses(ctx context.Context, app *latchkey.App) (total int64, err error) {
	var swept time.Time
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		swept, err = tx.AddressesSwept(ctx, app.ID)
		return err
	})
	until := keptFrom(app, s.now())
	if err != nil || until.Sub(swept) < addressStep {
		return 0, err
	}
	chunk := func(take func(tx *store.Tx) (int64, bool, error)) error {
		for more := true; more; {
			var n int64
			err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
				n, more, err = take(tx)
				return err
			})
			if err != nil {
				return err
			}
			total += n
		}
		return nil
	}
	err = chunk(func(tx *store.Tx) (int64, bool, error) { return tx.TakeSignInAddresses(ctx, app.ID, until, sweepChunk) })
	if err != nil {
		return total, err
	}
	for _, table := range store.AddressTables() {
		left := store.NewAddressRange(table, swept.Add(-addressStep), until)
		err := chunk(func(tx *store.Tx) (int64, bool, error) {
			r := left // the transaction may run again
			n, more, err := tx.TakeAddresses(ctx, app.ID, &r, sweepChunk)
			if err == nil {
				left = r
			}
			return n, more, err
		})
		if err != nil {
			return total, err
		}
	}
	var pages int64
	err = s.db.Write(ctx, func(tx *store.Tx) (err error) {
		if pages, err = tx.TakePanelAddresses(ctx, app.ID, until); err != nil {
			return err
		}
		return tx.SetAddressesSwept(ctx, app.ID, until)
	})
	return total + pages, err
}
