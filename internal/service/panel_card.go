package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// PanelCard is what a customer sees of themself.
type PanelCard struct {
	UserView
	Now             time.Time
	NextDeviceReset time.Time // zero: now
	RecoveryLeft    int64     // unused recovery codes
	ResetApproval   bool      // a reset of devices is asked for
}

// PanelCard tells a customer about themself. Errors: auth.invalid, app.disabled,
// app.paused.
func (s *Service) PanelCard(ctx context.Context, app *ClientApp, token latchkey.Secret) (card PanelCard, err error) {
	err = s.readPanel(ctx, app, token, func(tx *store.Tx, me *own) error {
		card, err = panelCard(ctx, tx, me)
		return err
	})
	return card, err
}

func panelCard(ctx context.Context, tx *store.Tx, me *own) (card PanelCard, err error) {
	card.Now, card.ResetApproval = me.now, me.app.Settings.DeviceResetApproval
	if card.UserView, err = userView(ctx, tx, me.user); err != nil {
		return card, err
	}
	if next := me.user.NextDeviceReset(&me.app.Settings); next.After(me.now) {
		card.NextDeviceReset = next
	}
	if !me.user.TwoFactorAt.IsZero() {
		card.RecoveryLeft, err = tx.RecoveryCodesLeft(ctx, me.app.ID, me.user.ID)
	}
	return card, err
}

// maxPanelSessions bounds the lists of sessions that a customer sees.
const maxPanelSessions = 100

// PanelSessions are the newest open sessions of a customer: of programs, and of
// their own page.
type PanelSessions struct {
	Programs []latchkey.Session
	Pages    []latchkey.PanelSession
	Current  string // id of the page's session that asks
}

// PanelSessions tells a customer where they are signed in. Errors: auth.invalid,
// app.disabled, app.paused.
func (s *Service) PanelSessions(ctx context.Context, app *ClientApp, token latchkey.Secret) (list PanelSessions, err error) {
	err = s.readPanel(ctx, app, token, func(tx *store.Tx, me *own) error {
		list = PanelSessions{Current: me.panel.ID}
		rows, err := tx.Sessions(ctx, me.app.ID, store.SessionQuery{UserID: me.user.ID, Now: me.now, From: me.app.SessionsFrom,
			Keyset: store.Keyset{Limit: maxPanelSessions}})
		if err != nil {
			return err
		}
		for i := range rows {
			list.Programs = append(list.Programs, rows[i].Session)
		}
		list.Pages, err = tx.PanelSessions(ctx, me.app.ID, me.user.ID, panelTimes(me.app, me.now), maxPanelSessions)
		return err
	})
	return list, err
}
