package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Ended is how much [Service.EndRestoredSessions] ended.
type Ended struct {
	Apps            int   // whose customers sign in again
	AccountSessions int64 // of dashboards
}

// EndRestoredSessions ends every session of every account and every app, those
// included that nobody has signed in with yet, and records that the database
// was put back from source: a sign-out or a kill that came after the backup
// must not be undone by it. It is for the operator at the server's own console.
func (s *Service) EndRestoredSessions(ctx context.Context, source string) (ended Ended, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		now := s.now()
		if ended.AccountSessions, err = tx.EndAccountSessions(ctx); err != nil {
			return err
		}
		// Sessions that begin in this very millisecond end as well.
		apps, err := tx.EndAppSessions(ctx, now.Add(time.Millisecond))
		if err != nil {
			return err
		}
		ended.Apps = len(apps)
		audit(ctx, tx, now, latchkey.InstanceChain, "database.restore", "", map[string]any{
			"source": source, "apps": ended.Apps, "account_sessions": ended.AccountSessions})
		return nil
	})
	return ended, err
}
