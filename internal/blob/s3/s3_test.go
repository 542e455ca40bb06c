package s3_test

import (
	"cmp"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/blob/blobtest"
	"github.com/latchkey-dev/latchkey/internal/blob/s3"
	"github.com/latchkey-dev/latchkey/internal/blob/s3/s3test"
)

func TestMain(m *testing.M) { s3test.Main(m) }

// source is randomness that a test may change.
type source struct{ io.Reader }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// place is a bucket of the real server, and what a store of it needs.
type place struct {
	t      *testing.T
	server *s3test.Server
	bucket string
	spool  string
	random *source
}

func newPlace(t *testing.T) *place {
	t.Helper()
	server, bucket := s3test.New(t)
	return &place{t: t, server: server, bucket: bucket, spool: t.TempDir(), random: &source{Reader: rand.Reader}}
}

func (p *place) config() s3.Config {
	p.t.Helper()
	spool, err := blob.Open(p.spool, blob.Config{Now: time.Now, Rand: p.random, Fleeting: true})
	if err != nil {
		p.t.Fatal(err)
	}
	return s3.Config{Bucket: p.bucket, Endpoint: p.server.Endpoint, Prefix: "some/where", AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey,
		Spool: spool, Installation: "ours", Timing: s3.Timing{Attempt: 5 * time.Second, Stall: 5 * time.Second, Pause: time.Millisecond}}
}

func (p *place) open(change func(*s3.Config)) *s3.Store {
	p.t.Helper()
	c := p.config()
	if change != nil {
		change(&c)
	}
	s, err := s3.New(c)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			p.t.Error(err)
		}
	})
	return s
}

// leftovers are the files on the local disk.
func (p *place) leftovers() (n int) {
	p.t.Helper()
	err := filepath.WalkDir(p.spool, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func TestStore(t *testing.T) {
	for _, prefix := range []string{"", "some/where"} {
		t.Run(cmp.Or(prefix, "no prefix"), func(t *testing.T) {
			blobtest.Run(t, func(t *testing.T) *blobtest.Fresh {
				p := newPlace(t)
				at := func(c *s3.Config) { c.Prefix = prefix }
				s := p.open(at)
				return &blobtest.Fresh{Store: s, Again: func() blobtest.Store { return p.open(at) }, Leftovers: p.leftovers,
					Now: time.Now, DrawZeros: func() { p.random.Reader = zeros{} }}
			})
		})
	}
}
