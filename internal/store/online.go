package store

import (
	"context"
	"time"
)

const (
	// What was seen of a session that is gone by now is not stored.
	qSessionSeen = `INSERT INTO session_seen (app_id, session_id, seen_at)
		SELECT s.app_id, s.id, CAST($3 AS BIGINT) FROM sessions s WHERE s.app_id = $1 AND s.id = $2
		ON CONFLICT (app_id, session_id) DO UPDATE SET seen_at = excluded.seen_at WHERE session_seen.seen_at < excluded.seen_at`

	// The empty text keeps PostgreSQL from concluding that the users are of app $1
	// as well: while it has no statistics of young tables it would look at all of
	// them for each session, which takes minutes.
	onlineFrom = ` FROM session_seen o
		JOIN sessions s ON s.app_id = o.app_id AND s.id = o.session_id
		JOIN users u ON u.app_id = s.app_id || '' AND u.id = s.user_id
		WHERE o.app_id = $1 AND o.seen_at > $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND s.created_at >= $4
		AND u.auth_version = s.auth_version AND u.banned_at IS NULL`
	qOnlineCount = `SELECT COUNT(*)` + onlineFrom
	qOnline      = `SELECT u.id, u.name, u.name_sealed` + onlineFrom + ` ORDER BY o.seen_at DESC LIMIT $5`
)

// SeenSession is a session that a program has called with.
type SeenSession struct {
	AppID, ID string
	At        time.Time
}

// SessionsSeen records when sessions were last seen.
func (tx *Tx) SessionsSeen(ctx context.Context, list []SeenSession) error {
	for _, s := range list {
		if err := tx.later(ctx, qSessionSeen, s.AppID, s.ID, ms(s.At)); err != nil {
			return wrap("record session", err)
		}
	}
	return nil
}

// OnlineQuery says which sessions count as online: seen after Since, open at
// Now, begun at or after From.
type OnlineQuery struct{ Since, Now, From time.Time }

// OnlineUser is who is signed in with a session that is online.
type OnlineUser struct {
	Name         string
	LicenseNamed bool // Name is a license key
}

// OnlineCount is how many sessions of an app are online.
func (tx *Tx) OnlineCount(ctx context.Context, appID string, q OnlineQuery) (n int64, err error) {
	err = tx.queryRow(ctx, qOnlineCount, appID, ms(q.Since), ms(q.Now), ms(q.From)).Scan(&n)
	return n, wrap("count sessions", err)
}

// Online returns how many sessions of an app are online, and the users of up to
// limit of them, the latest seen first.
func (tx *Tx) Online(ctx context.Context, appID string, q OnlineQuery, limit int) (users []OnlineUser, total int64, err error) {
	args := []any{appID, ms(q.Since), ms(q.Now), ms(q.From)}
	if total, err = tx.OnlineCount(ctx, appID, q); err != nil {
		return nil, 0, err
	}
	users, err = collect(tx, ctx, "list sessions", qOnline, append(args, limit), func(row scanner) (u OnlineUser, err error) {
		var id string
		var sealed []byte
		if err := row.Scan(&id, &u.Name, &sealed); err != nil {
			return u, err
		}
		if sealed != nil {
			name, err := tx.box().Open(userPlace(id, "name"), sealed)
			if err != nil {
				return u, err
			}
			u.Name, u.LicenseNamed = string(name), true
		}
		return u, nil
	})
	return users, total, err
}
