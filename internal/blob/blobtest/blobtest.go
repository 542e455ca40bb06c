// Package blobtest says, as tests, what a store of files has to do, whatever it
// keeps them in.
package blobtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Store is what the use cases need of a store.
type Store interface {
	Put(ctx context.Context, src io.Reader, limit int64) (blob.Stored, error)
	Open(ctx context.Context, id blob.ID) (io.ReadSeekCloser, int64, error)
	Delete(ctx context.Context, id blob.ID) error
	All(ctx context.Context) iter.Seq2[blob.Stored, error]
	Sweep(ctx context.Context, idle time.Duration) (int, error)
}

// Fresh is a new, empty store.
type Fresh struct {
	Store
	Again     func() Store     // opens what it keeps its files in once more, as another process does
	Leftovers func() int       // how many temporary files there are
	Now       func() time.Time // what it takes for the time
	DrawZeros func()           // from now on its source of randomness gives zeros
}

// Run runs the suite.
func Run(t *testing.T, open func(t *testing.T) *Fresh) {
	for rule, test := range map[string]func(*testing.T, *Fresh){
		"it keeps what it was given":                 keeps,
		"what fails leaves nothing":                  failures,
		"it never replaces a file":                   neverReplaces,
		"it is read from anywhere":                   ranges,
		"what is not there is not found":             notThere,
		"a file that is deleted is gone":             deletes,
		"its list has every file once, and its time": lists,
		"it is used by many at once":                 concurrent,
	} {
		t.Run(rule, func(t *testing.T) { test(t, open(t)) })
	}
}

func put(t *testing.T, s Store, content string) blob.Stored {
	t.Helper()
	stored, err := s.Put(t.Context(), strings.NewReader(content), 16<<20)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func content(t *testing.T, s Store, id blob.ID) string {
	t.Helper()
	f, size, err := s.Open(t.Context(), id)
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

func ids(t *testing.T, s Store) []blob.ID {
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

func keeps(t *testing.T, s *Fresh) {
	var want []blob.ID
	for _, text := range []string{"", "x", strings.Repeat("long ", 50_000), strings.Repeat("longer ", 1_500_000)} {
		stored := put(t, s, text)
		if stored.Size != int64(len(text)) || stored.SHA256 != sha256.Sum256([]byte(text)) || content(t, s, stored.ID) != text {
			t.Errorf("%d bytes: %+v", len(text), stored)
		}
		want = append(want, stored.ID)
	}
	slices.Sort(want)
	if got := ids(t, s.Again()); !slices.Equal(got, want) {
		t.Errorf("opened again it lists %v, want %v", got, want)
	}
	if n := s.Leftovers(); n != 0 {
		t.Errorf("%d temporary files", n)
	}
}

func failures(t *testing.T, s *Fresh) {
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
			stored, err := s.Put(c.ctx, c.src, 10)
			if tooLarge, ok := c.want.(*http.MaxBytesError); ok {
				if got, ok := errors.AsType[*http.MaxBytesError](err); !ok || got.Limit != tooLarge.Limit {
					t.Error(err)
				}
			} else if !errors.Is(err, c.want) {
				t.Error(err)
			}
			if stored != (blob.Stored{}) || len(ids(t, s)) != 0 || s.Leftovers() != 0 {
				t.Errorf("it left %v, %v, %d temporary files", stored, ids(t, s), s.Leftovers())
			}
		})
	}
	t.Run("exactly the limit is stored", func(t *testing.T) {
		if _, err := s.Put(t.Context(), iotest.OneByteReader(strings.NewReader("1234567890")), 10); err != nil {
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

func neverReplaces(t *testing.T, s *Fresh) {
	s.DrawZeros()
	first := put(t, s, "first")
	if _, err := s.Put(t.Context(), strings.NewReader("second"), 10); err == nil {
		t.Error("two files have one id")
	}
	if content(t, s, first.ID) != "first" || s.Leftovers() != 0 {
		t.Error("the first is not what it was")
	}
}

func ranges(t *testing.T, s *Fresh) {
	text := strings.Repeat("0123456789", 500_000) // more than one request of any store
	stored := put(t, s, text)
	for _, c := range []struct {
		method, header, match string
		status                int
		want                  string
	}{
		{"GET", "bytes=3-5", "", http.StatusPartialContent, "345"},
		{"GET", "bytes=4194300-4194309", "", http.StatusPartialContent, text[4194300:4194310]},
		{"GET", "bytes=-4", "", http.StatusPartialContent, "6789"},
		{"GET", "bytes=5000000-", "", http.StatusRequestedRangeNotSatisfiable, "invalid range: failed to overlap\n"},
		{"GET", "bytes=100000-", `"another"`, http.StatusOK, text},
		{"GET", "", "", http.StatusOK, text},
		{"HEAD", "", "", http.StatusOK, ""},
	} {
		f, size, err := s.Open(t.Context(), stored.ID)
		if err != nil || size != int64(len(text)) {
			t.Fatal(size, err)
		}
		r := httptest.NewRequest(c.method, "/", nil)
		r.Header.Set("Range", c.header)
		if c.match != "" {
			r.Header.Set("If-Range", c.match)
		}
		w := httptest.NewRecorder()
		w.Header().Set("ETag", `"one"`)
		http.ServeContent(w, r, "", time.Time{}, f)
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s %s: %d, %d bytes", c.method, c.header, w.Code, w.Body.Len())
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	f, _, err := s.Open(t.Context(), stored.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(-1, io.SeekStart); err == nil {
		t.Error("it seeks before the beginning")
	}
	if at, err := f.Seek(-3, io.SeekEnd); at != 4_999_997 || err != nil {
		t.Error(at, err)
	}
	if at, err := f.Seek(1, io.SeekCurrent); at != 4_999_998 || err != nil {
		t.Error(at, err)
	}
	if b, err := io.ReadAll(f); string(b) != "89" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if n, err := f.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Error(n, err)
	}
}

func notThere(t *testing.T, s *Fresh) {
	stored := put(t, s, "x")
	for _, id := range []string{"", "x", "..", "../outside", "tmp", strings.Repeat("0", 32), strings.ToUpper(string(stored.ID)),
		string(stored.ID) + "0", string(stored.ID[:31]) + "/", "../" + strings.Repeat("a", 29), strings.Repeat("\x00", 32)} {
		if _, _, err := s.Open(t.Context(), blob.ID(id)); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
		if err := s.Delete(t.Context(), blob.ID(id)); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	if got := ids(t, s); !slices.Equal(got, []blob.ID{stored.ID}) {
		t.Errorf("it lists %v", got)
	}
}

func deletes(t *testing.T, s *Fresh) {
	long := strings.Repeat("gone ", 1_000_000)
	gone, stays := put(t, s, long), put(t, s, "stays")
	f, _, err := s.Open(t.Context(), gone.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	begun := make([]byte, 10)
	if _, err := io.ReadFull(f, begun); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Delete(t.Context(), gone.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Open(t.Context(), gone.ID); !errors.Is(err, blob.ErrNotFound) {
		t.Error(err)
	}
	if b, err := io.ReadAll(f); err == nil && string(begun)+string(b) != long || err != nil && !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a download that runs reads %d bytes, %v", len(b), err)
	}
	if content(t, s, stays.ID) != "stays" {
		t.Error("another one is gone too")
	}
}

func lists(t *testing.T, s *Fresh) {
	before := s.Now().Add(-time.Minute)
	var want, got []string
	for i := range 20 {
		stored := put(t, s, strings.Repeat("x", i))
		want = append(want, fmt.Sprint(stored.ID, i))
	}
	for stored, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if stored.At.Before(before) || stored.At.After(before.Add(10*time.Minute)) {
			t.Errorf("it was stored at %v", stored.At)
		}
		got = append(got, fmt.Sprint(stored.ID, stored.Size))
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("it lists %v, want %v", got, want)
	}
	for _, err := range s.All(t.Context()) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	n, failed := 0, false
	for _, err := range s.All(canceled) {
		n++
		failed = err != nil
	}
	if n != 1 || !failed {
		t.Error("a list goes on for a caller who has gone")
	}
	if n, err := s.Sweep(t.Context(), time.Hour); n != 0 || err != nil || len(ids(t, s)) != 20 {
		t.Errorf("swept %d, %v", n, err)
	}
}

func concurrent(t *testing.T, s *Fresh) {
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			text := strings.Repeat("x", i)
			stored, err := s.Put(t.Context(), strings.NewReader(text), 100)
			if err != nil {
				t.Error(err)
				return
			}
			for _, err := range s.All(t.Context()) {
				if err != nil {
					t.Error(err)
				}
			}
			if _, err := s.Sweep(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				if err := s.Delete(t.Context(), stored.ID); err != nil {
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
