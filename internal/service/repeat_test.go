package service_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestRepeats(t *testing.T) {
	tell(t, []story{
		{"the same call again gives the same answer and makes nothing", sameAnswer},
		{"another request under the name is refused", otherRequest},
		{"names are each caller's own", namesOfCallers},
		{"what failed is not remembered", failuresAreForgotten},
		{"an answer that cannot be written makes nothing", unwritable},
		{"after a day the name is free", afterADay},
		{"a use case that makes nothing cannot be repeated", makesNothing},
	})
}

// naming makes a call under a name; request says what is asked for.
func naming(s *service.Service, ctx context.Context, name, request string, call func(context.Context) error) (string, bool, error) {
	answer, replayed, err := s.Once(ctx, service.Repeat{Key: name, Asked: []byte(request), Encode: func(made any) ([]byte, error) {
		return json.Marshal(made)
	}}, call)
	return string(answer), replayed, err
}

// tierOnce makes a subscription under a name.
func (s *scene) tierOnce(ctx context.Context, name, title string) (string, bool, error) {
	return naming(s.Service, ctx, name, title, func(ctx context.Context) error {
		return drop(s.Service.CreateSubscription(ctx, s.app.ID, title, 2))
	})
}

func (s *scene) tiers() int { return s.state(s.Ctx(), s.app.ID)[2] }

func sameAnswer(s *scene) {
	first, replayed, err := s.tierOnce(s.Ctx(), "same", "gold")
	s.must(err)
	before := s.state(s.Ctx(), s.app.ID)
	again, replayedAgain, err := s.tierOnce(s.Ctx(), "same", "gold")
	s.must(err)
	if first == "" || again != first || replayed || !replayedAgain {
		s.Errorf("%q, %t, then %q, %t", first, replayed, again, replayedAgain)
	}
	if diff := cmp.Diff(before, s.state(s.Ctx(), s.app.ID)); diff != "" {
		s.Error(diff)
	}
}

func otherRequest(s *scene) {
	_, _, err := s.tierOnce(s.Ctx(), "other", "gold")
	s.must(err)
	_, _, err = s.tierOnce(s.Ctx(), "other", "silver")
	s.refused(err, latchkey.CodeRepeatDiffers)
	if s.tiers() != 2 {
		s.Error("something was made")
	}
}

func namesOfCallers(s *scene) {
	_, _, err := s.tierOnce(s.Ctx(), "mine", "gold")
	s.must(err)
	key := service.WithActor(outside(), service.Actor{Kind: service.ActorAPIKey, ID: "key_x", AccountID: s.Owner.Account.ID, Permissions: latchkey.Permissions()})
	_, replayed, err := s.tierOnce(key, "mine", "silver")
	s.must(err)
	if replayed || s.tiers() != 3 {
		s.Error("one caller is taken for another")
	}
}

func failuresAreForgotten(s *scene) {
	_, _, err := s.tierOnce(s.Ctx(), "again", "default")
	s.refused(err, latchkey.CodeSubscriptionExists)
	_, replayed, err := s.tierOnce(s.Ctx(), "again", "bronze")
	s.must(err)
	if replayed {
		s.Error("a call that failed is remembered")
	}
}

func unwritable(s *scene) {
	for name, encode := range map[string]func(any) ([]byte, error){
		"fails":     func(any) ([]byte, error) { return nil, errors.New("no ink") },
		"too large": func(any) ([]byte, error) { return make([]byte, 2<<20), nil },
	} {
		_, _, err := s.Service.Once(s.Ctx(), service.Repeat{Key: name, Asked: []byte(name), Encode: encode}, func(ctx context.Context) error {
			return drop(s.Service.CreateSubscription(ctx, s.app.ID, name, 2))
		})
		if err == nil || s.tiers() != 1 {
			s.Errorf("%s: %v, %d subscriptions", name, err, s.tiers())
		}
	}
}

func afterADay(s *scene) {
	_, _, err := s.tierOnce(s.Ctx(), "daily", "gold")
	s.must(err)
	s.Clock.Advance(24*time.Hour - time.Second)
	_, replayed, err := s.tierOnce(s.Ctx(), "daily", "gold")
	s.must(err)
	if !replayed {
		s.Error("forgotten too early")
	}
	s.Clock.Advance(time.Second)
	_, _, err = s.tierOnce(s.Ctx(), "daily", "gold")
	s.refused(err, latchkey.CodeSubscriptionExists) // it was asked for anew
	if n, err := s.Service.SweepRepeats(s.Ctx()); n == 0 || err != nil {
		s.Errorf("%d swept, %v", n, err)
	}
	if n, err := s.Service.SweepRepeats(s.Ctx()); n != 0 || err != nil {
		s.Errorf("then %d swept, %v", n, err)
	}
}

func makesNothing(s *scene) {
	for name, call := range map[string]func(context.Context) error{
		"reads":   func(ctx context.Context) error { return drop(s.Service.App(ctx, s.app.ID)) },
		"deletes": func(ctx context.Context) error { return s.Service.DeleteApp(ctx, s.app.ID, s.app.Name) },
	} {
		if _, _, err := naming(s.Service, s.Ctx(), name, "", call); latchkey.CodeOf(err) != latchkey.CodeInternal {
			s.Errorf("%s: %v", name, err)
		}
	}
	s.must(drop(s.Service.App(s.Ctx(), s.app.ID))) // the deletion was undone
}

// Two calls of one name at once make one thing: on one server, and on two that
// share a PostgreSQL and know nothing of each other.
func TestRepeatRace(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			database := "sqlite"
			if engine == "postgres" {
				database = storetest.NewPostgres(t)
			}
			box, clock := servicetest.NewBox(t), servicetest.NewClock()
			first := servicetest.Open(t, database, box, clock)
			servers := []*service.Service{first.Service}
			if engine == "postgres" {
				servers = append(servers, servicetest.Open(t, database, box, clock).Service)
			} else {
				servers = append(servers, beside(t, first, rand.Reader, slog.New(slog.DiscardHandler)))
			}
			for round := range 10 {
				raceRepeat(t, first, servers, fmt.Sprintf("app %d", round))
			}
		})
	}
}

func raceRepeat(t *testing.T, e *servicetest.Env, servers []*service.Service, name string) {
	t.Helper()
	const callers = 6
	answers, errs := make([]string, callers), make([]error, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			s := servers[i%len(servers)]
			answers[i], _, errs[i] = naming(s, e.Ctx(), name, "", func(ctx context.Context) error {
				_, _, err := s.CreateApp(ctx, name)
				return err
			})
		})
	}
	all.Wait()
	answer, _, err := naming(servers[0], e.Ctx(), name, "", func(context.Context) error { return errors.New("made anew") })
	if err != nil {
		t.Fatal(err)
	}
	for i := range callers {
		if errs[i] == nil && answers[i] != answer || errs[i] != nil && latchkey.CodeOf(errs[i]) != latchkey.CodeRepeatRunning {
			t.Errorf("caller %d: %v, the same answer: %t", i, errs[i], answers[i] == answer)
		}
	}
	list, err := e.Service.ListApps(e.Ctx(), name, service.Page{})
	if err != nil || len(list.Items) != 1 {
		t.Errorf("%d apps, %v", len(list.Items), err)
	}
}
