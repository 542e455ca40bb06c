package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// channel opens a channel in the shop.
func (s *shop) channel(name string, delay int64) latchkey.Channel {
	s.Helper()
	c := latchkey.Channel{ID: s.id(latchkey.KindChannel, 0), AppID: s.app, Name: name, Delay: delay, History: 10, CreatedAt: noon, UpdatedAt: noon}
	s.write(func(tx *store.Tx) error { return tx.InsertChannel(s.Context(), &c) })
	return c
}

// said is a message n milliseconds after noon; nothing is stored yet.
func (s *shop) said(c latchkey.Channel, userID string, n int) latchkey.ChatMessage {
	s.Helper()
	at := time.Duration(n) * time.Millisecond
	return latchkey.ChatMessage{ID: s.id(latchkey.KindChatMessage, at), AppID: s.app, ChannelID: c.ID, UserID: userID, Text: "hello", SentAt: noon.Add(at)}
}

// heard is a page of a channel.
func (s *shop) heard(c latchkey.Channel, k store.Keyset) (list []latchkey.ChatMessage) {
	s.Helper()
	s.read(func(tx *store.Tx) (err error) {
		list, err = tx.ChatMessages(s.Context(), s.app, c.ID, k)
		return err
	})
	return list
}

func TestChats(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		t.Run("messages come back as they were said, with the author's present name", func(t *testing.T) {
			c := s.channel("order", 0)
			ann := s.user(1, "ann")
			key := s.user(2, "AAAA-BBBB-CCCC")
			key.LicenseNamed = true
			s.register(ann, key)
			list := []latchkey.ChatMessage{s.said(c, "", 3), s.said(c, key.ID, 2), s.said(c, ann.ID, 1)}
			list[0].Author = "System"
			s.write(func(tx *store.Tx) error {
				for i := range list {
					if err := tx.InsertChatMessage(t.Context(), &list[i]); err != nil {
						return err
					}
				}
				return nil
			})
			list[1].Author, list[1].LicenseNamed, list[2].Author = "AAAA-BBBB-CCCC", true, "ann"
			if diff := cmp.Diff(list, s.heard(c, store.Keyset{Limit: 10})); diff != "" {
				t.Errorf("(-said +heard):\n%s", diff)
			}
			if diff := cmp.Diff(list[1:2], s.heard(c, store.Keyset{After: list[0].ID, Limit: 1})); diff != "" {
				t.Errorf("the next page (-want +got):\n%s", diff)
			}
			s.write(func(tx *store.Tx) error { return tx.TrimChannel(t.Context(), s.app, c.ID, 2) })
			if got := s.heard(c, store.Keyset{Limit: 10}); len(got) != 2 || got[1].ID != list[1].ID {
				t.Errorf("trimmed to %+v", got)
			}
			s.write(func(tx *store.Tx) error { return tx.DeleteUser(t.Context(), s.app, key.ID) })
			if got := s.heard(c, store.Keyset{Limit: 10}); len(got) != 1 || got[0].ID != list[0].ID {
				t.Errorf("after a user has gone there is %+v", got)
			}
			s.write(func(tx *store.Tx) error { return tx.DeleteChannel(t.Context(), s.app, c.ID) })
			if got := s.heard(c, store.Keyset{Limit: 10}); len(got) != 0 {
				t.Errorf("after the channel has gone there is %+v", got)
			}
		})
		t.Run("of many turns at once one is taken", func(t *testing.T) {
			c := s.channel("turns", 30)
			bob := s.user(10, "bob")
			s.register(bob)
			for round := range 5 {
				now := noon.Add(time.Duration(round) * time.Minute)
				var mu sync.Mutex
				var wg sync.WaitGroup
				taken := 0
				for range 32 {
					wg.Go(func() {
						var mine bool
						var wait time.Duration
						err := s.db.Write(t.Context(), func(tx *store.Tx) (err error) {
							mine, wait, err = tx.TakeChatTurn(t.Context(), &c, bob.ID, now)
							return err
						})
						mu.Lock()
						defer mu.Unlock()
						if err != nil || !mine && wait != 30*time.Second {
							t.Errorf("wait %v, %v", wait, err)
						}
						if mine {
							taken++
						}
					})
				}
				wg.Wait()
				if taken != 1 {
					t.Fatalf("round %d: %d turns were taken", round, taken)
				}
			}
		})
		t.Run("a name is one in its app", func(t *testing.T) {
			c := s.channel("twice", 0)
			again := c
			again.ID = s.id(latchkey.KindChannel, time.Millisecond)
			err := s.db.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertChannel(t.Context(), &again) })
			if latchkey.CodeOf(err) != latchkey.CodeChatExists {
				t.Errorf("answered %v", err)
			}
			s.second().channel("twice", 0)
		})
		t.Run("a user has one mute", func(t *testing.T) {
			carl := s.user(20, "carl")
			s.register(carl)
			var last latchkey.Mute
			for n := range 3 {
				last = latchkey.Mute{ID: s.id(latchkey.KindMute, time.Duration(n)), AppID: s.app, UserID: carl.ID, Until: noon.Add(time.Hour), CreatedAt: noon}
				s.write(func(tx *store.Tx) error { return tx.SetMute(t.Context(), &last) })
			}
			s.read(func(tx *store.Tx) error {
				rows, err := tx.Mutes(t.Context(), s.app, "", noon, store.Keyset{Limit: 10})
				if err != nil || len(rows) != 1 || rows[0].ID != last.ID || rows[0].User.Name != "carl" {
					t.Errorf("mutes: %+v, %v", rows, err)
				}
				if _, err := tx.MuteOf(t.Context(), s.app, carl.ID, noon.Add(time.Hour)); latchkey.CodeOf(err) != latchkey.CodeChatMuteNotFound {
					t.Errorf("at its end: %v", err)
				}
				return nil
			})
		})
	})
}

func TestChatsNeverScan(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { chatsNeverScan(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		chatsNeverScan(t, storetest.Open(t, store.Config{Database: storetest.NewPostgres(t) + "&enable_seqscan=off", Box: storetest.Box(t)}))
	})
}

func chatsNeverScan(t *testing.T, db *store.DB) {
	s := newShop(t, db)
	s.stock(500)
	c := s.channel("lobby", 10)
	s.write(func(tx *store.Tx) error {
		for n := range 500 {
			m := s.said(c, "", n)
			if err := tx.InsertChatMessage(t.Context(), &m); err != nil {
				return err
			}
		}
		return nil
	})
	if err := db.AnalyzeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for what, read := range map[string]func(tx *store.Tx, k store.Keyset) error{
		"channels": func(tx *store.Tx, k store.Keyset) error {
			_, err := tx.Channels(t.Context(), s.app, store.NamedQuery{Keyset: k})
			return err
		},
		"messages": func(tx *store.Tx, k store.Keyset) error {
			_, err := tx.ChatMessages(t.Context(), s.app, c.ID, k)
			return err
		},
		"the newest message": func(tx *store.Tx, _ store.Keyset) error {
			_, err := tx.LastChatMessage(t.Context(), s.app, c.ID)
			return err
		},
		"the number of messages": func(tx *store.Tx, _ store.Keyset) error {
			_, err := tx.ChatMessageCount(t.Context(), s.app, c.ID)
			return err
		},
		"the numbers of messages": func(tx *store.Tx, _ store.Keyset) error {
			_, err := tx.ChatMessageCounts(t.Context(), s.app, []string{c.ID, "chn_1"})
			return err
		},
		"mutes": func(tx *store.Tx, k store.Keyset) error {
			_, err := tx.Mutes(t.Context(), s.app, "", noon, k)
			return err
		},
		"mutes to lift": func(tx *store.Tx, k store.Keyset) error {
			if _, err := tx.MuteIDs(t.Context(), s.app, "usr_1", noon, "", k); err != nil {
				return err
			}
			_, err := tx.MuteIDs(t.Context(), s.app, "", noon, "mut_9", store.Keyset{Limit: k.Limit, Ascending: true})
			return err
		},
		"certain mutes": func(tx *store.Tx, _ store.Keyset) error {
			_, err := tx.CountMutes(t.Context(), s.app, []string{"mut_1", "mut_2"}, noon)
			return err
		},
	} {
		for _, k := range []store.Keyset{{Limit: 51}, {Limit: 51, Ascending: true}, {Limit: 51, After: s.id(latchkey.KindChatMessage, 50)}} {
			s.checkPlans(what, func(tx *store.Tx) error { return read(tx, k) })
		}
	}
}
