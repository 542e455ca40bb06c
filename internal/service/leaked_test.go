package service_test

import (
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/leaked"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLeakedPasswords(t *testing.T) {
	tell(t, []story{
		{"an app that refuses them refuses them wherever one is chosen", leakedRefused},
		{"an app that does not, does not", leakedAllowed},
		{"those of the operator's file are known too", leakedFile},
	})
}

func (s *scene) refuseLeaked() {
	s.Helper()
	_, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{LeakedPasswordCheck: point(true)})
	s.must(err)
}

// signsUp registers with a license, and says how that ended.
func (s *scene) signsUp(name, key, password string) error {
	s.Helper()
	_, err := s.register(name, password, key, machine)
	return err
}

func leakedRefused(s *scene) {
	s.refuseLeaked()
	key := s.key("30d")
	s.refused(s.signsUp("bob", key, "Password1"), latchkey.CodePasswordLeaked)
	s.must(s.signsUp("bob", key, "mumble frotz")) // the license was not used up

	_, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: "eve", Password: "Password1"})
	s.refused(err, latchkey.CodePasswordLeaked)
	ann := s.annWith("mumble frotz")
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{Password: point(latchkey.Secret("Password1")), HWIDAffected: point(false)})
	s.refused(err, latchkey.CodePasswordLeaked)
	_, err = s.login("ann", "mumble frotz", machine)
	s.must(err)

	s.withMail(func() {
		s.must(s.forgot("ann", annsMail))
		link := s.resetLink()
		s.refused(s.reset("lkr_nothing", "Password1"), latchkey.CodeResetInvalid)
		s.refused(s.reset(link, "Password1"), latchkey.CodePasswordLeaked)
		s.must(s.reset(link, "frotz mumble")) // the link was not used up
	})
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{ClearPassword: true})
	s.must(err)
	_, err = s.login("ann", "Password1", machine)
	s.refused(err, latchkey.CodePasswordLeaked)
	_, err = s.login("ann", "mumble frotz", machine)
	s.must(err)
}

func leakedAllowed(s *scene) {
	s.must(s.signsUp("bob", s.key("30d"), "Password1"))
	// Who has one goes on signing in.
	s.refuseLeaked()
	_, err := s.login("bob", "Password1", machine)
	s.must(err)
}

func leakedFile(s *scene) {
	path := filepath.Join(s.TempDir(), "hashes")
	s.must(os.WriteFile(path, fmt.Appendf(nil, "%X:3\r\n", sha1.Sum([]byte("mumble frotz"))), 0o600))
	list, err := leaked.Open(path)
	s.must(err)
	s.Change(func(c *service.Config) { c.Leaked = list })
	defer s.Change(func(c *service.Config) { c.Leaked = nil })
	s.refuseLeaked()
	s.refused(s.signsUp("bob", s.key("30d"), "mumble frotz"), latchkey.CodePasswordLeaked)
	s.refused(s.signsUp("bob", s.key("30d"), "Password1"), latchkey.CodePasswordLeaked)
	s.must(s.signsUp("bob", s.key("30d"), "frotz mumble"))
	s.must(list.Close())
	// A file that cannot be read lets nothing pass unseen.
	if err := s.signsUp("eve", s.key("30d"), "something else of mine"); latchkey.CodeOf(err) != latchkey.CodeInternal {
		s.Errorf("with a closed file: %v", err)
	}
}
