package s3_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/blob/s3"
	"github.com/latchkey-dev/latchkey/internal/blob/s3/s3test"
)

func TestAll_goes_through_pages_and_leaves_out_what_is_not_ours(t *testing.T) {
	p := newPlace(t)
	s := p.open(nil)
	root := filepath.Join(p.server.Folder(p.bucket), "some", "where")
	write := func(name string) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 1050 {
		id := strings.Repeat("0", 28) + string("0123456789abcdef"[i>>12&15]) + string("0123456789abcdef"[i>>8&15]) + string("0123456789abcdef"[i>>4&15]) + string("0123456789abcdef"[i&15])
		write(blob.ID(id).Path())
	}
	for _, name := range []string{"ab/short", "ab/" + strings.Repeat("cd", 16), strings.Repeat("ab", 16), "latchkey-installation", "name with spaces & <signs>", "ab/" + strings.Repeat("AB", 16)} {
		write(name)
	}
	outside := filepath.Join(p.server.Folder(p.bucket), "ab", strings.Repeat("ab", 16))
	if err := errors.Join(os.MkdirAll(filepath.Dir(outside), 0o700), os.WriteFile(outside, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s); n != 1050 {
		t.Errorf("%d files", n)
	}
}

func TestClaim(t *testing.T) {
	p := newPlace(t)
	s := p.open(nil)
	if err := s.Examine(t.Context()); err == nil || !strings.Contains(err.Error(), "no server has stored files") {
		t.Errorf("before: %v", err)
	}
	for range 2 {
		if err := s.Claim(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Examine(t.Context()); err != nil || count(t, s) != 0 || p.leftovers() != 0 {
		t.Errorf("afterwards: %v, %d files", err, count(t, s))
	}
	for rule, c := range map[string]struct {
		change func(*s3.Config)
		want   string
	}{
		"of another installation": {func(c *s3.Config) { c.Installation = "theirs" }, "belong to another installation"},
		"no such bucket":          {func(c *s3.Config) { c.Bucket = "nobody-made-it" }, "no such bucket"},
		"a wrong secret":          {func(c *s3.Config) { c.SecretKey = "wrong" }, "refuses the access key"},
		"another region":          {func(c *s3.Config) { c.Region = "eu-central-1" }, "another region"},
		"nobody there":            {func(c *s3.Config) { c.Endpoint = "http://127.0.0.1:1" }, "cannot be reached"},
	} {
		t.Run(rule, func(t *testing.T) {
			s := p.open(c.change)
			for _, err := range []error{s.Claim(t.Context()), s.Examine(t.Context())} {
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), s3test.SecretKey) {
					t.Errorf("%v", err)
				}
			}
		})
	}
	t.Run("a bucket that takes nothing", func(t *testing.T) {
		s, _ := p.wired(func(_ int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if r.Method == http.MethodPut {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			pass.ServeHTTP(w, r)
		})
		if err := s.Claim(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot write to the bucket") {
			t.Error(err)
		}
	})
	t.Run("two at once, one wins", func(t *testing.T) {
		p := newPlace(t)
		ours, theirs := p.open(nil), p.open(func(c *s3.Config) { c.Installation = "theirs" })
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, s := range []*s3.Store{ours, theirs} {
			wg.Go(func() { errs[i] = s.Claim(t.Context()) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), s3.ErrForeign) {
			t.Error(errs)
		}
	})
}

func TestSweep_takes_what_crashes_left(t *testing.T) {
	p := newPlace(t)
	s := p.open(nil)
	stored := put(t, s, "stays")
	c := p.config()
	if _, err := c.Spool.Put(t.Context(), strings.NewReader("left"), 10); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Sweep(t.Context(), time.Hour); n != 0 || err != nil || p.leftovers() != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := s.Sweep(t.Context(), 0); n != 1 || err != nil || p.leftovers() != 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, _, err := s.Open(t.Context(), stored.ID); err != nil {
		t.Error(err)
	}
}

func TestConfig_Check(t *testing.T) {
	good := s3.Config{Bucket: "bucket", AccessKey: "key", SecretKey: "secret"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for rule, change := range map[string]func(*s3.Config){
		"a bucket with a slash":     func(c *s3.Config) { c.Bucket = "a/b" },
		"a short name":              func(c *s3.Config) { c.Bucket = "ab" },
		"no URL":                    func(c *s3.Config) { c.Endpoint = "s3.example.com" },
		"a path":                    func(c *s3.Config) { c.Endpoint = "https://s3.example.com/bucket" },
		"a password in the URL":     func(c *s3.Config) { c.Endpoint = "https://a:b@s3.example.com" },
		"another scheme":            func(c *s3.Config) { c.Endpoint = "ftp://s3.example.com" },
		"a prefix that climbs":      func(c *s3.Config) { c.Prefix = "a/../b" },
		"a prefix from the root":    func(c *s3.Config) { c.Prefix = "/a" },
		"a prefix with other signs": func(c *s3.Config) { c.Prefix = "a b" },
		"no key":                    func(c *s3.Config) { c.AccessKey = "" },
		"no secret":                 func(c *s3.Config) { c.SecretKey = "" },
	} {
		c := good
		change(&c)
		if c.Check() == nil {
			t.Errorf("%s is taken", rule)
		}
		if _, err := s3.New(c); err == nil {
			t.Errorf("%s is opened", rule)
		}
	}
}
