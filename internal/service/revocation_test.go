package service_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// revocation is something that shuts a signed-in user out.
type revocation struct {
	what   string
	revoke func(s *scene, u service.UserView) error
	want   latchkey.Code // of the next call
	// back undoes it; after is then the answer to the session that was open.
	back  func(s *scene, u service.UserView) error
	after latchkey.Code
}

func drop[T any](_ T, err error) error { return err }

func revocations() []revocation {
	gone := latchkey.CodeSessionNotFound
	return []revocation{
		{what: "a ban", want: gone, after: gone,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.BanUser(s.Ctx(), s.app.ID, u.ID, service.UserBan{}))
			},
			back: func(s *scene, u service.UserView) error {
				return drop(s.Service.UnbanUser(s.Ctx(), s.app.ID, u.ID))
			}},
		{what: "a ban of the license with its user", want: gone, after: gone,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.BanLicense(s.Ctx(), s.app.ID, u.LicenseID, "", true))
			},
			back: func(s *scene, u service.UserView) error {
				return drop(s.Service.UnbanLicense(s.Ctx(), s.app.ID, u.LicenseID))
			}},
		{what: "the user's deletion", want: gone, after: gone,
			revoke: func(s *scene, u service.UserView) error { return s.Service.DeleteUser(s.Ctx(), s.app.ID, u.ID) },
			back: func(s *scene, u service.UserView) error {
				return drop(s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: u.Name, Password: "secret",
					SubscriptionID: s.tier().ID, Duration: s.length("30d"), HWIDAffected: true}))
			}},
		{what: "the deletion of the license with its user", want: gone,
			revoke: func(s *scene, u service.UserView) error {
				return s.Service.DeleteLicense(s.Ctx(), s.app.ID, u.LicenseID, true)
			}},
		{what: "a new password", want: gone, after: gone,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.UpdateUser(s.Ctx(), s.app.ID, u.ID, service.UserEdit{Password: point(latchkey.Secret("another"))}))
			},
			back: func(s *scene, u service.UserView) error {
				return drop(s.Service.UpdateUser(s.Ctx(), s.app.ID, u.ID, service.UserEdit{Password: point(latchkey.Secret("secret"))}))
			}},
		{what: "a cleared password", want: gone,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.UpdateUser(s.Ctx(), s.app.ID, u.ID, service.UserEdit{ClearPassword: true}))
			}},
		{what: "a new name", want: gone, after: gone,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.UpdateUser(s.Ctx(), s.app.ID, u.ID, service.UserEdit{Username: point("renamed")}))
			},
			back: func(s *scene, u service.UserView) error {
				return drop(s.Service.UpdateUser(s.Ctx(), s.app.ID, u.ID, service.UserEdit{Username: &u.Name}))
			}},
		{what: "a kill", want: gone,
			revoke: func(s *scene, u service.UserView) error {
				list, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{UserID: u.ID})
				s.must(err)
				return s.Service.KillSession(s.Ctx(), s.app.ID, list.Items[0].ID)
			}},
		{what: "a kill of all the user's sessions", want: gone,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.KillSessions(s.Ctx(), s.app.ID, u.ID))
			}},
		{what: "a kill of all the app's sessions", want: gone,
			revoke: func(s *scene, _ service.UserView) error {
				defer s.Clock.Advance(time.Millisecond)
				return drop(s.Service.KillSessions(s.Ctx(), s.app.ID, ""))
			}},
		{what: "the reset of the device", want: gone,
			revoke: func(s *scene, u service.UserView) error {
				return s.Service.UnbindDevice(s.Ctx(), s.app.ID, u.ID, s.found(u.ID).Devices[0].ID)
			}},
		{what: "the reset of all devices", want: gone,
			revoke: func(s *scene, _ service.UserView) error {
				return drop(s.Service.ResetDevices(s.Ctx(), s.app.ID, service.UserSelection{All: true}, service.BulkCall{}))
			}},
		{what: "a pause of the app", want: latchkey.CodeAppPaused,
			revoke: func(s *scene, _ service.UserView) error { return drop(s.Service.PauseApp(s.Ctx(), s.app.ID)) },
			back:   func(s *scene, _ service.UserView) error { return drop(s.Service.ResumeApp(s.Ctx(), s.app.ID)) }},
		{what: "disabling the app", want: latchkey.CodeAppDisabled,
			revoke: func(s *scene, _ service.UserView) error { return drop(s.Service.DisableApp(s.Ctx(), s.app.ID)) },
			back:   func(s *scene, _ service.UserView) error { return drop(s.Service.EnableApp(s.Ctx(), s.app.ID)) }},
		{what: "a pause of the subscription", want: latchkey.CodeSubscriptionPaused,
			revoke: func(s *scene, _ service.UserView) error {
				return drop(s.Service.PauseSubscription(s.Ctx(), s.app.ID, s.tier().ID))
			},
			back: func(s *scene, _ service.UserView) error {
				return drop(s.Service.ResumeSubscription(s.Ctx(), s.app.ID, s.tier().ID))
			}},
		{what: "a pause of the user", want: latchkey.CodeSubscriptionPaused,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, u.ID, s.tier().ID))
			},
			back: func(s *scene, u service.UserView) error {
				return drop(s.Service.ResumeUserSubscription(s.Ctx(), s.app.ID, u.ID, s.tier().ID))
			}},
		{what: "taking the subscription away", want: latchkey.CodeSubscriptionExpired,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.RemoveUserSubscription(s.Ctx(), s.app.ID, u.ID, s.tier().ID))
			}},
		{what: "taking the time away", want: latchkey.CodeSubscriptionExpired,
			revoke: func(s *scene, u service.UserView) error {
				return drop(s.Service.ChangeTime(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{u.ID}}, service.TimeChange{Duration: s.length("31d"), Subtract: true}, service.BulkCall{}))
			}},
		{what: "switching the protocol off", want: latchkey.CodeProtocolNotAccepted,
			revoke: func(s *scene, _ service.UserView) error {
				return drop(s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.ProtocolNative}}))
			},
			back: func(s *scene, _ service.UserView) error {
				return drop(s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.Protocol13}}))
			}},
		{what: "blacklisting the device", want: latchkey.CodeClientBlacklisted,
			revoke: func(s *scene, _ service.UserView) error { s.blacklist("hwid", machine); return nil },
			back: func(s *scene, _ service.UserView) error {
				return s.Service.DeleteAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, s.entries(latchkey.Blacklist)[0].ID)
			}},
		{what: "blacklisting the address", want: latchkey.CodeClientBlacklisted,
			revoke: func(s *scene, _ service.UserView) error { s.blacklist("cidr", address+"/31"); return nil },
			back: func(s *scene, _ service.UserView) error {
				return drop(s.Service.CreateAccess(s.Ctx(), s.app.ID, latchkey.Whitelist, service.NewAccess{Kind: "ip", Value: address}))
			}},
		{what: "blacklisting the country", want: latchkey.CodeClientBlacklisted,
			revoke: func(s *scene, _ service.UserView) error { s.blacklist("country", "DE"); return nil },
			back: func(s *scene, _ service.UserView) error {
				return drop(s.Service.UpdateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, s.entries(latchkey.Blacklist)[0].ID, service.AccessEdit{ExpiresAt: point(s.Clock.Now().Add(time.Millisecond))}))
			}},
		{what: "allowing other countries only", want: latchkey.CodeClientRegion,
			revoke: func(s *scene, _ service.UserView) error {
				return drop(s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{AllowedCountries: &[]string{"FR"}}))
			},
			back: func(s *scene, _ service.UserView) error {
				return drop(s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{AllowedCountries: &[]string{"FR", "DE"}}))
			}},
		{what: "deleting the app", want: latchkey.CodeAppNotFound,
			revoke: func(s *scene, _ service.UserView) error { return s.Service.DeleteApp(s.Ctx(), s.app.ID, s.app.Name) }},
	}
}

// TestRevocation: whatever shuts a user out reaches the session that is open at
// its very next call, on another server within a second, and most of it for ever.
func TestRevocation(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			e := servicetest.NewOn(t, engine)
			revokeAll(t, e, e)
		})
	}
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		first, second := servicetest.NewPair(t)
		revokeAll(t, first, second)
	})
}

// revokeAll signs in and calls on one server and revokes on the other.
func revokeAll(t *testing.T, revoking, serving *servicetest.Env) {
	spread := func() {
		if revoking != serving {
			revoking.Clock.Advance(time.Second)
		}
	}
	for _, r := range revocations() {
		t.Run(r.what, func(t *testing.T) {
			s := &scene{T: t, Env: revoking, app: revoking.App(r.what)}
			ses, err := s.register("ann", "secret", s.key("30d"), machine)
			s.must(err)
			user := s.named("ann")
			s.must(s.callOn(serving, ses))
			s.must(r.revoke(s, user))
			spread()
			s.refused(s.callOn(serving, ses), r.want)
			if r.back == nil {
				return
			}
			s.must(r.back(s, user))
			s.Clock.Advance(time.Millisecond)
			spread()
			s.refused(s.callOn(serving, ses), r.after)
			_, err = s.login("ann", "secret", machine)
			s.must(err)
		})
	}
}

func TestKills(t *testing.T) {
	tell(t, []story{
		{"a kill ends one session, and only an open one of the app", killOne},
		{"killing all says how many were open", killAll},
		{"after a restore nobody is signed in any more", restored},
	})
}

func restored(s *scene) {
	inside, begun := s.signedIn("30d"), s.start()
	_, dashboard := s.signedInAs(servicetest.OwnerEmail, servicetest.OwnerPassword)
	s.must(s.call(inside))
	s.must(s.valid(dashboard.Token))
	_, err := s.Service.EndRestoredSessions(outside(), "the backup of last night")
	s.must(err)
	for _, ses := range []*service.ClientSession{inside, begun} {
		s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	}
	s.refused(s.valid(dashboard.Token), latchkey.CodeAuthInvalid)
	if got := s.newest(s.Ctx(), "", 1); got[0] != "database.restore" {
		s.Errorf("the server's log ends with %s", got[0])
	}
	s.Clock.Advance(time.Millisecond)
	s.must(s.call(s.signedIn("30d")))
}

func killOne(s *scene) {
	first, second := s.signedIn("30d"), s.signedIn("30d")
	list, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{})
	s.must(err)
	s.refused(s.Service.KillSession(s.Ctx(), s.App("killer").ID, list.Items[0].ID), latchkey.CodeSessionNotFound)
	s.refused(s.Service.KillSession(s.Ctx(), s.app.ID, "ses_none"), latchkey.CodeSessionNotFound)
	s.must(s.Service.KillSession(s.Ctx(), s.app.ID, list.Items[0].ID))
	s.refused(s.Service.KillSession(s.Ctx(), s.app.ID, list.Items[0].ID), latchkey.CodeSessionNotFound)
	open := 0
	for _, ses := range []*service.ClientSession{first, second} {
		if s.call(ses) == nil {
			open++
		}
	}
	if open != 1 {
		s.Errorf("%d of the two sessions are open, want 1", open)
	}
}

func killAll(s *scene) {
	ann := s.user("ann", "secret")
	for range 3 {
		_, err := s.login("ann", "secret", machine)
		s.must(err)
	}
	bobs := s.signedIn("30d")
	got, err := s.Service.KillSessions(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 3, Changed: 3}, got); diff != "" {
		s.Errorf("ann's (-want +got):\n%s", diff)
	}
	s.must(s.call(bobs))
	_, err = s.Service.KillSessions(s.Ctx(), s.app.ID, "usr_none")
	s.refused(err, latchkey.CodeUserNotFound)
	got, err = s.Service.KillSessions(s.Ctx(), s.app.ID, "")
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 1, Changed: 1}, got); diff != "" {
		s.Errorf("the app's (-want +got):\n%s", diff)
	}
	s.refused(s.call(bobs), latchkey.CodeSessionNotFound)
	s.Clock.Advance(time.Millisecond)
	got, err = s.Service.KillSessions(s.Ctx(), s.app.ID, "")
	s.must(err)
	if diff := cmp.Diff(service.Change{}, got); diff != "" {
		s.Errorf("once more (-want +got):\n%s", diff)
	}
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeSessionNotFound) // begun in the very millisecond of the kill
	s.Clock.Advance(time.Millisecond)
	_, err = s.login("ann", "secret", machine)
	s.must(err)
}
