package service_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

func share(s *scene) {
	for i := range 6 {
		s.promise(fmt.Sprint("queue ", i))
	}
	claims, _, err := s.Service.ClaimDeliveries(s.Context(), 4, 1)
	s.must(err)
	if len(claims) != 4 {
		s.Fatalf("%d claimed of at most 4", len(claims))
	}
	for _, c := range claims {
		s.next(c, latchkey.DeliveryResult{})
		s.next(c, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Wait: time.Second})
	}
	s.Clock.Advance(time.Minute)
	claims, _, err = s.Service.ClaimDeliveries(s.Context(), 4, 1)
	s.must(err)
	failing := 0
	for _, c := range claims {
		if c.Failing() {
			failing++
		}
	}
	if len(claims) != 3 || failing != 1 {
		s.Errorf("%d claimed, %d of them failing; want 3 and 1", len(claims), failing)
	}
	rest, _, err := s.Service.ClaimDeliveries(s.Context(), 100, 100)
	s.must(err)
	for _, c := range append(claims, rest...) {
		s.next(c, latchkey.DeliveryResult{})
		s.next(c, latchkey.DeliveryResult{})
	}
	s.idle(time.Time{})
}

func byHand(s *scene) {
	again, gone := s.failedDelivery(), s.failedDelivery()
	waiting := s.promise("other")
	for what, err := range map[string]error{
		"retry what waits":  drop(s.Service.RetryDelivery(s.Ctx(), s.app.ID, waiting)),
		"delete what waits": s.Service.DeleteDelivery(s.Ctx(), s.app.ID, waiting),
	} {
		if latchkey.CodeOf(err) != latchkey.CodeDeliveryNotFound {
			s.Errorf("%s: %v", what, err)
		}
	}
	d, err := s.Service.RetryDelivery(s.Ctx(), s.app.ID, again)
	s.must(err)
	if d.State != latchkey.DeliveryWaiting || !d.DueAt.Equal(s.Clock.Now()) || !d.GiveUpAt.Equal(s.Clock.Now().Add(latchkey.DeliveryPatience)) || d.Payload != nil {
		s.Errorf("tried again: %+v", d)
	}
	s.must(s.Service.DeleteDelivery(s.Ctx(), s.app.ID, gone))
	if failed := s.deliveries(latchkey.DeliveryFailed); len(failed) != 0 {
		s.Errorf("failed: %+v", failed)
	}
	if got := s.actions()[:2]; !cmp.Equal(got, []string{"delivery.delete", "delivery.retry"}) {
		s.Errorf("audit: %v", got)
	}
	s.drain()
	_, err = s.Service.ListDeliveries(s.Ctx(), s.app.ID, service.DeliveryFilter{State: "done"})
	s.refused(err, latchkey.CodeInvalid)
}

// drain makes everything that is due.
func (s *scene) drain() (ids []string) {
	s.Helper()
	claims, _, err := s.Service.ClaimDeliveries(s.Context(), 100, 100)
	s.must(err)
	for _, c := range claims {
		for id := s.next(c, latchkey.DeliveryResult{}); id != ""; id = s.next(c, latchkey.DeliveryResult{}) {
			ids = append(ids, id)
		}
	}
	return ids
}

func allByHand(s *scene) {
	s.Change(func(c *service.Config) { c.BulkChunk = 2 })
	defer s.Change(func(c *service.Config) { c.BulkChunk = 0 })
	for range 5 {
		s.failedDelivery()
	}
	change, err := s.Service.RetryDeliveries(s.Ctx(), s.app.ID)
	s.must(err)
	if want := (service.Change{Matched: 5, Changed: 5}); change != want {
		s.Errorf("%+v, want %+v", change, want)
	}
	if ids := s.drain(); len(ids) != 5 {
		s.Errorf("%d were tried again", len(ids))
	}
	for range 3 {
		s.failedDelivery()
	}
	change, err = s.Service.DeleteDeliveries(s.Ctx(), s.app.ID)
	s.must(err)
	if want := (service.Change{Matched: 3, Changed: 3}); change != want {
		s.Errorf("%+v, want %+v", change, want)
	}
	if got, want := s.actions()[:5], []string{"deliveries.delete", "deliveries.delete", "deliveries.retry", "deliveries.retry", "deliveries.retry"}; !cmp.Equal(got, want) {
		s.Errorf("audit: %v", got)
	}
}

func forgotten(s *scene) {
	s.failedDelivery()
	s.Clock.Advance(latchkey.DeliveryMemory - time.Second)
	_, err := s.Service.SweepDeliveries(s.Context())
	s.must(err)
	if len(s.deliveries("")) != 1 {
		s.Error("it was forgotten too early")
	}
	s.Clock.Advance(time.Second)
	_, err = s.Service.SweepDeliveries(s.Context())
	s.must(err)
	if len(s.deliveries("")) != 0 {
		s.Error("it is still there")
	}
}

// Two servers on one database hand out each delivery once, and never two of
// one queue at once.
func TestDeliveryClaims_of_two_servers(t *testing.T) {
	first, second := servicetest.NewPair(t)
	s := &scene{T: t, Env: first, app: first.App("shared")}
	for range raceRounds() {
		want := map[string]bool{}
		for i := range 60 {
			want[s.promise(fmt.Sprint("queue ", i%12))] = true
		}
		var mu sync.Mutex
		busy, got := map[string]bool{}, map[string]int{}
		var wg sync.WaitGroup
		for i := range 8 {
			server := []*servicetest.Env{first, second}[i%2].Service
			wg.Go(func() {
				for {
					claims, _, err := server.ClaimDeliveries(t.Context(), 3, 3)
					if err != nil {
						t.Error(err)
						return
					}
					if len(claims) == 0 {
						return
					}
					for _, c := range claims {
						workOff(t, server, c, func(queue string, id string, begin bool) {
							mu.Lock()
							defer mu.Unlock()
							if begin {
								if busy[queue] {
									t.Errorf("two of %s at once", queue)
								}
								got[id]++
							}
							busy[queue] = begin
						})
					}
				}
			})
		}
		wg.Wait()
		for id := range want {
			if got[id] != 1 {
				t.Errorf("%s was handed out %d times", id, got[id])
			}
		}
	}
}

func workOff(t *testing.T, server *service.Service, c *service.DeliveryClaim, note func(queue, id string, begin bool)) {
	for {
		d, err := server.NextDelivery(t.Context(), c, latchkey.DeliveryResult{})
		if err != nil {
			t.Error(err)
			return
		}
		if d == nil {
			return
		}
		note(d.Queue, d.ID, true)
		note(d.Queue, d.ID, false)
	}
}
