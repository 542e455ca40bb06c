package service

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ClientApp is an app as a client API needs it: with what signs its answers.
type ClientApp struct {
	latchkey.App
	Secret    latchkey.Secret    // 64 hex characters
	CompatKey ed25519.PrivateKey // signs 1.3

	// read tells whether the app is still as it was read.
	read remembered[struct{}]
}

// clientAppState is an app as read, before time decides which of its
// credentials are in force.
type clientAppState struct {
	app  latchkey.App
	keys appKeys
	read remembered[struct{}]
}

// ClientApp finds the app that a client names; app.not_found.
func (s *Service) ClientApp(ctx context.Context, ownerID, name string) (*ClientApp, error) {
	now := s.now()
	key := ownerID + "\x00" + name
	state, ok := s.apps.get(key, now)
	if !ok {
		var err error
		if state, err = s.readClientApp(ctx, key, ownerID, name, now); err != nil {
			return nil, err
		}
	}
	secret, _ := latchkey.Current(state.keys.list, latchkey.CredentialSecret, now)
	compat, _ := latchkey.Current(state.keys.list, latchkey.CredentialCompatKey, now)
	return &ClientApp{App: state.app, Secret: secret.Value, CompatKey: state.keys.signing[compat.ID], read: state.read}, nil
}

func (s *Service) readClientApp(ctx context.Context, key, ownerID, name string, now time.Time) (state clientAppState, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		found, err := tx.AppByName(ctx, ownerID, name)
		if err != nil {
			return err
		}
		stamp := s.db.AppStamp(found.ID)
		// Again, since the stamp must be older than what it stands for.
		if state.app, err = tx.AppByName(ctx, ownerID, name); err != nil {
			return err
		}
		if state.keys, err = s.credentials(ctx, tx, &state.app); err != nil {
			return err
		}
		if state.app.ID == found.ID {
			state.read = remember(s, struct{}{}, now, stamp)
			s.apps.put(key, remember(s, state, now, stamp))
		}
		return nil
	})
	return state, err
}

// ClientSession is what a session's token says of itself: that init happened.
// Whether somebody has signed in with it, and still may go on, is judged by
// each call.
type ClientSession struct {
	Token     latchkey.Secret
	Protocol  latchkey.Protocol
	EncKey    string // as the client sent it at init; "" if none
	CreatedAt time.Time
	ExpiresAt time.Time
}

// id is what the session is called when it is stored: made of its token, so that
// it is found without a look-up value of its own, and beginning with its moment,
// so that sessions are stored one beside the other.
func (c *ClientSession) id() (string, error) {
	sum := sha256.Sum256([]byte(c.Token.Reveal()))
	return latchkey.NewID(latchkey.KindSession, c.CreatedAt, bytes.NewReader(sum[:]))
}

const sessionPurpose = "client-session"

// The token's content: 8 bytes of Unix milliseconds, 4 bytes of lifetime in
// seconds, the protocol with its length, and the encryption key.
const sessionHeader = 13

// newClientSession opens a session without writing anything: its token is
// sealed, so it cannot be forged, and a flood of inits fills no disk. It
// becomes a row when somebody signs in.
func (s *Service) newClientSession(app *ClientApp, protocol latchkey.Protocol, encKey string, now time.Time) (*ClientSession, error) {
	ses := &ClientSession{Protocol: protocol, EncKey: encKey, CreatedAt: now,
		ExpiresAt: now.Add(time.Duration(app.Settings.SessionLength) * time.Second)}
	content := make([]byte, sessionHeader, sessionHeader+len(protocol)+len(encKey))
	binary.BigEndian.PutUint64(content, uint64(now.UnixMilli()))
	binary.BigEndian.PutUint32(content[8:], uint32(app.Settings.SessionLength))
	content[12] = byte(len(protocol))
	content = append(append(content, protocol...), encKey...)
	token, err := s.box.SealToken(content, sessionPurpose, app.ID)
	ses.Token = latchkey.Secret(token)
	return ses, err
}

// OpenSession reads a session token; session.not_found if it is forged,
// expired, of another app or protocol, or from before the app's sessions were
// all ended. It asks no database.
func (s *Service) OpenSession(app *ClientApp, protocol latchkey.Protocol, token string) (*ClientSession, error) {
	content, err := s.box.OpenToken(token, sessionPurpose, app.ID)
	if err != nil || len(content) < sessionHeader || len(content) < sessionHeader+int(content[12]) {
		return nil, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	created := time.UnixMilli(int64(binary.BigEndian.Uint64(content))).UTC()
	ses := &ClientSession{Token: latchkey.Secret(token), CreatedAt: created,
		ExpiresAt: created.Add(time.Duration(binary.BigEndian.Uint32(content[8:])) * time.Second),
		Protocol:  latchkey.Protocol(content[sessionHeader : sessionHeader+int(content[12])]),
		EncKey:    string(content[sessionHeader+int(content[12]):])}
	if ses.Protocol != protocol || !ses.ExpiresAt.After(s.now()) || created.Before(app.SessionsFrom) {
		return nil, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return ses, nil
}

// ClientInit is what a program says when it starts.
type ClientInit struct {
	Protocol latchkey.Protocol
	Version  string // "" skips the version check
	Hash     string
	EncKey   string // at most 64 bytes, checked by the caller
}

// ClientInit opens a session, always a new one. It writes nothing. Errors, in
// this order: app.protocol_not_accepted, app.encryption_required, app.disabled,
// app.paused, app.version_mismatch, app.hash_mismatch.
func (s *Service) ClientInit(_ context.Context, app *ClientApp, in ClientInit) (*ClientSession, error) {
	if !app.Settings.Accepts(in.Protocol) {
		return nil, latchkey.Fail(latchkey.CodeProtocolNotAccepted)
	}
	if app.Settings.ForceEncryption && in.EncKey == "" {
		return nil, latchkey.Fail(latchkey.CodeEncryptionRequired)
	}
	if err := app.CheckOpen(); err != nil {
		return nil, err
	}
	if err := app.Settings.CheckProgram(in.Version, in.Hash); err != nil {
		return nil, err
	}
	return s.newClientSession(app, in.Protocol, in.EncKey, s.now())
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
	if !f.EndedAt.IsZero() || f.UserGone || !f.UserBannedAt.IsZero() || f.UserAuthVersion != f.AuthVersion || !f.ExpiresAt.After(now) {
		return latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return latchkey.CheckActive(f.Holdings, now)
}

// sessionState returns all that decides whether a session's user may go on, but
// for the time, which is judged at each call; session.not_signed_in if nobody
// has signed in with it. Bans, deletions, password changes, kills and pauses
// are in force at the next call: on this server because every commit raises the
// stamps, on others of the same PostgreSQL within a second.
func (s *Service) sessionState(ctx context.Context, app *latchkey.App, ses *ClientSession, now time.Time) (f store.SessionState, err error) {
	token := ses.Token.Reveal()
	last, holds := s.sessions.get(token, now)
	if holds && last.AppID == app.ID {
		return last, nil
	}
	id, err := ses.id()
	if err != nil {
		return f, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		// Stamps must be older than what they stand for. Whose stamp it takes is
		// known from the last time, or has to be read first.
		whole, session := s.db.AppStamp(app.ID), s.db.SessionStamp(token)
		for userID := last.UserID; ; userID = f.UserID {
			user := s.db.UserStamp(userID)
			if f, err = tx.SessionState(ctx, app.ID, id); err != nil {
				return err
			}
			if f.UserID == userID {
				s.sessions.put(token, remember(s, f, now, whole, session, user))
				return nil
			}
		}
	})
	return f, err
}

// ClientCheck answers nil if somebody is signed in and still may be. Errors:
// app.disabled, app.paused, session.not_found, session.not_signed_in,
// subscription.expired, subscription.paused.
func (s *Service) ClientCheck(ctx context.Context, app *ClientApp, ses *ClientSession) error {
	_, err := s.signedIn(ctx, app, ses)
	return err
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
	if err := openForCall(&app.App, ses); err != nil {
		return c, err
	}
	c.Now = s.now()
	state, err := s.sessionState(ctx, &app.App, ses, c.Now)
	if err != nil {
		return c, err
	}
	if err := judge(&state, c.Now); err != nil {
		return c, err
	}
	c.UserID = state.UserID
	for i := range state.Holdings {
		if h := &state.Holdings[i]; h.Active(c.Now) {
			c.Level = max(c.Level, h.Level)
		}
	}
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
// has signed in with has nothing to end, and nothing is written for it.
// Error: session.not_found if it has ended already.
func (s *Service) ClientLogout(ctx context.Context, app *ClientApp, ses *ClientSession) error {
	id, err := ses.id()
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.SessionState(ctx, app.ID, id)
		if latchkey.CodeOf(err) == latchkey.CodeSessionNotSignedIn {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.EndSession(ctx, app.ID, id, latchkey.EndLogout, s.now())
	})
}
