package service_test

import (
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func enrolment(s *scene) {
	ses := s.signedIn("30d")
	client := s.client()
	enroll := func() *authenticator {
		e, err := s.Service.ClientTwoFactorEnroll(outside(), client, ses, nil)
		s.must(err)
		return &authenticator{s: s, secret: e.Secret.Reveal()}
	}
	confirm := func(code string) error {
		return drop(s.Service.ClientTwoFactorConfirm(outside(), client, ses, code))
	}
	_, err := s.Service.ClientTwoFactorEnroll(outside(), client, s.start(), nil)
	s.refused(err, latchkey.CodeSessionNotSignedIn)
	s.refused(confirm("123456"), latchkey.CodeTwoFactorNotPending)
	s.refused(s.Service.ClientTwoFactorDisable(outside(), client, ses, ""), latchkey.CodeTwoFactorRequired)
	s.refused(s.Service.ClientTwoFactorDisable(outside(), client, ses, "123456"), latchkey.CodeTwoFactorNotEnabled)

	first := enroll()
	second := enroll()
	s.refused(confirm(first.code(0)), latchkey.CodeTwoFactorWrong)
	s.Clock.Advance(5*time.Minute - time.Millisecond)
	s.refused(confirm(second.code(2)), latchkey.CodeTwoFactorWrong)
	s.refused(confirm(second.code(0)+" "), latchkey.CodeTwoFactorWrong)
	s.Clock.Advance(time.Millisecond)
	s.refused(confirm(second.code(0)), latchkey.CodeTwoFactorNotPending)
	_, err = s.license(s.named(s.users()[0].Name).Name, machine)
	s.must(err) // an enrolment asks nobody for anything

	third := enroll()
	s.must(confirm(third.code(0)))
	s.refused(confirm(third.code(1)), latchkey.CodeTwoFactorEnabled)
	_, err = s.Service.ClientTwoFactorEnroll(outside(), client, ses, nil)
	s.refused(err, latchkey.CodeTwoFactorEnabled)
	if u := s.users()[0]; !u.TwoFactorAt.Equal(s.Clock.Now()) {
		s.Errorf("the card says %s", u.TwoFactorAt)
	}
}

func enrolmentLimit(s *scene) {
	ann, bob := s.signedIn("30d"), s.signedIn("30d")
	codes := map[latchkey.Code]int{}
	for range 12 {
		codes[latchkey.CodeOf(drop(s.Service.ClientTwoFactorEnroll(outside(), s.client(), ann, nil)))]++
	}
	if codes[""] != 10 || codes[latchkey.CodeRateLimited] != 2 {
		s.Errorf("answers: %v", codes)
	}
	s.must(drop(s.Service.ClientTwoFactorEnroll(outside(), s.client(), bob, nil)))
	s.Clock.Advance(6 * time.Minute)
	s.must(drop(s.Service.ClientTwoFactorEnroll(outside(), s.client(), ann, nil)))
	s.refused(drop(s.Service.ClientTwoFactorEnroll(outside(), s.client(), ann, nil)), latchkey.CodeRateLimited)
}

func enrolmentByPassword(s *scene) {
	s.user("ann", "secret")
	ses, err := s.login("ann", "secret", machine)
	s.must(err)
	for _, wrong := range []latchkey.Secret{"", "Secret"} {
		_, err = s.Service.ClientTwoFactorEnroll(outside(), s.client(), ses, &wrong)
		s.refused(err, latchkey.CodePasswordWrong)
	}
	right := latchkey.Secret("secret")
	_, err = s.Service.ClientTwoFactorEnroll(outside(), s.client(), ses, &right)
	s.must(err)
	// A user made by a license shows that.
	key := latchkey.Secret(s.key("30d"))
	ses, err = s.license(key.Reveal(), machine)
	s.must(err)
	for _, wrong := range []latchkey.Secret{"", "secret", key + "x"} {
		_, err = s.Service.ClientTwoFactorEnroll(outside(), s.client(), ses, &wrong)
		s.refused(err, latchkey.CodePasswordWrong)
	}
	_, err = s.Service.ClientTwoFactorEnroll(outside(), s.client(), ses, &key)
	s.must(err)
}
