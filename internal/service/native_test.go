package service_test

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

func TestNativeSessions(t *testing.T) {
	tell(t, []story{
		{"signing in gives another token, and the first stays what it was", firstTokenGainsNothing},
		{"the same sign-in opens one session, also of many at once", oneSessionForOneSignIn},
		{"another customer with the same request has a session of their own", sessionsAreTheUsers},
		{"a token opens what its stage opens", stagesOpen},
		{"what ends a user's sessions ends those of the native protocol", nativeRevocation},
		{"a session says what its user holds now", customerNow},
		{"a log-out can be repeated, any other end cannot be logged out of", logoutTwice},
		{"who is signed in redeems a license for themselves, also when their time is over", upgradeSignedIn},
		{"a remembered function runs once for each session and nonce", clientOnce},
	})
}

// native opens a session of the native protocol.
func (s *scene) native() *service.ClientSession {
	s.Helper()
	ses, err := s.Service.ClientInit(outside(), s.client(), service.ClientInit{Protocol: latchkey.ProtocolNative})
	s.must(err)
	return ses
}

// admitted signs in with a license and returns the session that it opened.
func (s *scene) admitted(ses *service.ClientSession, key, request string) *service.ClientSession {
	s.Helper()
	c, err := s.Service.ClientLicense(outside(), s.client(), ses, service.ClientSignIn{Key: key, HWID: machine, Request: []byte(request)})
	s.must(err)
	return c.Session
}

// openSessions are the ids of the app's open sessions.
func (s *scene) openSessions() (ids []string) {
	s.Helper()
	list, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{})
	s.must(err)
	for _, one := range list.Items {
		ids = append(ids, one.ID)
	}
	return ids
}

func firstTokenGainsNothing(s *scene) {
	started := s.native()
	in := s.admitted(started, s.key("30d"), "one")
	if in.Token == started.Token || in.Stage != latchkey.StageSignedIn || !in.ExpiresAt.Equal(started.ExpiresAt) {
		s.Errorf("%+v after %+v", in, started)
	}
	s.refused(s.call(started), latchkey.CodeSessionNotSignedIn)
	s.must(s.call(in))
	s.must(s.Service.ClientLogout(outside(), s.client(), started))
	s.must(s.call(in))
}

func oneSessionForOneSignIn(s *scene) {
	started, key := s.native(), s.key("30d")
	tokens := make([]*service.ClientSession, 16)
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() { tokens[i] = s.admitted(started, key, "one") })
	}
	wg.Wait()
	if ids := s.openSessions(); len(ids) != 1 {
		s.Errorf("%d sessions", len(ids))
	}
	for _, in := range tokens {
		s.must(s.call(in))
	}
	second := s.admitted(started, key, "two")
	if ids := s.openSessions(); len(ids) != 2 {
		s.Errorf("%d sessions after another sign-in", len(ids))
	}
	s.must(s.Service.ClientLogout(outside(), s.client(), tokens[3]))
	for _, in := range tokens {
		s.refused(s.call(in), latchkey.CodeSessionNotFound)
	}
	s.must(s.call(second))
	_, err := s.Service.ClientLicense(outside(), s.client(), started, service.ClientSignIn{Key: key, HWID: machine, Request: []byte("one")})
	s.refused(err, latchkey.CodeSessionNotFound)
}

func sessionsAreTheUsers(s *scene) {
	started := s.native()
	ann := s.admitted(started, s.key("30d"), "one")
	bob := s.admitted(started, s.key("30d"), "one")
	s.must(s.call(ann))
	s.must(s.call(bob))
	annIs, err := s.Service.ClientCustomer(outside(), s.client(), ann)
	s.must(err)
	bobIs, err := s.Service.ClientCustomer(outside(), s.client(), bob)
	s.must(err)
	if annIs.Username == bobIs.Username || len(s.openSessions()) != 2 {
		s.Errorf("%s and %s in %d sessions", annIs.Username, bobIs.Username, len(s.openSessions()))
	}
}

func stagesOpen(s *scene) {
	app := s.client()
	started := s.native()
	in := s.admitted(started, s.key("30d"), "one")
	old := s.signedIn("30d") // of 1.3
	for _, c := range []struct {
		what     string
		protocol latchkey.Protocol
		token    latchkey.Secret
		want     latchkey.Stage
		code     latchkey.Code
	}{
		{"started", latchkey.ProtocolNative, started.Token, latchkey.StageStarted, ""},
		{"signed in", latchkey.ProtocolNative, in.Token, latchkey.StageSignedIn, ""},
		{"started as 1.3", latchkey.Protocol13, started.Token, "", latchkey.CodeSessionNotFound},
		{"signed in as 1.3", latchkey.Protocol13, in.Token, "", latchkey.CodeSessionNotFound},
		{"1.3 as native", latchkey.ProtocolNative, old.Token, "", latchkey.CodeSessionNotFound},
		{"cut", latchkey.ProtocolNative, in.Token[:len(in.Token)-1], "", latchkey.CodeSessionNotFound},
		{"padded", latchkey.ProtocolNative, in.Token + "=", "", latchkey.CodeSessionNotFound},
	} {
		ses, err := s.Service.OpenSession(app, c.protocol, c.token.Reveal())
		s.refused(err, c.code)
		if err == nil && ses.Stage != c.want {
			s.Errorf("%s: %s", c.what, ses.Stage)
		}
	}
	other := s.App("of another program")
	_, err := s.Service.OpenSession(s.Client(other), latchkey.ProtocolNative, in.Token.Reveal())
	s.refused(err, latchkey.CodeSessionNotFound)
}

func nativeRevocation(s *scene) {
	for _, end := range []struct {
		what string
		do   func(userID string) error
		want latchkey.Code
	}{
		{"a ban", func(id string) error { return drop(s.Service.BanUser(s.Ctx(), s.app.ID, id, service.UserBan{})) }, latchkey.CodeSessionNotFound},
		{"a kill", func(id string) error { return drop(s.Service.KillSessions(s.Ctx(), s.app.ID, id)) }, latchkey.CodeSessionNotFound},
		{"a deletion", func(id string) error { return s.Service.DeleteUser(s.Ctx(), s.app.ID, id) }, latchkey.CodeSessionNotFound},
		{"a pause", func(string) error { return drop(s.Service.PauseApp(s.Ctx(), s.app.ID)) }, latchkey.CodeAppPaused},
		{"a protocol switched off", func(string) error {
			return drop(s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.Protocol13}}))
		}, latchkey.CodeProtocolNotAccepted},
	} {
		key := s.key("30d")
		in := s.admitted(s.native(), key, "one")
		s.must(s.call(in))
		s.must(end.do(s.named(key).ID))
		if got := latchkey.CodeOf(s.call(in)); got != end.want {
			s.Errorf("after %s: %q", end.what, got)
		}
		if end.want == latchkey.CodeAppPaused {
			s.must(drop(s.Service.ResumeApp(s.Ctx(), s.app.ID)))
			s.must(s.call(in))
		}
	}
}

func customerNow(s *scene) {
	key := s.key("30d")
	made := s.Clock.Now()
	in := s.admitted(s.native(), key, "one")
	tell := func() (names []string) {
		s.Helper()
		c, err := s.Service.ClientCustomer(outside(), s.client(), in)
		s.must(err)
		if c.Username != key || !c.CreatedAt.Equal(made) {
			s.Errorf("%+v", c)
		}
		for _, h := range c.Holdings {
			names = append(names, h.Name)
		}
		return names
	}
	gold, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 2)
	s.must(err)
	if diff := cmp.Diff([]string{"default"}, tell()); diff != "" {
		s.Error(diff)
	}
	s.Clock.Advance(time.Millisecond)
	_, err = s.Service.AddUserSubscription(s.Ctx(), s.app.ID, s.named(key).ID, gold.ID, s.length("1d"))
	s.must(err)
	if diff := cmp.Diff([]string{"default", "gold"}, tell()); diff != "" {
		s.Error(diff)
	}
	_, err = s.Service.UpdateSubscription(s.Ctx(), s.app.ID, gold.ID, new("Gold"), nil)
	s.must(err)
	if diff := cmp.Diff([]string{"default", "Gold"}, tell()); diff != "" {
		s.Error(diff)
	}
	_, err = s.Service.PauseSubscription(s.Ctx(), s.app.ID, s.tier().ID)
	s.must(err)
	if diff := cmp.Diff([]string{"Gold"}, tell()); diff != "" {
		s.Error(diff)
	}
}

func logoutTwice(s *scene) {
	in := s.admitted(s.native(), s.key("30d"), "one")
	for range 3 {
		s.must(s.Service.ClientLogout(outside(), s.client(), in))
		s.refused(s.call(in), latchkey.CodeSessionNotFound)
	}
	key := s.key("30d")
	killed := s.admitted(s.native(), key, "one")
	_, err := s.Service.KillSessions(s.Ctx(), s.app.ID, s.named(key).ID)
	s.must(err)
	s.refused(s.Service.ClientLogout(outside(), s.client(), killed), latchkey.CodeSessionNotFound)
}

func upgradeSignedIn(s *scene) {
	in := s.admitted(s.native(), s.key("1h"), "one")
	s.Clock.Advance(2 * time.Hour)
	s.refused(s.call(in), latchkey.CodeSubscriptionExpired)
	more := service.ClientSignIn{Key: s.key("30d")}
	for range 2 {
		s.must(s.Service.ClientUpgrade(outside(), s.client(), in, more))
	}
	s.must(s.call(in))
	other := s.admitted(s.native(), s.key("30d"), "one")
	s.refused(s.Service.ClientUpgrade(outside(), s.client(), other, more), latchkey.CodeLicenseUsed)
	s.must(s.Service.ClientLogout(outside(), s.client(), other))
	s.refused(s.Service.ClientUpgrade(outside(), s.client(), other, service.ClientSignIn{Key: s.key("30d")}), latchkey.CodeSessionNotFound)
}

func clientOnce(s *scene) {
	once := func(ses *service.ClientSession, nonce, asked, title string) (string, bool, error) {
		answer, replayed, err := s.Service.ClientOnce(s.Ctx(), s.client(), ses, service.Repeat{Key: nonce, Asked: []byte(asked),
			Encode: func(made any) ([]byte, error) { return json.Marshal(made) }}, func(ctx context.Context) error {
			return drop(s.Service.CreateSubscription(ctx, s.app.ID, title, 7))
		})
		return string(answer), replayed, err
	}
	started := s.native()
	in := s.admitted(started, s.key("30d"), "one")
	first, _, err := once(in, "nonce", "a", "seven")
	s.must(err)
	for _, end := range []func() error{func() error { return nil }, func() error { return s.Service.ClientLogout(outside(), s.client(), in) }} {
		s.must(end())
		again, replayed, err := once(in, "nonce", "a", "seven")
		s.must(err)
		if again != first || !replayed {
			s.Errorf("%q, then %q, replayed: %t", first, again, replayed)
		}
	}
	_, _, err = once(in, "nonce", "b", "eight")
	s.refused(err, latchkey.CodeRepeatDiffers)
	_, replayed, err := once(started, "nonce", "a", "nine")
	s.must(err)
	if replayed {
		s.Error("another session's nonce was taken for its own")
	}
	_, err = s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	_, _, err = once(in, "nonce", "a", "seven")
	s.refused(err, latchkey.CodeAppPaused)
}

func TestClientKeys(t *testing.T) {
	tell(t, []story{
		{"with an overlap both keys sign, each for who names it, and the old one vouches", overlappingKeys},
		{"without an overlap the old key is gone, with all that was vouched for", leakedKey},
		{"of many successors the newest statements are kept", manySuccessors},
		{"other credentials leave the client keys alone", otherCredentials},
	})
}

func (s *scene) rotate(overlap int64, kinds ...latchkey.CredentialKind) {
	s.Helper()
	s.Clock.Advance(time.Millisecond)
	_, err := s.Service.RotateCredentials(s.Ctx(), s.app.ID, kinds, overlap)
	s.must(err)
}

// byID is the app as the native protocol finds it.
func (s *scene) byID() *service.ClientApp {
	s.Helper()
	app, err := s.Service.ClientAppByID(outside(), s.app.ID)
	s.must(err)
	return app
}

// keyIDs are those in force, newest first.
func (s *scene) keyIDs() (ids []string) {
	for _, k := range s.Service.ClientKeys(s.byID()).Keys {
		ids = append(ids, k.ID)
	}
	return ids
}

func overlappingKeys(s *scene) {
	first := s.keyIDs()[0]
	s.rotate(3600, latchkey.CredentialClientKey)
	ids := s.keyIDs()
	if len(ids) != 2 || ids[1] != first {
		s.Fatalf("keys %v, first %s", ids, first)
	}
	second := ids[0]
	for _, c := range []struct {
		named []string
		want  string
	}{{nil, first}, {[]string{second}, second}, {[]string{first}, first}, {[]string{"x", second, first}, second}, {[]string{"unknown"}, first}} {
		if got := s.byID().NativeKey(strings.Join(c.named, ",")).ID; got != c.want {
			s.Errorf("naming %v: signed by %s, want %s", c.named, got, c.want)
		}
	}
	s.rotate(7200, latchkey.CredentialClientKey)
	third := s.keyIDs()[0]
	s.Clock.Advance(time.Hour)
	if diff := cmp.Diff([]string{third, second}, s.keyIDs()); diff != "" {
		s.Errorf("after the first overlap: %s", diff)
	}
	if got := s.byID().NativeKey(first).ID; got != second {
		s.Errorf("an old client is answered by %s", got)
	}
	s.Clock.Advance(time.Hour)
	if diff := cmp.Diff([]string{third}, s.keyIDs()); diff != "" {
		s.Errorf("after both: %s", diff)
	}
	statements := s.Service.ClientKeys(s.byID()).Successions
	if len(statements) != 2 || statements[0].KeyID != first || statements[1].KeyID != second {
		s.Errorf("statements %+v", statements)
	}
	list, err := s.Service.AppSecrets(s.Ctx(), s.app.ID)
	s.must(err)
	for _, st := range statements {
		successor, err := hex.DecodeString(st.PublicKey)
		s.must(err)
		if id := sign.NativeKeyID(ed25519.PublicKey(successor)); id != second && id != third {
			s.Errorf("a statement about %s", id)
		}
	}
	for _, c := range list.Credentials {
		if c.Kind == latchkey.CredentialClientKey && c.PublicKey != statements[1].PublicKey {
			s.Errorf("the key in force is %s, its predecessor vouched for %s", c.PublicKey, statements[1].PublicKey)
		}
	}
}

func leakedKey(s *scene) {
	s.rotate(3600, latchkey.CredentialClientKey)
	old := s.keyIDs()
	in := s.admitted(s.native(), s.key("30d"), "one")
	s.rotate(0, latchkey.CredentialClientKey)
	now := s.keyIDs()
	if len(now) != 1 || slices.Contains(old, now[0]) {
		s.Errorf("keys %v after %v", now, old)
	}
	if st := s.Service.ClientKeys(s.byID()).Successions; len(st) != 0 {
		s.Errorf("handed out: %+v", st)
	}
	if got := s.byID().NativeKey(strings.Join(old, ",")).ID; got != now[0] {
		s.Errorf("signed by %s", got)
	}
	s.refused(s.call(in), latchkey.CodeSessionNotFound)
}

func manySuccessors(s *scene) {
	for range latchkey.MaxSuccessions + 3 {
		s.rotate(1, latchkey.CredentialClientKey)
		s.Clock.Advance(2 * time.Second)
	}
	st := s.Service.ClientKeys(s.byID()).Successions
	if len(st) != latchkey.MaxSuccessions || !slices.IsSortedFunc(st, func(a, b latchkey.Succession) int { return a.From.Compare(b.From) }) {
		s.Errorf("%d statements", len(st))
	}
	if last := st[len(st)-1]; s.Service.ClientKeys(s.byID()).Keys[0].PublicKey != last.PublicKey {
		s.Error("the newest is not among them")
	}
}

func otherCredentials(s *scene) {
	s.rotate(3600, latchkey.CredentialClientKey)
	before := s.Service.ClientKeys(s.byID())
	s.rotate(0, latchkey.CredentialSecret, latchkey.CredentialCompatKey, latchkey.CredentialSellerKey)
	if diff := cmp.Diff(before, s.Service.ClientKeys(s.byID())); diff != "" {
		s.Error(diff)
	}
}
