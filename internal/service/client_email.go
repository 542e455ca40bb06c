package service

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ClientLoginEmail is [Service.ClientLogin] by a mail address (Email) in place
// of the user name. Several users may have one address: it is the one who was
// made first, of those with a password; the others sign in by name. Trying all
// of them would tell by its time how many there are.
func (s *Service) ClientLoginEmail(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientSignIn) (Customer, error) {
	return s.login(ctx, app, ses, in, func(tx *store.Tx) (latchkey.User, error) {
		return userByEmail(ctx, tx, app.ID, in.Email)
	})
}

// userByEmail finds the user who signs in by an address; user.not_found also
// for what is none.
func userByEmail(ctx context.Context, tx *store.Tx, appID, text string) (user latchkey.User, err error) {
	address, err := latchkey.NormalizeEmail(text)
	if err != nil {
		return user, latchkey.Fail(latchkey.CodeUserNotFound)
	}
	return tx.UserByEmail(ctx, appID, address)
}

// ClientNameByEmail is the name of the user who signs in by an address, or the
// address itself if nobody does: failures by name and by address count as those
// of one. It says nothing to anybody.
func (s *Service) ClientNameByEmail(ctx context.Context, app *ClientApp, address string) string {
	name := address
	_ = s.db.Read(ctx, func(tx *store.Tx) error { // what fails here fails at the sign-in as well
		user, err := userByEmail(ctx, tx, app.ID, address)
		if err == nil {
			name = user.Name
		}
		return err
	})
	return name
}
