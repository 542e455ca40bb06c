package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// promise enqueues a delivery that is due after noon.
func (s *shop) promise(queue string, after time.Duration, limit int64) (latchkey.Delivery, bool) {
	s.Helper()
	d := latchkey.Delivery{ID: s.id(latchkey.KindOutbox, after), AppID: s.app, Queue: queue, Kind: latchkey.DeliveryMail, Payload: []byte("to whom"),
		State: latchkey.DeliveryWaiting, DueAt: noon.Add(after), GiveUpAt: noon.Add(72 * time.Hour), CreatedAt: noon.Add(after)}
	var queued bool
	s.write(func(tx *store.Tx) (err error) {
		queued, err = tx.Enqueue(s.Context(), &d, limit)
		return err
	})
	return d, queued
}

// dueQueues are the names of the queues that are due, and when the next is.
func (s *shop) dueQueues(failing bool, now time.Time) (names []string, next time.Time) {
	s.Helper()
	s.read(func(tx *store.Tx) error {
		list, err := tx.QueuesDue(s.Context(), failing, 100, now)
		for _, q := range list {
			names = append(names, q.Name)
		}
		if err != nil {
			return err
		}
		next, err = tx.NextQueueDue(s.Context(), now)
		return err
	})
	return names, next
}

func (s *shop) loads() (waiting, failed int64) {
	s.Helper()
	s.read(func(tx *store.Tx) (err error) {
		waiting, failed, err = tx.DeliveryCounts(s.Context())
		return err
	})
	return waiting, failed
}

func TestOutbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		for name, check := range map[string]func(*shop){
			"a queue is worked off first due first":                    oneAfterTheOther,
			"a full queue takes no more":                               fullQueue,
			"a lease is one server's, and ends":                        leases,
			"what comes while a queue is left or leased is not lost":   nothingLost,
			"what was given up can be tried again or deleted":          givenUp,
			"a queue goes with its app, and its deliveries go with it": cascades,
			"commits wake, and only those with a delivery":             wakes,
		} {
			t.Run(name, func(t *testing.T) { check(newShop(t, open(t))) })
		}
	})
}

// lease takes the one queue of a name.
func (s *shop) lease(name string, now, until time.Time) (q store.Queue, held bool) {
	s.Helper()
	s.write(func(tx *store.Tx) error {
		for _, failing := range []bool{false, true} {
			list, err := tx.QueuesDue(s.Context(), failing, 100, now)
			if err != nil {
				return err
			}
			for _, found := range list {
				if found.Name == name {
					q = found
					_, held, err = tx.LeaseQueue(s.Context(), &q, until)
					return err
				}
			}
		}
		return nil
	})
	return q, held
}

func oneAfterTheOther(s *shop) {
	late, _ := s.promise("mail", time.Minute, 10)
	early, _ := s.promise("mail", time.Second, 10)
	if names, next := s.dueQueues(false, noon); names != nil || !next.Equal(late.DueAt) {
		s.Errorf("due %v, next %s", names, next) // the first delivery says when
	}
	now := noon.Add(2 * time.Minute)
	if names, next := s.dueQueues(false, now); !cmp.Equal(names, []string{"mail"}) || !next.IsZero() {
		s.Errorf("due %v, next %s", names, next)
	}
	q, held := s.lease("mail", now, now.Add(time.Minute))
	if !held {
		s.Fatal("the queue was not leased")
	}
	for _, want := range []latchkey.Delivery{early, late} {
		s.write(func(tx *store.Tx) error {
			got, found, err := tx.FirstDelivery(s.Context(), &q)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(want, got); !found || diff != "" {
				s.Errorf("found %v (-want +got):\n%s", found, diff)
			}
			if err := tx.BeginDelivery(s.Context(), &got); err != nil {
				return err
			}
			n, err := tx.EndDelivery(s.Context(), &got)
			if n != 1 {
				s.Errorf("%d ended", n)
			}
			return err
		})
	}
	s.write(func(tx *store.Tx) error {
		if _, found, err := tx.FirstDelivery(s.Context(), &q); found || err != nil {
			s.Errorf("there is one more (%v)", err)
		}
		return tx.LeaveQueue(s.Context(), &q, store.QueueChange{Waiting: -2}, time.Time{})
	})
	if names, next := s.dueQueues(false, now.Add(time.Hour)); names != nil || !next.IsZero() {
		s.Errorf("an empty queue is due: %v, %s", names, next)
	}
	if waiting, failed := s.loads(); waiting != 0 || failed != 0 {
		s.Errorf("%d wait, %d failed", waiting, failed)
	}
}

func fullQueue(s *shop) {
	for i := range 3 {
		if _, queued := s.promise("mail", time.Duration(i), 2); queued != (i < 2) {
			s.Errorf("delivery %d: %v", i, queued)
		}
	}
	if _, queued := s.promise("other", 0, 2); !queued {
		s.Error("another queue is full as well")
	}
	if waiting, _ := s.loads(); waiting != 3 {
		s.Errorf("%d wait", waiting)
	}
}

func leases(s *shop) {
	s.promise("mail", 0, 10)
	until := noon.Add(time.Minute)
	mine, held := s.lease("mail", noon, until)
	if !held {
		s.Fatal("the queue was not leased")
	}
	if _, held := s.lease("mail", noon.Add(59*time.Second), until.Add(time.Minute)); held {
		s.Error("two hold one lease")
	}
	theirs, held := s.lease("mail", until, until.Add(time.Minute))
	if !held {
		s.Fatal("the lease did not end")
	}
	s.write(func(tx *store.Tx) error {
		if _, held, err := tx.LeaseQueue(s.Context(), &mine, until.Add(2*time.Minute)); held || err != nil {
			s.Errorf("a lease that ended was renewed (%v)", err)
		}
		if _, held, err := tx.LeaseQueue(s.Context(), &theirs, until.Add(3*time.Minute)); !held || err != nil {
			s.Errorf("a lease was not renewed (%v)", err)
		}
		return nil
	})
}

func nothingLost(s *shop) {
	s.promise("mail", 0, 10)
	q, _ := s.lease("mail", noon, noon.Add(time.Minute))
	s.promise("mail", time.Second, 10)
	if names, next := s.dueQueues(false, noon.Add(2*time.Second)); names != nil || !next.Equal(noon.Add(time.Minute)) {
		s.Errorf("a leased queue is due: %v, %s", names, next)
	}
	s.write(func(tx *store.Tx) error {
		return tx.LeaveQueue(s.Context(), &q, store.QueueChange{Failures: 3}, noon.Add(time.Hour))
	})
	s.promise("mail", 2*time.Second, 10)
	if names, next := s.dueQueues(true, noon.Add(time.Minute)); names != nil || !next.Equal(noon.Add(time.Hour)) {
		s.Errorf("a queue whose place failed is due: %v, %s", names, next)
	}
	if names, _ := s.dueQueues(true, noon.Add(time.Hour)); !cmp.Equal(names, []string{"mail"}) {
		s.Errorf("failing queues due: %v", names)
	}
	if names, _ := s.dueQueues(false, noon.Add(time.Hour)); names != nil {
		s.Errorf("it counts as one in good standing: %v", names)
	}
	q, _ = s.lease("mail", noon.Add(time.Hour), noon.Add(2*time.Hour))
	s.write(func(tx *store.Tx) error { return tx.LeaveQueue(s.Context(), &q, store.QueueChange{}, time.Time{}) })
	s.promise("mail", 3*time.Hour, 10)
	if names, _ := s.dueQueues(false, noon.Add(3*time.Hour)); !cmp.Equal(names, []string{"mail"}) {
		s.Errorf("a queue that was left empty is not due: %v", names)
	}
}

func givenUp(s *shop) {
	first, _ := s.promise("mail", 0, 10)
	second, _ := s.promise("mail", time.Second, 10)
	q, _ := s.lease("mail", noon.Add(time.Second), noon.Add(time.Minute))
	at := noon.Add(2 * time.Second)
	s.write(func(tx *store.Tx) error {
		for _, d := range []latchkey.Delivery{first, second} {
			if n, err := tx.FailDelivery(s.Context(), &d, "mail.refused 550", at); n != 1 || err != nil {
				s.Errorf("%d given up (%v)", n, err)
			}
		}
		return tx.LeaveQueue(s.Context(), &q, store.QueueChange{Failures: 2, Waiting: -2, Failed: 2}, noon.Add(time.Hour))
	})
	want := []latchkey.Delivery{second, first}
	for i := range want {
		want[i].State, want[i].Error, want[i].FailedAt, want[i].Payload = latchkey.DeliveryFailed, "mail.refused 550", at, nil
	}
	for _, state := range []latchkey.DeliveryState{"", latchkey.DeliveryFailed} {
		s.read(func(tx *store.Tx) error {
			got, err := tx.Deliveries(s.Context(), s.app, store.DeliveryQuery{State: state, Keyset: store.Keyset{Limit: 10}})
			if diff := cmp.Diff(want, got); diff != "" {
				s.Errorf("state %q (-want +got):\n%s", state, diff)
			}
			return err
		})
	}
	other := s.second()
	other.write(func(tx *store.Tx) error {
		for name, err := range map[string]error{"retry": tx.RetryDelivery(s.Context(), other.app, first.ID, at, at), "delete": tx.DeleteDelivery(s.Context(), other.app, first.ID)} {
			if latchkey.CodeOf(err) != latchkey.CodeDeliveryNotFound {
				s.Errorf("%s another app's: %v", name, err)
			}
		}
		return nil
	})
	s.write(func(tx *store.Tx) error {
		if err := tx.DeleteDelivery(s.Context(), s.app, second.ID); err != nil {
			return err
		}
		return tx.RetryDelivery(s.Context(), s.app, first.ID, at, at.Add(time.Hour))
	})
	if waiting, failed := s.loads(); waiting != 1 || failed != 0 {
		s.Errorf("%d wait, %d failed", waiting, failed)
	}
	if names, _ := s.dueQueues(false, at); !cmp.Equal(names, []string{"mail"}) {
		s.Errorf("what is tried again is not due: %v", names)
	}
	q, _ = s.lease("mail", at, noon.Add(time.Minute))
	s.write(func(tx *store.Tx) error {
		if _, err := tx.FailDelivery(s.Context(), &first, "", at); err != nil {
			return err
		}
		return tx.LeaveQueue(s.Context(), &q, store.QueueChange{Waiting: -1, Failed: 1}, time.Time{})
	})
	for _, c := range []struct {
		until time.Time
		want  int64
	}{{at.Add(-time.Millisecond), 0}, {at, 1}} {
		s.write(func(tx *store.Tx) error {
			n, err := tx.SweepDeliveries(s.Context(), c.until, 10)
			if n != c.want {
				s.Errorf("%d swept until %s, want %d", n, c.until, c.want)
			}
			return err
		})
	}
	if waiting, failed := s.loads(); waiting != 0 || failed != 0 {
		s.Errorf("after the sweep %d wait, %d failed", waiting, failed)
	}
}

func cascades(s *shop) {
	s.promise("mail", 0, 10)
	s.promise("log", 0, 10)
	s.write(func(tx *store.Tx) error { return tx.DeleteQueue(s.Context(), s.app, "log") })
	if waiting, _ := s.loads(); waiting != 1 {
		s.Errorf("%d wait after one of two queues was deleted", waiting)
	}
	s.write(func(tx *store.Tx) error { return tx.DeleteApp(s.Context(), s.app) })
	if waiting, _ := s.loads(); waiting != 0 {
		s.Errorf("%d wait after the app was deleted", waiting)
	}
	app := s.app
	s.app = "" // the server itself
	s.promise("mail", 0, 10)
	s.app = app
	s.promise("mail", 0, 10) // while the app was deleted
	s.write(func(tx *store.Tx) error { return tx.SweepQueues(s.Context()) })
	if waiting, _ := s.loads(); waiting != 1 {
		s.Errorf("%d wait after a sweep, want the server's", waiting)
	}
}

func wakes(s *shop) {
	woken := func() bool {
		select {
		case <-s.db.Woken():
			return true
		default:
			return false
		}
	}
	s.promise("mail", 0, 2)
	s.promise("mail", 0, 2)
	if !woken() || woken() {
		s.Error("two commits did not wake once")
	}
	s.promise("mail", 0, 2) // does not fit
	s.register(s.user(1, "ann"))
	_ = s.db.Write(s.Context(), func(tx *store.Tx) error {
		d := latchkey.Delivery{ID: s.id(latchkey.KindOutbox, 0), AppID: s.app, Queue: "other", Kind: latchkey.DeliveryMail}
		if _, err := tx.Enqueue(s.Context(), &d, 2); err != nil {
			return err
		}
		return latchkey.Fail(latchkey.CodeInternal)
	})
	if woken() {
		s.Error("woken without a delivery")
	}
}

func TestOutboxNeverScans(t *testing.T) {
	eachPlanned(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		for _, other := range []*shop{s, s.second()} {
			for i := range 300 {
				other.promise([]string{"mail", "log"}[i%2], time.Duration(i)*time.Second, 1000)
			}
			q, _ := other.lease("mail", noon.Add(time.Hour), noon.Add(2*time.Hour))
			other.write(func(tx *store.Tx) error {
				for range 50 {
					d, _, err := tx.FirstDelivery(t.Context(), &q)
					if err != nil {
						return err
					}
					if _, err := tx.FailDelivery(t.Context(), &d, "", noon); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := db.AnalyzeAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		q := store.Queue{AppID: s.app, Name: "mail"}
		for what, read := range map[string]func(tx *store.Tx) error{
			"due":  func(tx *store.Tx) error { _, err := tx.QueuesDue(t.Context(), false, 64, noon); return err },
			"late": func(tx *store.Tx) error { _, err := tx.QueuesDue(t.Context(), true, 64, noon); return err },
			"next": func(tx *store.Tx) error { _, err := tx.NextQueueDue(t.Context(), noon); return err },
			"first": func(tx *store.Tx) error {
				_, _, err := tx.FirstDelivery(t.Context(), &q)
				return err
			},
			"failed ids": func(tx *store.Tx) error { _, err := tx.FailedDeliveryIDs(t.Context(), s.app, "", 500); return err },
		} {
			s.checkPlans(what, read)
		}
		for _, state := range []latchkey.DeliveryState{"", latchkey.DeliveryFailed, latchkey.DeliveryWaiting} {
			s.checkPlans("deliveries "+string(state), func(tx *store.Tx) error {
				_, err := tx.Deliveries(t.Context(), s.app, store.DeliveryQuery{State: state, Keyset: store.Keyset{Limit: 51}})
				return err
			})
		}
	})
}

// eachPlanned runs a test of plans on each engine; PostgreSQL plans as if there
// were many rows.
func eachPlanned(t *testing.T, check func(*testing.T, *store.DB)) {
	t.Run("sqlite", func(t *testing.T) { check(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		check(t, storetest.Open(t, store.Config{Database: storetest.NewPostgres(t) + "&enable_seqscan=off", Box: storetest.Box(t)}))
	})
}
