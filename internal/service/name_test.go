package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestUserNames(t *testing.T) {
	tell(t, []story{
		{"a name is one however it is written", canonicalNames},
		{"of 20 registrations of one name one wins, and the others keep their licenses", nameRace},
		{"nobody takes a license key for a name", keyNames},
		{"whoever registers with the license's own key signs in by it with the password", ownKeyName},
		{"a chosen name never stands in the way of a license of the same text", chosenAndKey},
	})
}

func canonicalNames(s *scene) {
	ann := s.user("Ann", "secret")
	zoe := s.user("Zo\u00eb", "secret") // composed
	for _, name := range []string{"Ann", "ANN", "ann", "aNN", "ZOE\u0308", "zoe\u0308", "ZO\u00cb"} {
		_, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: name, Password: "secret"})
		s.refused(err, latchkey.CodeUserExists)
		_, err = s.register(name, "other", s.key("30d"), machine)
		s.refused(err, latchkey.CodeUserExists)
		_, err = s.login(name, "secret", machine)
		s.must(err)
	}
	bob := s.user("Bob", "secret")
	_, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, bob.ID, service.UserEdit{Username: point("ANN"), Email: point("bob@example.com")})
	s.refused(err, latchkey.CodeUserExists)
	if got := s.found(bob.ID); got.Name != "Bob" || got.Email != "" {
		s.Errorf("the refused edit left %q, %q", got.Name, got.Email)
	}
	got, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{Username: point("ANN")})
	s.must(err) // one's own name may be written anew
	if got.Name != "ANN" || s.named("ann").ID != ann.ID || s.named("ZOE\u0308").ID != zoe.ID {
		s.Errorf("ann is now %q", got.Name)
	}
	if n := len(s.users()); n != 3 {
		s.Errorf("%d users, want 3", n)
	}
	for _, l := range s.licenses() {
		if l.Status != latchkey.LicenseNotUsed {
			s.Error("a refused registration has used its license")
		}
	}
}

func nameRace(s *scene) {
	keys := s.Licenses(s.app.ID, 20, "30d")
	spelled := []string{"ann", "ANN", "Ann", "aNN"}
	errs := together(len(keys), func(i int) error {
		_, err := s.register(spelled[i%len(spelled)], "secret", keys[i].Key.Reveal(), machine)
		return err
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeUserExists: 19}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[latchkey.LicenseStatus]int{latchkey.LicenseUsed: 1, latchkey.LicenseNotUsed: 19}, s.statuses()); diff != "" {
		s.Errorf("licenses (-want +got):\n%s", diff)
	}
}

func keyNames(s *scene) {
	list := s.Licenses(s.app.ID, 2, "30d")
	theirs, own := list[0].Key.Reveal(), list[1].Key.Reveal()
	_, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: theirs, Password: "secret"})
	s.refused(err, latchkey.CodeUserExists)
	_, err = s.register(theirs, "secret", own, machine)
	s.refused(err, latchkey.CodeUserExists)
	ann := s.user("ann", "secret")
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{Username: &theirs})
	s.refused(err, latchkey.CodeUserExists)
	_, err = s.license(theirs, machine)
	s.must(err)
	_, err = s.register(theirs, "secret", own, otherMachine)
	s.refused(err, latchkey.CodeUserExists)
}

func ownKeyName(s *scene) {
	key := s.key("30d")
	_, err := s.register(key, "secret", key, machine)
	s.must(err)
	if u := s.named(key); !u.LicenseNamed || u.Name != key {
		s.Errorf("the user is named %q, by license %v", u.Name, u.LicenseNamed)
	}
	_, err = s.login(key, "secret", machine)
	s.must(err)
	_, err = s.license(key, machine)
	s.refused(err, latchkey.CodePasswordWrong) // the key alone is not enough any more
}

func chosenAndKey(s *scene) {
	const text = "THE-FOUNDERS-OWN-KEY"
	s.user(text, "secret")
	_, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Mask: text, CustomKey: true, Charset: bothCases(), Level: 1, Duration: s.length("5d")})
	s.must(err)
	_, err = s.license(text, machine)
	s.must(err)
	_, err = s.login(text, "secret", otherMachine)
	s.must(err)
	_, err = s.license(text, machine)
	s.must(err)
	_, err = s.login(text, text, machine)
	s.refused(err, latchkey.CodePasswordWrong)
	if n := len(s.users()); n != 2 {
		s.Errorf("%d users, want the one who chose the name and the license's", n)
	}
}

func TestFirstPassword(t *testing.T) {
	tell(t, []story{
		{"an empty password is set by the first sign-in", firstPassword},
		{"after 14 days it cannot be set any more", firstPasswordLate},
		{"a refused sign-in sets nothing", firstPasswordRefused},
		{"of many first sign-ins one sets the password", firstPasswordRace},
		{"a user made by a license alone has no password that anyone could set", noPassword},
	})
}

func firstPassword(s *scene) {
	ann := s.user("ann", "")
	if ann.PasswordState != latchkey.PasswordFirstSignIn || !ann.PasswordUntil.Equal(s.Clock.Now().AddDate(0, 0, 14)) {
		s.Errorf("state %s until %s", ann.PasswordState, ann.PasswordUntil)
	}
	_, err := s.login("ann", "", machine)
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.login("ann", strings.Repeat("x", latchkey.MaxPasswordLength+1), machine)
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.login("ann", "chosen", machine)
	s.must(err)
	if got := s.found(ann.ID); got.PasswordState != latchkey.PasswordSet || !got.PasswordUntil.IsZero() {
		s.Errorf("state %s until %s", got.PasswordState, got.PasswordUntil)
	}
	_, err = s.login("ann", "another", machine)
	s.refused(err, latchkey.CodePasswordWrong)
	_, err = s.login("ann", "chosen", machine)
	s.must(err)
	if !slices.Contains(s.actions(), "user.set_first_password") {
		s.Error("the audit log does not tell")
	}
}

func firstPasswordLate(s *scene) {
	ann := s.user("ann", "")
	s.Clock.Advance(14 * 24 * time.Hour)
	_, err := s.login("ann", "chosen", machine)
	s.refused(err, latchkey.CodePasswordWrong)
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, service.UserEdit{ClearPassword: true})
	s.must(err)
	s.Clock.Advance(14*24*time.Hour - time.Millisecond)
	_, err = s.login("ann", "chosen", machine)
	s.must(err)
}

func firstPasswordRefused(s *scene) {
	ann := s.user("ann", "")
	_, err := s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
	s.must(err)
	_, err = s.login("ann", "mine", machine)
	s.refused(err, latchkey.CodeUserBanned)
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	if got := s.found(ann.ID).PasswordState; got != latchkey.PasswordFirstSignIn {
		s.Errorf("state %s, want the password to be open still", got)
	}
	_, err = s.login("ann", "chosen", machine)
	s.must(err)
}

func firstPasswordRace(s *scene) {
	for range raceRounds() {
		ann := s.user("ann", "")
		passwords := []string{"one", "two", "three", "four", "five", "six", "seven", "eight"}
		errs := together(len(passwords), func(i int) error {
			_, err := s.login("ann", passwords[i], machine)
			return err
		})
		if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodePasswordWrong: len(passwords) - 1}, tally(errs)); diff != "" {
			s.Errorf("answers (-want +got):\n%s", diff)
		}
		for i, pass := range passwords {
			_, err := s.login("ann", pass, machine)
			if (err == nil) != (errs[i] == nil) {
				s.Errorf("the password of attempt %d answered %v at first and %v later", i, errs[i], err)
			}
		}
		s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, ann.ID))
	}
}

func noPassword(s *scene) {
	key := s.key("30d")
	_, err := s.license(key, machine)
	s.must(err)
	for _, pass := range []string{"", key, "secret"} {
		_, err = s.login(key, pass, machine)
		s.refused(err, latchkey.CodePasswordWrong)
	}
	if got := s.named(key).PasswordState; got != latchkey.PasswordNone {
		s.Errorf("state %s", got)
	}
	_, err = s.license(key, machine)
	s.must(err)
}
