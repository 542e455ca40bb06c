package service_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestSessionTokens(t *testing.T) {
	tell(t, []story{
		{"a token that is cut, changed or padded is none", mangledTokens},
		{"a token is for its app and its protocol alone", foreignTokens},
		{"a token ends when it says, whatever the app's length is by then", expiredTokens},
		{"every init opens a session of its own", ownSessions},
		{"before a sign-in the session is known and nobody is in it", beforeSignIn},
		{"whoever logs out is out, and the session never opens again", logout},
		{"a session goes to whoever signs in with it last", secondUser},
		{"a session goes on as long as its user's time, to the millisecond", sessionAndTime},
		{"open sessions are listed, and no others", listedSessions},
		{"a session that expired is swept away", sweptSessions},
	})
}

// open is what a token is answered when it is presented.
func (s *scene) open(app *service.ClientApp, p latchkey.Protocol, token string) latchkey.Code {
	_, err := s.Service.OpenSession(app, p, token)
	return latchkey.CodeOf(err)
}

func mangledTokens(s *scene) {
	app := s.client()
	token := s.signedIn("30d").Token.Reveal()
	if got := s.open(app, latchkey.Protocol13, token); got != "" {
		s.Fatalf("the token itself is answered %s", got)
	}
	var bad []string
	for i := range len(token) {
		bad = append(bad, token[:i]) // every prefix
		for _, c := range []byte{'A', 'b', '0', '_', '-', '=', ' ', 0} {
			if c != token[i] {
				bad = append(bad, token[:i]+string(c)+token[i+1:])
			}
		}
	}
	bad = append(bad, token+"A", token+"=", token+"\n", " "+token, token+token, strings.ToLower(token), strings.ToUpper(token))
	for _, b := range bad {
		if got := s.open(app, latchkey.Protocol13, b); got != latchkey.CodeSessionNotFound {
			s.Fatalf("a mangled token is answered %q", got)
		}
	}
}

func foreignTokens(s *scene) {
	token := s.signedIn("30d").Token.Reveal()
	for _, p := range latchkey.Protocols() {
		want := latchkey.CodeSessionNotFound
		if p == latchkey.Protocol13 {
			want = ""
		}
		if got := s.open(s.client(), p, token); got != want {
			s.Errorf("as %s it is answered %q, want %q", p, got, want)
		}
	}
	neighbour := s.App("neighbour")
	if got := s.open(s.Client(neighbour), latchkey.Protocol13, token); got != latchkey.CodeSessionNotFound {
		s.Errorf("to another app it is answered %q", got)
	}
	strange := &scene{T: s.T, Env: servicetest.New(s), app: s.app} // a server with another key file
	if got := strange.open(s.client(), latchkey.Protocol13, token); got != latchkey.CodeSessionNotFound {
		s.Errorf("to another server it is answered %q", got)
	}
}

func expiredTokens(s *scene) {
	short := s.signedIn("30d")
	s.edit(service.AppEdit{SessionLength: point(int64(latchkey.MaxSessionLength))})
	long := s.signedIn("30d")
	s.Clock.Advance(6*time.Hour - time.Millisecond)
	s.must(s.call(short))
	s.Clock.Advance(time.Millisecond)
	s.refused(s.call(short), latchkey.CodeSessionNotFound)
	s.edit(service.AppEdit{SessionLength: point(int64(latchkey.MinSessionLength))})
	s.Clock.Advance(7*24*time.Hour - 6*time.Hour - time.Millisecond)
	s.must(s.call(long))
	s.Clock.Advance(time.Millisecond)
	s.refused(s.call(long), latchkey.CodeSessionNotFound)
}

func ownSessions(s *scene) {
	tokens := map[latchkey.Secret]bool{}
	for range 100 {
		tokens[s.start().Token] = true
	}
	if len(tokens) != 100 {
		s.Errorf("%d different tokens of 100", len(tokens))
	}
	mine, neighbours := s.signedIn("30d"), s.signedIn("30d") // from one address
	s.must(s.Service.ClientLogout(outside(), s.client(), mine))
	s.must(s.call(neighbours))
}

func beforeSignIn(s *scene) {
	ses := s.start()
	s.refused(s.call(ses), latchkey.CodeSessionNotSignedIn)
	_, err := s.Service.ClientLicense(outside(), s.client(), ses, service.ClientSignIn{Key: "none", HWID: machine})
	s.refused(err, latchkey.CodeLicenseNotFound)
	s.refused(s.call(ses), latchkey.CodeSessionNotSignedIn)
	s.must(s.Service.ClientLogout(outside(), s.client(), ses))
	_, err = s.Service.ClientLicense(outside(), s.client(), ses, service.ClientSignIn{Key: s.key("1d"), HWID: machine})
	s.must(err)
	s.must(s.call(ses))
	s.Clock.Advance(time.Millisecond)
	_, err = s.Service.KillSessions(s.Ctx(), s.app.ID, "")
	s.must(err)
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
}

func logout(s *scene) {
	key := s.key("30d")
	ses, err := s.license(key, machine)
	s.must(err)
	s.must(s.call(ses))
	s.must(s.Service.ClientLogout(outside(), s.client(), ses))
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	s.refused(s.Service.ClientLogout(outside(), s.client(), ses), latchkey.CodeSessionNotFound)
	_, err = s.Service.ClientLicense(outside(), s.client(), ses, service.ClientSignIn{Key: key, HWID: machine})
	s.refused(err, latchkey.CodeSessionNotFound)
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
}

func secondUser(s *scene) {
	ann, bob := s.user("ann", "secret"), s.user("bob", "secret")
	ses, err := s.login("ann", "secret", machine)
	s.must(err)
	s.must(s.call(ses))
	_, err = s.Service.ClientLogin(outside(), s.client(), ses, service.ClientSignIn{Username: "bob", Password: "secret", HWID: machine})
	s.must(err)
	list, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{})
	s.must(err)
	if len(list.Items) != 1 || list.Items[0].Username != "bob" {
		s.Errorf("sessions %+v, want bob's alone", list.Items)
	}
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
	s.must(err)
	s.must(s.call(ses)) // it is no longer ann's
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, bob.ID, service.UserBan{})
	s.must(err)
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
}

func sessionAndTime(s *scene) {
	key := s.key("1h")
	ses, err := s.license(key, machine)
	s.must(err)
	user := s.named(key)
	s.must(s.call(ses))
	s.Clock.Advance(time.Hour - time.Millisecond)
	s.must(s.call(ses))
	s.Clock.Advance(time.Millisecond)
	s.refused(s.call(ses), latchkey.CodeSubscriptionExpired)
	for range 2 { // every way to get more time reaches the open session
		_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, user.ID, s.key("1h"))
		s.must(err)
		s.must(s.call(ses))
		s.Clock.Advance(time.Hour)
		s.refused(s.call(ses), latchkey.CodeSubscriptionExpired)
		_, err = s.Service.ChangeTime(s.Ctx(), s.app.ID, service.UserSelection{All: true}, service.TimeChange{Duration: s.length("1h")}, service.BulkCall{})
		s.must(err)
		s.must(s.call(ses))
		s.Clock.Advance(time.Hour)
		s.refused(s.call(ses), latchkey.CodeSubscriptionExpired)
	}
	s.must(s.Service.ClientUpgrade(outside(), s.client(), s.start(), service.ClientSignIn{Username: key, Key: s.key("1h")}))
	s.must(s.call(ses))
}

func listedSessions(s *scene) {
	ann, bob := s.user("ann", "secret"), s.user("bob", "secret")
	var opened []*service.ClientSession
	for _, name := range []string{"ann", "ann", "bob"} {
		ses, err := s.login(name, "secret", machine)
		s.must(err)
		opened = append(opened, ses)
		s.Clock.Advance(time.Second)
	}
	s.start() // nobody is in it
	names := func(userID string) (out []string) {
		list, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{UserID: userID})
		s.must(err)
		for _, v := range list.Items {
			out = append(out, v.Username)
		}
		return out
	}
	if diff := cmp.Diff([]string{"bob", "ann", "ann"}, names("")); diff != "" {
		s.Errorf("sessions, newest first (-want +got):\n%s", diff)
	}
	for search, want := range map[string]int{"ANN": 2, " bob": 1, "an": 0, "nobody": 0} {
		list, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{Search: search})
		s.must(err)
		s.same("sessions of "+search, want, len(list.Items))
	}
	both, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{Search: "bob", UserID: ann.ID})
	s.must(err)
	s.same("sessions of bob that are ann's", 0, len(both.Items))
	newest, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{})
	s.must(err)
	one, err := s.Service.Session(s.Ctx(), s.app.ID, newest.Items[0].ID)
	s.must(err)
	s.same("a session", newest.Items[0], one)
	if diff := cmp.Diff([]string{"ann", "ann"}, names(ann.ID)); diff != "" {
		s.Errorf("ann's (-want +got):\n%s", diff)
	}
	s.must(s.Service.ClientLogout(outside(), s.client(), opened[0]))
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, bob.ID, service.UserBan{})
	s.must(err)
	if diff := cmp.Diff([]string{"ann"}, names("")); diff != "" {
		s.Errorf("after a log-out and a ban (-want +got):\n%s", diff)
	}
	s.Clock.Advance(6 * time.Hour)
	if diff := cmp.Diff([]string(nil), names("")); diff != "" {
		s.Errorf("after six hours (-want +got):\n%s", diff)
	}
}

func sweptSessions(s *scene) {
	old := s.signedIn("30d")
	ended := s.signedIn("30d")
	s.must(s.Service.ClientLogout(outside(), s.client(), ended))
	s.Clock.Advance(5 * time.Hour)
	young := s.signedIn("30d")
	_, err := s.Service.SweepSessions(outside())
	s.must(err)
	s.refused(s.call(ended), latchkey.CodeSessionNotFound) // its stone stays until the token is over by itself
	s.must(s.call(old))
	s.Clock.Advance(time.Hour)
	n, err := s.Service.SweepSessions(outside())
	s.must(err)
	if n < 2 {
		s.Errorf("%d sessions swept, want the two that expired", n)
	}
	s.refused(s.call(old), latchkey.CodeSessionNotFound)
	s.refused(s.call(ended), latchkey.CodeSessionNotFound)
	s.must(s.call(young))
}
