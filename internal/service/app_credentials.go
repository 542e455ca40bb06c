package service

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/sign"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// maxOverlap bounds how long an old credential stays in force, in seconds.
const maxOverlap = 30 * 86_400

// AppSecrets is what an app's owner puts into programs and keeps.
type AppSecrets struct {
	Credentials []latchkey.Credential // every generation in force or to come, newest first
	Secret      latchkey.Secret       // the current one
	SellerKey   latchkey.Secret       // the newest one
}

func (s *Service) appSecrets(ctx context.Context, tx *store.Tx, app *latchkey.App) (AppSecrets, error) {
	keys, err := s.credentials(ctx, tx, app)
	if err != nil {
		return AppSecrets{}, err
	}
	now := s.now()
	secret, _ := latchkey.Current(keys.list, latchkey.CredentialSecret, now)
	seller, _ := latchkey.Current(keys.list, latchkey.CredentialSellerKey, now)
	inForce := slices.DeleteFunc(slices.Clone(keys.list), func(c latchkey.Credential) bool {
		return !c.RetiresAt.IsZero() && !c.RetiresAt.After(now)
	})
	return AppSecrets{Credentials: inForce, Secret: secret.Value, SellerKey: seller.Value}, nil
}

// AppSecrets returns the app's secrets; the reading is audited.
func (s *Service) AppSecrets(ctx context.Context, appID string) (secrets AppSecrets, err error) {
	err = s.change(ctx, latchkey.PermAppsSecrets, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		audit(ctx, tx, now, app.ID, "app.read_secrets", app.ID, nil)
		secrets, err = s.appSecrets(ctx, tx, app)
		return err
	})
	return secrets, err
}

// RotateCredentials replaces credentials of the kinds. For overlap seconds (0
// to 30 days) the old ones stay in force: the old seller key is accepted
// beside the new one; the old secret and signing keys go on signing, and the
// new ones, shown at once, take over at the end. Without an overlap something
// has leaked: what the old ones opened ends, so every session does, unless
// only the seller key is replaced.
func (s *Service) RotateCredentials(ctx context.Context, appID string, kinds []latchkey.CredentialKind, overlap int64) (secrets AppSecrets, err error) {
	if overlap < 0 || overlap > maxOverlap {
		return secrets, latchkey.Invalid("overlap", "The overlap is 0 to 2,592,000 seconds.")
	}
	if len(kinds) == 0 {
		return secrets, latchkey.Invalid("kinds", "Name at least one credential to rotate.")
	}
	for i, kind := range kinds {
		if !slices.Contains(latchkey.CredentialKinds(), kind) || slices.Contains(kinds[:i], kind) {
			return secrets, latchkey.Invalid("kinds", "The credentials are secret, seller_key, client_key and compat_key, each at most once.")
		}
	}
	err = s.change(ctx, latchkey.PermAppsSecrets, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		app, err := tx.LockApp(ctx, appID)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return s.appSecrets(ctx, tx, &app) }); err != nil {
			return err
		}
		for _, kind := range kinds {
			if err := s.replaceCredential(ctx, tx, &app, kind, time.Duration(overlap)*time.Second, now); err != nil {
				return err
			}
		}
		if overlap == 0 && !slices.Equal(kinds, []latchkey.CredentialKind{latchkey.CredentialSellerKey}) {
			app.SessionsFrom = now.Add(time.Millisecond)
			if err := tx.UpdateApp(ctx, &app); err != nil {
				return err
			}
		}
		audit(ctx, tx, now, appID, "app.rotate_credentials", appID, map[string]any{"kinds": kinds, "overlap": overlap})
		if secrets, err = s.appSecrets(ctx, tx, &app); err != nil {
			return err
		}
		return made(ctx, secrets)
	})
	return secrets, err
}

// replaceCredential makes the next generation of a credential. The app must be
// locked.
func (s *Service) replaceCredential(ctx context.Context, tx *store.Tx, app *latchkey.App, kind latchkey.CredentialKind, overlap time.Duration, now time.Time) error {
	before, err := s.credentials(ctx, tx, app)
	if err != nil {
		return err
	}
	end := now.Add(overlap)
	if err := tx.RetireCredentials(ctx, app.ID, kind, end, now); err != nil {
		return err
	}
	from := end
	if kind == latchkey.CredentialSellerKey {
		from = now
	}
	next, err := s.insertCredential(ctx, tx, app.ID, kind, from, now)
	if err != nil || kind != latchkey.CredentialClientKey {
		return err
	}
	if overlap == 0 {
		// A key has leaked. What the old keys have said leads nobody to the new
		// one, and may lead to the leaked one.
		return tx.DeleteSuccessions(ctx, app.ID)
	}
	return vouch(ctx, tx, before, &next)
}

func (s *Service) insertCredential(ctx context.Context, tx *store.Tx, appID string, kind latchkey.CredentialKind, from, now time.Time) (c latchkey.Credential, err error) {
	c = latchkey.Credential{AppID: appID, Kind: kind, ActiveFrom: from, CreatedAt: now}
	if c.ID, err = s.newID(latchkey.KindCredential, now); err != nil {
		return c, err
	}
	size := 32
	if kind == latchkey.CredentialSellerKey {
		size = 16
	}
	if c.Value, err = s.randomHex(size); err != nil {
		return c, err
	}
	if kind == latchkey.CredentialClientKey || kind == latchkey.CredentialCompatKey {
		key, err := signingKey(&c)
		if err != nil {
			return c, err
		}
		c.PublicKey = hex.EncodeToString(key.Public().(ed25519.PublicKey))
	}
	return c, tx.InsertCredential(ctx, &c)
}

func signingKey(c *latchkey.Credential) (ed25519.PrivateKey, error) {
	seed, err := hex.DecodeString(c.Value.Reveal())
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("credential %s is not an Ed25519 seed", c.ID)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// maxCachedApps bounds the opened credentials kept in memory.
const maxCachedApps = 1024

// appKeys is an app's opened credentials, with its signing keys by id.
type appKeys struct {
	revision    int64
	list        []latchkey.Credential
	signing     map[string]ed25519.PrivateKey
	native      []nativeKey // newest first
	successions []latchkey.Succession
}

// credentialCache spares opening the sealed credentials on every call. It is
// asked with the revision of the app just read, which every change of app or
// credentials counts up, so it is never stale.
type credentialCache struct {
	mu   sync.Mutex
	apps map[string]*appKeys
}

func newCredentialCache() *credentialCache { return &credentialCache{apps: map[string]*appKeys{}} }

func (c *credentialCache) get(app *latchkey.App) (*appKeys, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keys, ok := c.apps[app.ID]
	return keys, ok && keys.revision == app.Revision
}

func (c *credentialCache) put(app *latchkey.App, keys *appKeys) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.apps) >= maxCachedApps {
		for id := range c.apps { // any one: the order of a map is arbitrary
			delete(c.apps, id)
			break
		}
	}
	c.apps[app.ID] = keys
}

// credentials returns an app's opened credentials. Inside a transaction that
// changes them they are read, not remembered.
func (s *Service) credentials(ctx context.Context, tx *store.Tx, app *latchkey.App) (*appKeys, error) {
	if keys, ok := s.keys.get(app); ok && tx.ReadOnly() {
		return keys, nil
	}
	list, err := tx.Credentials(ctx, app.ID)
	if err != nil {
		return nil, err
	}
	keys := &appKeys{revision: app.Revision, list: list, signing: map[string]ed25519.PrivateKey{}}
	for i := range list {
		if list[i].PublicKey == "" {
			continue
		}
		if keys.signing[list[i].ID], err = signingKey(&list[i]); err != nil {
			return nil, err
		}
		if list[i].Kind == latchkey.CredentialClientKey {
			keys.native = append(keys.native, nativeKey{Credential: &list[i], signer: sign.NewNativeKey(keys.signing[list[i].ID])})
		}
	}
	if keys.successions, err = tx.Successions(ctx, app.ID); err != nil {
		return nil, err
	}
	if tx.ReadOnly() {
		s.keys.put(app, keys)
	}
	return keys, nil
}
