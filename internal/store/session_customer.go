package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// What qSessionState reads, with the names that a customer is shown.
const qSessionCustomer = `SELECT ` + sessionColumns + `, COALESCE(u.id, ''), COALESCE(u.auth_version, 0), u.banned_at,
	COALESCE(us.id, ''), us.expires_at, us.paused_at, COALESCE(sub.level, 0), sub.paused_at, a.paused_at,
	COALESCE(u.name, ''), u.name_sealed, COALESCE(u.created_at, 0), COALESCE(sub.name, '')
	FROM sessions s JOIN apps a ON a.id = s.app_id
	LEFT JOIN users u ON u.app_id = s.app_id AND u.id = s.user_id
	LEFT JOIN user_subscriptions us ON us.app_id = u.app_id AND us.user_id = u.id
	LEFT JOIN subscriptions sub ON sub.app_id = us.app_id AND sub.id = us.subscription_id
	WHERE s.app_id = $1 AND s.id = $2`

// SessionCustomer is [Tx.SessionState] with what a customer is told of who is
// signed in; holdings are in the order in which they were given.
func (tx *Tx) SessionCustomer(ctx context.Context, appID, id string) (SessionState, error) {
	var holdings []latchkey.Holding
	rows, err := collect(tx, ctx, "read session", qSessionCustomer, []any{appID, id}, func(row scanner) (SessionState, error) {
		var name, subscription string
		var sealed []byte
		var created int64
		s, h, err := scanSessionState(row, &name, &sealed, &created, &subscription)
		if err != nil {
			return s, err
		}
		s.Username, s.UserCreatedAt = name, fromMs(created)
		if sealed != nil {
			if s.Username, err = tx.openUserName(s.UserID, sealed); err != nil {
				return s, err
			}
		}
		if h.ID != "" {
			h.Name = subscription
			holdings = append(holdings, h)
		}
		return s, nil
	})
	slices.SortFunc(holdings, func(a, b latchkey.Holding) int { return cmp.Compare(a.ID, b.ID) })
	return oneSession(rows, holdings, err)
}

// openUserName is the name of a user who is named by their license.
func (tx *Tx) openUserName(userID string, sealed []byte) (string, error) {
	opened, err := tx.box().Open(userPlace(userID, "name"), sealed)
	if err != nil {
		return "", fmt.Errorf("open name of user %s: %w", userID, err)
	}
	return string(opened), nil
}
