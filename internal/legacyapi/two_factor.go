package legacyapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// twoFactor is what the first call of 2faenable tells.
type twoFactor struct {
	SecretCode string `json:"secret_code"` // base 32
	QRCode     string `json:"QRCode"`      // an otpauth URI
}

func (t *twoFactor) append(b []byte) []byte {
	b = appendText(append(b, `{"secret_code":`...), t.SecretCode)
	b = appendText(append(b, `,"QRCode":`...), t.QRCode)
	return append(b, '}')
}

// enableTwoFactor begins an enrolment, or with a code ends it. This wire has no
// place for the password: who is signed in is taken at their word.
func (a *api) enableTwoFactor(ctx context.Context, c *call) (answer, error) {
	code := c.get("code")
	if code == "" {
		e, err := a.svc.ClientTwoFactorEnroll(ctx, c.app, c.session, nil)
		if err != nil {
			return answer{}, err
		}
		return answer{TwoFactor: &twoFactor{SecretCode: e.Secret.Reveal(), QRCode: e.URI.Reveal()}}, nil
	}
	recovery, err := a.svc.ClientTwoFactorConfirm(ctx, c.app, c.session, code)
	if err != nil {
		return answer{}, err
	}
	done := answer{Message: textTwoFactorOn}
	for _, r := range recovery {
		done.RecoveryCodes = append(done.RecoveryCodes, r.Reveal())
	}
	return done, nil
}

// disableTwoFactor removes the second factor, proved by a code of it.
func (a *api) disableTwoFactor(ctx context.Context, c *call) (answer, error) {
	err := a.svc.ClientTwoFactorDisable(ctx, c.app, c.session, c.get("code"))
	if latchkey.CodeOf(err) == latchkey.CodeTwoFactorRequired {
		return answer{}, reworded{err, textTwoFactorDisable}
	}
	if err != nil {
		return answer{}, err
	}
	return answer{Message: textTwoFactorOff}, nil
}
