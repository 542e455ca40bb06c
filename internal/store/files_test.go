package store_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// file is the n-th file of the shop, uploaded a second after the one before.
func (s *shop) file(n int) latchkey.File {
	s.Helper()
	at := noon.Add(time.Duration(n) * time.Second)
	return latchkey.File{ID: s.id(latchkey.KindFile, at.Sub(noon)), AppID: s.app, Name: fmt.Sprintf("Tool %d_100%%.exe", n), Size: int64(n), BlobID: fmt.Sprintf("%d%031d", s.number, n),
		SHA256: strings.Repeat("a", 64), NeedsSignIn: n%2 == 0, MinLevel: int64(n), ContentAt: at, CreatedAt: at, UpdatedAt: at}
}

func TestFilesComeBackAsTheyWereStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		other := s.second()
		uploaded, linked, foreign := s.file(1), s.file(2), other.file(1)
		linked.BlobID, linked.SHA256, linked.Size, linked.Link = "", "", 0, "https://files.example.com/secret-path"
		s.write(func(tx *store.Tx) error {
			for _, f := range []latchkey.File{uploaded, linked, foreign} {
				if err := tx.InsertFile(t.Context(), &f); err != nil {
					return err
				}
			}
			return nil
		})
		read := func(appID, id string) (f latchkey.File, err error) {
			err = s.db.Read(t.Context(), func(tx *store.Tx) (err error) { f, err = tx.File(t.Context(), appID, id); return err })
			return f, err
		}
		for _, want := range []latchkey.File{uploaded, linked} {
			got, err := read(s.app, want.ID)
			if err != nil || got != want {
				t.Errorf("%v %s", err, cmp.Diff(got, want))
			}
		}
		if _, err := read(s.app, foreign.ID); latchkey.CodeOf(err) != latchkey.CodeFileNotFound {
			t.Errorf("another app's: %v", err)
		}
		for _, stored := range column(t, s.db, `SELECT link_sealed FROM files WHERE link_sealed IS NOT NULL`) {
			if strings.Contains(stored, "secret-path") {
				t.Error("a link is stored in clear")
			}
		}
		list := func(search string, k store.Keyset) (names []string) {
			s.write(func(tx *store.Tx) error {
				files, err := tx.Files(t.Context(), s.app, store.NamedQuery{Search: search, Keyset: k})
				names = nil
				for _, f := range files {
					names = append(names, f.Name)
				}
				return err
			})
			return names
		}
		both := []string{linked.Name, uploaded.Name}
		for search, want := range map[string][]string{"": both, "TOOL": both, "1_1": both[1:], "100%": both, "0%1": nil, "exe": both, "x": both, "xx": nil, "\\": nil} {
			if got := list(search, store.Keyset{Limit: 10}); !cmp.Equal(got, want) {
				t.Errorf("%q: %v", search, got)
			}
		}
		if got := list("", store.Keyset{Limit: 10, After: linked.ID}); !cmp.Equal(got, both[1:]) {
			t.Errorf("second page: %v", got)
		}

		// The content moves behind a link, and the name changes.
		changed := uploaded
		changed.Name, changed.Link, changed.BlobID, changed.Size, changed.SHA256 = "Ümlaut", "https://a.example/", "", 0, ""
		changed.NeedsSignIn, changed.MinLevel, changed.ContentAt, changed.UpdatedAt = true, 7, noon.Add(time.Hour), noon.Add(time.Hour)
		s.write(func(tx *store.Tx) error {
			if _, err := tx.LockFile(t.Context(), s.app, changed.ID); err != nil {
				return err
			}
			return tx.UpdateFile(t.Context(), &changed)
		})
		if got, err := read(s.app, changed.ID); err != nil || got != changed {
			t.Errorf("%v %s", err, cmp.Diff(got, changed))
		}
		if got := list("ümlAUT", store.Keyset{Limit: 10}); len(got) != 1 {
			t.Errorf("found %v", got)
		}
		s.write(func(tx *store.Tx) error { return tx.DeleteFile(t.Context(), s.app, changed.ID) })
		if _, err := read(s.app, changed.ID); latchkey.CodeOf(err) != latchkey.CodeFileNotFound {
			t.Errorf("deleted: %v", err)
		}
	})
}

func TestBlobsAreKnownByTheirFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		other := s.second()
		files := []latchkey.File{s.file(1), s.file(2), other.file(3)}
		s.write(func(tx *store.Tx) error {
			for _, f := range files {
				if err := tx.InsertFile(t.Context(), &f); err != nil {
					return err
				}
			}
			return nil
		})
		s.write(func(tx *store.Tx) error {
			known, err := tx.KnownBlobs(t.Context(), []string{files[0].BlobID, strings.Repeat("f", 32), files[2].BlobID})
			if err != nil || len(known) != 2 {
				t.Errorf("known are %v, %v", known, err)
			}
			if none, err := tx.KnownBlobs(t.Context(), nil); err != nil || len(none) != 0 {
				t.Errorf("of none %v, %v", none, err)
			}
			mine, err := tx.BlobsOfApp(t.Context(), s.app)
			if err != nil || len(mine) != 2 {
				t.Errorf("the app's are %v, %v", mine, err)
			}
			page, err := tx.Blobs(t.Context(), files[0].BlobID, 1)
			if want := []store.Blob{{ID: files[1].BlobID, Size: 2}}; err != nil || !cmp.Equal(page, want) {
				t.Errorf("the second is %v, %v", page, err)
			}
			return tx.DeleteApp(t.Context(), s.app)
		})
		s.write(func(tx *store.Tx) error {
			known, err := tx.KnownBlobs(t.Context(), []string{files[0].BlobID, files[2].BlobID})
			if err != nil || !cmp.Equal(known, []string{files[2].BlobID}) {
				t.Errorf("after the app is gone: %v, %v", known, err)
			}
			return nil
		})
	})
}

// Of many uploads that end at once, no more find room than there is.
func TestAddFilesNeverPassesItsLimits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		for _, c := range []struct {
			limit store.FileTotals
			want  int64
		}{
			{store.FileTotals{Files: 7, Bytes: 1 << 40}, 7},
			{store.FileTotals{Files: 1000, Bytes: 10 * 12}, 12 - 7},
		} {
			var added atomic.Int64
			var wg sync.WaitGroup
			for range 40 {
				wg.Go(func() {
					err := s.db.Write(t.Context(), func(tx *store.Tx) error {
						ok, err := tx.AddFiles(t.Context(), s.app, store.FileTotals{Files: 1, Bytes: 10}, c.limit)
						if err == nil && !ok {
							return latchkey.Fail(latchkey.CodeFileQuota)
						}
						return err
					})
					switch latchkey.CodeOf(err) {
					case "":
						added.Add(1)
					case latchkey.CodeFileQuota:
					default:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if added.Load() != c.want {
				t.Errorf("%d found room, want %d", added.Load(), c.want)
			}
		}
		s.write(func(tx *store.Tx) error {
			// Limits that were lowered meanwhile keep nobody from deleting.
			ok, err := tx.AddFiles(t.Context(), s.app, store.FileTotals{Files: -12, Bytes: -120}, store.FileTotals{})
			if err != nil || !ok {
				t.Errorf("taking away: %t, %v", ok, err)
			}
			totals, err := tx.FileTotals(t.Context(), s.app)
			if err != nil || totals != (store.FileTotals{}) {
				t.Errorf("%+v, %v", totals, err)
			}
			if totals, err = tx.FileTotals(t.Context(), "app_none"); err != nil || totals != (store.FileTotals{}) {
				t.Errorf("of no app: %+v, %v", totals, err)
			}
			return nil
		})
	})
}

func TestWebhooksComeBackAsTheyWereStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		other := s.second()
		w := latchkey.Webhook{ID: s.id(latchkey.KindWebhook, 0), AppID: s.app, Name: "orders", URL: "https://hooks.example.com/?key=secret-part", UserAgent: "Shop/1",
			NeedsSignIn: true, MinLevel: 3, ShowAnswer: true, CreatedAt: noon, UpdatedAt: noon}
		same := w
		same.AppID = other.app
		s.write(func(tx *store.Tx) error {
			if err := tx.InsertWebhook(t.Context(), &w); err != nil {
				return err
			}
			return tx.InsertWebhook(t.Context(), &same) // names and ids are each app's own
		})
		twin := w
		twin.ID = s.id(latchkey.KindWebhook, time.Second)
		err := s.db.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertWebhook(t.Context(), &twin) })
		if latchkey.CodeOf(err) != latchkey.CodeWebhookExists {
			t.Errorf("a second of its name: %v", err)
		}
		for _, stored := range column(t, s.db, `SELECT url_sealed FROM webhooks`) {
			if strings.Contains(stored, "secret-part") {
				t.Error("an address is stored in clear")
			}
		}
		changed := w
		changed.Name, changed.URL, changed.UserAgent, changed.NeedsSignIn, changed.MinLevel, changed.ShowAnswer = "o2", "https://b.example/", "", false, 0, false
		changed.UpdatedAt = noon.Add(time.Hour)
		s.write(func(tx *store.Tx) error {
			if got, err := tx.LockWebhook(t.Context(), s.app, w.ID); err != nil || got != w {
				t.Errorf("%v %s", err, cmp.Diff(got, w))
			}
			return tx.UpdateWebhook(t.Context(), &changed)
		})
		twin.Name = "orders"
		s.write(func(tx *store.Tx) error { return tx.InsertWebhook(t.Context(), &twin) })
		twin.Name = "o2"
		err = s.db.Write(t.Context(), func(tx *store.Tx) error { return tx.UpdateWebhook(t.Context(), &twin) })
		if latchkey.CodeOf(err) != latchkey.CodeWebhookExists {
			t.Errorf("a name that is taken: %v", err)
		}
		s.write(func(tx *store.Tx) error {
			list, err := tx.Webhooks(t.Context(), s.app, store.NamedQuery{Keyset: store.Keyset{Limit: 10, Ascending: true}})
			if err != nil || len(list) != 2 || list[0] != changed {
				t.Errorf("%+v, %v", list, err)
			}
			byName := store.NamedQuery{ByName: true, Keyset: store.Keyset{Limit: 10}}
			if list, err := tx.Webhooks(t.Context(), s.app, byName); err != nil || len(list) != 2 || list[0].Name < list[1].Name {
				t.Errorf("by name, downwards: %+v, %v", list, err)
			}
			if list, err := tx.Webhooks(t.Context(), s.app, store.NamedQuery{Search: strings.ToUpper(changed.Name), Keyset: store.Keyset{Limit: 10}}); err != nil || len(list) != 1 || list[0] != changed {
				t.Errorf("found: %+v, %v", list, err)
			}
			if err := tx.DeleteWebhook(t.Context(), s.app, w.ID); err != nil {
				return err
			}
			if _, err := tx.Webhook(t.Context(), s.app, w.ID); latchkey.CodeOf(err) != latchkey.CodeWebhookNotFound {
				t.Errorf("deleted: %v", err)
			}
			_, err = tx.Webhook(t.Context(), other.app, w.ID)
			return err
		})
	})
}

// A search looks at all names of an app, of which there are few.
func TestListsOfFilesAndWebhooksNeverScan(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { filesNeverScan(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		filesNeverScan(t, storetest.Open(t, store.Config{Database: storetest.NewPostgres(t) + "&enable_seqscan=off", Box: storetest.Box(t)}))
	})
}

func filesNeverScan(t *testing.T, db *store.DB) {
	s := newShop(t, db)
	for set := range 1 << 4 {
		q := store.NamedQuery{ByName: set&1 != 0, Keyset: store.Keyset{Limit: 51, Ascending: set&2 != 0}}
		if set&4 != 0 {
			q.After = q.Place(s.file(1).ID, "orders")
		}
		if set&8 != 0 {
			q.Search = "Orders"
		}
		s.checkPlans(fmt.Sprintf("webhooks %+v", q), func(tx *store.Tx) error { _, err := tx.Webhooks(t.Context(), s.app, q); return err })
		s.checkPlans(fmt.Sprintf("channels %+v", q), func(tx *store.Tx) error { _, err := tx.Channels(t.Context(), s.app, q); return err })
		if !q.ByName {
			s.checkPlans(fmt.Sprintf("files %+v", q), func(tx *store.Tx) error { _, err := tx.Files(t.Context(), s.app, q); return err })
		}
	}
	s.checkPlans("known contents", func(tx *store.Tx) error { _, err := tx.KnownBlobs(t.Context(), []string{"a", "b", "c"}); return err })
	s.checkPlans("contents", func(tx *store.Tx) error { _, err := tx.Blobs(t.Context(), "", 100); return err })
	s.checkPlans("an app's contents", func(tx *store.Tx) error { _, err := tx.BlobsOfApp(t.Context(), s.app); return err })
}
