package service_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestBansWithBlacklist(t *testing.T) {
	tell(t, []story{
		{"a ban can take devices and address along, and lifting it lets them go", banTakesAlong},
		{"what two bans have listed stays until the second is lifted", bansShare},
		{"what the seller has listed by hand stays theirs", bansLeaveOthers},
		{"of IPv6 the customer's whole network is listed", bansListNetworks},
		{"a ban with blacklisting needs the permission for both", bansNeedPermission},
		{"a full blacklist keeps nobody from being banned", bansWithoutRoom},
		{"a deleted user's entries stay, and lose their user", bansOutliveUsers},
		{"a ban by the program lists what the app says, of the user's own", bansByProgram},
		{"a ban lists no device of somebody else who is not banned", bansSpareNeighbours},
		{"who is banned learns that before they learn of the blacklist", bansAreTold},
		{"many are banned and let in again at once", bansOfMany},
		{"a dry run of many says what they would be", bansOfManyDry},
	})
}

var withAll = service.UserBan{Reason: "fraud", BlacklistDevices: true, BlacklistIP: true}

func (s *scene) banWith(id string, ban service.UserBan) {
	s.Helper()
	_, err := s.Service.BanUser(s.Ctx(), s.app.ID, id, ban)
	s.must(err)
}

func (s *scene) letInAgain(id string) {
	s.Helper()
	_, err := s.Service.UnbanUser(s.Ctx(), s.app.ID, id)
	s.must(err)
}

// listed are the values on the blacklist, sorted.
func (s *scene) listed() []string {
	s.Helper()
	values := s.values(latchkey.Blacklist, service.AccessFilter{})
	slices.Sort(values)
	return values
}

// member is a user who has signed in from a device.
func (s *scene) member(name, hwid string) service.UserView {
	s.Helper()
	s.user(name, "secret")
	_, err := s.login(name, "secret", hwid)
	s.must(err)
	return s.named(name)
}

func banTakesAlong(s *scene) {
	ann := s.member("ann", machine)
	for _, c := range []struct {
		ban  service.UserBan
		want []string
	}{
		{service.UserBan{}, []string{}},
		{service.UserBan{BlacklistDevices: true}, []string{machine}},
		{service.UserBan{BlacklistIP: true}, []string{address}},
		{withAll, []string{address, machine}},
	} {
		s.banWith(ann.ID, c.ban)
		if diff := cmp.Diff(c.want, s.listed()); diff != "" {
			s.Errorf("with %+v (-want +got):\n%s", c.ban, diff)
		}
		for _, e := range s.entries(latchkey.Blacklist) {
			if e.UserID != ann.ID || e.Reason != c.ban.Reason || e.CreatedBy != s.Owner.Account.ID {
				s.Errorf("listed is %+v", e.AccessEntry)
			}
		}
		_, err := s.register("eve", "secret", s.key("1d"), machine)
		want := latchkey.Code("")
		if len(c.want) > 0 {
			want = latchkey.CodeClientBlacklisted
		}
		if s.refused(err, want); err == nil {
			s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, s.named("eve").ID))
		}
		s.letInAgain(ann.ID)
		if left := s.listed(); len(left) > 0 {
			s.Errorf("after the ban with %+v are left %v", c.ban, left)
		}
		_, err = s.login("ann", "secret", machine)
		s.must(err)
	}
}

func bansShare(s *scene) {
	ann, bob := s.member("ann", machine), s.member("bob", machine)
	s.banWith(ann.ID, withAll)
	s.banWith(bob.ID, service.UserBan{BlacklistDevices: true})
	s.letInAgain(ann.ID)
	if diff := cmp.Diff([]string{machine}, s.listed()); diff != "" {
		s.Errorf("after the first (-want +got):\n%s", diff)
	}
	if e := s.entries(latchkey.Blacklist)[0]; e.UserID != bob.ID {
		s.Errorf("left is %+v", e.AccessEntry)
	}
	s.letInAgain(bob.ID)
	if left := s.listed(); len(left) > 0 {
		s.Errorf("left are %v", left)
	}
}

func bansLeaveOthers(s *scene) {
	ann := s.member("ann", machine)
	mine := s.blacklist("hwid", machine)
	s.banWith(ann.ID, withAll)
	if diff := cmp.Diff([]string{address, machine}, s.listed()); diff != "" {
		s.Error(diff)
	}
	s.letInAgain(ann.ID)
	if list := s.entries(latchkey.Blacklist); len(list) != 1 || list[0].ID != mine.ID || list[0].UserID != "" {
		s.Errorf("left is %+v", list)
	}
}

func bansListNetworks(s *scene) {
	ann := s.user("ann", "secret")
	ses, err := s.startFrom("2001:db8:1:2:3::4")
	s.must(err)
	_, err = s.Service.ClientLogin(from("2001:db8:1:2:3::4"), s.client(), ses, service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine})
	s.must(err)
	s.banWith(ann.ID, service.UserBan{BlacklistIP: true})
	if diff := cmp.Diff([]string{"2001:db8:1:2::/64"}, s.listed()); diff != "" {
		s.Error(diff)
	}
	_, err = s.startFrom("2001:db8:1:2:ffff::1")
	s.refused(err, latchkey.CodeClientBlacklisted)
	never := s.user("bob", "secret") // has never signed in
	s.banWith(never.ID, withAll)
	if len(s.listed()) != 1 {
		s.Errorf("listed are %v", s.listed())
	}
}

func bansNeedPermission(s *scene) {
	ann := s.member("ann", machine)
	ctx := s.machine(service.NewAPIKey{Name: "bans", Permissions: []latchkey.Permission{latchkey.PermUsersBan}})
	for _, ban := range []service.UserBan{{BlacklistDevices: true}, {BlacklistIP: true}} {
		s.refused(drop(s.Service.BanUser(ctx, s.app.ID, ann.ID, ban)), latchkey.CodeForbidden)
		s.refused(drop(s.Service.BanUsers(ctx, s.app.ID, service.UserSelection{All: true}, ban, service.BulkCall{})), latchkey.CodeForbidden)
	}
	s.banWith(ann.ID, withAll)
	s.must(drop(s.Service.UnbanUser(ctx, s.app.ID, ann.ID)))
	s.must(drop(s.Service.BanUser(ctx, s.app.ID, ann.ID, service.UserBan{})))
	if left := s.listed(); len(left) > 0 {
		s.Errorf("left are %v", left)
	}
}

func bansWithoutRoom(s *scene) {
	ann := s.member("ann", machine)
	s.blacklist("ip", "192.0.2.1")
	c := besides(s, s.Env, s.random(), nil)
	c.AccessEntries = 2
	got, err := service.New(c).BanUser(s.Ctx(), s.app.ID, ann.ID, withAll)
	s.must(err)
	if len(s.listed()) != 2 || got.BannedAt.IsZero() {
		s.Errorf("listed are %v, banned at %s", s.listed(), got.BannedAt)
	}
	s.letInAgain(ann.ID)
	if diff := cmp.Diff([]string{"192.0.2.1"}, s.listed()); diff != "" {
		s.Error(diff)
	}
}

func bansOutliveUsers(s *scene) {
	ann, bob := s.member("ann", machine), s.member("bob", machine)
	s.banWith(ann.ID, withAll)
	s.banWith(bob.ID, withAll)
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, ann.ID))
	if len(s.listed()) != 2 {
		s.Errorf("listed are %v", s.listed())
	}
	s.letInAgain(bob.ID)
	if len(s.listed()) != 0 {
		s.Errorf("listed are %v", s.listed())
	}
	s.banWith(bob.ID, withAll)
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, bob.ID))
	_, err := s.startFrom(address)
	s.refused(err, latchkey.CodeClientBlacklisted)
	if list := s.entries(latchkey.Blacklist); len(list) != 2 || list[0].UserID != bob.ID {
		s.Errorf("listed are %+v", list)
	}
}

func bansOfMany(s *scene) {
	ann, bob := s.member("ann", machine), s.member("bob", otherMachine)
	s.user("cleo", "secret")
	s.banWith(bob.ID, service.UserBan{Reason: "before"})
	c := besides(s, s.Env, s.random(), nil)
	c.BulkChunk = 1
	svc := service.New(c)
	got, err := svc.BanUsers(s.Ctx(), s.app.ID, service.UserSelection{All: true}, withAll, service.BulkCall{})
	s.must(err)
	if got.Change != (service.Change{Matched: 3, Changed: 2}) || got.Before.UsersBanned != 1 || got.After.UsersBanned != 3 {
		s.Errorf("banned: %+v", got)
	}
	if diff := cmp.Diff([]string{address, machine}, s.listed()); diff != "" {
		s.Errorf("listed (-want +got):\n%s", diff)
	}
	if u := s.found(ann.ID); u.BanReason != "fraud" || s.found(bob.ID).BanReason != "before" {
		s.Errorf("ann is banned for %q, bob for %q", u.BanReason, s.found(bob.ID).BanReason)
	}
	_, err = svc.BanUsers(s.Ctx(), s.app.ID, service.UserSelection{All: true}, service.UserBan{Reason: string(make([]byte, 1))}, service.BulkCall{})
	s.refused(err, latchkey.CodeInvalid)
	got, err = svc.UnbanUsers(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{ann.ID, bob.ID, "usr_none"}}, service.BulkCall{})
	s.must(err)
	if got.Change != (service.Change{Matched: 2, Changed: 2}) || got.After.UsersBanned != 1 || len(s.listed()) != 0 {
		s.Errorf("let in again: %+v, listed are %v", got, s.listed())
	}
	got, err = svc.UnbanUsers(s.Ctx(), s.app.ID, service.UserSelection{All: true}, service.BulkCall{})
	s.must(err)
	if got.Change != (service.Change{Matched: 3, Changed: 1}) {
		s.Errorf("the rest: %+v", got)
	}
	_, err = s.login("bob", "secret", otherMachine)
	s.must(err)
}

func bansOfManyDry(s *scene) {
	ann := s.member("ann", machine)
	bob := s.member("bob", otherMachine)
	s.banWith(bob.ID, service.UserBan{})
	before := s.actions()
	for range 2 {
		got, err := s.Service.BanUsers(s.Ctx(), s.app.ID, service.UserSelection{All: true}, withAll, service.BulkCall{DryRun: true})
		s.must(err)
		if got.Change != (service.Change{Matched: 2, Changed: 1}) || got.After.UsersBanned != 2 {
			s.Errorf("bans: %+v", got)
		}
		got, err = s.Service.UnbanUsers(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{ann.ID, bob.ID}}, service.BulkCall{DryRun: true})
		s.must(err)
		if got.Change != (service.Change{Matched: 2, Changed: 1}) || got.After.UsersBanned != 0 {
			s.Errorf("let in: %+v", got)
		}
	}
	if diff := cmp.Diff(before, s.actions()); diff != "" || len(s.listed()) > 0 {
		s.Errorf("a dry run has changed something: %s", diff)
	}
}

func bansByProgram(s *scene) {
	ann := s.user("ann", "secret")
	for _, c := range []struct {
		devices, ip bool
		want        []string
	}{{true, false, []string{machine}}, {false, true, []string{"192.0.2.9"}}, {true, true, []string{"192.0.2.9", machine}}, {false, false, []string{}}} {
		s.edit(service.AppEdit{BanDevices: &c.devices, BanIP: &c.ip})
		ses, err := s.login("ann", "secret", machine)
		s.must(err)
		s.must(s.Service.ClientBanSelf(from("192.0.2.9"), s.client(), ses, "a debugger"))
		if diff := cmp.Diff(c.want, s.listed()); diff != "" {
			s.Errorf("devices %v, address %v (-want +got):\n%s", c.devices, c.ip, diff)
		}
		for _, e := range s.entries(latchkey.Blacklist) {
			if e.UserID != ann.ID || e.CreatedBy != ann.ID || e.Reason != "a debugger" {
				s.Errorf("listed is %+v", e.AccessEntry)
			}
		}
		s.refused(s.call(ses), latchkey.CodeSessionNotFound)
		s.letInAgain(ann.ID)
		if left := s.listed(); len(left) > 0 {
			s.Errorf("left are %v", left)
		}
	}
}

func bansAreTold(s *scene) {
	ann := s.member("ann", machine)
	s.banWith(ann.ID, service.UserBan{Reason: "fraud", BlacklistDevices: true})
	_, err := s.login("ann", "secret", machine)
	if s.refused(err, latchkey.CodeUserBanned); reasonOf(err) != "fraud" {
		s.Errorf("the reason is %q", reasonOf(err))
	}
	_, err = s.login("ann", "wrong", machine)
	s.refused(err, latchkey.CodePasswordWrong)
	_, err = s.license(s.key("1d"), machine)
	s.refused(err, latchkey.CodeClientBlacklisted)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeUserBanned)
}

// bansSpareNeighbours: a hardware id is what a program says, so a customer can
// come with that of another.
func bansSpareNeighbours(s *scene) {
	s.edit(service.AppEdit{DevicesPerUser: point(int64(2))})
	ann, mallory := s.member("ann", machine), s.member("mallory", machine)
	ses, err := s.login("mallory", "secret", otherMachine)
	s.must(err)
	listed := func(want ...string) {
		s.Helper()
		if diff := cmp.Diff(want, s.listed()); diff != "" {
			s.Errorf("listed (-want +got):\n%s", diff)
		}
	}
	annIsIn := func() {
		s.Helper()
		_, err := s.login("ann", "secret", machine)
		s.must(err)
	}
	s.must(s.Service.ClientBanSelf(outside(), s.client(), ses, "")) // BanDevices is on by default
	listed(otherMachine)
	annIsIn()

	s.letInAgain(mallory.ID)
	s.banWith(mallory.ID, service.UserBan{BlacklistDevices: true})
	listed(otherMachine)
	annIsIn()

	s.letInAgain(mallory.ID)
	_, err = s.Service.BanUsers(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{mallory.ID}}, service.UserBan{BlacklistDevices: true}, service.BulkCall{})
	s.must(err)
	listed(otherMachine)
	annIsIn()

	// Nobody is left whom it would shut out.
	s.banWith(ann.ID, service.UserBan{BlacklistDevices: true})
	listed(machine, otherMachine)
	_, err = s.license(s.key("1d"), machine)
	s.refused(err, latchkey.CodeClientBlacklisted)
}
