package service_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

const day = 24 * time.Hour

func TestPauses(t *testing.T) {
	tell(t, []story{
		{"no pause costs a holder any time", pausesKeepTime},
		{"overlapping pauses give the time back once", overlappingPauses},
		{"a license redeemed during a pause gives its whole time afterwards", redeemWhilePaused},
		{"time added or taken during a pause counts from where the pause froze it", extendWhilePaused},
		{"a pause raises no holding from the dead", pauseAfterExpiry},
		{"a lifetime stays one", pausedLifetime},
		{"pausing twice and resuming what runs are refused", pausedTwice},
		{"one active subscription is enough beside a paused one", activeBesidePaused},
		{"an app is resumed once, also by many at once", resumeRace},
	})
}

// pauseKinds are the three things that can be paused, by what pauses and
// resumes them for a holder of the first subscription.
func pauseKinds(s *scene, userID string) []pauseKind {
	tier := s.tier().ID
	return []pauseKind{
		{"subscription",
			func() error { return drop(s.Service.PauseSubscription(s.Ctx(), s.app.ID, tier)) },
			func() error { return drop(s.Service.ResumeSubscription(s.Ctx(), s.app.ID, tier)) },
			latchkey.CodeSubscriptionPaused, latchkey.CodeSubscriptionNotPaused},
		{"app",
			func() error { return drop(s.Service.PauseApp(s.Ctx(), s.app.ID)) },
			func() error { return drop(s.Service.ResumeApp(s.Ctx(), s.app.ID)) },
			latchkey.CodeAppPaused, latchkey.CodeAppNotPaused},
		{"user",
			func() error { return drop(s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, userID, tier)) },
			func() error { return drop(s.Service.ResumeUserSubscription(s.Ctx(), s.app.ID, userID, tier)) },
			latchkey.CodeSubscriptionPaused, latchkey.CodeSubscriptionNotPaused},
	}
}

type pauseKind struct {
	name          string
	pause, resume func() error
	paused, runs  latchkey.Code // the refusals of a second pause, and of a resumption without one
}

func (s *scene) wantLeft(userID string, want time.Duration) {
	s.Helper()
	if got := s.left(userID); got != want {
		s.Errorf("%s left, want %s", got, want)
	}
}

func pausesKeepTime(s *scene) {
	ann := s.user("ann", "secret")
	for i, p := range pauseKinds(s, ann.ID) {
		s.Clock.Advance(day)
		want := 30*day - time.Duration(i+1)*day
		s.must(p.pause())
		s.wantLeft(ann.ID, want)
		s.Clock.Advance(100 * day)
		s.wantLeft(ann.ID, want)
		_, err := s.login("ann", "secret", machine)
		s.refused(err, p.paused)
		s.must(p.resume())
		s.wantLeft(ann.ID, want)
		_, err = s.login("ann", "secret", machine)
		s.must(err)
	}
	s.Clock.Advance(27*day - time.Millisecond)
	_, err := s.login("ann", "secret", machine)
	s.must(err)
	s.Clock.Advance(time.Millisecond)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeSubscriptionExpired)
}

// overlappingPauses pauses the three in every order and resumes them in every
// order, with a different number of days between the steps.
func overlappingPauses(s *scene) {
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for i, down := range orders {
		for j, up := range orders {
			ann := s.user(fmt.Sprintf("ann %d %d", i, j), "secret")
			kinds := pauseKinds(s, ann.ID)
			s.Clock.Advance(day)
			for n, k := range down {
				s.must(kinds[k].pause())
				s.Clock.Advance(time.Duration(2+n) * day)
			}
			for n, k := range up {
				s.must(kinds[k].resume())
				if n < 2 {
					s.Clock.Advance(time.Duration(7+n) * day)
				}
			}
			s.wantLeft(ann.ID, 29*day)
			s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, ann.ID))
		}
	}
}

func redeemWhilePaused(s *scene) {
	for i := range 3 {
		name := fmt.Sprintf("ann %d", i)
		ann, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: name, Password: "secret"})
		s.must(err)
		kinds := pauseKinds(s, ann.ID)
		if i == 2 { // a pause of what the user does not hold yet
			s.refused(kinds[2].pause(), latchkey.CodeSubscriptionNotHeld)
			continue
		}
		s.must(kinds[i].pause())
		s.Clock.Advance(day)
		_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, ann.ID, s.key("10d"))
		s.must(err)
		s.wantLeft(ann.ID, 10*day)
		s.Clock.Advance(100 * day)
		s.wantLeft(ann.ID, 10*day)
		_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, ann.ID, s.key("5d"))
		s.must(err)
		s.must(kinds[i].resume())
		s.wantLeft(ann.ID, 15*day)
	}
}

func extendWhilePaused(s *scene) {
	for i := range 3 {
		ann := s.user(fmt.Sprintf("ann %d", i), "secret")
		p := pauseKinds(s, ann.ID)[i]
		s.Clock.Advance(10 * day)
		s.must(p.pause())
		s.Clock.Advance(50 * day)
		change := func(length string, subtract bool) {
			s.Helper()
			got, err := s.Service.ChangeTime(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{ann.ID}},
				service.TimeChange{Duration: s.length(length), Subtract: subtract}, service.BulkCall{})
			s.must(err)
			if got.Change != (service.Change{Matched: 1, Changed: 1}) {
				s.Errorf("%s: %+v", p.name, got)
			}
		}
		change("5d", false)
		s.wantLeft(ann.ID, 25*day)
		change("20d", true)
		s.wantLeft(ann.ID, 5*day)
		s.Clock.Advance(50 * day)
		s.must(p.resume())
		s.wantLeft(ann.ID, 5*day)
	}
}

func pauseAfterExpiry(s *scene) {
	ann := s.user("ann", "secret")
	ended := ann.Holdings[0].ExpiresAt
	s.Clock.Advance(31 * day)
	for _, p := range pauseKinds(s, ann.ID) {
		s.must(p.pause())
		s.Clock.Advance(10 * day)
		s.must(p.resume())
		if got := s.found(ann.ID).Holdings[0].ExpiresAt; !got.Equal(ended) {
			s.Errorf("after a pause of the %s it ended %s, not %s", p.name, got, ended)
		}
		_, err := s.login("ann", "secret", machine)
		s.refused(err, latchkey.CodeSubscriptionExpired)
	}
}

func pausedLifetime(s *scene) {
	key := s.key("lifetime")
	_, err := s.license(key, machine)
	s.must(err)
	for _, p := range pauseKinds(s, s.named(key).ID) {
		s.must(p.pause())
		s.Clock.Advance(10 * day)
		s.must(p.resume())
	}
	if h := s.named(key).Holdings[0]; !h.IsLifetime() {
		s.Errorf("it ends %s now", h.ExpiresAt)
	}
}

func pausedTwice(s *scene) {
	ann := s.user("ann", "secret")
	for _, p := range pauseKinds(s, ann.ID) {
		s.refused(p.resume(), p.runs)
		s.must(p.pause())
		s.Clock.Advance(day)
		s.refused(p.pause(), p.paused)
		s.Clock.Advance(day)
		s.must(p.resume())
		s.refused(p.resume(), p.runs)
		s.wantLeft(ann.ID, 30*day)
	}
	_, err := s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, "usr_none", s.tier().ID)
	s.refused(err, latchkey.CodeUserNotFound)
	_, err = s.Service.PauseUserSubscription(s.Ctx(), s.app.ID, ann.ID, "sub_none")
	s.refused(err, latchkey.CodeSubscriptionNotFound)
	_, err = s.Service.PauseSubscription(s.Ctx(), s.app.ID, "sub_none")
	s.refused(err, latchkey.CodeSubscriptionNotFound)
}

func activeBesidePaused(s *scene) {
	ann := s.user("ann", "secret")
	gold, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 2)
	s.must(err)
	_, err = s.Service.AddUserSubscription(s.Ctx(), s.app.ID, ann.ID, gold.ID, s.length("5d"))
	s.must(err)
	_, err = s.Service.PauseSubscription(s.Ctx(), s.app.ID, s.tier().ID)
	s.must(err)
	c, err := s.Service.ClientLogin(outside(), s.client(), s.start(), service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine})
	s.must(err)
	if len(c.Holdings) != 1 || c.Holdings[0].Name != "gold" {
		s.Errorf("signed in with %+v, want gold alone", c.Holdings)
	}
	s.Clock.Advance(5 * day)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeSubscriptionPaused) // what is left would be active but for the pause
}

func resumeRace(s *scene) {
	ann := s.user("ann", "secret")
	for _, p := range pauseKinds(s, ann.ID) {
		s.must(p.pause())
		s.Clock.Advance(10 * day)
		errs := together(10, func(int) error { return p.resume() })
		if got := tally(errs); got[""] != 1 || got[p.runs] != 9 {
			s.Errorf("%s: answers %v, want one success", p.name, got)
		}
		s.wantLeft(ann.ID, 30*day)
	}
}

// TestPauses_against_the_model plays random stories of pauses, grants and
// changes of time, and holds what the service says against a model that counts
// second by second: time runs only while none of the three pauses is on.
func TestPauses_against_the_model(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			e := servicetest.NewOn(t, engine)
			for seed := range uint64(raceRounds()) {
				t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
					playPauses(&scene{T: t, Env: e, app: e.App(fmt.Sprintf("seed %d", seed))}, rand.New(rand.NewPCG(seed, 7)))
				})
			}
		})
	}
}

// model is what a holder should have: seconds left, and which pauses are on
// (subscription, app, user).
type model struct {
	left   int64
	paused [3]bool
}

func (m *model) pass(seconds int64) {
	if m.paused == [3]bool{} {
		m.left = max(0, m.left-seconds)
	}
}

func playPauses(s *scene, random *rand.Rand) {
	// Two users share the subscription and the app, each with pauses of their own.
	users := []service.UserView{s.user("ann", "secret"), s.user("bob", "secret")}
	models := []model{{left: 30 * 86_400}, {left: 30 * 86_400}}
	for range 50 {
		seconds := random.Int64N(3 * 86_400)
		s.Clock.Advance(time.Duration(seconds) * time.Second)
		for i := range models {
			models[i].pass(seconds)
		}
		who := random.IntN(2)
		kinds, m := pauseKinds(s, users[who].ID), &models[who]
		switch action := random.IntN(6); action {
		case 0, 1, 2:
			do := kinds[action].pause
			if m.paused[action] {
				do = kinds[action].resume
			}
			s.must(do())
			if action == 2 {
				m.paused[2] = !m.paused[2]
				break
			}
			for i := range models { // both feel it
				models[i].paused[action] = !models[i].paused[action]
			}
		case 3:
			days := 1 + random.Int64N(10)
			_, err := s.Service.RedeemLicense(s.Ctx(), s.app.ID, users[who].ID, s.key(fmt.Sprintf("%dd", days)))
			s.must(err)
			m.left += days * 86_400
		case 4, 5:
			hours, subtract := 1+random.Int64N(100), action == 5
			_, err := s.Service.ChangeTime(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{users[who].ID}},
				service.TimeChange{Duration: latchkey.Duration{Amount: hours, Unit: latchkey.UnitHour}, Subtract: subtract}, service.BulkCall{})
			s.must(err)
			if m.left += hours * 3600; subtract {
				m.left = max(0, m.left-2*hours*3600)
			}
		}
		for i, u := range users {
			h := s.found(u.ID).Holdings[0]
			now := s.Clock.Now()
			if got := h.TimeLeft(now); got != time.Duration(models[i].left)*time.Second {
				s.Fatalf("%s has %s left, want %d s; pauses %v", u.Name, got, models[i].left, models[i].paused)
			}
			if h.Paused() != (models[i].paused != [3]bool{}) || h.Active(now) != (models[i].left > 0 && !h.Paused()) {
				s.Fatalf("%s: paused %v, active %v; want pauses %v", u.Name, h.Paused(), h.Active(now), models[i].paused)
			}
		}
		view := s.tier()
		active := int64(0)
		for _, m := range models {
			if m.left > 0 {
				active++
			}
		}
		if view.Holders != 2 || view.Active != active || view.Expired != 2-active {
			s.Fatalf("%d holders, %d active, %d expired; want 2, %d and the rest", view.Holders, view.Active, view.Expired, active)
		}
	}
}
