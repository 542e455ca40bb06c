package service

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AppStats is how many licenses and users an app has.
type AppStats = store.Counts

// AppNumbers is how many there are in an app, and how many are in it now.
type AppNumbers struct {
	AppStats
	Online int64 // sessions, as it was some seconds ago at most
}

// AppStats tells how many licenses of each status and how many users an app
// has. Those numbers are kept, not counted: they cost the same in every app.
func (s *Service) AppStats(ctx context.Context, appID string) (n AppNumbers, err error) {
	var app latchkey.App
	err = s.read(ctx, latchkey.PermAppsRead, appID, func(tx *store.Tx, a *latchkey.App) (err error) {
		app = *a
		n.AppStats, err = tx.Counts(ctx, appID)
		return err
	})
	if err != nil {
		return n, err
	}
	o, err := s.onlineOf(ctx, &app, s.now())
	if err != nil {
		return n, err
	}
	n.Online = o.total
	return n, nil
}
