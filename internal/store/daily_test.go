package store_test

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestDaily(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		for name, check := range map[string]func(*shop){
			"what is added adds up, what is raised rises":     dailyNumbers,
			"the oldest days are swept first, one at a time":  dailySwept,
			"an audit log is counted up to a number by one":   dailyAdvances,
			"what is counted of an app goes with it":          dailyOfGoneApps,
			"days and audit logs are read without table scan": dailyPlans,
		} {
			t.Run(name, func(t *testing.T) { check(newShop(t, open(t))) })
		}
	})
}

func (s *shop) days(from, to latchkey.Day) (list []store.DayCount) {
	s.Helper()
	s.read(func(tx *store.Tx) (err error) {
		list, err = tx.Daily(s.Context(), s.app, from, to)
		return err
	})
	slices.SortFunc(list, func(a, b store.DayCount) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Label, b.Label))
	})
	return list
}

func (s *shop) count(day latchkey.Day, name, label string, n int64) store.DayCount {
	return store.DayCount{AppID: s.app, Day: day, Name: name, Label: label, Value: n}
}

func (s *shop) add(counts ...store.DayCount) {
	s.Helper()
	s.write(func(tx *store.Tx) error { return tx.AddDaily(s.Context(), counts) })
}

func dailyNumbers(s *shop) {
	other := s.second()
	for range 2 {
		s.add(s.count(20_000, "sign_ins", "", 3), s.count(20_000, "refused", "user.banned", 1), s.count(20_001, "sign_ins", "", 5))
	}
	other.add(other.count(20_000, "sign_ins", "", 100))
	for _, n := range []int64{7, 4, 9, 9} {
		s.write(func(tx *store.Tx) error {
			return tx.RaiseDaily(s.Context(), []store.DayCount{s.count(20_001, "online_peak", "", n)})
		})
	}
	want := []store.DayCount{s.count(20_000, "refused", "user.banned", 2), s.count(20_000, "sign_ins", "", 6), s.count(20_001, "online_peak", "", 9), s.count(20_001, "sign_ins", "", 10)}
	if diff := gocmp.Diff(want, s.days(20_000, 20_001)); diff != "" {
		s.Error(diff)
	}
	if diff := gocmp.Diff(want[:2], s.days(0, 20_000)); diff != "" {
		s.Error(diff)
	}
	if got := s.days(20_002, 30_000); len(got) > 0 {
		s.Errorf("%+v", got)
	}
}

func dailySwept(s *shop) {
	for day := range latchkey.Day(4) {
		s.add(s.count(day, "sign_ins", "", 1), s.count(day, "refused", "user.banned", 1))
	}
	for _, want := range []int64{2, 2, 0} {
		s.write(func(tx *store.Tx) error {
			n, err := tx.SweepDaily(s.Context(), 2)
			if n != want {
				s.Errorf("%d are swept, want %d", n, want)
			}
			return err
		})
	}
	if got := s.days(0, 10); len(got) != 4 || got[0].Day != 2 {
		s.Errorf("%+v", got)
	}
}

func dailyAdvances(s *shop) {
	other := s.second()
	happens := func(s *shop, n int) {
		for range n {
			s.write(func(tx *store.Tx) error {
				tx.Record(latchkey.AuditEvent{Chain: s.app, At: noon, ActorKind: "server", Action: "user.create", Details: map[string]any{"n": 1}})
				return nil
			})
		}
	}
	behind := func(after string, limit int) (list []store.Uncounted) {
		s.Helper()
		s.read(func(tx *store.Tx) (err error) {
			list, err = tx.Uncounted(s.Context(), after, limit)
			return err
		})
		return list
	}
	happens(s, 3)
	happens(other, 1)
	both := []store.Uncounted{{AppID: s.app}, {AppID: other.app}}
	slices.SortFunc(both, func(a, b store.Uncounted) int { return cmp.Compare(a.AppID, b.AppID) })
	if diff := gocmp.Diff(both, behind("", 10)); diff != "" {
		s.Error(diff)
	}
	if diff := gocmp.Diff(both[1:], behind(both[0].AppID, 1)); diff != "" {
		s.Error(diff)
	}
	s.read(func(tx *store.Tx) error {
		events, err := tx.EventsAfter(s.Context(), s.app, 1, 10)
		if len(events) != 2 || events[0].Seq != 2 || !events[0].At.Equal(noon) || events[0].Action != "user.create" || events[0].Details["n"] != 1.0 {
			s.Errorf("%+v", events)
		}
		return err
	})
	var won atomic.Int64
	for _, step := range []struct{ from, to int64 }{{0, 2}, {2, 3}} {
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				err := s.db.Write(s.Context(), func(tx *store.Tx) error {
					moved, err := tx.AdvanceDaily(s.Context(), s.app, step.from, step.to)
					if moved {
						won.Add(1)
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		all.Wait()
	}
	if won.Load() != 2 {
		s.Errorf("%d have counted two stretches", won.Load())
	}
	if diff := gocmp.Diff([]store.Uncounted{{AppID: other.app}}, behind("", 10)); diff != "" {
		s.Error(diff)
	}
	happens(s, 1)
	if got := behind("", 10); !slices.Contains(got, store.Uncounted{AppID: s.app, Counted: 3}) {
		s.Errorf("%+v", got)
	}
}

func dailyOfGoneApps(s *shop) {
	gone := s.second()
	gone.add(gone.count(1, "sign_ins", "", 1))
	s.write(func(tx *store.Tx) error { return tx.DeleteApp(s.Context(), gone.app) })
	gone.add(gone.count(1, "sign_ins", "", 1))
	s.write(func(tx *store.Tx) error {
		moved, err := tx.AdvanceDaily(s.Context(), gone.app, 0, 1)
		if moved {
			s.Error("the audit log of an app that is gone is counted")
		}
		return err
	})
	if got := gone.days(0, 10); len(got) > 0 {
		s.Errorf("%+v", got)
	}
}

func dailyPlans(s *shop) {
	s.stock(5000)
	s.insert(5000, `INSERT INTO daily_stats (app_id, day, name, label, value) SELECT $1, n, 'sign_ins', '', $2 + $3 FROM numbers`)
	s.insert(5000, `INSERT INTO audit_events (chain, seq, at, actor_kind, actor_id, action, target_id, details, request_id, ip, hash)
		SELECT $1, n, n + $2 + $3, '', '', 'user.create', '', '{}', '', '', CAST('' AS BYTES) FROM numbers`)
	if err := s.db.AnalyzeAll(s.Context()); err != nil {
		s.Fatal(err)
	}
	s.checkPlans("days", func(tx *store.Tx) error { _, err := tx.Daily(s.Context(), s.app, 3, 40); return err })
	s.checkPlans("events", func(tx *store.Tx) error { _, err := tx.EventsAfter(s.Context(), s.app, 4000, 500); return err })
}
