package service

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// proof is the password of a sign-in, where it was one.
type proof struct {
	before *latchkey.User // as the password was verified; nil: as the user is
	hash   string         // to be stored, another one than before: renewed, or the first
}

// waiting is a sign-in that everything but the code was right about.
type waiting struct {
	userID      string
	authVersion int64
	method      string
	hwid        string
	password    string // which one it was, as passwordTag says
	hash        string // to be stored when the code is right; "": none
}

// passwordTag tells one password of a user from another, and nothing about
// either: while somebody looks for their authenticator it may be changed.
func (s *Service) passwordTag(u *latchkey.User) string {
	return hex.EncodeToString(s.box.Lookup("password-tag", u.AppID, u.ID, string(u.PasswordState), u.PasswordHash)[:tagBytes])
}

// admitCode judges the second factor of a sign-in. With two_factor.code_required
// it returns what [Service.ClientTwoFactorVerify] goes on with.
func (s *Service) admitCode(ctx context.Context, tx *store.Tx, a attempt, user *latchkey.User) ([]byte, error) {
	session, err := a.ses.id()
	if err != nil {
		return nil, err
	}
	err = s.spend(ctx, tx, a.code, user, session)
	if latchkey.CodeOf(err) != latchkey.CodeTwoFactorRequired {
		return nil, err
	}
	w := waiting{userID: user.ID, authVersion: user.AuthVersion, method: a.method, hwid: a.hwid.Reveal(), password: s.passwordTag(user)}
	if a.proof.before != nil {
		w.password = s.passwordTag(a.proof.before)
		if a.proof.hash != a.proof.before.PasswordHash {
			w.hash = a.proof.hash
		}
	}
	return w.bytes(), err
}

func (w *waiting) bytes() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(w.authVersion))
	for _, text := range []string{w.userID, w.method, w.hwid, w.password, w.hash} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(text)))
		b = append(b, text...)
	}
	return b
}

var errWaiting = errors.New("service: a waiting sign-in cannot be read")

func readWaiting(b []byte) (w waiting, err error) {
	if len(b) < 8 {
		return w, errWaiting
	}
	w.authVersion = int64(binary.BigEndian.Uint64(b))
	b = b[8:]
	for _, dest := range []*string{&w.userID, &w.method, &w.hwid, &w.password, &w.hash} {
		if len(b) < 2 || len(b[2:]) < int(binary.BigEndian.Uint16(b)) {
			return w, errWaiting
		}
		n := 2 + int(binary.BigEndian.Uint16(b))
		*dest, b = string(b[2:n]), b[n:]
	}
	if len(b) > 0 {
		return w, errWaiting
	}
	return w, nil
}

// ClientTwoFactorVerify ends a sign-in that waited for its code (Waiting of
// [Customer], which must be the server's own word); everything else is judged
// anew. Repeated with the same session and code, it succeeds again. Errors:
// session.not_found if the password or anything else that ends sessions has
// changed meanwhile; those of every sign-in.
func (s *Service) ClientTwoFactorVerify(ctx context.Context, app *ClientApp, ses *ClientSession, in ClientSignIn, waitingSignIn []byte) (c Customer, err error) {
	w, err := readWaiting(waitingSignIn)
	if err != nil {
		return c, err
	}
	in.HWID = w.hwid
	if err := s.comesIn(ctx, app, ses, &in); err != nil {
		return c, err
	}
	err = s.trying(ctx, app.ID, in.Code, func(tx *store.Tx, t *codeTrial) error {
		now := s.now()
		fresh, err := currentApp(ctx, tx, app, ses, now)
		if err != nil {
			return err
		}
		user, err := tx.LockUser(ctx, app.ID, w.userID)
		if err != nil {
			return orSession(err)
		}
		if user, err = s.confirmWaiting(ctx, tx, &w, &user); err != nil {
			return err
		}
		a := registerAttempt(&fresh, ses, in, now)
		if w.method != methodRegister {
			if a, err = newAttempt(&fresh, ses, w.method, in, &user, now); err != nil {
				return err
			}
		}
		a.code = t
		c, err = s.admit(ctx, tx, a, &user)
		return err
	})
	return c, err
}

// confirmWaiting returns the user if the password that was verified is still
// theirs, and stores what was to be stored with the sign-in.
func (s *Service) confirmWaiting(ctx context.Context, tx *store.Tx, w *waiting, user *latchkey.User) (latchkey.User, error) {
	stored := w.hash != "" && user.PasswordHash == w.hash // by this very call, made before
	if user.AuthVersion != w.authVersion || !stored && s.passwordTag(user) != w.password {
		return *user, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	if w.hash == "" || stored {
		return *user, nil
	}
	return s.confirmPassword(ctx, tx, user, w.hash)
}
