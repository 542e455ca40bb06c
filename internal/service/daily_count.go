package service

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// dayBook is what has been counted since it was last written down, and in which
// apps something was seen since that was last asked.
type dayBook struct {
	mu     sync.Mutex
	counts map[store.DayCount]*int64 // by all but the value
	active map[string]bool

	day      latchkey.Day
	versions map[string]map[string]bool // told apart on day, by app
}

func (t *dayBook) add(appID, name, label string, at time.Time) {
	key := store.DayCount{AppID: appID, Day: latchkey.DayOf(at), Name: name, Label: label}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count(&key)
}

// addVersion counts a program's start.
func (t *dayBook) addVersion(appID, version string, at time.Time) {
	key := store.DayCount{AppID: appID, Day: latchkey.DayOf(at), Name: dailyVersions, Label: version}
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.counts[key]; n != nil { // so it is told apart already
		*n++
		return
	}
	key.Label = t.tellApart(appID, version, key.Day)
	t.count(&key)
}

// count adds one. The book is locked.
func (t *dayBook) count(key *store.DayCount) {
	n := t.counts[*key]
	if n == nil {
		if len(t.counts) >= maxTallied {
			return
		}
		if t.counts == nil {
			t.counts = map[store.DayCount]*int64{}
		}
		n = new(int64)
		t.counts[*key] = n
	}
	*n++
}

// tellApart returns the version, or "" for one too many. The book is locked.
func (t *dayBook) tellApart(appID, version string, day latchkey.Day) string {
	if day != t.day || t.versions == nil {
		t.day, t.versions = day, map[string]map[string]bool{}
	}
	known := t.versions[appID]
	switch {
	case known[version]:
		return version
	case len(version) > maxVersionLength || len(known) >= maxVersions || !utf8.ValidString(version) || strings.ContainsRune(version, 0):
		return ""
	case known == nil:
		known = map[string]bool{}
		t.versions[appID] = known
	}
	known[version] = true
	return version
}

func (t *dayBook) take() (list []store.DayCount) {
	t.mu.Lock()
	counts := t.counts
	t.counts = nil
	t.mu.Unlock()
	for c, n := range counts {
		c.Value = *n
		list = append(list, c)
	}
	return list
}

func (t *dayBook) sawApps(list []store.SeenSession) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.active == nil {
		t.active = map[string]bool{}
	}
	for i := range list {
		t.active[list[i].AppID] = true
	}
}

func (t *dayBook) takeApps() map[string]bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	apps := t.active
	t.active = nil
	return apps
}

// CountRefusal counts that a program was refused.
func (s *Service) CountRefusal(appID string, code latchkey.Code) {
	s.days.add(appID, dailyRefused, string(code), s.now())
}

// CountOnline looks at how many sessions are online in each app in which some
// were seen since it last did.
func (s *Service) CountOnline(ctx context.Context) (first error) {
	for id := range s.days.takeApps() {
		err := s.countOnline(ctx, id)
		if err != nil && latchkey.CodeOf(err) != latchkey.CodeAppNotFound && first == nil {
			first = err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return first
}

func (s *Service) countOnline(ctx context.Context, appID string) error {
	now := s.now()
	c := store.DayCount{AppID: appID, Day: latchkey.DayOf(now), Name: dailyOnline}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		app, err := tx.App(ctx, appID)
		if err != nil {
			return err
		}
		c.Value, err = tx.OnlineCount(ctx, appID, onlineNow(&app, now))
		return err
	})
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error { return tx.RaiseDaily(ctx, []store.DayCount{c}) })
}

// CountDays counts what the audit logs tell since they were last counted. An
// event is counted once, on its own day, however many servers count and
// wherever one of them stops.
func (s *Service) CountDays(ctx context.Context) (first error) {
	for after := ""; ; {
		var apps []store.Uncounted
		err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
			apps, err = tx.Uncounted(ctx, after, sweptApps)
			return err
		})
		if err != nil {
			return err
		}
		for i := range apps {
			if err := s.countApp(ctx, &apps[i]); err != nil && first == nil {
				first = err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if len(apps) < sweptApps {
			return first
		}
		after = apps[len(apps)-1].AppID
	}
}

var errCountedMeanwhile = errors.New("service: another server has counted")

func (s *Service) countApp(ctx context.Context, u *store.Uncounted) error {
	for {
		var events []store.Happened
		err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
			events, err = tx.EventsAfter(ctx, u.AppID, u.Counted, countedChunk)
			return err
		})
		if err != nil || len(events) == 0 {
			return err
		}
		upTo := events[len(events)-1].Seq
		err = s.db.Write(ctx, func(tx *store.Tx) error {
			moved, err := tx.AdvanceDaily(ctx, u.AppID, u.Counted, upTo)
			if err != nil || !moved {
				return cmp.Or(err, errCountedMeanwhile)
			}
			return tx.AddDaily(ctx, countEvents(u.AppID, events))
		})
		if errors.Is(err, errCountedMeanwhile) {
			return nil
		}
		if u.Counted = upTo; err != nil || len(events) < countedChunk {
			return err
		}
	}
}

// countEvents counts what events tell of.
func countEvents(appID string, events []store.Happened) (list []store.DayCount) {
	counts := map[store.DayCount]int64{}
	for i := range events {
		e := &events[i]
		add := func(name string, n int64) {
			counts[store.DayCount{AppID: appID, Day: latchkey.DayOf(e.At), Name: name}] += n
		}
		number := func(detail string) int64 {
			n, _ := e.Details[detail].(float64)
			return int64(n)
		}
		switch e.Action {
		case actionRedeem:
			add(dailyRedemptions, 1)
			if isNew, _ := e.Details[detailNewUser].(bool); isNew {
				add(dailyRegistrations, 1)
			}
		case "user.create":
			add(dailyRegistrations, 1)
		case "license.create":
			add(dailyLicenses, number("amount"))
		case "licenses.import":
			add(dailyLicenses, number("imported"))
		}
	}
	for c, n := range counts {
		if c.Value = n; n != 0 {
			list = append(list, c)
		}
	}
	return list
}

// SweepDailyStats forgets days of more than three years ago and returns how many
// numbers they had.
func (s *Service) SweepDailyStats(ctx context.Context) (total int64, err error) {
	for {
		var n int64
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.SweepDaily(ctx, latchkey.DayOf(s.now())-keptDays)
			return err
		})
		if total += n; err != nil || n == 0 {
			return total, err
		}
	}
}
