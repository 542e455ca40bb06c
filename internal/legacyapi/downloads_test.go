package legacyapi

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestDownloads(t *testing.T) {
	const mega = 1 << 20
	begin := func(t *testing.T, d *downloads, address string, memory int64) (done func()) {
		t.Helper()
		done, err := d.begin(t.Context(), address, memory)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	t.Run("who finds no memory waits for it, in turn", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := newDownloads()
			first, second := begin(t, d, "a", 96*mega), begin(t, d, "b", 30*mega)
			order := make(chan string, 2)
			var wg sync.WaitGroup
			for _, next := range []struct {
				address string
				memory  int64
			}{{"c", 90 * mega}, {"d", 50 * mega}} {
				wg.Go(func() {
					done, err := d.begin(context.Background(), next.address, next.memory)
					if err != nil {
						t.Error(err)
						return
					}
					order <- next.address
					done()
				})
				synctest.Wait()
			}
			if len(order) != 0 {
				t.Error("somebody overtook")
			}
			second()
			synctest.Wait()
			if len(order) != 0 {
				t.Error("there was not enough yet")
			}
			first()
			wg.Wait()
			if <-order != "c" || <-order != "d" || d.free != downloadMemory || len(d.addresses) != 0 {
				t.Errorf("%d are free, %v taken", d.free, d.addresses)
			}
		})
	})
	t.Run("who waits too long, or leaves, takes nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := newDownloads()
			done := begin(t, d, "a", 100*mega)
			began := time.Now()
			if _, err := d.begin(t.Context(), "b", 90*mega); latchkey.CodeOf(err) != latchkey.CodeBusy || time.Since(began) != downloadWait {
				t.Errorf("%v after %s", err, time.Since(began))
			}
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := d.begin(gone, "b", 90*mega); latchkey.CodeOf(err) != latchkey.CodeBusy {
				t.Error(err)
			}
			done()
			done() // twice is once
			if d.free != downloadMemory || len(d.addresses) != 0 || len(d.waiting) != 0 {
				t.Errorf("%+v", d)
			}
		})
	})
	t.Run("one address leaves room for others", func(t *testing.T) {
		d := newDownloads()
		large := begin(t, d, "a", 96*mega) // alone it may have more than its share
		if _, err := d.begin(t.Context(), "a", mega); latchkey.CodeOf(err) != latchkey.CodeBusy {
			t.Error(err)
		}
		large()
		for range 2 {
			defer begin(t, d, "a", 32*mega)()
		}
		if _, err := d.begin(t.Context(), "a", mega); latchkey.CodeOf(err) != latchkey.CodeBusy {
			t.Error(err)
		}
		begin(t, d, "b", 64*mega)()
	})
	t.Run("of many at once, never more than the memory", func(t *testing.T) {
		d := newDownloads()
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				done, err := d.begin(t.Context(), string(rune('a'+i)), 20*mega)
				if err != nil {
					t.Error(err)
					return
				}
				d.mu.Lock()
				if d.free < 0 {
					t.Errorf("%d are free", d.free)
				}
				d.mu.Unlock()
				done()
			})
		}
		wg.Wait()
		if d.free != downloadMemory {
			t.Errorf("%d are free", d.free)
		}
	})
}
