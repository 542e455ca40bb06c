package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// APIKeyView is an API key as it can be edited.
type APIKeyView struct{ latchkey.APIKey }

// APIKey returns one of the account's keys; api_key.not_found.
func (s *Service) APIKey(ctx context.Context, id string) (view APIKeyView, err error) {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return view, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		view.APIKey, err = tx.APIKeyOf(ctx, actor.AccountID, id)
		return err
	})
	return view, err
}

// APIKeyEdit is what to change of an API key; nil leaves a field.
type APIKeyEdit struct {
	Name        *string
	Permissions *[]latchkey.Permission
	AppIDs      *[]string  // empty: every app of the account
	ExpiresAt   *time.Time // zero: never
}

// UpdateAPIKey applies an edit, all or nothing; it is in force at the key's next
// call. An edit that gives the key something is bounded as a new key is, and by
// all that the key then has: nobody gives what they lack, not even half of it.
// Errors: api_key.not_found, request.invalid, auth.forbidden, app.not_found,
// auth.confirmation_required.
func (s *Service) UpdateAPIKey(ctx context.Context, id string, edit APIKeyEdit) (view APIKeyView, err error) {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return view, err
	}
	if err := s.confirmed(ctx); err != nil {
		return view, err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		now := s.now()
		before, err := tx.LockAPIKey(ctx, actor.AccountID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return APIKeyView{before}, nil }); err != nil {
			return err
		}
		after, err := edit.apply(actor, before, now)
		if err != nil {
			return err
		}
		if err := reachesAll(ctx, tx, actor, slices.DeleteFunc(slices.Clone(after.AppIDs), func(app string) bool { return slices.Contains(before.AppIDs, app) })); err != nil {
			return err
		}
		if err := tx.UpdateAPIKey(ctx, &after); err != nil {
			return err
		}
		audit(ctx, tx, now, latchkey.InstanceChain, "api_key.update", id, edited(map[string]any{"name": after.Name, "permissions": after.Permissions,
			"apps": len(after.AppIDs), "expires": !after.ExpiresAt.IsZero()}, apiKeyFields(&before), apiKeyFields(&after)))
		view = APIKeyView{after}
		return nil
	})
	return view, err
}

// apply returns the key as the edit makes it, if the actor may make it so. Who
// has less than the key may still rename it or take something from it.
func (e *APIKeyEdit) apply(actor Actor, key latchkey.APIKey, now time.Time) (latchkey.APIKey, error) {
	before := key
	set(&key.Name, e.Name)
	set(&key.Permissions, e.Permissions)
	set(&key.AppIDs, e.AppIDs)
	set(&key.ExpiresAt, e.ExpiresAt)
	key.ExpiresAt = key.ExpiresAt.UTC().Truncate(time.Millisecond)
	if len(key.AppIDs) == 0 {
		key.AppIDs = before.AppIDs[:0:0]
		if e.AppIDs != nil && len(before.AppIDs) > 0 {
			key.AppIDs = slices.Clone(actor.AppIDs) // a key for some apps gives those at most
		}
	}
	maker := actor
	if !gives(&before, &key) {
		maker = Actor{Kind: ActorAccount, Administrator: true} // it only takes: judged for its form
	} else if len(actor.AppIDs) > 0 && (len(key.AppIDs) == 0 || slices.ContainsFunc(key.AppIDs, func(id string) bool { return !slices.Contains(actor.AppIDs, id) })) {
		return key, latchkey.FailWith(latchkey.CodeForbidden, "A key for some applications gives nothing to a key that reaches others.")
	}
	asked := NewAPIKey{Name: key.Name, Permissions: key.Permissions, AppIDs: key.AppIDs, ExpiresAt: key.ExpiresAt}
	if key.ExpiresAt.Equal(before.ExpiresAt) && maker.ExpiresAt.IsZero() {
		asked.ExpiresAt = time.Time{} // also one that is over, as it is
	}
	return key, checkNewAPIKey(maker, asked, now)
}

// gives reports whether an edit gives a key a permission, an app or time.
func gives(before, after *latchkey.APIKey) bool {
	if slices.ContainsFunc(after.Permissions, func(p latchkey.Permission) bool { return !slices.Contains(before.Permissions, p) }) {
		return true
	}
	if len(before.AppIDs) > 0 && (len(after.AppIDs) == 0 ||
		slices.ContainsFunc(after.AppIDs, func(id string) bool { return !slices.Contains(before.AppIDs, id) })) {
		return true
	}
	return !before.ExpiresAt.IsZero() && (after.ExpiresAt.IsZero() || after.ExpiresAt.After(before.ExpiresAt))
}

// reachesAll refuses apps that the actor does not reach; app.not_found.
func reachesAll(ctx context.Context, tx *store.Tx, actor Actor, apps []string) error {
	for _, id := range apps {
		app, err := tx.App(ctx, id)
		if err != nil {
			return err
		}
		if !actor.reaches(&app) {
			return latchkey.Fail(latchkey.CodeAppNotFound)
		}
	}
	return nil
}
