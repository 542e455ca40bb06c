package service_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func TestWatches(t *testing.T) {
	tell(t, []story{
		{"every use case tells of what it changes, and of nothing else", useCasesTell},
		{"customers' calls tell of sessions, users and licenses", customersTell},
		{"who gains or loses a permission is told of more or less", watchPermissions},
		{"a watch ends with what it stands on", watchEnds},
		{"an account watches 50 times at most, a server 1,000 times", watchBounds},
		{"a server of strangers tells strangers nothing", watchStrangers},
	})
}

// watch watches the app of x, as whoever ctx is.
func (s *scene) watch(ctx context.Context, app string, topics ...string) *service.AppWatch {
	s.Helper()
	w, err := s.Service.WatchApp(ctx, app, topics)
	s.must(err)
	s.Cleanup(w.Close)
	return w
}

// wantTopics wants the watch to tell of these.
func (s *scene) wantTopics(what string, w *service.AppWatch, want ...service.Topic) {
	s.Helper()
	got, err := w.Take(outside())
	s.must(err)
	if diff := cmp.Diff(append([]service.Topic{}, want...), got); diff != "" {
		s.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func useCasesTell(s *scene) {
	const sessions, licenses, users, chats, tokens, counters = service.Topic("sessions"), service.Topic("licenses"), service.Topic("users"), service.Topic("chats"), service.Topic("tokens"), service.Topic("counters")
	want := map[string][]service.Topic{
		"UpdateApp": {sessions}, "PauseApp": {sessions}, "ResumeApp": {sessions, users}, "DisableApp": {sessions}, "EnableApp": {sessions}, "RotateCredentials": {sessions},
		"UpdateSubscription": {users}, "PauseSubscription": {users}, "ResumeSubscription": {users}, "DeleteSubscription": {users},
		"CreateLicenses": {licenses, counters}, "CreateLicenseBatch": {licenses, counters}, "EachOfBatch": {licenses, counters}, "ImportLicenses": {licenses, counters},
		"UpdateLicense": {licenses}, "ExtendLicense": {licenses}, "ExtendLicenses": {licenses},
		"BanLicense": {licenses, counters}, "UnbanLicense": {licenses, counters}, "BanLicenses": {licenses, counters}, "UnbanLicenses": {licenses, counters},
		"CreateUser": {users, counters}, "UpdateUser": {sessions, users}, "BanUser": {sessions, users, counters}, "UnbanUser": {sessions, users, counters},
		"RedeemLicense": {licenses, users, counters}, "AddUserSubscription": {users}, "PauseUserSubscription": {users}, "ResumeUserSubscription": {users},
		"ChangeTime": {users}, "KillSession": {sessions}, "KillSessions": {sessions}, "UnbindDevice": {sessions, users}, "ResetUserDevices": nil, // there is none left
		"DeclineReset":           {sessions, users, counters},
		"RemoveUserSubscription": {users}, "DeleteUser": {sessions, users, chats, tokens, counters}, "DeleteLicense": {licenses, counters},
		"CreateChannel": {chats}, "UpdateChannel": {chats}, "DeleteChannel": {chats}, "SendChatMessage": {chats}, "DeleteChatMessage": {chats}, "ClearChannel": {chats},
		"BlacklistToken": {tokens}, "UnblacklistToken": {tokens}, "ResetToken": {tokens}, "DeleteToken": {tokens}, "CreateToken": {tokens},
		"Unmute": {chats}, "MuteUser": {chats},
	}
	ann := other(s, s.Env, "watch@example.com")
	x, beside := furnish(s, s.As(ann)), s.App("beside")
	w, elsewhere := s.watch(s.As(ann), x.app), s.watch(s.Ctx(), beside.ID)
	done := map[string]bool{}
	for _, u := range useCases() {
		if u.method == "DeleteApp" {
			break
		}
		if err := u.call(s.As(ann), s.Service, x); err != nil {
			continue // what the walk has deleted already
		}
		got, err := w.Take(outside())
		s.must(err)
		topics, listed := want[u.method]
		if listed && !slices.Equal(topics, got) || !listed && len(got) > 0 && slices.Contains([]latchkey.Permission{latchkey.PermLicensesRead, latchkey.PermUsersRead, latchkey.PermChatsRead, latchkey.PermSessionsRead}, u.needs) {
			s.Errorf("%s tells of %v, want %v", u.method, got, topics)
		}
		done[u.method] = true
	}
	for method := range want {
		if !done[method] && method != "KillSessions" {
			s.Errorf("%s was not tried", method)
		}
	}
	s.wantTopics("another app", elsewhere)
	s.must(s.Service.DeleteApp(s.As(ann), x.app, x.name))
	_, err := w.Take(outside())
	s.refused(err, latchkey.CodeAppNotFound)
}

func customersTell(s *scene) {
	key := s.key("30d")
	w := s.watch(s.Ctx(), s.app.ID)
	ses, err := s.license(key, machine)
	s.must(err)
	s.wantTopics("a redemption", w, "sessions", "licenses", "users", "counters")
	_, err = s.license(key, machine)
	s.must(err)
	s.wantTopics("a sign-in", w, "sessions")
	s.must(s.call(ses))
	s.wantTopics("a check", w)
	s.must(s.Service.ClientLogout(outside(), s.client(), ses))
	s.wantTopics("a log-out", w, "sessions")
	_, err = s.license(key, otherMachine)
	s.refused(err, latchkey.CodeDeviceMismatch)
	s.wantTopics("a refusal", w)
}

func watchPermissions(s *scene) {
	ctx := s.machine(service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead, latchkey.PermChatsRead}})
	w := s.watch(ctx, s.app.ID, "users", "chats")
	if diff := cmp.Diff([]service.Topic{"chats"}, w.Topics()); diff != "" {
		s.Errorf("topics (-want +got):\n%s", diff)
	}
	s.user("ann", "secret")
	s.wantTopics("what it may not read", w)
	s.channel("lobby", service.ChannelEdit{})
	s.wantTopics("what it may", w, "chats")
	more := []latchkey.Permission{latchkey.PermAppsRead, latchkey.PermUsersRead}
	_, err := s.Service.UpdateAPIKey(s.Ctx(), service.ActorFrom(ctx).ID, service.APIKeyEdit{Permissions: &more})
	s.must(err)
	s.wantTopics("an edit of the key", w)
	s.user("bob", "secret")
	s.channel("another", service.ChannelEdit{})
	s.wantTopics("what it may since the edit", w, "users")
	_, err = s.Service.UpdateAPIKey(s.Ctx(), service.ActorFrom(ctx).ID, service.APIKeyEdit{Permissions: &[]latchkey.Permission{latchkey.PermLogsRead}})
	s.must(err)
	_, err = w.Take(outside())
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.WatchApp(ctx, s.app.ID, []string{"chats2"})
	s.refused(err, latchkey.CodeInvalid)
	reader := s.machine(service.NewAPIKey{Name: "y", Permissions: []latchkey.Permission{latchkey.PermAppsRead, latchkey.PermChatsRead}})
	_, err = s.Service.WatchApp(reader, s.app.ID, []string{"users"})
	s.refused(err, latchkey.CodeForbidden)
	_, err = s.Service.WatchApp(s.Ctx(), s.app.ID, []string{"access"})
	s.refused(err, latchkey.CodeInvalid)
}

func watchEnds(s *scene) {
	key, token, err := s.Service.CreateAPIKey(s.Ctx(), service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead}, ExpiresAt: s.Clock.Now().Add(time.Hour)})
	s.must(err)
	actor, err := s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	ctx := service.WithActor(outside(), actor)
	w, brief := s.watch(ctx, s.app.ID), s.watch(ctx, s.app.ID)
	s.Clock.Advance(59 * time.Minute)
	s.must(brief.Check(outside()))
	s.Clock.Advance(time.Minute)
	s.refused(brief.Check(outside()), latchkey.CodeAuthInvalid)
	s.must(s.Service.DeleteAPIKey(s.Ctx(), key.ID))
	select {
	case <-w.Changed():
	default:
		s.Error("nobody was woken")
	}
	_, err = w.Take(outside())
	s.refused(err, latchkey.CodeAuthInvalid)
}

func watchBounds(s *scene) {
	var open []*service.AppWatch
	defer func() {
		for _, w := range open {
			w.Close()
		}
	}()
	before := s.Service.Watches()
	for n := range 21 {
		account := other(s, s.Env, fmt.Sprintf("bounds%d@example.com", n))
		app, _, err := s.Service.CreateApp(s.As(account), "x")
		s.must(err)
		for i := range 51 {
			w, err := s.Service.WatchApp(s.As(account), app.ID, nil)
			switch {
			case err == nil:
				open = append(open, w)
			case latchkey.CodeOf(err) == latchkey.CodeBusy && len(open)+before == 1000:
			default:
				s.refused(err, latchkey.CodeRateLimited)
				if i != 50 {
					s.Fatalf("the account watches %d times", i)
				}
			}
		}
	}
	if n := s.Service.Watches(); n != 1000 {
		s.Errorf("%d watch", n)
	}
}

func watchStrangers(s *scene) {
	for _, ctx := range []context.Context{outside(), service.WithActor(outside(), service.Actor{Kind: service.ActorCustomer, ID: "usr_x"})} {
		_, err := s.Service.WatchApp(ctx, s.app.ID, nil)
		s.refused(err, latchkey.CodeAuthRequired)
	}
	eve := other(s, s.Env, "eve-watches@example.com")
	_, err := s.Service.WatchApp(s.As(eve), s.app.ID, nil)
	s.refused(err, latchkey.CodeAppNotFound)
	_, err = s.Service.WatchApp(s.As(eve), "app_none", nil)
	s.refused(err, latchkey.CodeAppNotFound)
}

// TestWatch_on_another_server: what one server of a PostgreSQL changes, the
// others tell of, and a credential that is revoked on one ends watches on all.
func TestWatch_on_another_server(t *testing.T) {
	here, there := servicetest.NewPair(t)
	ctx, cancel := context.WithCancel(t.Context())
	var relays sync.WaitGroup
	defer relays.Wait()
	defer cancel()
	relays.Go(func() { here.DB.Relay(ctx) })
	relays.Go(func() { there.DB.Relay(ctx) })
	s := &scene{T: t, Env: here, app: here.App("shared")}
	key, token, err := there.Service.CreateAPIKey(there.Ctx(), service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead, latchkey.PermLicensesRead}})
	s.must(err)
	actor, err := here.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	w := s.watch(service.WithActor(outside(), actor), s.app.ID, "licenses")
	deadline := time.After(time.Minute)
	for told := false; !told; {
		there.Licenses(s.app.ID, 1, "1d") // until the other server has heard that somebody watches
		select {
		case <-w.Changed():
			topics, err := w.Take(outside())
			s.must(err)
			told = slices.Contains(topics, "licenses")
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatal("the other server's change was not told")
		}
	}
	s.must(there.Service.DeleteAPIKey(there.Ctx(), key.ID))
	for err == nil {
		select {
		case <-w.Changed():
			_, err = w.Take(outside())
		case <-deadline:
			t.Fatal("the watch goes on without its key")
		}
	}
	s.refused(err, latchkey.CodeAuthInvalid)
}
