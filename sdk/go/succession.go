package latchkey

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strconv"

	"github.com/latchkey-dev/latchkey/api/client"
)

const (
	maxKeys        = 8  // that a client trusts at one time
	maxSuccessions = 64 // statements that it reads at one time
)

// vouched returns the keys that trusted ones vouch for, directly or in a chain,
// at most so many that maxKeys are trusted in all.
func vouched(appID string, trusted []ed25519.PublicKey, statements []client.Succession) []ed25519.PublicKey {
	all := slices.Clone(trusted)
	if len(statements) > maxSuccessions {
		return nil
	}
	for grown := true; grown && len(all) < maxKeys; {
		grown = false
		for _, s := range statements {
			successor, ok := lowerHex(s.PublicKey, ed25519.PublicKeySize)
			if !ok || findKey(all, keyID(successor)) != nil || !isVouchedFor(appID, all, s, successor) {
				continue
			}
			if all = append(all, successor); len(all) == maxKeys {
				break
			}
			grown = true
		}
	}
	return all[len(trusted):]
}

func isVouchedFor(appID string, trusted []ed25519.PublicKey, s client.Succession, successor ed25519.PublicKey) bool {
	voucher := findKey(trusted, s.Key)
	if voucher == nil || s.From < 1 || s.From > maxTime {
		return false
	}
	message := frame(contextSuccession, appID, s.Key, string(successor), strconv.FormatInt(s.From, 10))
	return verifyHex(voucher, message, s.Signature)
}

// learnKeys asks for statements about new keys and trusts what pinned keys
// vouch for. The answer as a whole needs no proof: each statement has its own.
// It reports whether anything was learned.
func (c *Client) learnKeys(ctx context.Context) bool {
	var keys client.Keys
	raw, err := c.exchangeUnproven(ctx, client.PathKeys, []byte("{}"))
	if err != nil || decode(raw, &keys) != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	learned := vouched(c.appID, c.trusted, keys.Successions)
	if len(learned) == 0 {
		return false
	}
	c.trusted = append(slices.Clone(c.trusted), learned...)
	c.statements = keys.Successions
	return true
}

// trustedIDs are the ids of the keys for the server to choose from.
func trustedIDs(keys []ed25519.PublicKey) string {
	text := ""
	for i, key := range keys {
		if i > 0 {
			text += ","
		}
		text += keyID(key)
	}
	return text
}

func (c *Client) trust() []ed25519.PublicKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trusted
}

func errStatus(status int) error {
	return fmt.Errorf("%w: HTTP status %d is none of the protocol's", ErrUnverified, status)
}
