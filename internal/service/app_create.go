package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// CreatedApp is what [Service.CreateApp] and [Service.CloneApp] have made.
type CreatedApp struct {
	App     AppView
	Secrets AppSecrets
}

// CreateApp makes an app with default settings, the subscription "default" of
// level 1, and new credentials. Errors: app.exists, request.invalid.
func (s *Service) CreateApp(ctx context.Context, name string) (AppView, AppSecrets, error) {
	return s.createApp(ctx, name, func(*store.Tx, Actor) (latchkey.App, []latchkey.Subscription, error) {
		return latchkey.App{Settings: latchkey.DefaultSettings()},
			[]latchkey.Subscription{{Name: latchkey.DefaultSubscription, Level: 1}}, nil
	})
}

// CloneApp makes an app with another's settings, messages and subscriptions,
// and credentials of its own; licenses and users are not copied.
func (s *Service) CloneApp(ctx context.Context, appID, name string) (AppView, AppSecrets, error) {
	return s.createApp(ctx, name, func(tx *store.Tx, _ Actor) (latchkey.App, []latchkey.Subscription, error) {
		model, err := authorize(ctx, tx, latchkey.PermAppsRead, appID)
		if err != nil {
			return model, nil, err
		}
		subscriptions, err := tx.Subscriptions(ctx, appID, store.Keyset{Ascending: true, Limit: MaxLimit})
		return latchkey.App{Settings: model.Settings, Messages: model.Messages}, subscriptions, err
	})
}

func (s *Service) createApp(ctx context.Context, name string, model func(*store.Tx, Actor) (latchkey.App, []latchkey.Subscription, error)) (view AppView, secrets AppSecrets, err error) {
	actor, err := require(ctx, latchkey.PermAppsCreate)
	if err != nil {
		return view, secrets, err
	}
	if len(actor.AppIDs) > 0 {
		return view, secrets, latchkey.FailWith(latchkey.CodeForbidden, "This API key is for certain applications only; it cannot make others.")
	}
	if err := latchkey.CheckName("name", name); err != nil {
		return view, secrets, err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		now := s.now()
		app, subscriptions, err := model(tx, actor)
		if err != nil {
			return err
		}
		account, err := tx.Account(ctx, actor.AccountID)
		if err != nil {
			return err
		}
		if app.ID, err = s.newID(latchkey.KindApp, now); err != nil {
			return err
		}
		app.AccountID, app.OwnerID, app.Name, app.Revision = account.ID, account.OwnerID, name, 1
		app.CreatedAt, app.UpdatedAt, app.SessionsFrom = now, now, now
		if err := tx.InsertApp(ctx, &app); err != nil {
			return err
		}
		for _, sub := range subscriptions {
			if err := s.insertSubscription(ctx, tx, app.ID, sub.Name, sub.Level, now); err != nil {
				return err
			}
		}
		for _, kind := range latchkey.CredentialKinds() {
			if _, err := s.insertCredential(ctx, tx, app.ID, kind, now, now); err != nil {
				return err
			}
		}
		audit(ctx, tx, now, app.ID, "app.create", app.ID, map[string]any{"name": name})
		if view, err = s.appView(ctx, tx, &app); err != nil {
			return err
		}
		if secrets, err = s.appSecrets(ctx, tx, &app); err != nil {
			return err
		}
		return made(ctx, CreatedApp{view, secrets})
	})
	return view, secrets, err
}

func (s *Service) insertSubscription(ctx context.Context, tx *store.Tx, appID, name string, level int64, now time.Time) error {
	id, err := s.newID(latchkey.KindSubscription, now)
	if err != nil {
		return err
	}
	return tx.InsertSubscription(ctx, &latchkey.Subscription{ID: id, AppID: appID, Name: name, Level: level, CreatedAt: now, UpdatedAt: now})
}
