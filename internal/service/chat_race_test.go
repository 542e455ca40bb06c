package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// TestChatDelayRace has one user say many things at the same moment, and many
// users at once, also on two servers: of one user's the delay lets one through.
func TestChatDelayRace(t *testing.T) {
	race := func(t *testing.T, servers ...*servicetest.Env) {
		e := servers[0]
		s := &scene{T: t, Env: e, app: e.App("race")}
		c := s.channel("lobby", service.ChannelEdit{Delay: point(int64(10)), History: point(int64(40))})
		names := []string{"ann", "bob", "carl"}
		var sessions []*service.ClientSession
		for _, name := range names {
			sessions = append(sessions, s.customer(name))
		}
		client := s.client()
		const rounds, each = 4, 8
		for round := range rounds {
			errs := together(each*len(sessions), func(i int) error {
				return servers[i%len(servers)].Service.ClientChatSend(outside(), client, sessions[i%len(sessions)], "lobby", fmt.Sprint(round))
			})
			got := tally(errs)
			if got[""] != len(sessions) || got[""]+got[latchkey.CodeChatTooFast] != len(errs) {
				t.Fatalf("round %d: %v, want one message of each", round, got)
			}
			s.Clock.Advance(30 * time.Second)
		}
		view, err := s.Service.Channel(s.Ctx(), s.app.ID, c.ID)
		s.must(err)
		if want := int64(rounds * len(sessions)); view.Messages != want {
			t.Errorf("%d messages, want %d", view.Messages, want)
		}
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { race(t, servicetest.NewOn(t, engine)) })
	}
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		first, second := servicetest.NewPair(t)
		race(t, first, second)
	})
}

// TestChatHistoryRace has many speak at once in a short channel: it never keeps
// more than it may, and their order is one for all.
func TestChatHistoryRace(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			e := servicetest.NewOn(t, engine)
			s := &scene{T: t, Env: e, app: e.App("race")}
			c := s.channel("lobby", service.ChannelEdit{History: point(int64(5))})
			ses := s.customer("ann")
			for i, err := range together(60, func(i int) error {
				if i%3 == 0 {
					view, err := s.Service.Channel(s.Ctx(), s.app.ID, c.ID)
					if view.Messages > 5 {
						return fmt.Errorf("%d messages", view.Messages)
					}
					return err
				}
				return drop(s.Service.SendChatMessage(s.Ctx(), s.app.ID, c.ID, "", fmt.Sprint(i)))
			}) {
				if err != nil {
					t.Errorf("call %d: %v", i, err)
				}
			}
			if heard := s.heard(ses, "lobby"); len(heard) != 5 {
				t.Errorf("%d messages are kept: %v", len(heard), heard)
			}
		})
	}
}
