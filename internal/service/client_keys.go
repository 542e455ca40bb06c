package service

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/sign"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// nativeKey is a client key with what signs by it.
type nativeKey struct {
	*latchkey.Credential
	signer *sign.NativeKey
}

// inForce reports whether the key signs for clients that name it. A successor
// does so from the moment it is made, for programs that are built with it.
func (k *nativeKey) inForce(now time.Time) bool {
	return k.RetiresAt.IsZero() || k.RetiresAt.After(now)
}

// vouch stores the word of the key that is replaced for the next one.
func vouch(ctx context.Context, tx *store.Tx, before *appKeys, next *latchkey.Credential) error {
	public, err := hex.DecodeString(next.PublicKey)
	if err != nil {
		return fmt.Errorf("read public key of credential %s: %w", next.ID, err)
	}
	for i := range before.native {
		k := &before.native[i]
		if !k.RetiresAt.IsZero() {
			continue // it has vouched for the one that is replaced now
		}
		s := sign.Succession{AppID: next.AppID, Successor: ed25519.PublicKey(public), From: next.CreatedAt.UnixMilli()}
		made := latchkey.Succession{AppID: next.AppID, PublicKey: next.PublicKey, From: next.CreatedAt, Signature: k.signer.Vouch(&s)}
		made.KeyID = s.KeyID
		return tx.InsertSuccession(ctx, &made)
	}
	return fmt.Errorf("app %s has no client key that could vouch", next.AppID)
}

// NativeKey returns the key that signs an answer of the native protocol: the
// first of those whose ids are named, with commas between, that is in force, or
// else the current one.
func (c *ClientApp) NativeKey(named string) *sign.NativeKey {
	for named != "" {
		var id string
		id, named, _ = strings.Cut(named, ",")
		for i := range c.keys.native {
			if k := &c.keys.native[i]; k.signer.ID == id && k.inForce(c.at) {
				return k.signer
			}
		}
	}
	current, _ := latchkey.Current(c.keys.list, latchkey.CredentialClientKey, c.at)
	for i := range c.keys.native {
		if c.keys.native[i].ID == current.ID {
			return c.keys.native[i].signer
		}
	}
	return nil // an app always has one
}

// ClientKeys are the public keys of an app's native protocol.
type ClientKeys struct {
	Keys        []ClientKey // in force, newest first
	Successions []latchkey.Succession
}

// ClientKey is a public key.
type ClientKey struct {
	ID        string
	PublicKey string // hex
}

// ClientKeys returns the keys that sign answers of the native protocol, and the
// statements by which clients may come to trust them.
func (s *Service) ClientKeys(app *ClientApp) ClientKeys {
	out := ClientKeys{Successions: app.keys.successions}
	for i := range app.keys.native {
		if k := &app.keys.native[i]; k.inForce(app.at) {
			out.Keys = append(out.Keys, ClientKey{ID: k.signer.ID, PublicKey: k.PublicKey})
		}
	}
	return out
}
