package service_test

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// TestTwoFactorVerify is about sign-ins in two calls: the first proves all but
// the code, the second brings it.
func TestTwoFactorVerify(t *testing.T) {
	tell(t, []story{
		{"the second call signs in, binds the device and repeats", verifySignsIn},
		{"what has changed between the calls counts", verifyJudgesAnew},
		{"a first password waits for the code", verifySetsFirstPassword},
		{"a license waits as a password does", verifyLicense},
		{"what is no waiting sign-in is none", verifyGarbage},
	})
}

// waits makes the first call.
func (s *scene) waits(in service.ClientSignIn, by signIn) []byte {
	s.Helper()
	in.HWID = machine
	c, err := by(outside(), s.client(), s.start(), in)
	s.refused(err, latchkey.CodeTwoFactorRequired)
	if len(c.Waiting) == 0 || c.Username != "" || len(c.Holdings) > 0 {
		s.Errorf("told about who has not signed in yet: %+v", c)
	}
	return c.Waiting
}

func (s *scene) verify(ses *service.ClientSession, waiting []byte, code string) error {
	return drop(s.Service.ClientTwoFactorVerify(outside(), s.client(), ses, service.ClientSignIn{Code: code}, waiting))
}

func verifySignsIn(s *scene) {
	ann, a := s.guarded("ann")
	waiting := s.waits(service.ClientSignIn{Username: "ann", Password: "secret"}, s.Service.ClientLogin)
	s.untouched(ann)
	ses := s.start()
	s.refused(s.verify(ses, waiting, ""), latchkey.CodeTwoFactorRequired)
	s.refused(s.verify(ses, waiting, a.code(7)), latchkey.CodeTwoFactorWrong)
	s.refused(s.call(ses), latchkey.CodeSessionNotSignedIn)
	s.untouched(ann)
	for range 2 {
		s.must(s.verify(ses, waiting, a.code(0)))
	}
	s.must(s.call(ses))
	after := s.found(ann.ID)
	if len(after.Devices) != 1 || after.Devices[0].HWID != machine || !after.LastSignInAt.Equal(s.Clock.Now()) {
		s.Errorf("after it: %+v", after)
	}
	s.refused(s.verify(s.start(), waiting, a.code(0)), latchkey.CodeTwoFactorWrong)
	s.must(s.verify(s.start(), waiting, a.code(1)))
}

func verifyJudgesAnew(s *scene) {
	for what, c := range map[string]struct {
		change func(id string) error
		want   latchkey.Code
	}{
		"a ban": {func(id string) error { return drop(s.Service.BanUser(s.Ctx(), s.app.ID, id, service.UserBan{})) }, latchkey.CodeSessionNotFound},
		"a new password": {func(id string) error {
			return drop(s.Service.UpdateUser(s.Ctx(), s.app.ID, id, service.UserEdit{Password: point(latchkey.Secret("x"))}))
		}, latchkey.CodeSessionNotFound},
		"a deletion":    {func(id string) error { return s.Service.DeleteUser(s.Ctx(), s.app.ID, id) }, latchkey.CodeSessionNotFound},
		"a lost factor": {func(id string) error { return drop(s.Service.DisableUserTwoFactor(s.Ctx(), s.app.ID, id)) }, latchkey.CodeSessionNotFound},
		"a pause": {func(id string) error {
			return drop(s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, id, s.tier().ID))
		}, latchkey.CodeSubscriptionPaused},
	} {
		u, a := s.guarded(what)
		waiting := s.waits(service.ClientSignIn{Username: what, Password: "secret"}, s.Service.ClientLogin)
		s.must(c.change(u.ID))
		if err := s.verify(s.start(), waiting, a.code(0)); latchkey.CodeOf(err) != c.want {
			s.Errorf("after %s: %v, want %s", what, err, c.want)
		}
	}
	_, a := s.guarded("bound")
	waiting := s.waits(service.ClientSignIn{Username: "bound", Password: "secret"}, s.Service.ClientLogin)
	_, err := s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: "bound", Password: "secret", HWID: otherMachine, Code: a.code(-1)})
	s.must(err)
	s.refused(s.verify(s.start(), waiting, a.code(0)), latchkey.CodeDeviceMismatch)
}

func verifySetsFirstPassword(s *scene) {
	ann, a := s.guarded("ann")
	_, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{ClearPassword: true})
	s.must(err)
	strangers := s.waits(service.ClientSignIn{Username: "ann", Password: "a stranger's"}, s.Service.ClientLogin)
	hers := s.waits(service.ClientSignIn{Username: "ann", Password: "her own"}, s.Service.ClientLogin)
	if state := s.found(ann.ID).PasswordState; state != latchkey.PasswordFirstSignIn {
		s.Errorf("the password is %s before the code has come", state)
	}
	ses := s.start()
	for range 2 {
		s.must(s.verify(ses, hers, a.code(0)))
	}
	s.refused(s.verify(s.start(), strangers, a.code(1)), latchkey.CodeSessionNotFound)
	_, err = s.loginBy("ann", "her own", a.code(1))
	s.must(err)
}

func verifyLicense(s *scene) {
	key := s.key("30d")
	ses, err := s.license(key, machine)
	s.must(err)
	a := s.secondFactor(ses)
	s.Clock.Advance(time.Minute)
	waiting := s.waits(service.ClientSignIn{Key: key}, s.Service.ClientLicense)
	next := s.start()
	s.must(s.verify(next, waiting, a.code(0)))
	s.must(s.call(next))
	list, err := s.Service.ListSignIns(s.Ctx(), s.app.ID, s.named(key).ID, service.Page{})
	s.must(err)
	if len(list.Items) != 2 || list.Items[0].Method != "license" {
		s.Errorf("the history tells %+v", list.Items)
	}
}

func verifyGarbage(s *scene) {
	_, a := s.guarded("ann")
	waiting := s.waits(service.ClientSignIn{Username: "ann", Password: "secret"}, s.Service.ClientLogin)
	for n := range len(waiting) {
		if err := s.verify(s.start(), waiting[:n], a.code(0)); err == nil {
			s.Fatalf("the first %d bytes of %d are taken", n, len(waiting))
		}
	}
	if err := s.verify(s.start(), append(waiting[:len(waiting):len(waiting)], 0), a.code(0)); err == nil {
		s.Error("one byte more is taken")
	}
	s.must(s.verify(s.start(), waiting, a.code(0)))
}
