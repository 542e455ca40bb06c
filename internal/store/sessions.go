package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const sessionColumns = `s.id, s.app_id, s.user_id, s.device_id, s.protocol, s.ip, s.auth_version, s.created_at, s.signed_in_at,
	s.last_seen_at, s.expires_at, s.ended_at, s.ended_reason, s.hwid_key`

const (
	qSessionInsert = `INSERT INTO sessions (id, app_id, user_id, device_id, protocol, ip, auth_version, created_at,
		signed_in_at, last_seen_at, expires_at, ended_at, ended_reason, hwid_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (app_id, id) DO NOTHING`
	// A second sign-in with the same session moves it to the new user; one
	// that has ended never opens again.
	qSessionMove = `UPDATE sessions SET user_id = $3, device_id = $4, ip = $5, auth_version = $6, signed_in_at = $7, last_seen_at = $8,
		ended_at = $9, ended_reason = $10, hwid_key = $11 WHERE app_id = $1 AND id = $2 AND ended_at IS NULL`
	qSessionState = `SELECT ` + sessionColumns + `, COALESCE(u.id, ''), COALESCE(u.auth_version, 0), u.banned_at,
		COALESCE(us.id, ''), us.expires_at, us.paused_at, COALESCE(sub.level, 0), sub.paused_at, a.paused_at
		FROM sessions s JOIN apps a ON a.id = s.app_id
		LEFT JOIN users u ON u.app_id = s.app_id AND u.id = s.user_id
		LEFT JOIN user_subscriptions us ON us.app_id = u.app_id AND us.user_id = u.id
		LEFT JOIN subscriptions sub ON sub.app_id = us.app_id AND sub.id = us.subscription_id
		WHERE s.app_id = $1 AND s.id = $2`
	qSessionEnd = `UPDATE sessions SET ended_at = $3, ended_reason = $4
		WHERE app_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $3 RETURNING user_id`
	qSessionsEndOfUser = `UPDATE sessions SET ended_at = $3, ended_reason = $4
		WHERE app_id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 AND id <> $5`
	qSessionRenew  = `UPDATE sessions SET auth_version = $3 WHERE app_id = $1 AND id = $2`
	qSessionsOpen  = `SELECT COUNT(*) FROM sessions WHERE app_id = $1 AND ended_at IS NULL AND expires_at > $2 AND created_at >= $3`
	qSessionsBound = `SELECT s.expires_at FROM sessions s WHERE s.expires_at <= $1 ORDER BY s.expires_at LIMIT 1 OFFSET $2`
	qSessionsSweep = `DELETE FROM sessions WHERE expires_at <= $1`

	qSignInInsert = `INSERT INTO sign_ins (id, app_id, user_id, at, ip, device_id, protocol, method) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
)

func scanSession(row scanner, more ...any) (s latchkey.Session, err error) {
	var created, signedIn, seen, expires int64
	var ended sql.NullInt64
	var hwid []byte
	dest := append([]any{&s.ID, &s.AppID, &s.UserID, &s.DeviceID, &s.Protocol, &s.IP, &s.AuthVersion, &created, &signedIn,
		&seen, &expires, &ended, &s.EndedReason, &hwid}, more...)
	if err := row.Scan(dest...); err != nil {
		return s, err
	}
	s.CreatedAt, s.SignedInAt, s.LastSeenAt, s.ExpiresAt = fromMs(created), fromMs(signedIn), fromMs(seen), fromMs(expires)
	s.EndedAt = fromNullMs(ended)
	copy(s.HWID[:], hwid)
	return s, nil
}

func nullKey(k latchkey.HWIDKey) any {
	if k == (latchkey.HWIDKey{}) {
		return nil
	}
	return k[:]
}

// SaveSession stores the sign-in or the end of the session that is remembered
// by a key (see [DB.SessionStamp]); the session's id must be the one that its
// token always has. saved is false if the session had ended already.
func (tx *Tx) SaveSession(ctx context.Context, key string, s *latchkey.Session) (saved bool, err error) {
	tx.mark(s.AppID, TopicSessions)
	n, err := tx.exec(ctx, qSessionInsert, s.ID, s.AppID, s.UserID, s.DeviceID, string(s.Protocol), s.IP, s.AuthVersion,
		ms(s.CreatedAt), ms(s.SignedInAt), ms(s.LastSeenAt), ms(s.ExpiresAt), nullMs(s.EndedAt), string(s.EndedReason), nullKey(s.HWID))
	if err != nil || n == 1 {
		return n == 1, wrap("save session", err)
	}
	tx.touch(stampSession, key) // somebody else may be remembered with it
	n, err = tx.exec(ctx, qSessionMove, s.AppID, s.ID, s.UserID, s.DeviceID, s.IP, s.AuthVersion, ms(s.SignedInAt), ms(s.LastSeenAt),
		nullMs(s.EndedAt), string(s.EndedReason), nullKey(s.HWID))
	return n == 1, wrap("save session", err)
}

// SessionState is a session with what decides whether its user may go on.
type SessionState struct {
	latchkey.Session
	UserGone        bool
	UserAuthVersion int64
	UserBannedAt    time.Time
	Holdings        []latchkey.Holding // of the user: their times and levels, and what SessionCustomer adds

	// By SessionCustomer alone.
	Username      string
	UserCreatedAt time.Time
}

// SessionState returns a stored session; session.not_signed_in if nobody has
// signed in (or out) with it.
func (tx *Tx) SessionState(ctx context.Context, appID, id string) (s SessionState, err error) {
	var holdings []latchkey.Holding
	rows, err := collect(tx, ctx, "read session", qSessionState, []any{appID, id}, func(row scanner) (SessionState, error) {
		s, h, err := scanSessionState(row)
		if h.ID != "" {
			holdings = append(holdings, h)
		}
		return s, err
	})
	return oneSession(rows, holdings, err)
}

// scanSessionState scans a row of qSessionState, and what follows it into more.
// Without a holding its ID is "".
func scanSessionState(row scanner, more ...any) (s SessionState, h latchkey.Holding, err error) {
	var userID string
	var banned, expires, paused, subPaused, appPaused sql.NullInt64
	s.Session, err = scanSession(row, append([]any{&userID, &s.UserAuthVersion, &banned, &h.ID, &expires, &paused, &h.Level, &subPaused, &appPaused}, more...)...)
	s.UserGone, s.UserBannedAt = userID == "", fromNullMs(banned)
	h.ExpiresAt, h.PausedAt, h.SubscriptionPausedAt, h.AppPausedAt = fromNullMs(expires), fromNullMs(paused), fromNullMs(subPaused), fromNullMs(appPaused)
	return s, h, err
}

// oneSession is the session of which each row tells a holding.
func oneSession(rows []SessionState, holdings []latchkey.Holding, err error) (SessionState, error) {
	if err != nil {
		return SessionState{}, err
	}
	if len(rows) == 0 {
		return SessionState{}, latchkey.Fail(latchkey.CodeSessionNotSignedIn)
	}
	rows[0].Holdings = holdings
	return rows[0], nil
}

// EndSession ends an open session; session.not_found.
func (tx *Tx) EndSession(ctx context.Context, appID, id string, why latchkey.SessionEnd, now time.Time) error {
	var userID string
	err := tx.queryRow(ctx, qSessionEnd, appID, id, ms(now), string(why)).Scan(&userID)
	if isNoRows(err) {
		return latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	tx.touch(stampUser, userID)
	tx.mark(appID, TopicSessions)
	return wrap("end session", err)
}

// EndUserSessions ends a user's open sessions but for the one with the id
// except, and returns how many.
func (tx *Tx) EndUserSessions(ctx context.Context, appID, userID, except string, why latchkey.SessionEnd, now time.Time) (int64, error) {
	tx.touch(stampUser, userID)
	tx.mark(appID, TopicSessions)
	n, err := tx.exec(ctx, qSessionsEndOfUser, appID, userID, ms(now), string(why), except)
	return n, wrap("end sessions", err)
}

// RenewSession lets a session go on after its user's AuthVersion has grown.
func (tx *Tx) RenewSession(ctx context.Context, appID, id string, authVersion int64) error {
	_, err := tx.exec(ctx, qSessionRenew, appID, id, authVersion)
	return wrap("renew session", err)
}

// OpenSessionCount counts an app's open sessions that began at or after from.
func (tx *Tx) OpenSessionCount(ctx context.Context, appID string, now, from time.Time) (n int64, err error) {
	err = tx.queryRow(ctx, qSessionsOpen, appID, ms(now), ms(from)).Scan(&n)
	return n, wrap("count sessions", err)
}

// SweepSessions deletes about limit sessions that had expired at now; their
// tokens say themselves that they are over.
func (tx *Tx) SweepSessions(ctx context.Context, now time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qSessionsBound, qSessionsSweep, now, limit)
	return n, wrap("sweep sessions", err)
}

// SessionRow is an open session with its user.
type SessionRow struct {
	latchkey.Session
	User latchkey.User
}

// SessionQuery narrows [Tx.Sessions]. Now and From are needed: only sessions
// open at Now that began at or after From are listed.
type SessionQuery struct {
	ID     string
	UserID string
	Now    time.Time
	From   time.Time
	Keyset
}

// Sessions returns one page of open sessions whose user may still go on.
func (tx *Tx) Sessions(ctx context.Context, appID string, q SessionQuery) ([]SessionRow, error) {
	w := newWhere("s.app_id = ? AND s.ended_at IS NULL AND s.expires_at > ? AND s.created_at >= ? AND s.user_id <> '' AND u.auth_version = s.auth_version AND u.banned_at IS NULL",
		appID, ms(q.Now), ms(q.From))
	if q.UserID != "" {
		w.add("s.user_id = ?", q.UserID)
	}
	if q.ID != "" {
		w.add("s.id = ?", q.ID)
	}
	text, args := w.page(`SELECT `+userColumns+`, `+sessionColumns+`, COALESCE(o.seen_at, 0) FROM sessions s
		LEFT JOIN session_seen o ON o.app_id = s.app_id AND o.session_id = s.id
		JOIN users u ON u.app_id = s.app_id AND u.id = s.user_id`, "s.id", q.Keyset)
	return collect(tx, ctx, "list sessions", text, args, func(row scanner) (r SessionRow, err error) {
		// scanSession and scanUser each scan a part: the user's columns first.
		var seen int64
		r.Session, err = scanSession(scanFunc(func(session ...any) error {
			r.User, err = tx.scanUser(row, session...)
			return err
		}), &seen)
		if at := fromMs(seen); at.After(r.LastSeenAt) {
			r.LastSeenAt = at
		}
		return r, err
	})
}

type scanFunc func(dest ...any) error

func (f scanFunc) Scan(dest ...any) error { return f(dest...) }

// SignIn is one line of a user's sign-in history.
type SignIn struct {
	ID       string
	AppID    string
	UserID   string
	At       time.Time
	IP       string
	DeviceID string
	Protocol latchkey.Protocol
	Method   string
}

// InsertSignIn adds to a user's sign-in history.
func (tx *Tx) InsertSignIn(ctx context.Context, r *SignIn) error {
	err := tx.later(ctx, qSignInInsert, r.ID, r.AppID, r.UserID, ms(r.At), r.IP, r.DeviceID, string(r.Protocol), r.Method)
	return wrap("insert sign-in", err)
}

// SignIns returns one page of a user's sign-in history.
func (tx *Tx) SignIns(ctx context.Context, appID, userID string, k Keyset) ([]SignIn, error) {
	text, args := newWhere("app_id = ? AND user_id = ?", appID, userID).
		page("SELECT id, app_id, user_id, at, ip, device_id, protocol, method FROM sign_ins", "id", k)
	return collect(tx, ctx, "list sign-ins", text, args, func(row scanner) (r SignIn, err error) {
		var at int64
		if err := row.Scan(&r.ID, &r.AppID, &r.UserID, &at, &r.IP, &r.DeviceID, &r.Protocol, &r.Method); err != nil {
			return r, fmt.Errorf("scan sign-in: %w", err)
		}
		r.At = fromMs(at)
		return r, nil
	})
}
