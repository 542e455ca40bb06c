package service

import (
	"context"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// SessionFilter narrows a list of sessions.
type SessionFilter struct {
	UserID string
	Search string // a user's whole name or license key
	Sort   string // "-created" (default), "created"
	Page
}

// SessionView is a session with its user's name.
type SessionView struct {
	latchkey.Session
	Username     string
	LicenseNamed bool // Username is a license key
}

// ListSessions lists open sessions that somebody has signed in with.
func (s *Service) ListSessions(ctx context.Context, appID string, f SessionFilter) (list List[SessionView], err error) {
	asc, err := ascending(f.Sort)
	if err != nil {
		return list, err
	}
	k, err := s.keyset(f.Page, asc, "sessions", appID, f.UserID, f.Search)
	if err != nil {
		return list, err
	}
	if err := checkSearch(f.Search); err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermSessionsRead, appID, func(tx *store.Tx, app *latchkey.App) error {
		user, ok, err := whose(ctx, tx, appID, f.UserID, f.Search)
		if err != nil || !ok {
			return err
		}
		rows, err := tx.Sessions(ctx, appID, store.SessionQuery{UserID: user, Now: s.now(), From: app.SessionsFrom, Keyset: k})
		if err != nil {
			return err
		}
		views := make([]SessionView, len(rows))
		for i, r := range rows {
			views[i] = sessionView(&r)
		}
		list, err = page(s, views, k, func(v *SessionView) string { return v.ID }, "sessions", appID, f.UserID, f.Search)
		return err
	})
	return list, err
}

func sessionView(r *store.SessionRow) SessionView {
	return SessionView{Session: r.Session, Username: r.User.Name, LicenseNamed: r.User.LicenseNamed}
}

// whose is the user that a list is narrowed to by an id, by a search for a whole
// name or license key, or by both; "" is everybody. ok is false if it is nobody.
// Mail addresses are for who may read users.
func whose(ctx context.Context, tx *store.Tx, appID, id, search string) (user string, ok bool, err error) {
	if search == "" {
		return id, true, nil
	}
	found, err := tx.UserByName(ctx, appID, strings.TrimSpace(search))
	if latchkey.CodeOf(err) == latchkey.CodeUserNotFound || err == nil && id != "" && id != found.ID {
		return "", false, nil
	}
	return found.ID, true, err
}

// Session returns an open session that somebody has signed in with;
// session.not_found.
func (s *Service) Session(ctx context.Context, appID, id string) (view SessionView, err error) {
	err = s.read(ctx, latchkey.PermSessionsRead, appID, func(tx *store.Tx, app *latchkey.App) error {
		rows, err := tx.Sessions(ctx, appID, store.SessionQuery{ID: id, Now: s.now(), From: app.SessionsFrom, Keyset: store.Keyset{Limit: 1}})
		if err == nil && len(rows) == 0 {
			return latchkey.Fail(latchkey.CodeSessionNotFound)
		}
		if err == nil {
			view = sessionView(&rows[0])
		}
		return err
	})
	return view, err
}

// KillSession ends one session at its next call; session.not_found.
func (s *Service) KillSession(ctx context.Context, appID, id string) error {
	return s.change(ctx, latchkey.PermSessionsKill, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		audit(ctx, tx, now, appID, "session.kill", id, nil)
		return tx.EndSession(ctx, appID, id, latchkey.EndKilled, now)
	})
}

// KillSessions ends every session of one user or, with userID "", of the app,
// those included that nobody has signed in with yet. Error: user.not_found.
func (s *Service) KillSessions(ctx context.Context, appID, userID string) (change Change, err error) {
	err = s.change(ctx, latchkey.PermSessionsKill, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		var n int64
		if userID != "" {
			user, err := tx.LockUser(ctx, appID, userID)
			if err != nil {
				return err
			}
			if n, err = tx.EndUserSessions(ctx, appID, user.ID, "", latchkey.EndKilled, now); err != nil {
				return err
			}
		} else {
			app, err := tx.LockApp(ctx, appID)
			if err != nil {
				return err
			}
			if n, err = tx.OpenSessionCount(ctx, appID, now, app.SessionsFrom); err != nil {
				return err
			}
			// Sessions that begin in this very millisecond end as well.
			app.SessionsFrom = now.Add(time.Millisecond)
			if err := tx.UpdateApp(ctx, &app); err != nil {
				return err
			}
		}
		audit(ctx, tx, now, appID, "session.kill_all", userID, map[string]any{"sessions": n})
		change = Change{Matched: n, Changed: n}
		return nil
	})
	return change, err
}

// sweepChunk is how many rows one sweep's transaction deletes.
const sweepChunk = 500

// SweepSessions deletes the rows of sessions that expired by themselves, in
// chunks, and returns how many. Nothing depends on it but the database's size.
func (s *Service) SweepSessions(ctx context.Context) (total int64, err error) {
	for {
		var n int64
		err := s.db.Write(ctx, func(tx *store.Tx) error {
			now := s.now()
			if _, err := tx.SweepAccountSessions(ctx, now, s.idleSince(now)); err != nil {
				return err
			}
			if _, err := tx.SweepSignInTokens(ctx, now, sweepChunk); err != nil {
				return err
			}
			if _, err := tx.SweepPanelSessions(ctx, now, sweepChunk); err != nil {
				return err
			}
			n, err = tx.SweepSessions(ctx, now, sweepChunk)
			return err
		})
		if total += n; err != nil || n < sweepChunk {
			return total, err
		}
	}
}
