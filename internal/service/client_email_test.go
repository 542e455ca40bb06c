package service_test

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLoginByEmail(t *testing.T) {
	tell(t, []story{
		{"an address signs in as its name does, by the same rules", emailSignsIn},
		{"of several users of an address it is the first with a password", sharedEmail},
	})
}

func (s *scene) loginByEmail(address, pass, code string) (*service.ClientSession, error) {
	return s.enter(s.Service.ClientLoginEmail, service.ClientSignIn{Email: address, Password: latchkey.Secret(pass), HWID: machine, Code: code})
}

func (s *scene) address(userID, address string) {
	s.Helper()
	_, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, userID, service.UserEdit{Email: &address})
	s.must(err)
}

func emailSignsIn(s *scene) {
	ann := s.user("ann", "secret")
	s.address(ann.ID, "Ann@example.com")
	ses, err := s.loginByEmail(" ann@EXAMPLE.com", "secret", "")
	s.must(err)
	s.must(s.call(ses))
	for _, unknown := range []string{"bob@example.com", "", "no address", "ann", "\xff@example.com"} {
		_, err = s.loginByEmail(unknown, "secret", "")
		s.refused(err, latchkey.CodeUserNotFound)
	}
	_, err = s.loginByEmail("ann@example.com", "wrong", "")
	s.refused(err, latchkey.CodePasswordWrong)
	_, err = s.enter(s.Service.ClientLoginEmail, service.ClientSignIn{Email: "ann@example.com", Password: "secret", HWID: otherMachine})
	s.refused(err, latchkey.CodeDeviceMismatch)
	a := s.secondFactor(ses)
	_, err = s.loginByEmail("ann@example.com", "secret", "")
	s.refused(err, latchkey.CodeTwoFactorRequired)
	_, err = s.loginByEmail("ann@example.com", "secret", a.code(0))
	s.must(err)
	for address, want := range map[string]string{"ANN@example.com": "ann", "bob@example.com": "bob@example.com", "x": "x"} {
		if got := s.Service.ClientNameByEmail(outside(), s.client(), address); got != want {
			s.Errorf("%s counts as %s", address, got)
		}
	}
}

func sharedEmail(s *scene) {
	key := s.key("30d") // a license's user has no password
	_, err := s.license(key, machine)
	s.must(err)
	s.address(s.named(key).ID, "us@example.com")
	for _, name := range []string{"first", "second"} {
		s.Clock.Advance(time.Millisecond) // ids of one millisecond are in no order
		s.address(s.user(name, "of "+name).ID, "us@example.com")
	}
	for pass, want := range map[string]latchkey.Code{"of first": "", "of second": latchkey.CodePasswordWrong, "": latchkey.CodePasswordWrong} {
		_, err := s.loginByEmail("us@example.com", pass, "")
		s.refused(err, want)
	}
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, s.named("first").ID))
	_, err = s.loginByEmail("us@example.com", "of second", "")
	s.must(err)
}
