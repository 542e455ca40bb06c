package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestAuditWebhooks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		for name, check := range map[string]func(*shop){
			"a webhook is kept, replaced, forgotten":   auditWebhookRoundTrip,
			"the log is what waits":                    auditWebhooksDue,
			"one of those who take it at once has it":  auditLeaseRace,
			"a commit that adds to a log wakes":        auditTold,
			"what was read is delivered, and no other": auditLeases,
			"records are told as they are stored":      auditRecords,
			"an app takes its webhook along when it goes": func(s *shop) {
				s.write(func(tx *store.Tx) error { return tx.PutAuditWebhook(s.Context(), s.auditWebhook()) })
				s.write(func(tx *store.Tx) error { return tx.DeleteApp(s.Context(), s.app) })
				if _, code := s.readAuditWebhook(); code != latchkey.CodeAuditWebhookNotSet {
					s.Errorf("then %q", code)
				}
			},
		} {
			t.Run(name, func(t *testing.T) { check(newShop(t, open(t))) })
		}
	})
}

func (s *shop) auditWebhook() *latchkey.AuditWebhook {
	return &latchkey.AuditWebhook{AppID: s.app, URL: "https://receiver.example.com/a", Secret: "whsec_a", DueAt: noon, CreatedAt: noon}
}

func (s *shop) readAuditWebhook() (h latchkey.AuditWebhook, code latchkey.Code) {
	s.Helper()
	s.read(func(tx *store.Tx) (err error) {
		h, err = tx.AuditWebhook(s.Context(), s.app)
		code = latchkey.CodeOf(err)
		return nil
	})
	return h, code
}

// tellLog adds events to the app's log.
func (s *shop) tellLog(n int) {
	s.Helper()
	s.write(func(tx *store.Tx) error {
		for i := range n {
			tx.Record(latchkey.AuditEvent{Chain: s.app, At: noon, ActorKind: "server", Action: "app.update", Details: map[string]any{"n": i, "text": "<&>"}})
		}
		return nil
	})
}

func auditWebhookRoundTrip(s *shop) {
	if _, code := s.readAuditWebhook(); code != latchkey.CodeAuditWebhookNotSet {
		s.Errorf("none is set: %q", code)
	}
	full := latchkey.AuditWebhook{AppID: s.app, URL: "https://receiver.example.com/b", Secret: "whsec_b", OldSecret: "whsec_a", OldUntil: noon.Add(time.Hour),
		Delivered: 4, Batch: 7, Lease: 9, DueAt: noon.Add(time.Minute), Failures: 3, FailingSince: noon, Error: "status 500", DeliveredAt: noon.Add(-time.Hour),
		StoppedAt: noon.Add(time.Second), CreatedAt: noon.Add(-2 * time.Hour)}
	for _, want := range []latchkey.AuditWebhook{*s.auditWebhook(), full, *s.auditWebhook()} {
		s.write(func(tx *store.Tx) error { return tx.PutAuditWebhook(s.Context(), &want) })
		if got, _ := s.readAuditWebhook(); !cmp.Equal(want, got) {
			s.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
		}
		s.write(func(tx *store.Tx) error {
			got, err := tx.LockAuditWebhook(s.Context(), s.app)
			if !cmp.Equal(want, got) {
				s.Errorf("locked (-want +got):\n%s", cmp.Diff(want, got))
			}
			return err
		})
	}
	s.write(func(tx *store.Tx) error { return tx.DeleteAuditWebhook(s.Context(), s.app) })
	s.write(func(tx *store.Tx) error {
		if err := tx.DeleteAuditWebhook(s.Context(), s.app); latchkey.CodeOf(err) != latchkey.CodeAuditWebhookNotSet {
			s.Errorf("forgotten twice: %v", err)
		}
		return nil
	})
}

// auditDue are the webhooks that are due, as "delivered to batch", and when the
// next one is.
func (s *shop) auditDue(failing bool, now time.Time) (due []latchkey.AuditWebhook, next time.Time) {
	s.Helper()
	s.read(func(tx *store.Tx) (err error) {
		if due, err = tx.AuditWebhooksDue(s.Context(), failing, 10, now); err != nil {
			return err
		}
		next, err = tx.NextAuditWebhookDue(s.Context(), now)
		return err
	})
	return due, next
}

func auditWebhooksDue(s *shop) {
	h := s.auditWebhook()
	s.write(func(tx *store.Tx) error { return tx.PutAuditWebhook(s.Context(), h) })
	if due, next := s.auditDue(false, noon); len(due) != 0 || !next.IsZero() {
		s.Errorf("of an empty log %v, %s", due, next)
	}
	s.tellLog(150)
	for _, c := range []struct {
		name    string
		change  func(h *latchkey.AuditWebhook)
		failing bool
		batch   int64 // 0: it is not due
		next    time.Time
	}{
		{"all is new", func(*latchkey.AuditWebhook) {}, false, 100, time.Time{}},
		{"a message was begun", func(h *latchkey.AuditWebhook) { h.Batch = 30 }, false, 30, time.Time{}},
		{"some has been delivered", func(h *latchkey.AuditWebhook) { h.Delivered = 149 }, false, 150, time.Time{}},
		{"all has been delivered", func(h *latchkey.AuditWebhook) { h.Delivered = 150 }, false, 0, time.Time{}},
		{"it waits", func(h *latchkey.AuditWebhook) { h.DueAt = noon.Add(time.Second) }, false, 0, noon.Add(time.Second)},
		{"it was stopped", func(h *latchkey.AuditWebhook) { h.StoppedAt = noon }, false, 0, time.Time{}},
		{"it has failed", func(h *latchkey.AuditWebhook) { h.Failures = 1 }, false, 0, time.Time{}},
		{"it is asked for because it failed", func(h *latchkey.AuditWebhook) { h.Failures = 1 }, true, 100, time.Time{}},
	} {
		h := *h
		c.change(&h)
		s.write(func(tx *store.Tx) error { return tx.PutAuditWebhook(s.Context(), &h) })
		due, next := s.auditDue(c.failing, noon)
		var batch int64
		if len(due) == 1 {
			batch = due[0].Batch
		}
		if len(due) > 1 || batch != c.batch || !next.Equal(c.next) {
			s.Errorf("%s: %+v, next %s", c.name, due, next)
		}
	}
}

func auditLeases(s *shop) {
	h := s.auditWebhook()
	s.write(func(tx *store.Tx) error { return tx.PutAuditWebhook(s.Context(), h) })
	s.tellLog(3)
	due, _ := s.auditDue(false, noon)
	lease := func(read latchkey.AuditWebhook, lease int64) (held bool) {
		s.write(func(tx *store.Tx) (err error) {
			held, err = tx.LeaseAuditWebhook(s.Context(), &read, lease, noon.Add(time.Minute))
			return err
		})
		return held
	}
	if !lease(due[0], 1) || lease(due[0], 2) {
		s.Fatal("it was not taken once")
	}
	if due, next := s.auditDue(false, noon.Add(time.Second)); len(due) != 0 || !next.Equal(noon.Add(time.Minute)) {
		s.Errorf("while it is taken %v, %s", due, next)
	}
	late, _ := s.auditDue(false, noon.Add(time.Minute))
	if len(late) != 1 || late[0].Batch != 3 || !lease(late[0], 3) {
		s.Fatalf("after the lease %+v", late)
	}
	end := func(lease int64) (kept bool) {
		s.write(func(tx *store.Tx) (err error) {
			kept, err = tx.EndAuditDelivery(s.Context(), &latchkey.AuditWebhook{AppID: s.app, DueAt: noon.Add(time.Hour), Delivered: 3, DeliveredAt: noon}, lease)
			return err
		})
		return kept
	}
	if end(1) || !end(3) || end(3) {
		s.Error("who was late ended it, or who has it did not")
	}
	want := *h
	want.Delivered, want.DeliveredAt, want.DueAt = 3, noon, noon.Add(time.Hour)
	if got, _ := s.readAuditWebhook(); !cmp.Equal(want, got) {
		s.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
	}
}

func auditLeaseRace(s *shop) {
	s.write(func(tx *store.Tx) error { return tx.PutAuditWebhook(s.Context(), s.auditWebhook()) })
	s.tellLog(1)
	due, _ := s.auditDue(false, noon)
	var held atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			_ = s.db.Write(s.Context(), func(tx *store.Tx) error {
				h := due[0]
				ok, err := tx.LeaseAuditWebhook(s.Context(), &h, int64(i+1), noon.Add(time.Minute))
				if ok {
					tx.Afterwards(func() { held.Add(1) })
				}
				return err
			})
		})
	}
	all.Wait()
	if held.Load() != 1 {
		s.Errorf("%d have it", held.Load())
	}
}

func auditTold(s *shop) {
	told := func() bool {
		select {
		case <-s.db.Told():
			return true
		default:
			return false
		}
	}
	told()
	s.tellLog(1)
	s.tellLog(1)
	if !told() || told() {
		s.Error("two commits did not wake once")
	}
	s.write(func(tx *store.Tx) error { return tx.PutAuditWebhook(s.Context(), s.auditWebhook()) })
	_ = s.db.Write(s.Context(), func(tx *store.Tx) error {
		tx.Record(latchkey.AuditEvent{Chain: s.app, At: noon, ActorKind: "server", Action: "app.update"})
		return latchkey.Fail(latchkey.CodeInternal)
	})
	if told() {
		s.Error("woken without an event")
	}
}

func auditRecords(s *shop) {
	s.tellLog(5)
	s.read(func(tx *store.Tx) error {
		head, err := tx.AuditHead(s.Context(), s.app)
		if err != nil || head != 5 {
			s.Errorf("head %d (%v)", head, err)
		}
		if head, err := tx.AuditHead(s.Context(), "app_none"); err != nil || head != 0 {
			s.Errorf("head of none %d (%v)", head, err)
		}
		list, err := tx.AuditRecords(s.Context(), s.app, 2, 4)
		if len(list) != 3 {
			s.Fatalf("%d records", len(list))
		}
		for i, r := range list {
			if want := fmt.Sprintf(`{"n":%d,"text":"\u003c\u0026\u003e"}`, i+1); r.Seq != int64(i+2) || string(r.Stored) != want {
				s.Errorf("record %d: %s", r.Seq, r.Stored)
			}
			if i > 0 && r.ChainHash(list[i-1].Hash, r.Stored) != r.Hash {
				s.Errorf("record %d does not continue the one before", r.Seq)
			}
		}
		return err
	})
}

func TestAuditWebhooksNeverScan(t *testing.T) {
	eachPlanned(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		for _, other := range []*shop{s, s.second()} {
			other.tellLog(300)
			other.write(func(tx *store.Tx) error { return tx.PutAuditWebhook(t.Context(), other.auditWebhook()) })
		}
		if err := db.AnalyzeAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		for what, read := range map[string]func(tx *store.Tx) error{
			"due":     func(tx *store.Tx) error { _, err := tx.AuditWebhooksDue(t.Context(), false, 64, noon); return err },
			"late":    func(tx *store.Tx) error { _, err := tx.AuditWebhooksDue(t.Context(), true, 64, noon); return err },
			"next":    func(tx *store.Tx) error { _, err := tx.NextAuditWebhookDue(t.Context(), noon); return err },
			"records": func(tx *store.Tx) error { _, err := tx.AuditRecords(t.Context(), s.app, 2, 90); return err },
		} {
			s.checkPlans(what, read)
		}
	})
}
