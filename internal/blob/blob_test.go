package blob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func open(t *testing.T, dir string, change func(*blob.Config)) *blob.Store {
	t.Helper()
	cfg := blob.Config{Now: time.Now, Rand: rand.Reader}
	if change != nil {
		change(&cfg)
	}
	s, err := blob.Open(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func put(t *testing.T, s *blob.Store, content string) blob.Stored {
	t.Helper()
	stored, err := s.Put(t.Context(), strings.NewReader(content), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func content(t *testing.T, s *blob.Store, id blob.ID) string {
	t.Helper()
	f, size, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil || int64(len(b)) != size {
		t.Fatalf("%d bytes of %d, %v", len(b), size, err)
	}
	return string(b)
}

func ids(t *testing.T, s *blob.Store) []blob.ID {
	t.Helper()
	var all []blob.ID
	for stored, err := range s.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, stored.ID)
	}
	return all
}

// leftovers are the temporary files.
func leftovers(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestPut_keeps_what_it_was_given(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "files")
	s := open(t, dir, nil)
	var want []blob.ID
	for _, text := range []string{"", "x", strings.Repeat("long ", 50_000)} {
		stored := put(t, s, text)
		if stored.Size != int64(len(text)) || stored.SHA256 != sha256.Sum256([]byte(text)) || content(t, s, stored.ID) != text {
			t.Errorf("%d bytes: %+v", len(text), stored)
		}
		want = append(want, stored.ID)
	}
	slices.Sort(want)
	if got := ids(t, open(t, dir, nil)); !slices.Equal(got, want) {
		t.Errorf("opened again it lists %v, want %v", got, want)
	}
	if n := leftovers(t, dir); n != 0 {
		t.Errorf("%d temporary files", n)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, others may read it", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestPut_that_fails_leaves_nothing(t *testing.T) {
	broken := errors.New("the client hung up")
	canceled, cancel := context.WithCancel(context.Background())
	for rule, c := range map[string]struct {
		ctx  context.Context
		src  io.Reader
		want error
	}{
		"a byte more than the limit":   {t.Context(), strings.NewReader("12345678901"), latchkey.Fail(latchkey.CodeTooLarge)},
		"a source without end":         {t.Context(), endless{}, latchkey.Fail(latchkey.CodeTooLarge)},
		"a source that breaks off":     {t.Context(), io.MultiReader(strings.NewReader("12345"), iotest.ErrReader(broken)), broken},
		"a body that the server caps":  {t.Context(), http.MaxBytesReader(httptest.NewRecorder(), io.NopCloser(strings.NewReader("12345678")), 5), &http.MaxBytesError{Limit: 5}},
		"a caller who gives up midway": {canceled, io.MultiReader(strings.NewReader("12345"), cancels{cancel}), context.Canceled},
	} {
		t.Run(rule, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, nil)
			stored, err := s.Put(c.ctx, c.src, 10)
			if tooLarge, ok := c.want.(*http.MaxBytesError); ok {
				if got, ok := errors.AsType[*http.MaxBytesError](err); !ok || got.Limit != tooLarge.Limit {
					t.Error(err)
				}
			} else if !errors.Is(err, c.want) {
				t.Error(err)
			}
			if stored != (blob.Stored{}) || len(ids(t, s)) != 0 || leftovers(t, dir) != 0 {
				t.Errorf("it left %v, %v, %d temporary files", stored, ids(t, s), leftovers(t, dir))
			}
		})
	}
	t.Run("exactly the limit is stored", func(t *testing.T) {
		if _, err := open(t, t.TempDir(), nil).Put(t.Context(), iotest.OneByteReader(strings.NewReader("1234567890")), 10); err != nil {
			t.Error(err)
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// cancels gives the caller up while its file is read.
type cancels struct{ cancel context.CancelFunc }

func (c cancels) Read(p []byte) (int, error) {
	c.cancel()
	return copy(p, "more"), nil
}

func TestPut_leaves_the_disk_its_floor(t *testing.T) {
	dir := t.TempDir()
	free := uint64(100 << 20)
	s := open(t, dir, func(c *blob.Config) {
		c.Floor = 90 << 20
		c.FreeSpace = func() (uint64, error) { free -= 1 << 20; return free, nil }
	})
	if _, err := s.Put(t.Context(), strings.NewReader("small"), 10); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(t.Context(), endless{}, 1<<30) // one look each 8 MiB
	if latchkey.CodeOf(err) != latchkey.CodeUnavailable {
		t.Errorf("it filled up during an upload: %v", err)
	}
	if _, err := s.Put(t.Context(), strings.NewReader("small"), 10); latchkey.CodeOf(err) != latchkey.CodeUnavailable {
		t.Errorf("it was full before: %v", err)
	}
	if len(ids(t, s)) != 1 || leftovers(t, dir) != 0 {
		t.Error("something is left")
	}
	unknown := open(t, t.TempDir(), func(c *blob.Config) { c.FreeSpace = func() (uint64, error) { return 0, os.ErrInvalid } })
	if _, err := unknown.Put(t.Context(), strings.NewReader("small"), 10); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("space that cannot be measured: %v", err)
	}
}

func TestPut_never_replaces_a_file(t *testing.T) {
	same := bytes.Repeat([]byte{7}, 32)
	dir := t.TempDir()
	s := open(t, dir, func(c *blob.Config) { c.Rand = bytes.NewReader(same) })
	first := put(t, s, "first")
	if _, err := s.Put(t.Context(), strings.NewReader("second"), 10); err == nil {
		t.Error("two files have one id")
	}
	if content(t, s, first.ID) != "first" || leftovers(t, dir) != 0 {
		t.Error("the first is not what it was")
	}
	if _, err := s.Put(t.Context(), strings.NewReader("third"), 10); err == nil {
		t.Error("an id was made of no randomness")
	}
}

func TestOpen_serves_ranges(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	stored := put(t, s, "0123456789")
	f, _, err := s.Open(stored.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Range", "bytes=3-5")
	w := httptest.NewRecorder()
	http.ServeContent(w, r, "", time.Time{}, f)
	if w.Code != http.StatusPartialContent || w.Body.String() != "345" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestOpen_and_Delete_of_what_is_not_there(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, nil)
	stored := put(t, s, "x")
	outside := filepath.Join(filepath.Dir(dir), "outside")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	linked := strings.Repeat("ab", 16)
	folder := strings.Repeat("cd", 16)
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "ab"), 0o700),
		os.Symlink(outside, filepath.Join(dir, "ab", linked)),
		os.MkdirAll(filepath.Join(dir, "cd", folder), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"", "x", "..", "../outside", "tmp", strings.Repeat("0", 32), strings.ToUpper(string(stored.ID)),
		string(stored.ID) + "0", string(stored.ID[:31]) + "/", "../" + strings.Repeat("a", 29), strings.Repeat("\x00", 32)} {
		if _, _, err := s.Open(blob.ID(id)); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
		if err := s.Delete(blob.ID(id)); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{linked, folder} {
		if f, _, err := s.Open(blob.ID(id)); err == nil {
			t.Errorf("%s is no file of the store: %v", id, f.Close())
		}
	}
	if got := ids(t, s); !slices.Equal(got, []blob.ID{stored.ID}) {
		t.Errorf("it lists %v", got)
	}
	if b, err := os.ReadFile(outside); err != nil || string(b) != "secret" {
		t.Error("a file outside was touched")
	}
}

func TestDelete(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	gone, stays := put(t, s, "gone"), put(t, s, "stays")
	f, _, err := s.Open(gone.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 2 {
		if err := s.Delete(gone.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Open(gone.ID); !errors.Is(err, blob.ErrNotFound) {
		t.Error(err)
	}
	if b, err := io.ReadAll(f); err != nil || string(b) != "gone" {
		t.Errorf("a download that runs reads %q, %v", b, err)
	}
	if content(t, s, stays.ID) != "stays" {
		t.Error("another one is gone too")
	}
}

func TestSweep_takes_what_was_left_and_no_upload_that_runs(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	s := open(t, dir, func(c *blob.Config) { c.Now = func() time.Time { return now } })
	stored := put(t, s, "stays")
	for name, age := range map[string]time.Duration{"old": 2 * time.Hour, "just": time.Hour, "fresh": 59 * time.Minute} {
		path := filepath.Join(dir, "tmp", name)
		if err := errors.Join(os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, now.Add(-age), now.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(t.Context(), time.Hour); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "tmp", "fresh")); err != nil {
		t.Error(err)
	}
	now = now.Add(24 * time.Hour)
	if n, err := s.Sweep(t.Context(), time.Hour); n != 1 || err != nil {
		t.Errorf("a day later: %d, %v", n, err)
	}
	if content(t, s, stored.ID) != "stays" {
		t.Error("a file was swept")
	}
}

func TestConcurrentUse(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			text := strings.Repeat("x", i)
			stored, err := s.Put(t.Context(), strings.NewReader(text), 100)
			if err != nil {
				t.Error(err)
				return
			}
			for _, err := range s.All() {
				if err != nil {
					t.Error(err)
				}
			}
			if _, err := s.Sweep(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				if err := s.Delete(stored.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(ids(t, s)); n != 8 {
		t.Errorf("%d files are there", n)
	}
}
