package service

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/store"
)

// LockOwn is what a change of a user's own begins with, in a transaction of its
// own: no caller can be made to have read another user than it then finds.
func LockOwn(ctx context.Context, s *Service, app *ClientApp, ses *ClientSession, userID string) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := s.lockOwn(ctx, tx, app, ses, userID)
		return err
	})
}
