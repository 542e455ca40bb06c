package service

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ClientApp is an app as a client API needs it: with what signs its answers.
// Calls share it, so nobody may change it.
type ClientApp struct {
	latchkey.App
	Secret    latchkey.Secret    // 64 hex characters
	CompatKey ed25519.PrivateKey // signs 1.3

	logWebhook bool // its log lines are posted

	keys *appKeys
	at   time.Time // when it was found: decides which keys are in force
	// read tells whether the app is still as it was read.
	read remembered[struct{}]
}

// ClientApp finds the app that a client names; app.not_found.
func (s *Service) ClientApp(ctx context.Context, ownerID, name string) (*ClientApp, error) {
	now := s.now()
	key := ownerID + "\x00" + name
	if app, ok := s.apps.get(key, now); ok {
		return app, nil
	}
	return s.readClientApp(ctx, key, now, func(tx *store.Tx) (latchkey.App, error) { return tx.AppByName(ctx, ownerID, name) })
}

// ClientAppByID finds the app of an id; app.not_found.
func (s *Service) ClientAppByID(ctx context.Context, id string) (*ClientApp, error) {
	if !latchkey.IsID(latchkey.KindApp, id) { // nor is it one of the names above
		return nil, latchkey.Fail(latchkey.CodeAppNotFound)
	}
	now := s.now()
	if app, ok := s.apps.get(id, now); ok {
		return app, nil
	}
	return s.readClientApp(ctx, id, now, func(tx *store.Tx) (latchkey.App, error) { return tx.App(ctx, id) })
}

// readClientApp reads an app and remembers it until other credentials of it
// come into force, so that a call has neither to look for these nor to copy it.
func (s *Service) readClientApp(ctx context.Context, key string, now time.Time, find func(*store.Tx) (latchkey.App, error)) (*ClientApp, error) {
	app := &ClientApp{at: now}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		found, err := find(tx)
		if err != nil {
			return err
		}
		stamp, lists := s.db.AppStamp(found.ID), s.db.AccessStamp(found.ID)
		// Again, since the stamp must be older than what it stands for.
		if app.App, err = find(tx); err != nil {
			return err
		}
		if app.keys, err = s.credentials(ctx, tx, &app.App); err != nil {
			return err
		}
		if app.logWebhook, err = tx.HasLogWebhook(ctx, app.ID); err != nil {
			return err
		}
		secret, _ := latchkey.Current(app.keys.list, latchkey.CredentialSecret, now)
		compat, _ := latchkey.Current(app.keys.list, latchkey.CredentialCompatKey, now)
		app.Secret, app.CompatKey = secret.Value, app.keys.signing[compat.ID]
		if app.ID == found.ID {
			app.read = remember(s, struct{}{}, now, stamp)
			s.apps.put(key, remember(s, app, now, stamp, lists).within(latchkey.NextInForce(app.keys.list, now)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return app, nil
}
