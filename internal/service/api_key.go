package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// maxKeyApps bounds the apps that one API key names.
const maxKeyApps = 100

// NewAPIKey asks for an API key.
type NewAPIKey struct {
	Name        string
	Permissions []latchkey.Permission // within the actor's own
	AppIDs      []string              // empty: every app of the account
	ExpiresAt   time.Time             // zero: never
}

// CreatedAPIKey is a new key and its token.
type CreatedAPIKey struct {
	Key   latchkey.APIKey
	Token latchkey.Secret
}

// CreateAPIKey returns a new key and, this once, its token. A key can give
// neither permissions nor apps nor time that its maker lacks. Errors: request.invalid,
// auth.forbidden, auth.confirmation_required, app.not_found.
func (s *Service) CreateAPIKey(ctx context.Context, in NewAPIKey) (key latchkey.APIKey, token latchkey.Secret, err error) {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return key, "", err
	}
	if err := s.confirmed(ctx); err != nil {
		return key, "", err
	}
	now := s.now()
	if err := checkNewAPIKey(actor, in, now); err != nil {
		return key, "", err
	}
	if token, err = s.newToken(apiKeyPrefix); err != nil {
		return key, "", err
	}
	apps := in.AppIDs
	if len(apps) == 0 {
		apps = actor.AppIDs // a key for some apps makes keys for those at most
	}
	key = latchkey.APIKey{AccountID: actor.AccountID, Name: in.Name, Permissions: in.Permissions, AppIDs: apps,
		CreatedAt: now, ExpiresAt: in.ExpiresAt.UTC().Truncate(time.Millisecond)}
	return key, token, s.write(ctx, func(tx *store.Tx) error {
		if err := reachesAll(ctx, tx, actor, apps); err != nil {
			return err
		}
		if err := s.insertAPIKey(ctx, tx, token, &key); err != nil {
			return err
		}
		return made(ctx, CreatedAPIKey{key, token})
	})
}

func checkNewAPIKey(actor Actor, in NewAPIKey, now time.Time) error {
	if err := latchkey.CheckName("name", in.Name); err != nil {
		return err
	}
	if err := latchkey.CheckPermissions(in.Permissions); err != nil {
		return err
	}
	if slices.ContainsFunc(in.Permissions, func(p latchkey.Permission) bool { return !actor.May(p) }) {
		return latchkey.FailWith(latchkey.CodeForbidden, "A key can have only permissions that you have yourself.")
	}
	if len(in.AppIDs) > maxKeyApps {
		return latchkey.Invalid("app_ids", "A key names at most 100 apps; leave the list empty for all.")
	}
	if !actor.ExpiresAt.IsZero() && (in.ExpiresAt.IsZero() || in.ExpiresAt.After(actor.ExpiresAt)) {
		return latchkey.FailWith(latchkey.CodeForbidden, "A key can make only keys that expire no later than itself.")
	}
	if !in.ExpiresAt.IsZero() && (!in.ExpiresAt.After(now) || in.ExpiresAt.After(latchkey.Never())) {
		return latchkey.Invalid("expires_at", "The expiry lies in the future.")
	}
	return nil
}

func (s *Service) insertAPIKey(ctx context.Context, tx *store.Tx, token latchkey.Secret, key *latchkey.APIKey) (err error) {
	if key.ID, err = s.newID(latchkey.KindAPIKey, key.CreatedAt); err != nil {
		return err
	}
	key.Last4 = token.Last4()
	audit(ctx, tx, key.CreatedAt, latchkey.InstanceChain, "api_key.create", key.ID, map[string]any{"name": key.Name, "permissions": key.Permissions})
	return tx.InsertAPIKey(ctx, token, key)
}

// AuthenticateAPIKey turns an API key into an actor; auth.invalid.
func (s *Service) AuthenticateAPIKey(ctx context.Context, token latchkey.Secret) (Actor, error) {
	if !plausibleToken(apiKeyPrefix, token) {
		return Actor{}, latchkey.Fail(latchkey.CodeAuthInvalid)
	}
	var key latchkey.APIKey
	var administrator bool
	now := s.now()
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		key, administrator, err = tx.APIKeyByToken(ctx, token, now)
		return err
	})
	if err != nil {
		return Actor{}, err
	}
	if now.Sub(key.LastUsedAt) >= seenEvery {
		if err := s.db.Write(ctx, func(tx *store.Tx) error { return tx.APIKeyUsed(ctx, key.ID, now) }); err != nil {
			s.log.WarnContext(ctx, "API key not marked as used", "error", err)
		}
	}
	return keyActor(&key, administrator), nil
}

func keyActor(key *latchkey.APIKey, administrator bool) Actor {
	return Actor{Kind: ActorAPIKey, ID: key.ID, AccountID: key.AccountID, Administrator: administrator,
		Permissions: key.Permissions, AppIDs: key.AppIDs, ExpiresAt: key.ExpiresAt}
}

// ListAPIKeys lists the account's keys, newest first.
func (s *Service) ListAPIKeys(ctx context.Context, p Page) (list List[latchkey.APIKey], err error) {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return list, err
	}
	k, err := s.keyset(p, false, "api-keys", actor.AccountID)
	if err != nil {
		return list, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		items, err := tx.APIKeys(ctx, actor.AccountID, k)
		if err != nil {
			return err
		}
		list, err = page(s, items, k, func(key *latchkey.APIKey) string { return key.ID }, "api-keys", actor.AccountID)
		return err
	})
	return list, err
}

// DeleteAPIKey revokes a key at once; api_key.not_found.
func (s *Service) DeleteAPIKey(ctx context.Context, id string) error {
	actor, err := require(ctx, latchkey.PermAccount)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		audit(ctx, tx, s.now(), latchkey.InstanceChain, "api_key.delete", id, nil)
		return tx.DeleteAPIKey(ctx, actor.AccountID, id)
	})
}
