package service_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestOnline(t *testing.T) {
	tell(t, []story{
		{"a session is online for ten minutes after it was seen", onlineWhileSeen},
		{"a list never has fewer names than were counted a moment ago", onlineNeverFewer},
		{"of all who ask at once none is refused, also if some of them leave", onlineAtOnce},
	})
}

// online flushes what was seen and asks, later than the last answer holds.
func (s *scene) online(ses *service.ClientSession) ([]string, service.ClientNumbers) {
	s.Helper()
	s.must(s.Service.FlushActivity(context.Background()))
	s.Clock.Advance(10 * time.Second)
	n, err := s.Service.ClientStats(outside(), s.client(), ses)
	s.must(err)
	names, total, err := s.Service.ClientOnline(outside(), s.client(), ses)
	s.must(err)
	if total != n.Online {
		s.Errorf("%d are online, and %d", total, n.Online)
	}
	return names, n
}

func onlineAtOnce(s *scene) {
	s.user("bartholomew", "secret")
	_, err := s.login("bartholomew", "secret", machine)
	s.must(err)
	s.must(s.Service.FlushActivity(context.Background()))
	app, ses := s.client(), s.start()
	const askers = 32
	answers, refusals := make([]service.ClientNumbers, askers), make([]error, askers)
	for range 3 { // of nothing known, and of numbers that are too old
		var asking sync.WaitGroup
		for i := range askers {
			ctx, leave := context.WithCancel(outside())
			defer leave()
			asking.Go(func() { answers[i], refusals[i] = s.Service.ClientStats(ctx, app, ses) })
			if i%4 == 0 {
				leave()
			}
		}
		asking.Wait()
		for i, n := range answers {
			if i%4 == 0 {
				continue // gone
			}
			s.must(refusals[i])
			if n.Online != 1 || n.Users != 1 {
				s.Errorf("one is told %+v", n)
			}
		}
		s.Clock.Advance(15 * time.Second)
	}
}

func onlineWhileSeen(s *scene) {
	s.user("bartholomew", "secret")
	ann, err := s.login("bartholomew", "secret", machine)
	s.must(err)
	key := s.signedIn("30d")
	names, n := s.online(s.start())
	want := service.ClientNumbers{Users: 2, Licenses: 1, Online: 2, Listed: 2, Version: "1.0"}
	if diff := cmp.Diff(want, n); diff != "" || len(names) != 2 {
		s.Errorf("%v (-want +got):\n%s", names, diff)
	}
	s.Clock.Advance(5 * time.Minute)
	s.must(s.call(ann))
	_, _ = s.online(s.start())
	s.Clock.Advance(5 * time.Minute)
	names, n = s.online(s.start())
	if diff := cmp.Diff([]string{"bartholome*"}, names); diff != "" || n.Online != 1 {
		s.Errorf("after ten minutes (-want +got):\n%s", diff)
	}
	list, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{})
	s.must(err)
	for _, v := range list.Items {
		if seen := v.LastSeenAt.After(v.SignedInAt); seen != (v.Username == "bartholomew") {
			s.Errorf("%s was last seen %s, signed in %s", v.Username, v.LastSeenAt, v.SignedInAt)
		}
	}
	_ = key
}

func onlineNeverFewer(s *scene) {
	first := s.signedIn("30d")
	s.signedIn("30d")
	names, n := s.online(s.start())
	if len(names) != 2 || n.Listed != 2 {
		s.Fatalf("%d names, %d counted", len(names), n.Listed)
	}
	s.must(s.Service.ClientLogout(outside(), s.client(), first))
	names, n = s.online(s.start())
	if len(names) != 2 || n.Listed != 1 || n.Online != 1 {
		s.Errorf("%d names, %+v", len(names), n)
	}
	for range 4 { // whoever was told two a minute ago still gets two
		if names, n = s.online(s.start()); len(names) != 2 || n.Listed != 1 {
			s.Errorf("%d names, %+v", len(names), n)
		}
	}
	if names, _ = s.online(s.start()); len(names) != 1 {
		s.Errorf("a while later there are %d names", len(names))
	}
	if latchkey.MaskName("bartholomäus", false) != "bartholomä**" || latchkey.MaskName("ann", false) != "ann" || latchkey.MaskName("KEY-1", true) != "*****" {
		s.Error("names are masked otherwise")
	}
}
