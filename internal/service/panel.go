package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// The customer's own page. Who signs in to it is judged like who signs in to a
// program, but for the device and the subscription: it is the page where an
// expired customer redeems another license.

const panelSessionPrefix = "lkp_"

// PanelSession is a customer who is signed in to their own page. Token goes into
// the cookie; it is there only when it is new.
type PanelSession struct {
	latchkey.PanelSession
	Token        latchkey.Secret
	Username     string
	LicenseNamed bool // the user name is a license key
}

// panelCaller is who calls from their own page.
type panelCaller struct {
	latchkey.PanelSession
	token latchkey.Secret // under which they call
	next  latchkey.Secret // under which they go on, if all other sessions end
}

// PanelApp finds the app of a page; app.not_found also if it has none.
func (s *Service) PanelApp(ctx context.Context, ownerID, name string) (*ClientApp, error) {
	app, err := s.ClientApp(ctx, ownerID, name)
	if err == nil && !app.Settings.CustomerPanel {
		return nil, latchkey.Fail(latchkey.CodeAppNotFound)
	}
	return app, err
}

// comesToPanel judges what comes before every sign-in to a page. Errors:
// app.disabled, app.paused, client.*.
func (s *Service) comesToPanel(ctx context.Context, app *ClientApp) error {
	if err := app.CheckOpen(); err != nil {
		return err
	}
	return s.letIn(ctx, &app.App, s.now())
}

// panelApp is the app as it is inside a transaction of its page. Errors:
// app.not_found, app.disabled, app.paused.
func (s *Service) panelApp(ctx context.Context, tx *store.Tx, app *ClientApp) (latchkey.App, error) {
	fresh, err := tx.App(ctx, app.ID)
	if err != nil {
		return fresh, err
	}
	if !fresh.Settings.CustomerPanel {
		return fresh, latchkey.Fail(latchkey.CodeAppNotFound)
	}
	return fresh, fresh.CheckOpen()
}

func panelTimes(app *latchkey.App, now time.Time) store.PanelTimes {
	return store.PanelTimes{Now: now, Idle: now.Add(-latchkey.PanelSessionIdle), From: app.SessionsFrom}
}

// enterPanel lets a locked user in to their own page. Errors: user.banned,
// two_factor.code_required, two_factor.code_mismatch, request.rate_limited.
func (s *Service) enterPanel(ctx context.Context, tx *store.Tx, app *latchkey.App, user *latchkey.User, t *codeTrial, method, userAgent string, now time.Time) (p PanelSession, err error) {
	ctx = asCustomer(ctx, user.ID)
	if err := user.CheckBan(); err != nil {
		return p, err
	}
	if !user.TwoFactorAt.IsZero() {
		if err := s.spend(ctx, tx, t, user, ""); err != nil {
			return p, err
		}
	}
	ip := keptIP(ctx, app)
	p = PanelSession{Username: user.Name, LicenseNamed: user.LicenseNamed, PanelSession: latchkey.PanelSession{AppID: app.ID, UserID: user.ID,
		AuthVersion: user.AuthVersion, IP: ip, UserAgent: keptUserAgent(userAgent), CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(latchkey.PanelSessionMax)}}
	if p.ID, err = s.newID(latchkey.KindPanelSession, now); err != nil {
		return p, err
	}
	if p.Token, err = s.newToken(panelSessionPrefix); err != nil {
		return p, err
	}
	record := store.SignIn{AppID: app.ID, UserID: user.ID, At: now, IP: ip, Protocol: latchkey.ProtocolPanel, Method: method}
	if record.ID, err = s.newID(latchkey.KindSignIn, now); err != nil {
		return p, err
	}
	if err := tx.UserSignedIn(ctx, app.ID, user.ID, ip, now); err != nil {
		return p, err
	}
	if err := tx.InsertSignIn(ctx, &record); err != nil {
		return p, err
	}
	audit(ctx, tx, now, app.ID, "panel.sign_in", user.ID, map[string]any{"session": p.ID})
	return p, tx.InsertPanelSession(ctx, p.Token, &p.PanelSession)
}

// OpenPanel finds who is signed in by a cookie's token. Errors: auth.invalid,
// app.disabled, app.paused, client.*.
func (s *Service) OpenPanel(ctx context.Context, app *ClientApp, token latchkey.Secret) (p PanelSession, err error) {
	now := s.now()
	if err := s.letIn(ctx, &app.App, now); err != nil {
		return p, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		fresh, err := s.panelApp(ctx, tx, app)
		if err != nil {
			return err
		}
		p, err = openPanel(ctx, tx, &fresh, token, now)
		return err
	})
	if err != nil {
		return p, err
	}
	if now.Sub(p.LastSeenAt) >= seenEvery {
		if err := s.db.Write(ctx, func(tx *store.Tx) error { return tx.PanelSessionSeen(ctx, token, now) }); err != nil {
			s.log.WarnContext(ctx, "session of a customer's page not marked as seen", "error", err)
		}
	}
	return p, nil
}

func openPanel(ctx context.Context, tx *store.Tx, app *latchkey.App, token latchkey.Secret, now time.Time) (p PanelSession, err error) {
	if !plausibleToken(panelSessionPrefix, token) {
		return p, latchkey.Fail(latchkey.CodeAuthInvalid)
	}
	p.PanelSession, p.Username, p.LicenseNamed, err = tx.PanelSession(ctx, app.ID, token, panelTimes(app, now))
	return p, err
}

// readPanel runs a use case of a customer's page that only reads.
func (s *Service) readPanel(ctx context.Context, app *ClientApp, token latchkey.Secret, body func(tx *store.Tx, me *own) error) error {
	if err := s.letIn(ctx, &app.App, s.now()); err != nil {
		return err
	}
	return s.db.Read(ctx, func(tx *store.Tx) error {
		me, err := s.panelOwn(ctx, tx, app, token, tx.User)
		if err != nil {
			return err
		}
		return body(tx, me)
	})
}

// changePanel runs a use case of a customer's page that changes something of
// their own, proved by a code where it asks for one.
func (s *Service) changePanel(ctx context.Context, app *ClientApp, token latchkey.Secret, code string, body func(ctx context.Context, tx *store.Tx, me *own, t *codeTrial) error) error {
	if err := s.letIn(ctx, &app.App, s.now()); err != nil {
		return err
	}
	return s.trying(ctx, app.ID, code, func(tx *store.Tx, t *codeTrial) error {
		me, err := s.panelOwn(ctx, tx, app, token, tx.LockUser)
		if err != nil {
			return err
		}
		if me.panel.next, err = s.newToken(panelSessionPrefix); err != nil {
			return err
		}
		return body(asCustomer(ctx, me.user.ID), tx, me, t)
	})
}

// panelOwn is who is signed in by a token, as find reads or locks them.
func (s *Service) panelOwn(ctx context.Context, tx *store.Tx, app *ClientApp, token latchkey.Secret, find func(ctx context.Context, appID, id string) (latchkey.User, error)) (*own, error) {
	me := &own{now: s.now()}
	fresh, err := s.panelApp(ctx, tx, app)
	if err != nil {
		return nil, err
	}
	me.app = &fresh
	p, err := openPanel(ctx, tx, me.app, token, me.now)
	if err != nil {
		return nil, err
	}
	me.panel = panelCaller{PanelSession: p.PanelSession, token: token}
	me.user, err = find(ctx, app.ID, p.UserID)
	switch {
	case latchkey.CodeOf(err) == latchkey.CodeUserNotFound:
		return nil, latchkey.Fail(latchkey.CodeAuthInvalid)
	case err != nil:
		return nil, err
	case me.user.AuthVersion != p.AuthVersion || !me.user.BannedAt.IsZero(): // changed before the lock
		return nil, latchkey.Fail(latchkey.CodeAuthInvalid)
	}
	return me, nil
}

// PanelSignOut ends the session of a token.
func (s *Service) PanelSignOut(ctx context.Context, app *ClientApp, token latchkey.Secret) error {
	return s.changePanel(ctx, app, token, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		return tx.DeletePanelSession(ctx, me.app.ID, me.user.ID, me.panel.ID)
	})
}
