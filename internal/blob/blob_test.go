package blob_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/blob/blobtest"
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
	f, size, err := s.Open(context.Background(), id)
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
	for stored, err := range s.All(t.Context()) {
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

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) *blobtest.Fresh {
		dir := filepath.Join(t.TempDir(), "a", "files")
		random := &source{Reader: rand.Reader}
		s := open(t, dir, func(c *blob.Config) { c.Rand = random })
		return &blobtest.Fresh{Store: s, Again: func() blobtest.Store { return open(t, dir, nil) }, Leftovers: func() int { return leftovers(t, dir) },
			Now: time.Now, DrawZeros: func() { random.Reader = zeros{} }}
	})
}

// source is randomness that a test may change.
type source struct{ io.Reader }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestPut_needs_randomness(t *testing.T) {
	s := open(t, t.TempDir(), func(c *blob.Config) { c.Rand = strings.NewReader("few") })
	if _, err := s.Put(t.Context(), strings.NewReader("x"), 10); err == nil {
		t.Error("an id was made of no randomness")
	}
}

func TestFilesAreClosedToOtherUsers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "files")
	put(t, open(t, dir, nil), "x")
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

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

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

func TestOpen_and_Delete_stay_in_the_folder(t *testing.T) {
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
		if _, _, err := s.Open(context.Background(), blob.ID(id)); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
		if err := s.Delete(context.Background(), blob.ID(id)); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{linked, folder} {
		if f, _, err := s.Open(context.Background(), blob.ID(id)); err == nil {
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

func TestDelete_lets_a_download_end(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	gone, stays := put(t, s, "gone"), put(t, s, "stays")
	f, _, err := s.Open(context.Background(), gone.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 2 {
		if err := s.Delete(context.Background(), gone.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Open(context.Background(), gone.ID); !errors.Is(err, blob.ErrNotFound) {
		t.Error(err)
	}
	if b, err := io.ReadAll(f); err != nil || string(b) != "gone" { // which no other store promises
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

func TestSweepAll_takes_whole_files_as_well(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	s := open(t, dir, func(c *blob.Config) {
		c.Fleeting = true
		c.Now = func() time.Time { return now }
	})
	put(t, s, "left")
	if err := os.WriteFile(filepath.Join(dir, "tmp", "half"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := s.SweepAll(t.Context(), time.Hour); n != 0 || err != nil || len(ids(t, s)) != 1 {
		t.Errorf("what is new: %d, %v", n, err)
	}
	now = now.Add(2 * time.Hour)
	if n, err := s.SweepAll(t.Context(), time.Hour); n != 2 || err != nil || len(ids(t, s)) != 0 || leftovers(t, dir) != 0 {
		t.Errorf("what is old: %d, %v", n, err)
	}
}
