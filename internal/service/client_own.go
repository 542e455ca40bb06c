package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	variablesPerMinute = 120 // set by one user
	enrolmentsPerHour  = 10  // of one user; the audit log tells of each
)

// ownLimits count what users write, each for themself.
type ownLimits struct{ variables, enrolments *ratelimit.Buckets }

func newOwnLimits(now func() time.Time, off bool) ownLimits {
	if off {
		return ownLimits{}
	}
	return ownLimits{variables: ratelimit.New(now, ratelimit.PerMinute(variablesPerMinute)), enrolments: ratelimit.New(now, ratelimit.PerHour(enrolmentsPerHour))}
}

// takeOwn counts a call of a user; request.rate_limited.
func takeOwn(b *ratelimit.Buckets, userID string) error {
	if d := b.Take(ratelimit.Key{Text: userID}); !d.Allowed {
		return ratelimit.Refuse(d.Wait)
	}
	return nil
}

// own is a user who changes something of their own, in the transaction that
// does it.
type own struct {
	app     *latchkey.App
	user    latchkey.User // as it now is, locked
	session string        // id of the program's session that they call from
	panel   panelCaller   // or their own page
	now     time.Time
}

// changeOwn runs a use case of the user who is signed in with a session: the
// session is judged once more where the change is made, and what the user has
// done is theirs in the audit log. Errors: those of [Service.ClientCheck].
func (s *Service) changeOwn(ctx context.Context, app *ClientApp, ses *ClientSession, body func(ctx context.Context, tx *store.Tx, me *own) error) error {
	return s.changeOwnBy(ctx, app, ses, "", func(ctx context.Context, tx *store.Tx, me *own, _ *codeTrial) error {
		return body(ctx, tx, me)
	})
}

// changeOwnBy is changeOwn for what is proved by a code of the user's second
// factor.
func (s *Service) changeOwnBy(ctx context.Context, app *ClientApp, ses *ClientSession, code string, body func(ctx context.Context, tx *store.Tx, me *own, t *codeTrial) error) error {
	c, err := s.signedIn(ctx, app, ses)
	if err != nil {
		return err
	}
	return s.trying(ctx, app.ID, code, func(tx *store.Tx, t *codeTrial) error {
		me, err := s.lockOwn(ctx, tx, app, ses, c.UserID)
		if err != nil {
			return err
		}
		return body(asCustomer(ctx, me.user.ID), tx, me, t)
	})
}

// lockOwn locks the user who is signed in with a session, and judges both anew.
// The user comes first: whoever changes their AuthVersion renews a session too.
func (s *Service) lockOwn(ctx context.Context, tx *store.Tx, app *ClientApp, ses *ClientSession, userID string) (*own, error) {
	id, err := ses.id()
	if err != nil {
		return nil, err
	}
	me := &own{session: id, now: s.now()}
	fresh, err := currentApp(ctx, tx, app, ses, me.now)
	if err != nil {
		return nil, err
	}
	me.app = &fresh
	if me.user, err = tx.LockUser(ctx, app.ID, userID); err != nil {
		return nil, orSession(err)
	}
	state, err := readSession(ctx, tx, app.ID, ses)
	if err != nil {
		return nil, err
	}
	if state.UserID != userID { // somebody else has signed in with it meanwhile
		return nil, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return me, judge(&state, me.now)
}

// orSession tells who asks in the name of a user who is gone that their session
// is over.
func orSession(err error) error {
	if latchkey.CodeOf(err) == latchkey.CodeUserNotFound {
		return latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return err
}

// keepSession ends all sessions of a user but the one that they call from. That
// of a page goes on under another token.
func (me *own) keepSession(ctx context.Context, tx *store.Tx) error {
	me.user.AuthVersion++
	if me.session == "" {
		return tx.RenewPanelSession(ctx, me.panel.token, me.panel.next, me.user.AuthVersion)
	}
	return tx.RenewSession(ctx, me.app.ID, me.session, me.user.AuthVersion)
}

// store stores the changed user.
func (me *own) store(ctx context.Context, tx *store.Tx) error {
	me.user.UpdatedAt = me.now
	return tx.UpdateUser(ctx, &me.user)
}
