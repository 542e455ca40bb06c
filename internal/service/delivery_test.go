package service_test

import (
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/store"
)

func TestDeliveries(t *testing.T) {
	tell(t, []story{
		{"what is made is forgotten, one after the other", made},
		{"a place that takes nothing holds up its queue, longer each time", unreachable},
		{"one that may be taken later does not hold up the others", putOff},
		{"what is refused is given up at once, the others go on", refusedOnes},
		{"after three days it is given up", patience},
		{"an attempt that was broken off does not count and is made at once", interrupted},
		{"who crashed is followed after the lease", crashed},
		{"a receiver is asked again when it wants to be", asAsked},
		{"failing places are not claimed beyond their share", share},
		{"failed ones are listed, tried again and deleted", byHand},
		{"all failed ones are tried again or deleted in one call", allByHand},
		{"failed ones are forgotten after 30 days", forgotten},
	})
}

// promise has something sent and returns its id.
func (s *scene) promise(queue string) string {
	s.Helper()
	now := s.Clock.Now()
	id, err := latchkey.NewID(latchkey.KindOutbox, now, rand.Reader)
	s.must(err)
	d := latchkey.Delivery{ID: id, AppID: s.app.ID, Queue: queue, Kind: latchkey.DeliveryMail, Payload: []byte(`{}`), DueAt: now, CreatedAt: now,
		GiveUpAt: now.Add(latchkey.DeliveryPatience)}
	s.must(s.DB.Write(s.Context(), func(tx *store.Tx) error {
		_, err := tx.Enqueue(s.Context(), &d, 1000)
		return err
	}))
	return id
}

// failedDelivery makes one that was given up.
func (s *scene) failedDelivery() string {
	s.Helper()
	id := s.promise("mail")
	s.must(s.DB.Write(s.Context(), func(tx *store.Tx) error {
		d := latchkey.Delivery{ID: id, AppID: s.app.ID}
		if _, err := tx.FailDelivery(s.Context(), &d, "mail.refused 550", s.Clock.Now()); err != nil {
			return err
		}
		return tx.LeaveQueue(s.Context(), &store.Queue{AppID: s.app.ID, Name: "mail"}, store.QueueChange{Waiting: -1, Failed: 1}, time.Time{})
	}))
	return id
}

// claim takes everything that is due; there is one queue.
func (s *scene) claim() *service.DeliveryClaim {
	s.Helper()
	claims, _, err := s.Service.ClaimDeliveries(s.Context(), 100, 100)
	s.must(err)
	if len(claims) != 1 {
		s.Fatalf("%d queues are due", len(claims))
	}
	return claims[0]
}

// idle wants nothing to be due, and the next thing at a moment; zero: never.
func (s *scene) idle(next time.Time) {
	s.Helper()
	claims, due, err := s.Service.ClaimDeliveries(s.Context(), 100, 100)
	s.must(err)
	if len(claims) != 0 || !due.Equal(next) {
		s.Errorf("%d queues are due, the next at %s, want %s", len(claims), due, next)
	}
}

// next ends the last delivery of a claim and begins the next; "" if there is none.
func (s *scene) next(c *service.DeliveryClaim, last latchkey.DeliveryResult) string {
	s.Helper()
	d, err := s.Service.NextDelivery(s.Context(), c, last)
	s.must(err)
	if d == nil {
		return ""
	}
	return d.ID
}

func result(outcome latchkey.DeliveryOutcome) latchkey.DeliveryResult {
	return latchkey.DeliveryResult{Outcome: outcome, Error: "a reason"}
}

// deliveries are what the seller is shown.
func (s *scene) deliveries(state latchkey.DeliveryState) []latchkey.Delivery {
	s.Helper()
	list, err := s.Service.ListDeliveries(s.Ctx(), s.app.ID, service.DeliveryFilter{State: state})
	s.must(err)
	return list.Items
}

func made(s *scene) {
	want := []string{s.promise("mail"), s.promise("mail"), s.promise("mail")}
	slices.Sort(want)
	c := s.claim()
	var got []string
	for id := s.next(c, latchkey.DeliveryResult{}); id != ""; id = s.next(c, latchkey.DeliveryResult{}) {
		got = append(got, id)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("made (-want +got):\n%s", diff)
	}
	if left := s.deliveries(""); len(left) != 0 {
		s.Errorf("left: %+v", left)
	}
	s.idle(time.Time{})
}

func unreachable(s *scene) {
	// One that has been tried lets the other go first: it may be to blame.
	ids := []string{s.promise("mail")}
	s.Clock.Advance(time.Millisecond)
	ids = append(ids, s.promise("mail"))
	last := time.Duration(0)
	for failures := range 5 {
		c := s.claim()
		if c.Failing() != (failures > 0) {
			s.Errorf("after %d failures: failing is %v", failures, c.Failing())
		}
		if got := s.next(c, latchkey.DeliveryResult{}); got != ids[failures%2] {
			s.Errorf("attempt at %s, want %s", got, ids[failures%2])
		}
		before := s.Clock.Now()
		if more := s.next(c, result(latchkey.DeliveryUnreachable)); more != "" {
			s.Error("the place was asked again at once")
		}
		_, due, err := s.Service.ClaimDeliveries(s.Context(), 100, 100)
		s.must(err)
		pause := due.Sub(before)
		if pause <= last {
			s.Errorf("pause %d is %s, after one of %s", failures, pause, last)
		}
		last = pause
		s.Clock.Set(due)
	}
	list := s.deliveries("")
	if list[0].Attempts != 2 || list[1].Attempts != 3 || list[1].Error != "a reason" {
		s.Errorf("deliveries: %+v", list)
	}
	c := s.claim()
	s.next(c, latchkey.DeliveryResult{})
	if other := s.next(c, latchkey.DeliveryResult{}); other != ids[0] {
		s.Errorf("after its recovery the place gets %q", other)
	}
	s.next(c, latchkey.DeliveryResult{})
	s.idle(time.Time{})
}

func putOff(s *scene) {
	first := s.promise("mail")
	s.Clock.Advance(time.Millisecond)
	second := s.promise("mail")
	c := s.claim()
	if got := s.next(c, latchkey.DeliveryResult{}); got != first {
		s.Fatalf("begun with %s", got)
	}
	if got := s.next(c, result(latchkey.DeliveryPutOff)); got != second {
		s.Errorf("then %q, want %s", got, second)
	}
	s.next(c, latchkey.DeliveryResult{})
	left := s.deliveries(latchkey.DeliveryWaiting)
	if len(left) != 1 || left[0].ID != first {
		s.Fatalf("left: %+v", left)
	}
	s.idle(left[0].DueAt)
	s.Clock.Set(left[0].DueAt)
	c = s.claim()
	s.next(c, latchkey.DeliveryResult{})
	s.next(c, latchkey.DeliveryResult{})
	s.idle(time.Time{})
}

func refusedOnes(s *scene) {
	first := s.promise("mail")
	s.Clock.Advance(time.Millisecond)
	second := s.promise("mail")
	c := s.claim()
	s.next(c, latchkey.DeliveryResult{})
	if got := s.next(c, result(latchkey.DeliveryRefused)); got != second {
		s.Errorf("then %q, want %s", got, second)
	}
	s.next(c, latchkey.DeliveryResult{})
	failed := s.deliveries(latchkey.DeliveryFailed)
	if len(failed) != 1 || failed[0].ID != first || failed[0].Error != "a reason" || failed[0].Attempts != 1 || !failed[0].FailedAt.Equal(s.Clock.Now()) {
		s.Errorf("failed: %+v", failed)
	}
	s.idle(time.Time{})
}

func patience(s *scene) {
	began := s.Clock.Now()
	s.promise("mail")
	attempts := 0
	for len(s.deliveries(latchkey.DeliveryFailed)) == 0 {
		claims, due, err := s.Service.ClaimDeliveries(s.Context(), 100, 100)
		s.must(err)
		if len(claims) == 0 {
			s.Clock.Set(due)
			continue
		}
		if s.next(claims[0], latchkey.DeliveryResult{}) != "" {
			attempts++
			s.next(claims[0], result(latchkey.DeliveryUnreachable))
		}
	}
	if took := s.Clock.Now().Sub(began); took > latchkey.DeliveryPatience || took < latchkey.DeliveryPatience-8*time.Hour || attempts < 15 || attempts > 25 {
		s.Errorf("given up after %s and %d attempts", took, attempts)
	}
	// What waited behind it all that time is not tried any more either.
	late := s.promise("mail")
	s.Clock.Advance(latchkey.DeliveryPatience)
	c := s.claim()
	if got := s.next(c, latchkey.DeliveryResult{}); got != "" {
		s.Errorf("%s is tried after its time", got)
	}
	if failed := s.deliveries(latchkey.DeliveryFailed); len(failed) != 2 || failed[0].ID != late || failed[0].Error != "expired" || failed[0].Attempts != 0 {
		s.Errorf("failed: %+v", failed)
	}
	s.idle(time.Time{})
}

func interrupted(s *scene) {
	id := s.promise("mail")
	c := s.claim()
	s.next(c, latchkey.DeliveryResult{})
	if more := s.next(c, result(latchkey.DeliveryInterrupted)); more != "" {
		s.Error("the claim goes on")
	}
	if list := s.deliveries(""); list[0].Attempts != 0 || list[0].Error != "" {
		s.Errorf("it counts: %+v", list[0])
	}
	c = s.claim()
	if got := s.next(c, latchkey.DeliveryResult{}); got != id || c.Failing() {
		s.Errorf("then %q, failing %v", got, c.Failing())
	}
	s.next(c, latchkey.DeliveryResult{})
}

func crashed(s *scene) {
	id := s.promise("mail")
	dead := s.claim()
	s.next(dead, latchkey.DeliveryResult{})
	s.Clock.Advance(59 * time.Second)
	s.idle(s.Clock.Now().Add(time.Second))
	s.Clock.Advance(time.Second)
	c := s.claim()
	if got := s.next(c, latchkey.DeliveryResult{}); got != id {
		s.Errorf("then %q", got)
	}
	// The dead one comes back and says that it was made: then it was.
	if more := s.next(dead, latchkey.DeliveryResult{}); more != "" {
		s.Error("two work at one queue")
	}
	if more := s.next(c, result(latchkey.DeliveryRefused)); more != "" {
		s.Errorf("then %q", more)
	}
	if list := s.deliveries(""); len(list) != 0 {
		s.Errorf("left: %+v", list)
	}
	s.idle(time.Time{})
}

func asAsked(s *scene) {
	s.promise("mail")
	c := s.claim()
	s.next(c, latchkey.DeliveryResult{})
	s.next(c, latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Wait: 90 * time.Second})
	s.idle(s.Clock.Now().Add(90 * time.Second))
	s.Clock.Advance(90 * time.Second)
	c = s.claim()
	s.next(c, latchkey.DeliveryResult{})
	s.next(c, latchkey.DeliveryResult{})
}
