package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestSignIn(t *testing.T) {
	tell(t, []story{
		{"login refuses in its order: form, name, password, ban, device, pause, expiry", loginOrder},
		{"the license sign-in refuses in the same order", licenseOrder},
		{"init refuses in its order: protocol, encryption, disabled, paused, version, hash", initOrder},
		{"a closed app answers no sign-in", closedApp},
		{"the customer learns what they hold, and the sign-in is recorded", customerCard},
		{"register refuses in its order and makes nothing then", registerOrder},
		{"a registration whose answer was lost succeeds again for its own customer only", registerRetry},
		{"upgrade adds time without signing in, and knows no magic names", upgrade},
		{"one session per user: the newest sign-in ends the others, not its own", oneSession},
		{"one session per user, also when many sign in at once", oneSessionRace},
		{"a sign-in and the user's deletion at the same moment are answered cleanly", deletionRace},
	})
}

func loginOrder(s *scene) {
	ann := s.user("ann", "secret")
	_, err := s.login("ann", "secret", machine)
	s.must(err)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{Reason: "rude"})
	s.must(err)
	_, err = s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, ann.ID, s.tier().ID)
	s.must(err)

	_, err = s.login("nobody", "secret", "")
	s.refused(err, latchkey.CodeDeviceRequired)
	_, err = s.login("nobody", "secret", "too-short")
	s.refused(err, latchkey.CodeDeviceShort)
	_, err = s.login("nobody", "secret", strings.Repeat("x", 257))
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.login("nobody", "secret", otherMachine)
	s.refused(err, latchkey.CodeUserNotFound)
	_, err = s.login("", "secret", otherMachine)
	s.refused(err, latchkey.CodeUserNotFound)
	for _, pass := range []string{"wrong", "", "Secret", "secret ", "secre", strings.Repeat("x", 2_000)} {
		_, err = s.login("ann", pass, otherMachine)
		s.refused(err, latchkey.CodePasswordWrong)
	}
	_, err = s.login("ann", "secret", otherMachine)
	s.refused(err, latchkey.CodeUserBanned)
	if reasonOf(err) != "rude" {
		s.Errorf("the customer reads the reason %q", reasonOf(err))
	}
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	_, err = s.login("ann", "secret", otherMachine)
	s.refused(err, latchkey.CodeDeviceMismatch)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeSubscriptionPaused)
	_, err = s.Service.ResumeUserSubscription(s.Ctx(), s.app.ID, ann.ID, s.tier().ID)
	s.must(err)
	_, err = s.login("ann", "secret", machine)
	s.must(err)
	s.Clock.Advance(30 * 24 * time.Hour)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeSubscriptionExpired)
	_, err = s.Service.RemoveUserSubscription(s.Ctx(), s.app.ID, ann.ID, s.tier().ID)
	s.must(err)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeSubscriptionExpired)
}

func licenseOrder(s *scene) {
	key := s.key("30d")
	_, err := s.license("no such key", "")
	s.refused(err, latchkey.CodeDeviceRequired)
	_, err = s.license("no such key", "short")
	s.refused(err, latchkey.CodeDeviceShort)
	for _, unknown := range []string{"no such key", "", " ", strings.Repeat("x", 71), "\xff"} {
		_, err = s.license(unknown, machine)
		s.refused(err, latchkey.CodeLicenseNotFound)
	}
	_, err = s.license(key, machine)
	s.must(err)
	user := s.named(key)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, user.ID, service.UserBan{Reason: "rude"})
	s.must(err)
	_, err = s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, user.ID, s.tier().ID)
	s.must(err)
	_, err = s.license(key, otherMachine)
	s.refused(err, latchkey.CodeUserBanned)
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, user.ID)
	s.must(err)
	_, err = s.license(key, otherMachine)
	s.refused(err, latchkey.CodeDeviceMismatch)
	_, err = s.license(key, machine)
	s.refused(err, latchkey.CodeSubscriptionPaused)
	_, err = s.Service.ResumeUserSubscription(s.Ctx(), s.app.ID, user.ID, s.tier().ID)
	s.must(err)
	s.Clock.Advance(30*24*time.Hour - time.Millisecond)
	_, err = s.license(key, machine)
	s.must(err)
	s.Clock.Advance(time.Millisecond)
	_, err = s.license(key, machine)
	s.refused(err, latchkey.CodeSubscriptionExpired)
}

func initOrder(s *scene) {
	s.edit(service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.Protocol12}, ForceEncryption: point(true), HashCheck: point(true),
		Hashes: &[]string{strings.Repeat("ab", 16)}, Version: point("2.0")})
	_, err := s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	_, err = s.Service.DisableApp(s.Ctx(), s.app.ID)
	s.must(err)
	in := service.ClientInit{Protocol: latchkey.Protocol13, Version: "1.0", Hash: strings.Repeat("cd", 16)}
	start := func() error {
		_, err := s.Service.ClientInit(outside(), s.client(), in)
		return err
	}
	s.refused(start(), latchkey.CodeProtocolNotAccepted)
	in.Protocol = latchkey.Protocol12
	s.refused(start(), latchkey.CodeEncryptionRequired)
	in.EncKey = "0123456789abcdef"
	s.refused(start(), latchkey.CodeAppDisabled)
	_, err = s.Service.EnableApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.refused(start(), latchkey.CodeAppPaused)
	_, err = s.Service.ResumeApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.refused(start(), latchkey.CodeAppVersion)
	in.Version = "2.0"
	s.refused(start(), latchkey.CodeAppHash)
	for _, hash := range []string{"", "ab", strings.Repeat("ab", 15), strings.Repeat("ab", 17)} {
		in.Hash = hash
		s.refused(start(), latchkey.CodeAppHash)
	}
	in.Hash = strings.Repeat("AB", 16)
	s.must(start())
	in.Version = "" // a program that names none is not judged by it
	s.must(start())
}

func closedApp(s *scene) {
	key := s.key("30d")
	s.user("ann", "secret")
	client, ses := s.client(), s.start()
	tries := func(want latchkey.Code) {
		s.Helper()
		in := service.ClientSignIn{Username: "ann", Password: "secret", Key: key, HWID: machine}
		_, err := s.Service.ClientLogin(outside(), client, ses, in)
		s.refused(err, want)
		_, err = s.Service.ClientLicense(outside(), client, ses, in)
		s.refused(err, want)
		in.Username = "bob"
		_, err = s.Service.ClientRegister(outside(), client, ses, in)
		s.refused(err, want)
		s.refused(s.Service.ClientUpgrade(outside(), client, ses, service.ClientSignIn{Username: "ann", Key: key}), want)
	}
	// client was read before each change: the sign-in itself must notice.
	_, err := s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	tries(latchkey.CodeAppPaused)
	_, err = s.Service.ResumeApp(s.Ctx(), s.app.ID)
	s.must(err)
	_, err = s.Service.DisableApp(s.Ctx(), s.app.ID)
	s.must(err)
	tries(latchkey.CodeAppDisabled)
	_, err = s.Service.EnableApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.edit(service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.ProtocolNative}})
	tries(latchkey.CodeProtocolNotAccepted)
	s.edit(service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.Protocol13}})
	s.Clock.Advance(time.Millisecond)
	_, err = s.Service.KillSessions(s.Ctx(), s.app.ID, "")
	s.must(err)
	tries(latchkey.CodeSessionNotFound)
	if got := s.licenses()[0].Status; got != latchkey.LicenseNotUsed {
		s.Errorf("the license is %s", got)
	}
}

func customerCard(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	made := s.Clock.Now()
	_, err := s.Service.ClientRegister(outside(), s.client(), s.start(), service.ClientSignIn{Username: "Ann", Password: "secret",
		Key: l.Key.Reveal(), Email: "Ann@Example.com ", HWID: machine + "\n"})
	s.must(err)
	s.Clock.Advance(time.Hour)
	got, err := s.Service.ClientLogin(outside(), s.client(), s.start(), service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine})
	s.must(err)
	want := service.Customer{Username: "Ann", Now: s.Clock.Now(), IP: address, HWID: machine, Bound: true, CreatedAt: made, LastSignIn: s.Clock.Now()}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(service.Customer{}, "Holdings", "Session")); diff != "" {
		s.Errorf("customer (-want +got):\n%s", diff)
	}
	if h := got.Holdings; len(h) != 1 || h[0].Name != latchkey.DefaultSubscription || h[0].Level != 1 || h[0].LicenseKey != l.Key || !h[0].ExpiresAt.Equal(made.AddDate(0, 0, 30)) {
		s.Errorf("they hold %+v", h)
	}
	ann := s.named("ann@example.com")
	if ann.Email != "ann@example.com" || ann.LastIP != address || !ann.LastSignInAt.Equal(s.Clock.Now()) {
		s.Errorf("card: %q, last seen %s from %s", ann.Email, ann.LastSignInAt, ann.LastIP)
	}
	history, err := s.Service.ListSignIns(s.Ctx(), s.app.ID, ann.ID, service.Page{})
	s.must(err)
	device := ann.Devices[0].ID
	wantHistory := []service.SignInRecord{
		{AppID: s.app.ID, UserID: ann.ID, At: s.Clock.Now(), IP: address, DeviceID: device, Protocol: latchkey.Protocol13, Method: "login"},
		{AppID: s.app.ID, UserID: ann.ID, At: made, IP: address, DeviceID: device, Protocol: latchkey.Protocol13, Method: "register"},
	}
	if diff := cmp.Diff(wantHistory, history.Items, cmpopts.IgnoreFields(service.SignInRecord{}, "ID")); diff != "" {
		s.Errorf("history (-want +got):\n%s", diff)
	}
	list, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{UserID: ann.ID})
	s.must(err)
	if len(list.Items) != 2 || list.Items[0].Username != "Ann" || list.Items[0].DeviceID != device || list.Items[0].IP != address {
		s.Errorf("sessions: %+v", list.Items)
	}
}

func registerOrder(s *scene) {
	s.user("Taken", "secret")
	s.edit(service.AppEdit{MinUsernameLength: point(int64(3))})
	list := s.Licenses(s.app.ID, 3, "30d")
	good, used, banned := list[0].Key.Reveal(), list[1].Key.Reveal(), list[2].Key.Reveal()
	_, err := s.license(used, machine)
	s.must(err)
	s.ban(list[2].ID, "charged back", false)
	before := len(s.users())
	for _, tt := range []struct {
		name, pass, key, hwid string
		want                  latchkey.Code
	}{
		{"", "secret", "none", machine, latchkey.CodeInvalid},
		{strings.Repeat("x", 71), "secret", "none", machine, latchkey.CodeInvalid},
		{" ann", "secret", good, machine, latchkey.CodeInvalid},
		{"ann\u200b", "secret", good, machine, latchkey.CodeInvalid},
		{"ann\u202e", "secret", good, machine, latchkey.CodeInvalid},
		{"an\xff", "secret", good, machine, latchkey.CodeInvalid},
		{"an", "secret", "none", machine, latchkey.CodeUserNameShort},
		{"ann", "", good, machine, latchkey.CodeInvalid},
		{"ann", strings.Repeat("x", 1_025), good, machine, latchkey.CodeInvalid},
		{"ann", "secret", good, strings.Repeat("x", 257), latchkey.CodeInvalid},
		{"tAKEN", "secret", "none", machine, latchkey.CodeUserExists},
		{"ann", "secret", "none", machine, latchkey.CodeLicenseNotFound},
		{"ann", "secret", "", machine, latchkey.CodeLicenseNotFound},
		{"ann", "secret", used, machine, latchkey.CodeLicenseUsed},
		{"ann", "secret", banned, machine, latchkey.CodeLicenseBanned},
		{"ann", "secret", s.keyOf(9, "1d").Key.Reveal(), machine, latchkey.CodeSubscriptionNoLevel},
	} {
		_, err := s.register(tt.name, tt.pass, tt.key, tt.hwid)
		if got := latchkey.CodeOf(err); got != tt.want {
			s.Errorf("register %q, password of %d bytes: answered %v, want %s", tt.name, len(tt.pass), err, tt.want)
		}
	}
	_, err = s.Service.ClientRegister(outside(), s.client(), s.start(), service.ClientSignIn{Username: "ann", Password: "secret", Key: good, Email: "no address"})
	s.refused(err, latchkey.CodeInvalid)
	if n := len(s.users()); n != before {
		s.Errorf("%d users were made", n-before)
	}
	_, err = s.register("ann", "secret", good, "") // a missing hardware id is not asked for here
	s.must(err)
}

func registerRetry(s *scene) {
	key := s.key("30d")
	first, err := s.register("ann", "secret", key, machine)
	s.must(err)
	second, err := s.register("ANN", "secret", key, machine)
	s.must(err)
	s.must(s.call(first))
	s.must(s.call(second))
	_, err = s.register("ann", "wrong", key, machine)
	s.refused(err, latchkey.CodeUserExists)
	_, err = s.register("ann", "secret", key, otherMachine)
	s.refused(err, latchkey.CodeDeviceMismatch)
	_, err = s.register("bob", "secret", key, machine)
	s.refused(err, latchkey.CodeLicenseUsed)
	_, err = s.register("ann", "secret", s.key("30d"), machine)
	s.refused(err, latchkey.CodeUserExists)
	ann := s.named("ann")
	if got := s.left(ann.ID); got != 30*24*time.Hour {
		s.Errorf("ann has %s left, want one duration", got)
	}
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
	s.must(err)
	_, err = s.register("ann", "secret", key, machine)
	s.refused(err, latchkey.CodeUserBanned)
}

func upgrade(s *scene) {
	ann := s.user("ann", "secret")
	bob := s.user("bob", "secret")
	s.user("all", "secret")
	ses := s.start()
	do := func(name, key string) error {
		return s.Service.ClientUpgrade(outside(), s.client(), ses, service.ClientSignIn{Username: name, Key: key})
	}
	key := s.key("5d")
	s.refused(do("ann", "none"), latchkey.CodeLicenseNotFound)
	s.refused(do("nobody", key), latchkey.CodeUserNotFound)
	s.must(do("ANN", key))
	s.must(do("ann", key)) // its answer was lost
	s.refused(do("bob", key), latchkey.CodeLicenseUsed)
	s.refused(do("nobody", key), latchkey.CodeLicenseUsed)
	s.refused(s.call(ses), latchkey.CodeSessionNotSignedIn)
	s.must(do("all", s.key("1y")))
	for id, days := range map[string]int{ann.ID: 35, bob.ID: 30} {
		if got := s.left(id); got != time.Duration(days)*24*time.Hour {
			s.Errorf("%s left, want %d days", got, days)
		}
	}
}

func oneSession(s *scene) {
	s.edit(service.AppEdit{OneSessionPerUser: point(true)})
	key := s.key("30d")
	first, err := s.license(key, machine)
	s.must(err)
	neighbour := s.signedIn("30d")
	second, err := s.license(key, machine)
	s.must(err)
	s.refused(s.call(first), latchkey.CodeSessionNotFound)
	s.must(s.call(second))
	s.must(s.call(neighbour))
	_, err = s.Service.ClientLicense(outside(), s.client(), second, service.ClientSignIn{Key: key, HWID: machine})
	s.refused(err, "") // the same session signs in again, as after a lost answer
	s.must(s.call(second))
	_, err = s.Service.ClientLicense(outside(), s.client(), first, service.ClientSignIn{Key: key, HWID: machine})
	s.refused(err, latchkey.CodeSessionNotFound) // one that has ended never opens again
	s.must(s.call(second))
}

func oneSessionRace(s *scene) {
	s.edit(service.AppEdit{OneSessionPerUser: point(true), DeviceRule: point(false)})
	key := s.key("30d")
	_, err := s.license(key, machine)
	s.must(err)
	sessions := make([]*service.ClientSession, 20)
	for i := range sessions {
		sessions[i] = s.start()
	}
	client := s.client()
	errs := together(len(sessions), func(i int) error {
		_, err := s.Service.ClientLicense(context.Background(), client, sessions[i], service.ClientSignIn{Key: key, HWID: machine})
		return err
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": len(sessions)}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	open := 0
	for _, ses := range sessions {
		if s.call(ses) == nil {
			open++
		}
	}
	if open != 1 {
		s.Errorf("%d sessions are open, want 1", open)
	}
}

func deletionRace(s *scene) {
	for round := range raceRounds() {
		s.edit(service.AppEdit{DeviceRule: point(round%2 == 0)})
		key := s.key("30d")
		_, err := s.license(key, machine)
		s.must(err)
		id := s.named(key).ID
		sessions := make([]*service.ClientSession, 4)
		for i := range sessions {
			sessions[i] = s.start()
		}
		errs := together(len(sessions)+1, func(i int) error {
			if i == len(sessions) {
				return s.Service.DeleteUser(s.Ctx(), s.app.ID, id)
			}
			_, err := s.Service.ClientLicense(outside(), s.client(), sessions[i], service.ClientSignIn{Key: key, HWID: machine})
			return err
		})
		s.must(errs[len(sessions)])
		for i, err := range errs[:len(sessions)] {
			switch latchkey.CodeOf(err) {
			case "", latchkey.CodeUserNotFound, latchkey.CodeLicenseUsed: // before it, in its midst, after it
			default:
				s.Errorf("a sign-in was answered %v", err)
			}
			if err := s.call(sessions[i]); err == nil {
				s.Error("a deleted user's session goes on")
			}
		}
	}
}
