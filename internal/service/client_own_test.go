package service_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestClientOwn(t *testing.T) {
	tell(t, []story{
		{"a customer takes another name, and every session ends", customerRenames},
		{"a customer's name follows the rules of names", customerRenameRules},
		{"a license's user takes a name, and the license signs in as before", licenseTakesName},
		{"a program bans its own user and nobody else", programBans},
		{"who was signed in a moment ago changes nothing with somebody else's session", sessionOfAnother},
	})
}

func (s *scene) rename(ses *service.ClientSession, name string) error {
	return s.Service.ClientRename(outside(), s.client(), ses, name)
}

// sessionOfAnother is what a change finds that began before somebody else signed
// in with the session.
func sessionOfAnother(s *scene) {
	ann, bob := s.user("ann", "secret"), s.user("bob", "secret")
	ses, err := s.login("ann", "secret", machine)
	s.must(err)
	s.must(service.LockOwn(outside(), s.Service, s.client(), ses, ann.ID))
	s.refused(service.LockOwn(outside(), s.Service, s.client(), ses, bob.ID), latchkey.CodeSessionNotFound)
}

func customerRenames(s *scene) {
	ann := s.user("ann", "secret")
	elsewhere, err := s.login("ann", "secret", machine)
	s.must(err)
	ses, err := s.login("ann", "secret", machine)
	s.must(err)
	s.refused(s.rename(s.start(), "anna"), latchkey.CodeSessionNotSignedIn)
	s.must(s.rename(ses, "Anna"))
	for _, dead := range []*service.ClientSession{ses, elsewhere} {
		s.refused(s.call(dead), latchkey.CodeSessionNotFound)
		s.refused(s.rename(dead, "annie"), latchkey.CodeSessionNotFound)
	}
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeUserNotFound)
	_, err = s.login("anna", "secret", machine)
	s.must(err)
	if u := s.found(ann.ID); u.Name != "Anna" || len(u.Devices) != 1 || len(u.Holdings) != 1 {
		s.Errorf("the card is %+v", u)
	}
	if got := s.actions()[0]; got != "user.rename" {
		s.Errorf("audited as %s", got)
	}
}

func customerRenameRules(s *scene) {
	s.user("ann", "secret")
	s.user("bob", "secret")
	s.edit(service.AppEdit{MinUsernameLength: point(int64(3))})
	ses, err := s.login("ann", "secret", machine)
	s.must(err)
	key := s.key("30d")
	for name, want := range map[string]latchkey.Code{
		"": latchkey.CodeInvalid, " anna": latchkey.CodeInvalid, "an\u200bna": latchkey.CodeInvalid, strings.Repeat("n", 71): latchkey.CodeInvalid, "\xff": latchkey.CodeInvalid,
		"al": latchkey.CodeUserNameShort, "BOB": latchkey.CodeUserExists, "ann": latchkey.CodeUserExists, key: latchkey.CodeUserExists,
	} {
		if err := s.rename(ses, name); latchkey.CodeOf(err) != want {
			s.Errorf("the name %q: %v, want %s", name, err, want)
		}
	}
	s.must(s.call(ses))
	s.must(s.rename(ses, "ANN")) // one's own name, spelled otherwise
}

func licenseTakesName(s *scene) {
	key := s.key("30d")
	ses, err := s.license(key, machine)
	s.must(err)
	id := s.named(key).ID
	s.must(s.rename(ses, "carl"))
	if u := s.found(id); u.Name != "carl" || u.LicenseNamed {
		s.Errorf("the card is %+v", u)
	}
	_, err = s.license(key, machine)
	s.must(err)
	if n := len(s.users()); n != 1 {
		s.Errorf("%d users", n)
	}
}

func programBans(s *scene) {
	ann, bob := s.user("ann", "secret"), s.user("bob", "secret")
	ses, err := s.login("ann", "secret", machine)
	s.must(err)
	bobs, err := s.login("bob", "secret", otherMachine)
	s.must(err)
	ban := func(ses *service.ClientSession, reason string) error {
		return s.Service.ClientBanSelf(outside(), s.client(), ses, reason)
	}
	s.refused(ban(s.start(), ""), latchkey.CodeSessionNotSignedIn)
	s.refused(ban(ses, "a\x00b"), latchkey.CodeInvalid)
	s.must(ban(ses, ""))
	s.refused(ban(ses, ""), latchkey.CodeSessionNotFound)
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	s.must(s.call(bobs))
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeUserBanned)
	if reason := reasonOf(err); reason != "User banned from triggering ban function in the client" {
		s.Errorf("the reason is %q", reason)
	}
	s.must(ban(bobs, "a debugger"))
	events, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 1}})
	s.must(err)
	if ev := events.Items[0]; ev.Action != "user.ban_self" || ev.ActorID != bob.ID || ev.TargetID != bob.ID || ev.ActorKind != "customer" || ev.Details["reason"] != "a debugger" {
		s.Errorf("audited as %+v", ev)
	}
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	_, err = s.login("ann", "secret", machine)
	s.must(err)
}

// TestRenameRace has thirty customers take one name at once: exactly one gets it.
func TestRenameRace(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := &scene{T: t, Env: servicetest.NewOn(t, engine)}
			s.app = s.Env.App("race")
			const contenders = 30
			sessions := make([]*service.ClientSession, contenders)
			for n := range sessions {
				sessions[n] = s.signedIn("30d")
			}
			got := tally(together(contenders, func(n int) error { return s.rename(sessions[n], "the one") }))
			if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeUserExists: contenders - 1}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
