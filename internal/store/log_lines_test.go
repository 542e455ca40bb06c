package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// report stores a line n milliseconds after noon.
func (s *shop) report(n int, user, device, message string) latchkey.LogLine {
	s.Helper()
	at := time.Duration(n) * time.Millisecond
	l := latchkey.LogLine{ID: s.id(latchkey.KindLogLine, at), AppID: s.app, UserID: user, Device: device, IP: "192.0.2.1", Message: message, CreatedAt: noon.Add(at)}
	s.write(func(tx *store.Tx) error { return tx.InsertLogLine(s.Context(), &l) })
	return l
}

// lines are the messages of a page.
func (s *shop) lines(q store.LogQuery) []string {
	s.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	messages := []string{}
	s.read(func(tx *store.Tx) error {
		rows, err := tx.LogLines(s.Context(), s.app, q)
		ids, idsErr := tx.LogLineIDs(s.Context(), s.app, q)
		if len(rows) != len(ids) || idsErr != nil {
			s.Errorf("%+v: %d lines, %d ids (%v)", q, len(rows), len(ids), idsErr)
		}
		for i, r := range rows {
			if r.ID != ids[i] {
				s.Errorf("%+v: line %d is %s, its id %s", q, i, r.ID, ids[i])
			}
			messages = append(messages, r.Message)
		}
		return err
	})
	return messages
}

func (s *shop) lineCount() (n int64) {
	s.Helper()
	s.read(func(tx *store.Tx) (err error) {
		n, err = tx.LogLineCount(s.Context(), s.app)
		return err
	})
	return n
}

func TestLogLines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		for name, check := range map[string]func(*shop){
			"a line comes back as it was reported":            lineRoundTrip,
			"lists are narrowed and ordered":                  lineLists,
			"a user's lines go with the user":                 linesOfUser,
			"the oldest lines are trimmed":                    trimmedLines,
			"a webhook is kept, stopped, replaced, forgotten": logWebhooks,
		} {
			t.Run(name, func(t *testing.T) { check(newShop(t, open(t))) })
		}
	})
}

func lineRoundTrip(s *shop) {
	ann, keyed := s.user(1, "Ann"), s.user(2, "AAAA-BBBB-CCCC")
	keyed.LicenseNamed = true
	s.register(ann, keyed)
	lines := []latchkey.LogLine{s.report(3, "", "", "nobody"), s.report(4, ann.ID, "ANN-PC", "line\nbreak \x1b[1m €"), s.report(5, keyed.ID, "PC", "by license")}
	want := []store.LogRow{{LogLine: lines[2], Username: "AAAA-BBBB-CCCC", LicenseNamed: true}, {LogLine: lines[1], Username: "Ann"}, {LogLine: lines[0]}}
	s.read(func(tx *store.Tx) error {
		got, err := tx.LogLines(s.Context(), s.app, store.LogQuery{Keyset: store.Keyset{Limit: 10}})
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
	if got := s.second().lines(store.LogQuery{}); len(got) != 0 {
		s.Errorf("another app has %q", got)
	}
}

func lineLists(s *shop) {
	ann := s.user(1, "ann")
	s.register(ann)
	for i := range 6 {
		s.report(10+i, []string{"", ann.ID}[i%2], []string{"ONE", "TWO", ""}[i%3], fmt.Sprint(i))
	}
	ids := []string{}
	s.read(func(tx *store.Tx) (err error) {
		ids, err = tx.LogLineIDs(s.Context(), s.app, store.LogQuery{Keyset: store.Keyset{Limit: 10}})
		return err
	})
	for _, c := range []struct {
		q    store.LogQuery
		want string
	}{
		{store.LogQuery{}, "[5 4 3 2 1 0]"},
		{store.LogQuery{Keyset: store.Keyset{Ascending: true, Limit: 2}}, "[0 1]"},
		{store.LogQuery{Keyset: store.Keyset{After: ids[1], Limit: 2}}, "[3 2]"},
		{store.LogQuery{UserID: ann.ID}, "[5 3 1]"},
		{store.LogQuery{UserID: "usr_none"}, "[]"},
		{store.LogQuery{Device: "ONE"}, "[3 0]"},
		{store.LogQuery{Device: "one"}, "[]"},
		{store.LogQuery{UserID: ann.ID, Device: "TWO"}, "[1]"},
		{store.LogQuery{CreatedAfter: noon.Add(12 * time.Millisecond), CreatedBefore: noon.Add(14 * time.Millisecond)}, "[3 2]"},
		{store.LogQuery{Until: ids[2], Device: "ONE"}, "[0]"},
	} {
		if got := fmt.Sprint(s.lines(c.q)); got != c.want {
			s.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
}

func linesOfUser(s *shop) {
	ann, bob := s.user(1, "ann"), s.user(2, "bob")
	s.register(ann, bob)
	s.report(3, ann.ID, "", "of ann")
	s.report(4, bob.ID, "", "of bob")
	s.report(5, "", "", "of nobody")
	s.write(func(tx *store.Tx) error { return tx.DeleteUser(s.Context(), s.app, ann.ID) })
	if got := fmt.Sprint(s.lines(store.LogQuery{})); got != "[of nobody of bob]" || s.lineCount() != 2 {
		s.Errorf("left %s, counted %d", got, s.lineCount())
	}
}

func trimmedLines(s *shop) {
	other := s.second()
	other.report(1, "", "", "theirs")
	for i := range 7 {
		s.report(10+i, "", "", fmt.Sprint(i))
	}
	before := latchkey.IDBound(latchkey.KindLogLine, noon.Add(15*time.Millisecond)) // up to 4
	for _, want := range []struct {
		n    int64
		left string
	}{{2, "[6 5 4 3 2]"}, {2, "[6 5 4]"}, {1, "[6 5]"}, {0, "[6 5]"}} {
		s.write(func(tx *store.Tx) error {
			n, err := tx.TrimLogLines(s.Context(), s.app, before, 2)
			if n != want.n {
				s.Errorf("%d trimmed, want %d", n, want.n)
			}
			return err
		})
		if got := fmt.Sprint(s.lines(store.LogQuery{})); got != want.left {
			s.Errorf("left %s, want %s", got, want.left)
		}
	}
	s.write(func(tx *store.Tx) error {
		for id, want := range map[string]int64{"log_none": 0} {
			if n, err := tx.DeleteLogLine(s.Context(), s.app, id); n != want || err != nil {
				s.Errorf("%d deleted of %s (%v)", n, id, err)
			}
		}
		return nil
	})
	if s.lineCount() != 2 || other.lineCount() != 1 {
		s.Errorf("counted %d and %d", s.lineCount(), other.lineCount())
	}
}

func logWebhooks(s *shop) {
	read := func() (h latchkey.LogWebhook, on bool, code latchkey.Code) {
		s.read(func(tx *store.Tx) (err error) {
			h, err = tx.LogWebhook(s.Context(), s.app)
			code = latchkey.CodeOf(err)
			on, err = tx.HasLogWebhook(s.Context(), s.app)
			return err
		})
		return h, on, code
	}
	if _, on, code := read(); on || code != latchkey.CodeLogWebhookNotSet {
		s.Errorf("none is set: %v, %s", on, code)
	}
	first := latchkey.LogWebhook{AppID: s.app, URL: "https://discord.com/api/webhooks/1/a", CreatedAt: noon}
	second := latchkey.LogWebhook{AppID: s.app, URL: "https://discord.com/api/webhooks/1/b", CreatedAt: noon.Add(time.Second)}
	s.write(func(tx *store.Tx) error { return tx.PutLogWebhook(s.Context(), &first) })
	if h, on, _ := read(); !on || !cmp.Equal(h, first) {
		s.Errorf("%v, %+v", on, h)
	}
	stop := func(h *latchkey.LogWebhook) (stopped bool) {
		s.write(func(tx *store.Tx) (err error) {
			stopped, err = tx.StopLogWebhook(s.Context(), h, "status 404", noon.Add(time.Minute))
			return err
		})
		return stopped
	}
	if !stop(&first) || stop(&first) {
		s.Error("it was not stopped once")
	}
	if h, on, _ := read(); on || h.Error != "status 404" || !h.StoppedAt.Equal(noon.Add(time.Minute)) {
		s.Errorf("stopped: %v, %+v", on, h)
	}
	s.write(func(tx *store.Tx) error { return tx.PutLogWebhook(s.Context(), &second) })
	if h, on, _ := read(); !on || !cmp.Equal(h, second) {
		s.Errorf("replaced: %v, %+v", on, h)
	}
	if stop(&first) {
		s.Error("the new one was stopped by what the old one's receiver said")
	}
	s.write(func(tx *store.Tx) error { return tx.DeleteLogWebhook(s.Context(), s.app) })
	if _, on, code := read(); on || code != latchkey.CodeLogWebhookNotSet {
		s.Errorf("forgotten: %v, %s", on, code)
	}
}

func TestLogLinesNeverScan(t *testing.T) {
	eachPlanned(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		ann := s.user(1, "ann")
		s.register(ann)
		for _, other := range []*shop{s, s.second()} {
			other.write(func(tx *store.Tx) error {
				for i := range 3000 {
					l := latchkey.LogLine{ID: s.id(latchkey.KindLogLine, time.Duration(i)*time.Second), AppID: other.app, UserID: []string{"", ann.ID}[i%2],
						Device: fmt.Sprint("PC", i%10), Message: "x", CreatedAt: noon}
					if err := tx.InsertLogLine(t.Context(), &l); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := db.AnalyzeAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		bound := latchkey.IDBound(latchkey.KindLogLine, noon.Add(1000*time.Second))
		for set := range 1 << 4 {
			on := func(bit int) bool { return set&(1<<bit) != 0 }
			q := store.LogQuery{Keyset: store.Keyset{Limit: 51, Ascending: on(0)}}
			if on(1) {
				q.UserID = ann.ID
			}
			if on(2) {
				q.Device = "PC3"
			}
			if on(3) {
				q.CreatedAfter, q.CreatedBefore = noon.Add(time.Minute), noon.Add(time.Hour)
			} else {
				q.After = bound
			}
			s.checkPlans(fmt.Sprintf("log lines %+v", q), func(tx *store.Tx) error {
				_, err := tx.LogLines(t.Context(), s.app, q)
				return err
			})
		}
		s.checkPlans("count", func(tx *store.Tx) error { _, err := tx.LogLineCount(t.Context(), s.app); return err })
	})
}
