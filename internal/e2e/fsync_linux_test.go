package e2e_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/latchkey-dev/latchkey/api"
)

var syncCall = regexp.MustCompile(`(?m)\bf(?:data)?sync(?:\(\d+\)| resumed>\)).*= 0$`)

// TestEveryWriteReachesTheDisk counts system calls: one after the other, no
// write is acknowledged before the disk was told to keep it.
func TestEveryWriteReachesTheDisk(t *testing.T) {
	t.Parallel()
	need(t, "strace")
	const writes = 200
	i := newInstallation(t, "sqlite")
	key := i.initialize()
	trace := filepath.Join(t.TempDir(), "trace")
	p := i.start("strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace)
	s := newSeller(t, p.url, key)
	app := s.createApp("fsync")
	before := len(syncCall.FindAllString(p.read(trace), -1))
	for n := range writes {
		s.call("POST", "/apps/"+app.ID+"/subscriptions", api.CreateSubscription{Name: fmt.Sprintf("tier-%d", n), Level: 1}, nil)
	}
	synced := len(syncCall.FindAllString(p.read(trace), -1)) - before
	t.Logf("%d acknowledged writes, %d times synced", writes, synced)
	if synced < writes {
		t.Errorf("%d writes were synced %d times only", writes, synced)
	}
	p.stop()
}
