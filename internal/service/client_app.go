package service

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ClientApp is an app as a client API needs it: with what signs its answers.
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

// clientAppState is an app as read, before time decides which of its
// credentials are in force.
type clientAppState struct {
	app  latchkey.App
	keys *appKeys
	read remembered[struct{}]

	logWebhook bool
}

// ClientApp finds the app that a client names; app.not_found.
func (s *Service) ClientApp(ctx context.Context, ownerID, name string) (*ClientApp, error) {
	now := s.now()
	key := ownerID + "\x00" + name
	if state, ok := s.apps.get(key, now); ok {
		return state.at(now), nil
	}
	return s.readClientApp(ctx, key, now, func(tx *store.Tx) (latchkey.App, error) { return tx.AppByName(ctx, ownerID, name) })
}

// ClientAppByID finds the app of an id; app.not_found.
func (s *Service) ClientAppByID(ctx context.Context, id string) (*ClientApp, error) {
	if !latchkey.IsID(latchkey.KindApp, id) { // nor is it one of the names above
		return nil, latchkey.Fail(latchkey.CodeAppNotFound)
	}
	now := s.now()
	if state, ok := s.apps.get(id, now); ok {
		return state.at(now), nil
	}
	return s.readClientApp(ctx, id, now, func(tx *store.Tx) (latchkey.App, error) { return tx.App(ctx, id) })
}

// at is the app with the credentials that are in force.
func (c *clientAppState) at(now time.Time) *ClientApp {
	secret, _ := latchkey.Current(c.keys.list, latchkey.CredentialSecret, now)
	compat, _ := latchkey.Current(c.keys.list, latchkey.CredentialCompatKey, now)
	return &ClientApp{App: c.app, Secret: secret.Value, CompatKey: c.keys.signing[compat.ID], keys: c.keys, at: now, read: c.read, logWebhook: c.logWebhook}
}

func (s *Service) readClientApp(ctx context.Context, key string, now time.Time, find func(*store.Tx) (latchkey.App, error)) (*ClientApp, error) {
	var state clientAppState
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		found, err := find(tx)
		if err != nil {
			return err
		}
		stamp, lists := s.db.AppStamp(found.ID), s.db.AccessStamp(found.ID)
		// Again, since the stamp must be older than what it stands for.
		if state.app, err = find(tx); err != nil {
			return err
		}
		if state.keys, err = s.credentials(ctx, tx, &state.app); err != nil {
			return err
		}
		if state.logWebhook, err = tx.HasLogWebhook(ctx, state.app.ID); err != nil {
			return err
		}
		if state.app.ID == found.ID {
			state.read = remember(s, struct{}{}, now, stamp)
			s.apps.put(key, remember(s, state, now, stamp, lists))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return state.at(now), nil
}
