package legacyapi

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Memory for answers with files, in bytes. It is taken from before the first
// byte of a file is read until the client has the last one.
const (
	downloadMemory = 128 << 20
	addressMemory  = downloadMemory / 2 // for one address, if it has more than one download
	downloadWait   = 5 * time.Second
)

// downloads bounds the memory of all answers with files. Those that find none
// wait for a moment, in their order.
type downloads struct {
	mu        sync.Mutex
	free      int64
	addresses map[string]int64 // what each has taken
	waiting   []*download
}

// download is one that waits.
type download struct {
	memory int64
	begun  chan struct{} // closed when it has its memory
}

func newDownloads() *downloads {
	return &downloads{free: downloadMemory, addresses: map[string]int64{}}
}

// begin takes memory for an answer to an address; done gives it back. Error:
// server.busy.
func (d *downloads) begin(ctx context.Context, address string, memory int64) (done func(), err error) {
	w, err := d.enter(address, memory)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, downloadWait)
	defer cancel()
	select {
	case <-w.begun:
	case <-ctx.Done():
		if d.leave(w) {
			d.end(address, memory, false)
			return nil, busy()
		}
	}
	return sync.OnceFunc(func() { d.end(address, memory, true) }), nil
}

func busy() error {
	err := latchkey.Fail(latchkey.CodeBusy)
	err.RetryAfter = time.Second
	return err
}

// enter has a download wait, unless its address has enough of them.
func (d *downloads) enter(address string, memory int64) (*download, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if has := d.addresses[address]; has > 0 && has+memory > addressMemory {
		return nil, busy()
	}
	d.addresses[address] += memory
	w := &download{memory: memory, begun: make(chan struct{})}
	d.waiting = append(d.waiting, w)
	d.serve()
	return w, nil
}

// leave takes a download from those that wait, and says whether it was there.
func (d *downloads) leave(w *download) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.Index(d.waiting, w)
	if i >= 0 {
		d.waiting = slices.Delete(d.waiting, i, i+1)
		d.serve()
	}
	return i >= 0
}

// end gives back what a download had, or would have had.
func (d *downloads) end(address string, memory int64, had bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.addresses[address] -= memory; d.addresses[address] <= 0 {
		delete(d.addresses, address)
	}
	if had {
		d.free += memory
		d.serve()
	}
}

// serve lets those begin, from the first on, for whom there is memory.
func (d *downloads) serve() {
	for len(d.waiting) > 0 && d.waiting[0].memory <= d.free {
		d.free -= d.waiting[0].memory
		close(d.waiting[0].begun)
		d.waiting = slices.Delete(d.waiting, 0, 1)
	}
}
