package service_test

import (
	"encoding/base32"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/totp"
)

func TestTwoFactor(t *testing.T) {
	tell(t, []story{
		{"with a second factor every door asks for a code, and stores nothing without", everyDoorAsks},
		{"the code is judged last, and what is refused for another reason uses none up", codeIsLast},
		{"a code is good once, no earlier one is good after it, and the same sign-in repeats", codesAreGoodOnce},
		{"a clock that goes back opens no used code again", usedCodesStayUsed},
		{"five wrong codes in fifteen minutes have to be waited for, on every server and in every session", wrongCodesWait},
		{"who does not know the password counts for nothing", strangersDoNotCount},
		{"an enrolment waits five minutes for its first code", enrolment},
		{"who asks for the password gets it proved", enrolmentByPassword},
		{"one user begins ten times an hour", enrolmentLimit},
		{"setting up and removing end the other sessions", factorEndsSessions},
		{"recovery codes are good once each, audited, and die with their factor", recoveryCodes},
		{"the seller removes a lost factor", sellerRemovesFactor},
		{"an authenticator is not shown a license key", labelHidesKey},
		{"a first password is set with the code or not at all", firstPasswordNeedsCode},
	})
}

// authenticator is a customer's.
type authenticator struct {
	s        *scene
	secret   string
	recovery []latchkey.Secret
}

// code is what it shows some steps away from now.
func (a *authenticator) code(steps int64) string {
	a.s.Helper()
	seed, err := base32.StdEncoding.DecodeString(a.secret)
	a.s.must(err)
	code, err := totp.Code(seed, totp.Step(a.s.Clock.Now())+steps)
	a.s.must(err)
	return code
}

// secondFactor sets up the second factor of who is signed in, by the code of
// the step before this one: those of now and of the next are left.
func (s *scene) secondFactor(ses *service.ClientSession) *authenticator {
	s.Helper()
	e, err := s.Service.ClientTwoFactorEnroll(outside(), s.client(), ses, nil)
	s.must(err)
	a := &authenticator{s: s, secret: e.Secret.Reveal()}
	a.recovery, err = s.Service.ClientTwoFactorConfirm(outside(), s.client(), ses, a.code(-1))
	s.must(err)
	return a
}

func (s *scene) loginBy(name, pass, code string) (*service.ClientSession, error) {
	return s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: name, Password: latchkey.Secret(pass), HWID: machine, Code: code})
}

// guarded is a user of a name with the password "secret" and a second factor,
// who is bound to no device.
func (s *scene) guarded(name string) (service.UserView, *authenticator) {
	s.Helper()
	u := s.user(name, "secret")
	ses, err := s.login(name, "secret", machine)
	s.must(err)
	a := s.secondFactor(ses)
	_, err = s.Service.ResetUserDevices(s.Ctx(), s.app.ID, u.ID)
	s.must(err)
	s.Clock.Advance(time.Minute)
	return s.found(u.ID), a
}

// untouched is what a sign-in that did not happen leaves as it was.
func (s *scene) untouched(before service.UserView) {
	s.Helper()
	after := s.found(before.ID)
	if diff := cmp.Diff(before, after); diff != "" {
		s.Errorf("the user was changed (-before +after):\n%s", diff)
	}
}

func everyDoorAsks(s *scene) {
	key := s.key("30d")
	ses, err := s.register("ann", "secret", key, machine)
	s.must(err)
	ann := s.secondFactor(ses)
	alone := s.key("30d")
	own, err := s.license(alone, machine)
	s.must(err)
	licensed := s.secondFactor(own)
	for _, name := range []string{"ann", alone} {
		_, err = s.Service.ResetUserDevices(s.Ctx(), s.app.ID, s.named(name).ID)
		s.must(err)
	}
	s.Clock.Advance(time.Minute)
	for door, d := range map[string]struct {
		by   signIn
		in   service.ClientSignIn
		name string
		a    *authenticator
	}{
		"login":                     {s.Service.ClientLogin, service.ClientSignIn{Username: "ann", Password: "secret"}, "ann", ann},
		"a registration made again": {s.Service.ClientRegister, service.ClientSignIn{Username: "ann", Password: "secret", Key: key}, "ann", ann},
		"license":                   {s.Service.ClientLicense, service.ClientSignIn{Key: alone}, alone, licensed},
	} {
		before, history := s.named(d.name), len(s.actions())
		d.in.HWID = machine
		for _, wrong := range []struct {
			code string
			want latchkey.Code
		}{{"", latchkey.CodeTwoFactorRequired}, {d.a.code(5), latchkey.CodeTwoFactorWrong}, {"000", latchkey.CodeTwoFactorWrong}, {" " + d.a.code(0), latchkey.CodeTwoFactorWrong}} {
			d.in.Code = wrong.code
			ses, err := s.enter(d.by, d.in)
			if latchkey.CodeOf(err) != wrong.want {
				s.Errorf("%s with the code %q: %v", door, wrong.code, err)
			}
			s.refused(s.call(ses), latchkey.CodeSessionNotSignedIn)
			s.untouched(before)
		}
		if now := len(s.actions()); now != history {
			s.Errorf("%s: %d audit events of what did not happen", door, now-history)
		}
		d.in.Code = d.a.code(0)
		ses, err := s.enter(d.by, d.in)
		if err != nil {
			s.Errorf("%s with its code: %v", door, err)
			continue
		}
		s.must(s.call(ses))
		s.Clock.Advance(time.Minute)
	}
}

func codeIsLast(s *scene) {
	ann, a := s.guarded("ann")
	code := a.code(0)
	_, err := s.loginBy("ann", "wrong", code)
	s.refused(err, latchkey.CodePasswordWrong)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
	s.must(err)
	_, err = s.loginBy("ann", "secret", code)
	s.refused(err, latchkey.CodeUserBanned)
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	_, err = s.loginBy("ann", "secret", a.code(-1))
	s.must(err)
	_, err = s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: "ann", Password: "secret", HWID: otherMachine, Code: code})
	s.refused(err, latchkey.CodeDeviceMismatch)
	_, err = s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, ann.ID, s.tier().ID)
	s.must(err)
	for _, text := range []string{code, "", "999", a.code(9)} {
		_, err = s.loginBy("ann", "secret", text)
		s.refused(err, latchkey.CodeSubscriptionPaused)
	}
	_, err = s.Service.ResumeUserSubscription(s.Ctx(), s.app.ID, ann.ID, s.tier().ID)
	s.must(err)
	_, err = s.loginBy("ann", "secret", code)
	s.must(err)
}

func codesAreGoodOnce(s *scene) {
	_, a := s.guarded("ann")
	ses := s.start()
	in := service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine, Code: a.code(0)}
	for range 3 { // its answer may have been lost
		_, err := s.Service.ClientLogin(outside(), s.client(), ses, in)
		s.must(err)
	}
	for _, used := range []string{a.code(0), a.code(-1)} {
		_, err := s.loginBy("ann", "secret", used)
		s.refused(err, latchkey.CodeTwoFactorWrong)
	}
	s.must(s.Service.ClientLogout(outside(), s.client(), ses))
	_, err := s.Service.ClientLogin(outside(), s.client(), ses, in)
	s.refused(err, latchkey.CodeSessionNotFound)
	_, err = s.loginBy("ann", "secret", a.code(1))
	s.must(err)
	s.Clock.Advance(30 * time.Second)
	_, err = s.loginBy("ann", "secret", a.code(0))
	s.refused(err, latchkey.CodeTwoFactorWrong)
}

func usedCodesStayUsed(s *scene) {
	_, a := s.guarded("ann")
	s.Clock.Advance(time.Hour)
	_, err := s.loginBy("ann", "secret", a.code(0))
	s.must(err)
	at := s.Clock.Now()
	s.Clock.Set(at.Add(-90 * time.Second))
	for steps := int64(-1); steps <= 1; steps++ {
		_, err = s.loginBy("ann", "secret", a.code(steps))
		s.refused(err, latchkey.CodeTwoFactorWrong)
	}
	s.Clock.Set(at.Add(30 * time.Second))
	_, err = s.loginBy("ann", "secret", a.code(0))
	s.must(err)
}

func wrongCodesWait(s *scene) {
	ann, a := s.guarded("ann")
	client := s.client()
	restarted := quiet(s, s.Env)
	login := func(svc *service.Service, code string) error {
		ses, err := svc.ClientInit(outside(), client, service.ClientInit{Protocol: latchkey.Protocol13})
		s.must(err)
		_, err = svc.ClientLogin(outside(), client, ses, service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine, Code: code})
		return err
	}
	for range 20 { // what is no code at all is not tried
		s.refused(login(s.Service, "12345"), latchkey.CodeTwoFactorWrong)
	}
	for n := range 5 {
		if n == 3 { // a right one between them neither counts nor clears
			s.must(login(s.Service, a.code(0)))
		}
		svc := s.Service
		if n%2 == 1 {
			svc = restarted
		}
		s.refused(login(svc, a.code(int64(10+n))), latchkey.CodeTwoFactorWrong)
		s.Clock.Advance(time.Minute)
	}
	before := s.found(ann.ID)
	for _, svc := range []*service.Service{s.Service, restarted} {
		for _, code := range []string{a.code(0), a.recovery[0].Reveal(), a.code(99)} {
			err := login(svc, code)
			s.refused(err, latchkey.CodeRateLimited)
			if wait := retryAfter(err); wait != 10*time.Minute {
				s.Errorf("told to wait %s", wait)
			}
		}
	}
	s.refused(login(s.Service, ""), latchkey.CodeTwoFactorRequired)
	s.untouched(before)
	if n := strings.Count(strings.Join(s.actions(), " "), "two_factor.tries_used_up"); n != 1 {
		s.Errorf("%d audit events of it", n)
	}
	s.Clock.Advance(10 * time.Minute)
	s.must(login(s.Service, a.code(0)))
}

func strangersDoNotCount(s *scene) {
	_, a := s.guarded("ann")
	for n := range 20 {
		_, err := s.loginBy("ann", "guess", a.code(int64(n+10)))
		s.refused(err, latchkey.CodePasswordWrong)
	}
	_, err := s.loginBy("ann", "secret", a.code(0))
	s.must(err)
}

func factorEndsSessions(s *scene) {
	s.user("ann", "secret")
	elsewhere, err := s.login("ann", "secret", machine)
	s.must(err)
	ses, err := s.login("ann", "secret", machine)
	s.must(err)
	a := s.secondFactor(ses)
	s.must(s.call(ses))
	s.refused(s.call(elsewhere), latchkey.CodeSessionNotFound)
	elsewhere, err = s.loginBy("ann", "secret", a.code(0))
	s.must(err)
	s.must(s.call(elsewhere))
	s.refused(s.Service.ClientTwoFactorDisable(outside(), s.client(), ses, a.code(0)), latchkey.CodeTwoFactorWrong)
	s.must(s.Service.ClientTwoFactorDisable(outside(), s.client(), ses, a.code(1)))
	s.must(s.call(ses))
	s.refused(s.call(elsewhere), latchkey.CodeSessionNotFound)
	_, err = s.login("ann", "secret", machine)
	s.must(err)
	if got, want := s.actions()[:3], []string{"two_factor.disable", "two_factor.enable", "two_factor.enroll"}; cmp.Diff(want, got) != "" {
		s.Errorf("audited: %v", got)
	}
}

func recoveryCodes(s *scene) {
	ann, a := s.guarded("ann")
	if len(a.recovery) != 10 {
		s.Fatalf("%d recovery codes", len(a.recovery))
	}
	for i, code := range a.recovery[:3] {
		text := code.Reveal()
		if i == 1 {
			text = strings.ToUpper(strings.ReplaceAll(text, "-", " "))
		}
		_, err := s.loginBy("ann", "secret", text)
		s.must(err)
		_, err = s.loginBy("ann", "secret", code.Reveal())
		s.refused(err, latchkey.CodeTwoFactorWrong)
	}
	if n := strings.Count(strings.Join(s.actions(), " "), "two_factor.use_recovery_code"); n != 3 {
		s.Errorf("%d audit events of three recovery codes", n)
	}
	_, b := s.guarded("bob")
	_, err := s.loginBy("ann", "secret", b.recovery[0].Reveal())
	s.refused(err, latchkey.CodeTwoFactorWrong)

	// They die with their factor, which one of them can remove.
	s.Clock.Advance(time.Hour)
	ses, err := s.loginBy("ann", "secret", a.code(0))
	s.must(err)
	s.must(s.Service.ClientTwoFactorDisable(outside(), s.client(), ses, a.recovery[4].Reveal()))
	if !s.found(ann.ID).TwoFactorAt.IsZero() {
		s.Error("the factor is still there")
	}
	s.secondFactor(ses)
	_, err = s.loginBy("ann", "secret", a.recovery[5].Reveal())
	s.refused(err, latchkey.CodeTwoFactorWrong)
}

func sellerRemovesFactor(s *scene) {
	ann, a := s.guarded("ann")
	ses, err := s.loginBy("ann", "secret", a.code(0))
	s.must(err)
	after, err := s.Service.DisableUserTwoFactor(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	if !after.TwoFactorAt.IsZero() {
		s.Error("it is still there")
	}
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	_, err = s.login("ann", "secret", machine)
	s.must(err)
	_, err = s.Service.DisableUserTwoFactor(s.Ctx(), s.app.ID, ann.ID)
	s.refused(err, latchkey.CodeTwoFactorNotEnabled)
}

func labelHidesKey(s *scene) {
	key := s.key("30d")
	ses, err := s.license(key, machine)
	s.must(err)
	e, err := s.Service.ClientTwoFactorEnroll(outside(), s.client(), ses, nil)
	s.must(err)
	if uri := e.URI.Reveal(); strings.Contains(uri, key) || !strings.Contains(uri, key[len(key)-4:]) || !strings.Contains(uri, e.Secret.Reveal()) {
		s.Errorf("the authenticator is given %s", uri)
	}
}

func firstPasswordNeedsCode(s *scene) {
	ann, a := s.guarded("ann")
	_, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{ClearPassword: true})
	s.must(err)
	_, err = s.loginBy("ann", "a stranger's", "")
	s.refused(err, latchkey.CodeTwoFactorRequired)
	_, err = s.loginBy("ann", "a stranger's", a.code(9))
	s.refused(err, latchkey.CodeTwoFactorWrong)
	if state := s.found(ann.ID).PasswordState; state != latchkey.PasswordFirstSignIn {
		s.Errorf("the password is %s", state)
	}
	_, err = s.loginBy("ann", "her own", a.code(0))
	s.must(err)
	_, err = s.loginBy("ann", "her own", a.code(1))
	s.must(err)
}

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*latchkey.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
