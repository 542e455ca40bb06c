package service

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AppStats is how many licenses and users an app has.
type AppStats = store.Counts

// AppStats tells how many licenses of each status and how many users an app
// has. The numbers are kept, not counted: they cost the same in every app.
func (s *Service) AppStats(ctx context.Context, appID string) (stats AppStats, err error) {
	err = s.read(ctx, latchkey.PermAppsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		stats, err = tx.Counts(ctx, appID)
		return err
	})
	return stats, err
}
