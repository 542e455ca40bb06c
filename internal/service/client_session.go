package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ClientInit is what a program says when it starts.
type ClientInit struct {
	Protocol latchkey.Protocol
	Version  string // "" skips the version check
	Hash     string
	Token    latchkey.Secret // needed where the app hands out tokens
	// TokenHash is the hash of the file that holds the token, or what else the
	// program binds it to: compared without regard to the case of letters.
	TokenHash string
	EncKey    string // at most 64 bytes, checked by the caller
}

// ClientInit opens a session, always a new one. It writes nothing, but for what
// the app's settings have the first program leave behind: the file of its token,
// and its own hash. Errors, in this order: app.protocol_not_accepted,
// app.encryption_required, app.disabled, app.paused, client.blacklisted,
// client.vpn_blocked, client.region_blocked, token.required,
// token.hash_required, token.invalid, token.blacklisted, token.hash_mismatch,
// app.version_mismatch, app.hash_mismatch.
func (s *Service) ClientInit(ctx context.Context, app *ClientApp, in ClientInit) (*ClientSession, error) {
	if !app.Settings.Accepts(in.Protocol) {
		return nil, latchkey.Fail(latchkey.CodeProtocolNotAccepted)
	}
	if app.Settings.ForceEncryption && in.EncKey == "" && in.Protocol != latchkey.ProtocolNative {
		return nil, latchkey.Fail(latchkey.CodeEncryptionRequired)
	}
	if err := app.CheckOpen(); err != nil {
		return nil, err
	}
	now := s.now()
	if err := s.letIn(ctx, &app.App, now); err != nil {
		return nil, err
	}
	unbound := ""
	if app.Settings.TokenSystem {
		var err error
		if unbound, err = s.admitToken(ctx, app.ID, &in); err != nil {
			return nil, err
		}
	}
	if in.Version != "" {
		s.days.addVersion(app.ID, in.Version, now)
	}
	if err := app.Settings.CheckProgram(in.Version, in.Hash); err != nil {
		return nil, err
	}
	if learns := app.Settings.LearnsHash(in.Hash); learns || unbound != "" {
		if err := s.firstSeen(ctx, app.ID, unbound, &in, learns); err != nil {
			return nil, err
		}
	}
	return s.newClientSession(app, in.Protocol, in.EncKey, now)
}

// openForCall refuses every call of a protocol that the app does not accept
// any more, and every call while the app is disabled or paused.
func openForCall(app *latchkey.App, ses *ClientSession) error {
	if !app.Settings.Accepts(ses.Protocol) {
		return latchkey.Fail(latchkey.CodeProtocolNotAccepted)
	}
	return app.CheckOpen()
}

// judge answers a call of the session at now.
func judge(f *store.SessionState, now time.Time) error {
	if err := judgeOpen(f, now); err != nil {
		return err
	}
	return latchkey.CheckActive(f.Holdings, now)
}

// judgeOpen is judge for calls that do not need an active subscription.
func judgeOpen(f *store.SessionState, now time.Time) error {
	if !f.EndedAt.IsZero() || f.UserGone || !f.UserBannedAt.IsZero() || f.UserAuthVersion != f.AuthVersion || !f.ExpiresAt.After(now) {
		return latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return nil
}

// readSession reads what decides about a session; session.not_signed_in if
// nobody has signed in with it. Whoever has a token of the native protocol that
// says so has signed in, so there a missing row is session.not_found.
func readSession(ctx context.Context, tx *store.Tx, appID string, ses *ClientSession) (f store.SessionState, err error) {
	if !ses.maySignIn() {
		return f, latchkey.Fail(latchkey.CodeSessionNotSignedIn)
	}
	id, err := ses.id()
	if err != nil {
		return f, err
	}
	if ses.Protocol != latchkey.ProtocolNative {
		return tx.SessionState(ctx, appID, id)
	}
	f, err = tx.SessionCustomer(ctx, appID, id)
	if latchkey.CodeOf(err) == latchkey.CodeSessionNotSignedIn {
		err = latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return f, err
}

// sessionState returns all that decides whether a session's user may go on, but
// for the time, which is judged at each call; session.not_signed_in if nobody
// has signed in with it. Bans, deletions, password changes, kills and pauses
// are in force at the next call: on this server because every commit raises the
// stamps, on others of the same PostgreSQL within a second.
// Nobody may change it: other calls of the session share it.
func (s *Service) sessionState(ctx context.Context, app *latchkey.App, ses *ClientSession, now time.Time) (*store.SessionState, error) {
	if !ses.maySignIn() {
		return nil, latchkey.Fail(latchkey.CodeSessionNotSignedIn)
	}
	key := ses.memoryKey()
	last, holds := s.sessions.get(key, now)
	if holds && last.AppID == app.ID {
		return last, nil
	}
	userID := ""
	if last != nil {
		userID = last.UserID
	}
	var state *store.SessionState
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		// Stamps must be older than what they stand for. Whose stamp it takes is
		// known from the last time, or has to be read first.
		whole, session := s.db.AppStamp(app.ID), s.db.SessionStamp(key)
		for ; ; userID = state.UserID {
			user := s.db.UserStamp(userID)
			f, err := readSession(ctx, tx, app.ID, ses)
			if err != nil {
				return err
			}
			if state = &f; f.UserID == userID {
				s.sessions.put(key, remember(s, state, now, whole, session, user))
				return nil
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return state, nil
}

// ClientCheck answers nil if somebody is signed in and still may be. Errors:
// app.disabled, app.paused, client.blacklisted, client.vpn_blocked,
// client.region_blocked, session.not_found, session.not_signed_in,
// subscription.expired, subscription.paused.
func (s *Service) ClientCheck(ctx context.Context, app *ClientApp, ses *ClientSession) error {
	_, _, err := s.check(ctx, app, ses)
	return err
}

func (s *Service) check(ctx context.Context, app *ClientApp, ses *ClientSession) (f *store.SessionState, now time.Time, err error) {
	now = s.now()
	if err := openForCall(&app.App, ses); err != nil {
		return nil, now, err
	}
	d, err := s.door(ctx, &app.App, now)
	if err != nil {
		return nil, now, err
	}
	if err := d.address(ctx, OriginFrom(ctx).IP); err != nil {
		return nil, now, err
	}
	if f, err = s.sessionState(ctx, &app.App, ses, now); err != nil {
		return nil, now, err
	}
	if err := judge(f, now); err != nil {
		return nil, now, err
	}
	if err := d.stay(ctx, &f.Session); err != nil {
		return nil, now, err
	}
	s.seen.mark(app.ID, f.ID, now)
	return f, now, nil
}

// ClientCustomer is [Service.ClientCheck] for sessions of the native protocol,
// where it also tells who is signed in, with what they hold. Of the hardware id
// it tells nothing.
func (s *Service) ClientCustomer(ctx context.Context, app *ClientApp, ses *ClientSession) (c Customer, err error) {
	f, now, err := s.check(ctx, app, ses)
	if err != nil {
		return c, err
	}
	return Customer{Session: ses, Username: f.Username, Holdings: active(f.Holdings, now), Now: now, IP: f.IP,
		CreatedAt: f.UserCreatedAt, LastSignIn: f.SignedInAt}, nil
}

// caller is who makes a call of a client function.
type caller struct {
	UserID string // "" if nobody has signed in
	Level  int64  // the highest of the user's active subscriptions, 0 if nobody has signed in
	Now    time.Time
}

// signedIn returns the user who is signed in and may go on. Errors: those of
// [Service.ClientCheck].
func (s *Service) signedIn(ctx context.Context, app *ClientApp, ses *ClientSession) (c caller, err error) {
	state, now, err := s.check(ctx, app, ses)
	c.Now = now
	if err != nil {
		return c, err
	}
	c.UserID = state.UserID
	c.Level = highestLevel(state.Holdings, c.Now)
	return c, nil
}

// anyone is [Service.signedIn] for functions that need no sign-in: without one
// the caller is nobody. Who has signed in and may not go on is refused as ever.
func (s *Service) anyone(ctx context.Context, app *ClientApp, ses *ClientSession) (caller, error) {
	c, err := s.signedIn(ctx, app, ses)
	if latchkey.CodeOf(err) == latchkey.CodeSessionNotSignedIn {
		return caller{Now: c.Now}, nil
	}
	return c, err
}

// reaches refuses a caller what the seller keeps for customers, or for those
// of a higher level. Errors: session.not_signed_in, subscription.level_too_low.
func (c *caller) reaches(needsSignIn bool, minLevel int64) error {
	switch {
	case (needsSignIn || minLevel > 0) && c.UserID == "":
		return latchkey.Fail(latchkey.CodeSessionNotSignedIn)
	case c.Level < minLevel:
		return latchkey.Fail(latchkey.CodeLevelTooLow)
	}
	return nil
}

// ClientLogout ends the session; it is found no more. A session that nobody
// has signed in with has nothing to end, and nothing is written for it. In
// the native protocol a repetition succeeds. Error: session.not_found if it has
// ended already.
func (s *Service) ClientLogout(ctx context.Context, app *ClientApp, ses *ClientSession) error {
	if !ses.maySignIn() {
		return nil
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		f, err := readSession(ctx, tx, app.ID, ses)
		if latchkey.CodeOf(err) == latchkey.CodeSessionNotSignedIn {
			return nil
		}
		if err != nil {
			return err
		}
		if ses.Protocol == latchkey.ProtocolNative && f.EndedReason == latchkey.EndLogout {
			return nil
		}
		return tx.EndSession(ctx, app.ID, f.ID, latchkey.EndLogout, s.now())
	})
}
