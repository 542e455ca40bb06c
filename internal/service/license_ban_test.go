package service_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLicenseBan(t *testing.T) {
	tell(t, []story{
		{"a banned license cannot be redeemed, and unban restores it", banUnused},
		{"banning a used license leaves its user alone", banUsed},
		{"a user banned along is let in again with the license", banUserToo},
		{"a user who was banned otherwise stays banned", bannedOtherwise},
		{"a user banned anew for another reason stays banned", bannedAnew},
		{"a ban with a reason too long changes nothing", longReason},
		{"banning the user too takes the permission for users", banUserTooPermission},
		{"a ban and a redemption at the same moment leave one story", banRace},
	})
}

func (s *scene) ban(id, reason string, userToo bool) {
	s.Helper()
	l, err := s.Service.BanLicense(s.Ctx(), s.app.ID, id, reason, userToo)
	s.must(err)
	if l.Status != latchkey.LicenseBanned || l.BanReason != reason || !l.BannedAt.Equal(s.Clock.Now()) {
		s.Errorf("after the ban it is %s for %q since %s", l.Status, l.BanReason, l.BannedAt)
	}
}

func (s *scene) unban(id string, want latchkey.LicenseStatus) {
	s.Helper()
	l, err := s.Service.UnbanLicense(s.Ctx(), s.app.ID, id)
	s.must(err)
	if l.Status != want || l.BanReason != "" || !l.BannedAt.IsZero() {
		s.Errorf("after the unban it is %s, for %q; want %s", l.Status, l.BanReason, want)
	}
}

// reasonOf is the seller's reason that a refusal carries.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*latchkey.Error](err); ok {
		return e.Reason
	}
	return ""
}

func banUnused(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	_, err := s.Service.UnbanLicense(s.Ctx(), s.app.ID, l.ID)
	s.refused(err, latchkey.CodeLicenseNotBanned)
	s.ban(l.ID, "charged back", false)
	_, err = s.Service.BanLicense(s.Ctx(), s.app.ID, l.ID, "again", false)
	s.refused(err, latchkey.CodeLicenseBanned)
	_, err = s.license(l.Key.Reveal(), machine)
	s.refused(err, latchkey.CodeLicenseBanned)
	if got := reasonOf(err); got != "charged back" {
		s.Errorf("the customer reads the reason %q, want the first one", got)
	}
	_, err = s.register("ann", "secret", l.Key.Reveal(), machine)
	s.refused(err, latchkey.CodeLicenseBanned)
	bob := s.user("bob", "secret")
	s.refused(s.Service.ClientUpgrade(outside(), s.client(), s.start(), service.ClientSignIn{Username: "bob", Key: l.Key.Reveal()}), latchkey.CodeLicenseBanned)
	_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, bob.ID, l.Key.Reveal())
	s.refused(err, latchkey.CodeLicenseBanned)
	s.blames(err, "key")
	_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, bob.ID, "no such key")
	s.refused(err, latchkey.CodeLicenseNotFound)
	s.blames(err, "key")
	s.unban(l.ID, latchkey.LicenseNotUsed)
	_, err = s.license(l.Key.Reveal(), machine)
	s.must(err)
}

func banUsed(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	ses, err := s.license(l.Key.Reveal(), machine)
	s.must(err)
	s.ban(l.ID, "", false)
	s.must(s.call(ses))
	_, err = s.license(l.Key.Reveal(), machine)
	s.must(err)
	s.unban(l.ID, latchkey.LicenseUsed)
	_, err = s.register("bob", "secret", l.Key.Reveal(), machine)
	s.refused(err, latchkey.CodeLicenseUsed)
}

func banUserToo(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	ses, err := s.register("ann", "secret", l.Key.Reveal(), machine)
	s.must(err)
	s.ban(l.ID, "fraud", true)
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeUserBanned)
	if got := reasonOf(err); got != "fraud" {
		s.Errorf("the customer reads the reason %q", got)
	}
	s.unban(l.ID, latchkey.LicenseUsed)
	s.refused(s.call(ses), latchkey.CodeSessionNotFound) // an old session does not rise again
	_, err = s.login("ann", "secret", machine)
	s.must(err)
}

func bannedOtherwise(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	_, err := s.register("ann", "secret", l.Key.Reveal(), machine)
	s.must(err)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, s.named("ann").ID, service.UserBan{Reason: "rude"})
	s.must(err)
	s.ban(l.ID, "fraud", true)
	_, err = s.login("ann", "secret", machine)
	if got := reasonOf(err); got != "rude" {
		s.Errorf("the customer reads the reason %q, want the first one", got)
	}
	s.unban(l.ID, latchkey.LicenseUsed)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeUserBanned)
}

func bannedAnew(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	_, err := s.register("ann", "secret", l.Key.Reveal(), machine)
	s.must(err)
	ann := s.named("ann")
	s.ban(l.ID, "fraud", true)
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{Reason: "rude"})
	s.must(err)
	s.unban(l.ID, latchkey.LicenseUsed)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeUserBanned)
}

func longReason(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	_, err := s.Service.BanLicense(s.Ctx(), s.app.ID, l.ID, strings.Repeat("x", latchkey.MaxReasonLength+1), true)
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.BanLicense(s.Ctx(), s.app.ID, "lic_none", "", true)
	s.refused(err, latchkey.CodeLicenseNotFound)
	if got := s.licenses()[0].Status; got != latchkey.LicenseNotUsed {
		s.Errorf("the license is %s", got)
	}
}

func banUserTooPermission(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	key := s.machine(service.NewAPIKey{Name: "bans licenses", Permissions: []latchkey.Permission{latchkey.PermLicensesBan, latchkey.PermLicensesDelete}})
	_, err := s.Service.BanLicense(key, s.app.ID, l.ID, "", true)
	s.refused(err, latchkey.CodeForbidden)
	s.refused(s.Service.DeleteLicense(key, s.app.ID, l.ID, true), latchkey.CodeForbidden)
	_, err = s.Service.BanLicense(key, s.app.ID, l.ID, "", false)
	s.must(err)
	s.must(s.Service.DeleteLicense(key, s.app.ID, l.ID, false))
}

// banRace: either the ban came first and nobody is in, or the redemption did
// and its user is the license's; and the user is banned with it in the second
// case only if the ban saw them.
func banRace(s *scene) {
	for range raceRounds() {
		l := s.Licenses(s.app.ID, 1, "1d")[0]
		errs := together(2, func(i int) error {
			if i == 0 {
				_, err := s.license(l.Key.Reveal(), machine)
				return err
			}
			_, err := s.Service.BanLicense(s.Ctx(), s.app.ID, l.ID, "", true)
			return err
		})
		s.must(errs[1])
		after, err := s.Service.License(s.Ctx(), s.app.ID, l.ID)
		s.must(err)
		users, err := s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{Search: l.Key.Reveal()})
		s.must(err)
		switch code := latchkey.CodeOf(errs[0]); {
		case after.Status != latchkey.LicenseBanned:
			s.Errorf("the license is %s after its ban", after.Status)
		case code == latchkey.CodeLicenseBanned && len(users.Items) == 0 && after.UsedBy == "":
		case code == "" && len(users.Items) == 1 && after.UsedBy == users.Items[0].ID && !users.Items[0].BannedAt.IsZero():
		default:
			s.Errorf("sign-in answered %v; %d users, used by %q", errs[0], len(users.Items), after.UsedBy)
		}
	}
}
