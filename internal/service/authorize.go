package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// require refuses an actor without a permission: auth.required for strangers,
// auth.forbidden for everyone else.
func require(ctx context.Context, p latchkey.Permission) (Actor, error) {
	actor := ActorFrom(ctx)
	if actor.Kind != ActorAccount && actor.Kind != ActorAPIKey {
		return actor, latchkey.Fail(latchkey.CodeAuthRequired)
	}
	if !actor.May(p) {
		return actor, latchkey.Fail(latchkey.CodeForbidden)
	}
	return actor, nil
}

// reaches reports whether the actor may know of an app at all.
func (a Actor) reaches(app *latchkey.App) bool {
	return app.AccountID == a.AccountID && (len(a.AppIDs) == 0 || slices.Contains(a.AppIDs, app.ID))
}

// authorize returns the app if the actor has the permission for it. An app
// that is somebody else's is reported like one that does not exist.
func authorize(ctx context.Context, tx *store.Tx, p latchkey.Permission, appID string) (latchkey.App, error) {
	actor, err := require(ctx, p)
	if err != nil {
		return latchkey.App{}, err
	}
	app, err := tx.App(ctx, appID)
	if err != nil {
		return latchkey.App{}, err
	}
	if !actor.reaches(&app) {
		return latchkey.App{}, latchkey.Fail(latchkey.CodeAppNotFound)
	}
	return app, nil
}

// change runs a use case that changes something within one app: authorise,
// then body, in one transaction. body may run again after a conflict.
func (s *Service) change(ctx context.Context, p latchkey.Permission, appID string, body func(tx *store.Tx, app *latchkey.App, now time.Time) error) error {
	return s.write(ctx, func(tx *store.Tx) error {
		app, err := authorize(ctx, tx, p, appID)
		if err != nil {
			return err
		}
		return body(tx, &app, s.now())
	})
}

// read runs a use case that only reads within one app.
func (s *Service) read(ctx context.Context, p latchkey.Permission, appID string, body func(tx *store.Tx, app *latchkey.App) error) error {
	return s.db.Read(ctx, func(tx *store.Tx) error {
		app, err := authorize(ctx, tx, p, appID)
		if err != nil {
			return err
		}
		return body(tx, &app)
	})
}

// audit records what the call did, in the transaction that does it.
func audit(ctx context.Context, tx *store.Tx, now time.Time, chain, action, targetID string, details map[string]any) {
	actor, origin := ActorFrom(ctx), OriginFrom(ctx)
	kind := actor.Kind
	if kind == ActorCustomer {
		// The chain keeps what is in it for ever, and no app keeps addresses of
		// customers for that long: they stand in the history of sign-ins.
		origin.IP = ""
	}
	if kind == ActorAnonymous {
		kind = ActorServer
	}
	tx.Record(latchkey.AuditEvent{Chain: chain, At: now, ActorKind: string(kind), ActorID: actor.ID, Action: action,
		TargetID: targetID, Details: details, RequestID: origin.RequestID, IP: origin.IP})
}

// newID makes an id of a kind.
func (s *Service) newID(kind latchkey.Kind, now time.Time) (string, error) {
	return latchkey.NewID(kind, now, s.rand)
}
