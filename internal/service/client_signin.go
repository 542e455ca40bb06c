package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Customer is what a client learns about who signed in.
type Customer struct {
	Session    *ClientSession // in which they are signed in
	Username   string
	Holdings   []latchkey.Holding // the active ones, never empty
	Now        time.Time
	IP         string
	HWID       string // as sent; "" if none was
	Bound      bool   // the session is bound to the device of this hardware id
	CreatedAt  time.Time
	LastSignIn time.Time // this one

	// Waiting is there with the error two_factor.code_required and nothing
	// else is: nobody is signed in. It is what [Service.ClientTwoFactorVerify]
	// goes on with, for protocols that ask for the code in a call of its own; it
	// must reach the client only sealed.
	Waiting []byte
}

// ClientSignIn is what a customer enters. The address comes from the context's
// Origin.
type ClientSignIn struct {
	Username string
	Password latchkey.Secret
	Token    latchkey.Secret // in place of the password, see [SignInToken]
	Key      string
	Email    string
	HWID     string
	Code     string // of the second factor, or a recovery code; users without one need none
	// Request names the sign-in among those made with the session: in the native
	// protocol the same one made again opens no second session.
	Request []byte

	listed error  // of the hardware id, as comesIn has found it
	origin string // the country that a sign-in is counted for; "": none
}

// The ways to sign in, as the sign-in history names them.
const (
	methodLicense  = "license"
	methodLogin    = "login"
	methodRegister = "register"
	methodToken    = "token"
)

// attempt is one sign-in on its way through the rules.
type attempt struct {
	app    *latchkey.App
	ses    *ClientSession
	method string
	hwid   latchkey.Secret
	rule   latchkey.DeviceRule
	asked  []byte // see ClientSignIn.Request
	now    time.Time
	code   *codeTrial // of the second factor
	proof  proof
	proved bool // of both factors already
	listed error
	origin string

	entered bool // the sign-in is recorded already, and the user locked
	new     bool // the user is made by this transaction, entered, and bound to no device
}

// asCustomer makes the user the actor of what follows, for the audit log.
func asCustomer(ctx context.Context, userID string) context.Context {
	return WithActor(ctx, Actor{Kind: ActorCustomer, ID: userID})
}

// admit applies the rules that every sign-in ends with, in their order: ban,
// blacklisted hardware id, device, subscription, second factor. It then stores the session and the
// sign-in. With an error nothing is stored: a sign-in that stops for a code
// binds no device. Errors: user.banned, client.blacklisted, device.required, device.mismatch,
// subscription.paused, subscription.expired, two_factor.code_required,
// two_factor.code_mismatch, request.rate_limited, session.not_found.
func (s *Service) admit(ctx context.Context, tx *store.Tx, a attempt, user *latchkey.User) (c Customer, err error) {
	ctx = asCustomer(ctx, user.ID)
	if err := user.CheckBan(); err != nil {
		return c, err
	}
	if a.listed != nil {
		return c, a.listed
	}
	// First of all writes, because it locks the user's row: sign-ins of one user
	// then count devices and end sessions one after the other, and take their
	// locks in the same order as a deletion or a reset does.
	if !a.entered && !a.new {
		if err := tx.UserSignedIn(ctx, a.app.ID, user.ID, keptIP(ctx, a.app), a.now); err != nil {
			return c, err
		}
	}
	has, err := tx.Belongings(ctx, a.app.ID, user.ID, a.hwid)
	if err != nil {
		return c, err
	}
	deviceID, err := s.admitDevice(ctx, tx, a, user, has.Device)
	if err != nil {
		return c, err
	}
	holdings := has.Holdings
	if err := latchkey.CheckActive(holdings, a.now); err != nil {
		return c, err
	}
	if a.ses, err = s.sessionAfter(a.app.ID, a.ses, user.ID, a.asked); err != nil {
		return c, err
	}
	if !user.TwoFactorAt.IsZero() && !a.proved {
		if c.Waiting, err = s.admitCode(ctx, tx, a, user); err != nil {
			return c, err
		}
	}
	if err := s.storeSignIn(ctx, tx, a, user, deviceID, has.HWID); err != nil {
		return c, err
	}
	return Customer{Session: a.ses, Username: user.Name, Holdings: active(holdings, a.now), Now: a.now, IP: OriginFrom(ctx).IP,
		HWID: a.hwid.Reveal(), Bound: deviceID != "", CreatedAt: user.CreatedAt, LastSignIn: a.now}, nil
}

// active returns those holdings that let their user in.
func active(holdings []latchkey.Holding, now time.Time) (in []latchkey.Holding) {
	for i := range holdings {
		if holdings[i].Active(now) {
			in = append(in, holdings[i])
		}
	}
	return in
}

// admitDevice applies the device rule and binds a new device where it may. The
// user's row is locked, so that their number never exceeds the limit.
func (s *Service) admitDevice(ctx context.Context, tx *store.Tx, a attempt, user *latchkey.User, known store.BoundDevice) (string, error) {
	if !a.rule.Enabled {
		return "", nil
	}
	bound := store.BoundDevices{Count: 1, BoundDevice: known}
	if a.new {
		bound.Count = 0
	} else if known.ID == "" {
		var err error
		if bound, err = tx.FindDevice(ctx, a.app.ID, user.ID, a.hwid); err != nil {
			return "", err
		}
	}
	hwid := a.hwid
	if a.rule.CheckForm(hwid) != nil {
		hwid = "" // register takes it; bound, it would keep its user out: other sign-ins refuse it
	}
	decision, err := a.rule.Decide(hwid, bound.ID != "", bound.Count)
	if err != nil {
		return "", err
	}
	switch decision {
	case latchkey.DeviceKnown:
		if a.now.Sub(bound.LastSeen) < seenEvery {
			return bound.ID, nil
		}
		return bound.ID, tx.DeviceSeen(ctx, a.app.ID, user.ID, bound.ID, a.now)
	case latchkey.DeviceBind:
		d := latchkey.Device{AppID: a.app.ID, UserID: user.ID, HWID: a.hwid, BoundAt: a.now, LastSeenAt: a.now}
		if d.ID, err = s.newID(latchkey.KindDevice, a.now); err != nil {
			return "", err
		}
		audit(ctx, tx, a.now, a.app.ID, "device.bind", d.ID, map[string]any{"user": user.ID})
		return d.ID, tx.InsertDevice(ctx, &d)
	}
	return "", nil
}

// storeSignIn binds the user to the session and writes the history.
func (s *Service) storeSignIn(ctx context.Context, tx *store.Tx, a attempt, user *latchkey.User, deviceID string, hwid latchkey.HWIDKey) (err error) {
	session := latchkey.Session{AppID: a.app.ID, UserID: user.ID, DeviceID: deviceID, HWID: hwid, Protocol: a.ses.Protocol, IP: sessionIP(ctx, a.app, a.ses.CreatedAt, a.now),
		AuthVersion: user.AuthVersion, CreatedAt: a.ses.CreatedAt, SignedInAt: a.now, LastSeenAt: a.now, ExpiresAt: a.ses.ExpiresAt}
	if session.ID, err = a.ses.id(); err != nil {
		return err
	}
	if a.app.Settings.OneSessionPerUser {
		// But for this one: it may have signed in before, and its answer may
		// have been lost.
		if _, err := tx.EndUserSessions(ctx, a.app.ID, user.ID, session.ID, latchkey.EndReplaced, a.now); err != nil {
			return err
		}
	}
	record := store.SignIn{AppID: a.app.ID, UserID: user.ID, At: a.now, IP: keptIP(ctx, a.app), DeviceID: deviceID, Protocol: a.ses.Protocol, Method: a.method}
	if record.ID, err = s.newID(latchkey.KindSignIn, a.now); err != nil {
		return err
	}
	if err := tx.InsertSignIn(ctx, &record); err != nil {
		return err
	}
	tx.Afterwards(func() {
		s.seen.mark(session.AppID, session.ID, session.LastSeenAt)
		s.days.add(session.AppID, dailySignIns, "", session.SignedInAt)
		if a.origin != "" {
			s.days.add(session.AppID, dailyCountries, a.origin, session.SignedInAt)
		}
	})
	saved, err := tx.SaveSession(ctx, a.ses.memoryKey(), &session)
	if err != nil || !saved {
		return orFail(err, latchkey.CodeSessionNotFound)
	}
	return nil
}

// newAttempt checks the form of the hardware id by the app's rule for the user
// (nil: one who does not exist yet).
func newAttempt(app *latchkey.App, ses *ClientSession, method string, in ClientSignIn, user *latchkey.User, now time.Time) (attempt, error) {
	a := attempt{app: app, ses: ses, method: method, rule: app.Rule(user), asked: in.Request, listed: in.listed, origin: in.origin, now: now}
	var err error
	if a.hwid, err = latchkey.NormalizeHWID(in.HWID); err != nil {
		return a, err
	}
	return a, a.rule.CheckForm(a.hwid)
}

// currentApp returns the app as it is inside the transaction that signs in, so
// that a pause or a new rule committed since the call began counts.
func currentApp(ctx context.Context, tx *store.Tx, app *ClientApp, ses *ClientSession, now time.Time) (latchkey.App, error) {
	fresh := app.App
	if len(app.read.stamps) == 0 || !app.read.holds(now) {
		var err error
		if fresh, err = tx.App(ctx, app.ID); err != nil {
			return fresh, err
		}
	}
	if ses.CreatedAt.Before(fresh.SessionsFrom) {
		return fresh, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return fresh, openForCall(&fresh, ses)
}

// comesIn judges what comes before every sign-in: whether the app is open to
// the session, and lets in where the caller is. A hardware id on the blacklist
// is refused later, by admit, so that who is banned learns that and why. That a
// list changes before the sign-in is stored does not matter: the next call is
// judged again. Errors: app.*, client.*, request.invalid.
func (s *Service) comesIn(ctx context.Context, app *ClientApp, ses *ClientSession, in *ClientSignIn) error {
	if err := openForCall(&app.App, ses); err != nil {
		return err
	}
	in.origin = s.countryOf(ctx, &app.App)
	d, err := s.door(ctx, &app.App, s.now())
	if err != nil || d == nil {
		return err
	}
	if err := d.address(ctx, OriginFrom(ctx).IP); err != nil {
		return err
	}
	key, err := s.hwidKey(&app.App, in.HWID)
	in.listed = d.hwid(key)
	return err
}
