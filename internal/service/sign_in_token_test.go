package service_test

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestSignInToken(t *testing.T) {
	tell(t, []story{
		{"a token signs its user in once within a minute, without password and code", tokenSignsIn},
		{"what is wrong with a token is a wrong password", tokensThatAreWrong},
		{"a token dies with whatever ends sessions", tokenDies},
		{"a token opens no door that the other rules close", tokenUnderRules},
	})
}

func (s *scene) token(userID string) latchkey.Secret {
	s.Helper()
	t, err := s.Service.CreateSignInToken(s.Ctx(), s.app.ID, userID)
	s.must(err)
	if !t.ExpiresAt.Equal(s.Clock.Now().Add(time.Minute)) || t.Username != s.found(userID).Name {
		s.Errorf("made %+v", t)
	}
	return t.Token
}

func (s *scene) loginByToken(name string, token latchkey.Secret) (*service.ClientSession, error) {
	return s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: name, Token: token, HWID: machine})
}

func tokenSignsIn(s *scene) {
	ann, _ := s.guarded("ann")
	token := s.token(ann.ID)
	in := service.ClientSignIn{Username: "ANN", Token: token, HWID: machine, Password: "not looked at"}
	ses := s.start()
	for range 2 { // its answer may have been lost
		s.must(drop(s.Service.ClientLogin(outside(), s.client(), ses, in)))
	}
	s.must(s.call(ses))
	_, err := s.loginByToken("ann", token)
	s.refused(err, latchkey.CodePasswordWrong)
	list, err := s.Service.ListSignIns(s.Ctx(), s.app.ID, ann.ID, service.Page{})
	s.must(err)
	if list.Items[0].Method != "token" {
		s.Errorf("the history tells %+v", list.Items[0])
	}

	// Who has no password signs in by one too, and gets none.
	key := s.key("30d")
	_, err = s.license(key, machine)
	s.must(err)
	_, err = s.loginByToken(key, s.token(s.named(key).ID))
	s.must(err)
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{ClearPassword: true})
	s.must(err)
	_, err = s.loginByToken("ann", s.token(ann.ID))
	s.must(err)
	if state := s.found(ann.ID).PasswordState; state != latchkey.PasswordFirstSignIn {
		s.Errorf("the password is %s", state)
	}
}

func tokensThatAreWrong(s *scene) {
	ann, bob := s.user("ann", "secret"), s.user("bob", "secret")
	token := s.token(ann.ID)
	text := token.Reveal()
	for n := range len(text) {
		if n == 0 {
			continue // an empty token is none: the password is asked for
		}
		_, err := s.loginByToken("ann", latchkey.Secret(text[:n]))
		s.refused(err, latchkey.CodePasswordWrong)
	}
	for _, wrong := range []latchkey.Secret{token + "a", " " + token, "x", s.token(bob.ID)} {
		_, err := s.loginByToken("ann", wrong)
		s.refused(err, latchkey.CodePasswordWrong)
	}
	_, err := s.loginByToken("nobody", token)
	s.refused(err, latchkey.CodeUserNotFound)
	_, err = s.login("ann", token.Reveal(), machine)
	s.refused(err, latchkey.CodePasswordWrong)

	// Another app's user of the same name.
	elsewhere := &scene{T: s.T, Env: s.Env, app: s.App("elsewhere of " + s.app.ID)}
	elsewhere.user("ann", "secret")
	_, err = elsewhere.loginByToken("ann", token)
	s.refused(err, latchkey.CodePasswordWrong)

	s.Clock.Advance(time.Minute - time.Millisecond)
	_, err = s.loginByToken("ann", token)
	s.must(err)
	late := s.token(ann.ID)
	s.Clock.Advance(time.Minute)
	_, err = s.loginByToken("ann", late)
	s.refused(err, latchkey.CodePasswordWrong)
	_, err = s.Service.SweepSessions(outside())
	s.must(err)
}

func tokenDies(s *scene) {
	ann := s.user("ann", "secret")
	for what, end := range map[string]func() error{
		"a new password": func() error {
			return drop(s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{Password: point(latchkey.Secret("other"))}))
		},
		"a device reset": func() error { return drop(s.Service.ResetUserDevices(s.Ctx(), s.app.ID, ann.ID)) },
		"a ban that was lifted": func() error {
			if _, err := s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{}); err != nil {
				return err
			}
			return drop(s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID))
		},
	} {
		_, err := s.loginByToken("ann", s.token(ann.ID)) // binds the device
		s.must(err)
		token := s.token(ann.ID)
		s.must(end())
		if _, err := s.loginByToken("ann", token); latchkey.CodeOf(err) != latchkey.CodePasswordWrong {
			s.Errorf("after %s: %v", what, err)
		}
	}
	token := s.token(ann.ID)
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, ann.ID))
	s.user("ann", "secret")
	_, err := s.loginByToken("ann", token)
	s.refused(err, latchkey.CodePasswordWrong)
}

func tokenUnderRules(s *scene) {
	ann := s.user("ann", "secret")
	_, err := s.login("ann", "secret", machine)
	s.must(err)
	token := s.token(ann.ID)
	login := func(hwid string) error {
		return drop(s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: "ann", Token: token, HWID: hwid}))
	}
	s.refused(login(""), latchkey.CodeDeviceRequired)
	s.refused(login("short"), latchkey.CodeDeviceShort)
	s.refused(login(otherMachine), latchkey.CodeDeviceMismatch)
	_, err = s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, ann.ID, s.tier().ID)
	s.must(err)
	s.refused(login(machine), latchkey.CodeSubscriptionPaused)
	_, err = s.Service.ResumeUserSubscription(s.Ctx(), s.app.ID, ann.ID, s.tier().ID)
	s.must(err)
	s.must(login(machine)) // none of them has used it up
	token = s.token(ann.ID)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
	s.must(err)
	s.refused(login(machine), latchkey.CodePasswordWrong)
	_, err = s.Service.CreateSignInToken(s.Ctx(), s.app.ID, "usr_none")
	s.refused(err, latchkey.CodeUserNotFound)
}

// TestSignInTokenRace has fifty programs sign in with one token at once:
// exactly one is let in.
func TestSignInTokenRace(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { raceTokens(t, []*servicetest.Env{servicetest.NewOn(t, engine)}) })
	}
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		first, second := servicetest.NewPair(t)
		raceTokens(t, []*servicetest.Env{first, second})
	})
}

func raceTokens(t *testing.T, servers []*servicetest.Env) {
	const contenders = 50
	s := &scene{T: t, Env: servers[0], app: servers[0].App("race")}
	ann := s.user("ann", "secret")
	client := s.client()
	for range raceRounds() {
		token := s.token(ann.ID)
		got := tally(together(contenders, func(n int) error {
			svc := servers[n%len(servers)].Service
			ses, err := svc.ClientInit(outside(), client, service.ClientInit{Protocol: latchkey.Protocol13})
			if err != nil {
				return err
			}
			_, err = svc.ClientLogin(outside(), client, ses, service.ClientSignIn{Username: "ann", Token: token, HWID: machine})
			return err
		}))
		if got[""] != 1 || got[latchkey.CodePasswordWrong] != contenders-1 {
			t.Fatalf("of %d sign-ins with one token: %v", contenders, got)
		}
	}
}
