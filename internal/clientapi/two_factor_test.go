package clientapi_test

import (
	"encoding/base32"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

// code is that of an authenticator, some steps from now.
func (w *world) code(secret string, steps int64) string {
	w.Helper()
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	w.must(err)
	code, err := totp.Code(seed, totp.Step(w.Clock.Now())+steps)
	w.must(err)
	return code
}

func TestTwoFactorSignIn(t *testing.T) {
	w := newWorld(t)
	key := w.key(1, "30d")
	in := done[client.SignedIn](w, client.PathRegister, client.Register{Session: w.start(), Username: "ada", Password: "secret", License: key, HWID: machine})

	w.refused(client.PathTwoFactorEnroll, client.Password{Session: in.Session, Password: "wrong"}, latchkey.CodePasswordWrong)
	enroll := w.newRequest(client.PathTwoFactorEnroll, client.Password{Session: in.Session, Password: "secret"})
	first := w.send(enroll)
	if again := w.send(enroll); string(again.body) != string(first.body) {
		t.Errorf("%s, and again %s", first.body, again.body)
	}
	waits := decode[client.Enrollment](w, first.body)
	if !strings.HasPrefix(waits.URI, "otpauth://totp/") {
		t.Errorf("%+v", waits)
	}
	if r := w.refused(client.PathTwoFactorConfirm, client.Code{Session: in.Session, Code: "12345"}, latchkey.CodeInvalid); r.Field != "code" {
		t.Errorf("%+v", r)
	}
	confirm := w.newRequest(client.PathTwoFactorConfirm, client.Code{Session: in.Session, Code: w.code(waits.Secret, -1)})
	first = w.send(confirm)
	codes := decode[client.Enrolled](w, first.body).RecoveryCodes
	if again := w.send(confirm); string(again.body) != string(first.body) || len(codes) == 0 {
		t.Errorf("%s, and again %s", first.body, again.body)
	}
	w.refused(client.PathTwoFactorEnroll, client.Password{Session: in.Session, Password: "secret"}, latchkey.CodeTwoFactorEnabled)
	done[client.Checked](w, client.PathCheck, client.Session{Session: in.Session})

	w.Clock.Advance(time.Minute)
	login := client.Login{Session: w.start(), Username: "ada", Password: "secret", HWID: machine}
	half := done[client.SignedIn](w, client.PathLogin, login)
	if half.Stage != client.StageTwoFactor || half.User != nil || half.Message != "" || half.SessionExpiresAt != w.Clock.Now().Add(10*time.Minute).UnixMilli() || len(half.Session) > client.MaxSession {
		t.Errorf("%+v", half)
	}
	for _, path := range []string{client.PathCheck, client.PathLogout} {
		w.refused(path, client.Session{Session: half.Session}, latchkey.CodeSessionNotFound)
	}
	w.refused(client.PathLogin, client.Login{Session: half.Session, Username: "ada", Password: "secret"}, latchkey.CodeSessionNotFound)
	w.refused(client.PathTwoFactorVerify, client.Code{Session: login.Session, Code: "123456"}, latchkey.CodeSessionNotFound)
	w.refused(client.PathTwoFactorVerify, client.Code{Session: in.Session, Code: "123456"}, latchkey.CodeSessionNotFound)
	w.refused(client.PathTwoFactorVerify, client.Code{Session: half.Session, Code: w.code(waits.Secret, 7)}, latchkey.CodeTwoFactorWrong)

	verify := w.newRequest(client.PathTwoFactorVerify, client.Code{Session: half.Session, Code: w.code(waits.Secret, 0)})
	before := w.sessions()
	for range 3 { // the answer was lost twice
		a := w.send(verify)
		if a.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		got := decode[client.SignedIn](w, a.body)
		if got.Stage != client.StageSignedIn || got.User.Username != "ada" || got.User.Device == "" {
			t.Errorf("%+v", got)
		}
		done[client.Checked](w, client.PathCheck, client.Session{Session: got.Session})
	}
	if n := w.sessions(); n != before+1 {
		t.Errorf("%d sessions after %d", n, before)
	}
	w.refused(client.PathTwoFactorVerify, client.Code{Session: half.Session, Code: w.code(waits.Secret, 0)}, latchkey.CodeTwoFactorWrong)

	half = done[client.SignedIn](w, client.PathLogin, login)
	w.Clock.Advance(10 * time.Minute)
	w.refused(client.PathTwoFactorVerify, client.Code{Session: half.Session, Code: w.code(waits.Secret, 0)}, latchkey.CodeSessionNotFound)

	half = done[client.SignedIn](w, client.PathLogin, login)
	in = done[client.SignedIn](w, client.PathTwoFactorVerify, client.Code{Session: half.Session, Code: codes[0]})
	w.refused(client.PathTwoFactorDisable, client.Code{Session: in.Session, Code: codes[0]}, latchkey.CodeTwoFactorWrong)
	disable := w.newRequest(client.PathTwoFactorDisable, client.Code{Session: in.Session, Code: codes[1]})
	for range 2 {
		if a := w.send(disable); string(a.body) != "{}" {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
	}
	w.refused(client.PathTwoFactorDisable, client.Code{Session: in.Session, Code: codes[2]}, latchkey.CodeTwoFactorNotEnabled)
	if in := done[client.SignedIn](w, client.PathLogin, login); in.Stage != client.StageSignedIn {
		t.Errorf("%+v", in)
	}
}

// A customer with a license alone shows it again before they set up a factor.
func TestALicenseStandsInForThePassword(t *testing.T) {
	w := newWorld(t)
	in := w.customer()
	w.refused(client.PathTwoFactorEnroll, client.Password{Session: in.Session, Password: "another"}, latchkey.CodePasswordWrong)
	done[client.Enrollment](w, client.PathTwoFactorEnroll, client.Password{Session: in.Session, Password: in.User.Username})
}
