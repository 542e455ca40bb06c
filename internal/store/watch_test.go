package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func TestWatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		other := s.second()
		w := s.db.Watch(store.AllTopics, s.app)
		defer w.Close()
		elsewhere := s.db.Watch(store.AllTopics, other.app)
		defer elsewhere.Close()
		users := s.db.Watch(store.TopicUsers, s.app, other.app)
		defer users.Close()

		s.sell(s.license(1, "AAAA-BBBB-CCCC-0001", ""))
		wantTold(t, "a license", w, store.TopicLicenses|store.TopicCounters)
		wantTold(t, "a license, to who asks for users", users, 0)
		s.register(s.user(1, "ann"))
		s.sell(s.license(2, "AAAA-BBBB-CCCC-0002", ""))
		wantTold(t, "two changes at once", w, store.TopicLicenses|store.TopicCounters|store.TopicUsers)
		wantTold(t, "a user", users, store.TopicUsers)
		wantTold(t, "another app's changes", elsewhere, 0)
		other.register(other.user(1, "bob"))
		wantTold(t, "a user of the second app", users, store.TopicUsers)

		failed := errors.New("no")
		err := s.db.Write(t.Context(), func(tx *store.Tx) error {
			u := s.user(2, "carl")
			if err := tx.InsertUser(t.Context(), &u); err != nil {
				return err
			}
			wantTold(t, "what is not committed", w, 0)
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		wantTold(t, "what was not committed", w, 0)

		w.Want(store.TopicUsers)
		s.sell(s.license(3, "AAAA-BBBB-CCCC-0003", ""))
		wantTold(t, "what is not wanted any more", w, 0)
		w.Close()
		s.register(s.user(3, "dora"))
		wantTold(t, "a watch that was closed", w, 0)
		wantTold(t, "the one beside it", users, store.TopicUsers)
	})
}

// wantTold wants a watch to be awake if it has something to tell, and to tell it once.
func wantTold(t *testing.T, what string, w *store.Watch, want store.Topics) {
	t.Helper()
	awake := false
	select {
	case <-w.Changed():
		awake = true
	default:
	}
	if got := w.Take(); got != want || awake != (want != 0) {
		t.Errorf("%s: told %b, want %b; awake: %v", what, got, want, awake)
	}
	if again := w.Take(); again != 0 {
		t.Errorf("%s: told again: %b", what, again)
	}
}

// Whoever begins to watch and then reads misses nothing, however many come and
// go meanwhile.
func TestWatchRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		const writes = 60
		done := make(chan struct{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					w := s.db.Watch(store.TopicChats, s.app)
					n := s.channels()
					for n < writes {
						select {
						case <-w.Changed():
							w.Take()
							n = s.channels()
						case <-done:
							w.Take()
							if n = s.channels(); n < writes {
								t.Errorf("%d channels at the end", n)
							}
						}
					}
					w.Close()
					select {
					case <-done:
						return
					default:
					}
					if n >= writes {
						return
					}
				}
			})
		}
		for n := range writes {
			c := latchkey.Channel{ID: s.id(latchkey.KindChannel, time.Duration(n)*time.Millisecond), AppID: s.app, Name: fmt.Sprint(n), History: 1, CreatedAt: noon, UpdatedAt: noon}
			s.write(func(tx *store.Tx) error { return tx.InsertChannel(t.Context(), &c) })
		}
		waitFor(t, "all watchers", &wg)
		close(done)
	})
}

func (s *shop) channels() (n int) {
	err := s.db.Read(s.Context(), func(tx *store.Tx) error {
		list, err := tx.Channels(s.Context(), s.app, store.NamedQuery{Keyset: store.Keyset{Limit: 1000}})
		n = len(list)
		return err
	})
	if err != nil {
		s.Error(err)
	}
	return n
}

func waitFor(t *testing.T, what string, wg *sync.WaitGroup) {
	t.Helper()
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s did not come to an end", what)
	}
}

// relayed opens a server's database on a PostgreSQL that others share.
func relayed(t *testing.T, url string) *store.DB {
	t.Helper()
	db := storetest.Open(t, store.Config{Database: url, Box: storetest.Box(t)})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { db.Relay(ctx) })
	t.Cleanup(func() { cancel(); waitFor(t, "the relay", &wg) })
	return db
}

func TestRelay(t *testing.T) {
	url := storetest.NewPostgres(t)
	here, there := relayed(t, url), relayed(t, url)
	s := newShop(t, there)
	other := s.second()
	w := here.Watch(store.AllTopics, s.app)
	defer w.Close()
	elsewhere := here.Watch(store.AllTopics, other.app)
	defer elsewhere.Close()

	// Until the other server has heard that somebody watches, it says nothing.
	n := 0
	told := func(what string) {
		t.Helper()
		deadline := time.After(time.Minute)
		for {
			n++
			s.sell(s.license(n, fmt.Sprintf("AAAA-BBBB-CCCC-%04d", n), ""))
			select {
			case <-w.Changed():
				if w.Take()&store.TopicLicenses != 0 {
					return
				}
			case <-time.After(50 * time.Millisecond):
			case <-deadline:
				t.Fatalf("%s was not told", what)
			}
		}
	}
	told("a change of another server")
	// One more, to know that nothing is on its way; then nobody else's.
	told("a later one")
	elsewhere.Take() // what was told when the connection was made
	other.register(other.user(1, "bob"))
	select {
	case <-elsewhere.Changed():
	case <-time.After(time.Minute):
		t.Fatal("the second app's change was not told")
	}

	// Whoever lost the connection may have missed something.
	elsewhere.Take()
	there.TerminateListeners(t)
	select {
	case <-elsewhere.Changed():
		if got := elsewhere.Take(); got != store.AllTopics {
			t.Errorf("after the connection was lost: told %b", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("nothing was told after the connection was lost")
	}
	told("a change after the connection was lost")
}

// TestRelay_when_nobody_watches holds that servers are silent then: a NOTIFY
// makes commits wait for each other.
func TestRelay_when_nobody_watches(t *testing.T) {
	url := storetest.NewPostgres(t)
	here, there := relayed(t, url), relayed(t, url)
	s := newShop(t, there)
	heard := here.Listen(t, s.app)
	for n := range 20 {
		s.sell(s.license(n, fmt.Sprintf("AAAA-BBBB-CCCC-%04d", n), ""))
	}
	if text := heard(500 * time.Millisecond); text != "" {
		t.Errorf("heard %q", text)
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, watching := range []int{0, 1, 100} {
		b.Run(fmt.Sprintf("%d watch", watching), func(b *testing.B) {
			db := storetest.SQLite(b)
			for n := range watching {
				id := "app_other"
				if n == 0 {
					id = "app_1"
				}
				w := db.Watch(store.AllTopics, id)
				b.Cleanup(w.Close)
			}
			b.ReportAllocs()
			publish := db.Publisher()
			for b.Loop() {
				publish("app_1", store.TopicSessions)
			}
		})
	}
}
