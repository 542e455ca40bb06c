package panelapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestSignIn(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		ann := w.user(w.app, "ann")
		b := w.browser(w.app)
		b.refused("GET", "/session", "", latchkey.CodeAuthRequired)
		b.refused("GET", "/me", "", latchkey.CodeAuthRequired)

		// An unknown name reads like a wrong password.
		wrong := b.refused("POST", "/session", `{"username":"ann","password":"wrong"}`, latchkey.CodePasswordWrong)
		unknown := b.refused("POST", "/session", `{"username":"nobody","password":"wrong"}`, latchkey.CodePasswordWrong)
		if wrong.json["detail"] != unknown.json["detail"] || wrong.json["detail"] != "Password does not match." {
			t.Errorf("%s, %s", wrong.body, unknown.body)
		}
		for _, body := range []string{``, `[]`, `{"username":"ann"`, `{"username":"ann","password":"x","admin":true}`, `{"username":"ann","username":"ann","password":"x"}`,
			`{"Username":"ann","password":"x"}`, `{"username":1,"password":"x"}`, `{}`, `{"username":"ann","license":"x"}`} {
			if a := b.ask("POST", "/session", body, nil); a.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %d %s", body, a.StatusCode, a.body)
			}
		}
		in := b.done("POST", "/session", `{"username":"ANN","password":"`+words+`"}`)
		if in.json["username"] != "ann" || in.json["license_named"] != false {
			t.Errorf("%s", in.body)
		}
		if now := b.done("GET", "/session", ""); now.json["username"] != "ann" {
			t.Errorf("%s", now.body)
		}
		card := b.done("GET", "/me", "")
		subs := card.json["subscriptions"].([]any)
		if card.json["username"] != "ann" || card.json["password"] != true || len(subs) != 1 || subs[0].(map[string]any)["status"] != "active" {
			t.Errorf("%s", card.body)
		}
		for _, secret := range []string{ann.ID, "hash", "auth_version"} {
			if strings.Contains(string(card.body), secret) {
				t.Errorf("the card tells %s: %s", secret, card.body)
			}
		}

		// A second sign-in ends the first.
		first := *b.cookie
		b.enters("ann")
		stale := w.browser(w.app)
		stale.cookie = &first
		stale.refused("GET", "/me", "", latchkey.CodeAuthInvalid)

		kept := *b.cookie
		b.done("DELETE", "/session", "")
		if b.cookie != nil {
			t.Error("the cookie stays")
		}
		stale.cookie = &kept
		stale.refused("GET", "/me", "", latchkey.CodeAuthInvalid)

		b.enters("ann")
		w.later(latchkey.PanelSessionIdle)
		b.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
		_, err := w.Service.BanUser(w.Ctx(), w.app.ID, ann.ID, service.UserBan{Reason: "fraud"})
		w.must(err)
		if a := b.refused("POST", "/session", `{"username":"ann","password":"`+words+`"}`, latchkey.CodeUserBanned); a.json["reason"] != "fraud" {
			t.Errorf("%s", a.body)
		}
		b.refused("POST", "/session", `{"username":"ann","password":"wrong"}`, latchkey.CodePasswordWrong)
	})
}

func TestSessionsEndAtTheNextCall(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		for i, end := range []func(u service.UserView) error{
			func(u service.UserView) error {
				_, err := w.Service.BanUser(w.Ctx(), w.app.ID, u.ID, service.UserBan{})
				return err
			},
			func(u service.UserView) error {
				_, err := w.Service.UpdateUser(w.Ctx(), w.app.ID, u.ID, service.UserEdit{Password: new(latchkey.Secret("by the seller"))})
				return err
			},
			func(u service.UserView) error { return w.Service.DeleteUser(w.Ctx(), w.app.ID, u.ID) },
			func(service.UserView) error {
				w.later(time.Second)
				_, err := w.Service.KillSessions(w.Ctx(), w.app.ID, "")
				return err
			},
		} {
			name := fmt.Sprint("user", i)
			u := w.user(w.app, name)
			b := w.browser(w.app).enters(name)
			b.done("GET", "/me", "")
			w.must(end(u))
			b.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
			b.refused("POST", "/licenses", `{"license":"x"}`, latchkey.CodeAuthInvalid)
		}
		w.user(w.app, "ann")
		b := w.browser(w.app).enters("ann")
		_, err := w.Service.PauseApp(w.Ctx(), w.app.ID)
		w.must(err)
		b.refused("GET", "/me", "", latchkey.CodeAppPaused)
		_, err = w.Service.ResumeApp(w.Ctx(), w.app.ID)
		w.must(err)
		_, err = w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{CustomerPanel: new(false)})
		w.must(err)
		b.refused("GET", "/me", "", latchkey.CodeAppNotFound)
		b.refused("POST", "/session", `{}`, latchkey.CodeAppNotFound)
	})
}

func TestALicenseSignsInItsUser(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		keys := w.Licenses(w.app.ID, 3, "30d")
		key := func(i int) string { return keys[i].Key.Reveal() }
		client := w.Client(w.app)
		_, err := w.Service.ClientLicense(w.Context(), client, w.Session(client), service.ClientSignIn{Key: key(0), HWID: machine})
		w.must(err)

		b := w.browser(w.app)
		b.refused("POST", "/session", `{"license":"`+key(1)+`"}`, latchkey.CodeUserNotFound) // nobody has used it, and it stays so
		b.refused("POST", "/session", `{"license":"nothing"}`, latchkey.CodeLicenseNotFound)
		in := b.done("POST", "/session", `{"license":"`+key(0)+`"}`)
		if in.json["username"] != key(0) || in.json["license_named"] != true {
			t.Errorf("%s", in.body)
		}
		// Another license on top; a used one is refused, and so is the same again by somebody else.
		card := b.done("POST", "/licenses", `{"license":"`+key(1)+`"}`)
		left := card.json["subscriptions"].([]any)[0].(map[string]any)["seconds_left"].(float64)
		if left != 60*86400 {
			t.Errorf("%v seconds are left", left)
		}
		b.done("POST", "/licenses", `{"license":"`+key(1)+`"}`) // a repetition gives nothing twice
		if again := b.done("GET", "/me", ""); again.json["subscriptions"].([]any)[0].(map[string]any)["seconds_left"].(float64) != left {
			t.Errorf("%s", again.body)
		}
		b.refused("PUT", "/password", `{"current":"x","new":"y"}`, latchkey.CodePasswordWrong)
		b.refused("PUT", "/password", `{"current":"`+key(0)+`","new":"y"}`, latchkey.CodePasswordAbsent)

		other := w.browser(w.app)
		made := other.done("POST", "/registration", `{"username":"bob","password":"`+words+`","license":"`+key(2)+`","email":"bob@example.com"}`)
		if made.StatusCode != http.StatusCreated || made.json["username"] != "bob" {
			t.Errorf("%d %s", made.StatusCode, made.body)
		}
		other.refused("POST", "/licenses", `{"license":"`+key(1)+`"}`, latchkey.CodeLicenseUsed)
		w.browser(w.app).refused("POST", "/registration", `{"username":"eve","password":"`+words+`","license":"`+key(2)+`"}`, latchkey.CodeLicenseUsed)
		w.browser(w.app).refused("POST", "/registration", `{"username":"bob","password":"other","license":"`+key(2)+`"}`, latchkey.CodeUserExists)
		w.browser(w.app).done("POST", "/registration", `{"username":"bob","password":"`+words+`","license":"`+key(2)+`"}`) // its answer was lost
		w.must(w.login(w.app, "bob", words, machine))
	})
}

func TestDevices(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		w.user(w.app, "ann")
		w.user(w.app, "bob")
		w.must(w.login(w.app, "ann", words, machine))
		w.must(w.login(w.app, "bob", words, machine))
		b := w.browser(w.app).enters("ann")
		if card := b.done("GET", "/me", ""); len(card.json["devices"].([]any)) != 1 || strings.Contains(string(card.body), machine) || card.json["next_device_reset"] != nil {
			t.Errorf("%s", card.body)
		}
		before := b.cookie.Value
		card := b.done("POST", "/devices/reset", `{}`)
		if len(card.json["devices"].([]any)) != 0 || card.json["next_device_reset"] == nil || b.cookie.Value == before {
			t.Errorf("%s", card.body)
		}
		w.must(w.login(w.app, "ann", words, "another-machine-0000001"))
		if a := b.refused("POST", "/devices/reset", `{}`, latchkey.CodeDeviceResetSoon); a.Header.Get("Retry-After") != "604800" {
			t.Errorf("%v", a.Header)
		}
		if err := w.login(w.app, "bob", words, "another-machine-0000001"); latchkey.CodeOf(err) != latchkey.CodeDeviceMismatch {
			t.Errorf("Bob's device was reset too: %v", err)
		}
		w.later(7 * 24 * time.Hour)
		b.enters("ann").done("POST", "/devices/reset", `{}`)
		w.must(w.login(w.app, "ann", words, machine))
	})
}

func TestResetsThatNeedApproval(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		ann := w.user(w.app, "ann")
		w.must(w.login(w.app, "ann", words, machine))
		b := w.browser(w.app).enters("ann")
		_, err := w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{DeviceResetApproval: new(true)})
		w.must(err)
		if card := b.done("GET", "/me", ""); card.json["device_reset_approval"] != true || card.json["reset_requested_at"] != nil {
			t.Errorf("%s", card.body)
		}
		before := b.cookie.Value
		asked := b.done("POST", "/devices/reset", `{}`)
		if asked.json["reset_requested_at"] != asked.json["now"] || len(asked.json["devices"].([]any)) != 1 || asked.json["next_device_reset"] != nil || b.cookie.Value != before {
			t.Errorf("%s", asked.body)
		}
		w.later(time.Minute)
		if again := b.done("POST", "/devices/reset", `{}`); again.json["reset_requested_at"] != asked.json["reset_requested_at"] {
			t.Errorf("%s", again.body)
		}
		_, err = w.Service.DeclineReset(w.Ctx(), w.app.ID, ann.ID, "")
		w.must(err)
		if card := b.done("GET", "/me", ""); card.json["reset_requested_at"] != nil || card.json["reset_declined_at"] != card.json["now"] || card.json["next_device_reset"] == nil {
			t.Errorf("%s", card.body)
		}
		if a := b.refused("POST", "/devices/reset", `{}`, latchkey.CodeDeviceResetSoon); a.Header.Get("Retry-After") != "604800" {
			t.Errorf("%v", a.Header)
		}
		w.later(7 * 24 * time.Hour)
		b.enters("ann").done("POST", "/devices/reset", `{}`)
		_, err = w.Service.ResetUserDevices(w.Ctx(), w.app.ID, ann.ID)
		w.must(err)
		b.refused("GET", "/me", "", latchkey.CodeAuthInvalid) // a reset ends sessions
		card := b.enters("ann").done("GET", "/me", "")
		if len(card.json["devices"].([]any)) != 0 || card.json["reset_requested_at"] != nil || card.json["reset_declined_at"] != nil || card.json["next_device_reset"] == nil {
			t.Errorf("%s", card.body)
		}
		w.must(w.login(w.app, "ann", words, "another-machine-0000001"))
	})
}

func TestPasswordAndAddress(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		w.user(w.app, "ann")
		_, err := w.Service.UpdateApp(w.Ctx(), w.app.ID, service.AppEdit{LeakedPasswordCheck: new(true)})
		w.must(err)
		b, elsewhere := w.browser(w.app).enters("ann"), w.browser(w.app).enters("ann")
		old := *b.cookie
		b.refused("PUT", "/password", `{"current":"wrong","new":"frotz mumble"}`, latchkey.CodePasswordWrong)
		b.refused("PUT", "/password", `{"current":"`+words+`","new":"Password1"}`, latchkey.CodePasswordLeaked)
		b.refused("PUT", "/password", `{"current":"`+words+`","new":""}`, latchkey.CodeInvalid)
		b.done("PUT", "/password", `{"current":"`+words+`","new":"frotz mumble"}`)
		b.done("GET", "/me", "") // under a new token
		elsewhere.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
		b2 := w.browser(w.app)
		b2.cookie = &old
		b2.refused("GET", "/me", "", latchkey.CodeAuthInvalid)
		if err := w.login(w.app, "ann", words, machine); latchkey.CodeOf(err) != latchkey.CodePasswordWrong {
			t.Errorf("the old password: %v", err)
		}
		w.must(w.login(w.app, "ann", "frotz mumble", machine))

		b.refused("PUT", "/email", `{"password":"wrong","email":"ann@example.com"}`, latchkey.CodePasswordWrong)
		b.refused("PUT", "/email", `{"password":"frotz mumble","email":"nothing"}`, latchkey.CodeInvalid)
		b.done("PUT", "/email", `{"password":"frotz mumble","email":"Ann@Example.com"}`)
		if card := b.done("GET", "/me", ""); card.json["email"] != "ann@example.com" {
			t.Errorf("%s", card.body)
		}
		b.done("PUT", "/email", `{"password":"frotz mumble","email":""}`)
	})
}

func TestSecondFactor(t *testing.T) {
	onEach(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine)
		w.user(w.app, "ann")
		b := w.browser(w.app).enters("ann")
		b.refused("POST", "/two-factor/enroll", `{"password":"wrong"}`, latchkey.CodePasswordWrong)
		b.refused("POST", "/two-factor/confirm", `{"code":"123456"}`, latchkey.CodeTwoFactorNotPending)
		secret := b.done("POST", "/two-factor/enroll", `{"password":"`+words+`"}`).json["secret"].(string)
		codes := b.done("POST", "/two-factor/confirm", `{"code":"`+w.shown(secret, 0)+`"}`).json["recovery_codes"].([]any)
		if len(codes) != 10 {
			t.Errorf("%d codes", len(codes))
		}
		sign := func(code string) string { return `{"username":"ann","password":"` + words + `","code":"` + code + `"}` }
		out := w.browser(w.app)
		out.refused("POST", "/session", sign(""), latchkey.CodeTwoFactorRequired)
		if out.cookie != nil {
			t.Error("half a sign-in has a cookie")
		}
		out.refused("POST", "/session", sign(w.shown(secret, 0)), latchkey.CodeTwoFactorWrong) // used
		w.later(time.Minute)
		out.done("POST", "/session", sign(w.shown(secret, 0)))
		w.browser(w.app).refused("POST", "/session", sign(w.shown(secret, 0)), latchkey.CodeTwoFactorWrong)
		w.browser(w.app).done("POST", "/session", sign(codes[0].(string)))
		w.browser(w.app).refused("POST", "/session", sign(codes[0].(string)), latchkey.CodeTwoFactorWrong)
		if card := out.done("GET", "/me", ""); card.json["two_factor"] != true || card.json["recovery_codes"] != 9.0 {
			t.Errorf("%s", card.body)
		}
		w.later(time.Minute)
		fresh := out.done("POST", "/two-factor/recovery-codes", `{"code":"`+w.shown(secret, 0)+`"}`).json["recovery_codes"].([]any)
		w.browser(w.app).refused("POST", "/session", sign(codes[1].(string)), latchkey.CodeTwoFactorWrong)
		out.refused("POST", "/two-factor/disable", `{"code":"000000x"}`, latchkey.CodeTwoFactorWrong)
		out.done("POST", "/two-factor/disable", `{"code":"`+fresh[0].(string)+`"}`)
		b.refused("GET", "/me", "", latchkey.CodeAuthInvalid) // the other session is over
		w.browser(w.app).enters("ann")
	})
}
