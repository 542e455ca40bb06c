package service

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/store"
)

// TestMemoryIsBounded puts values of many weights in and holds that they never
// weigh more than was said, by each shard's own count and by another.
func TestMemoryIsBounded(t *testing.T) {
	const limit = 64 * memoryShards
	m := newWeighedMemory(limit, func(n int) int { return n })
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 20_000 {
				n := 1 + rng.IntN(64)
				m.put(fmt.Sprint(rng.IntN(500)), remembered[int]{value: n})
			}
		})
	}
	all.Wait()
	kept := 0
	for i := range m.shards {
		weight := 0
		for _, r := range m.shards[i].values {
			weight += r.value
		}
		if weight != m.shards[i].weight || weight > limit/memoryShards {
			t.Errorf("shard %d weighs %d, by its own count %d", i, weight, m.shards[i].weight)
		}
		kept += weight
	}
	if kept < limit/2 {
		t.Errorf("only %d of %d are kept", kept, limit)
	}
}

func TestMemoryKeepsTheLastOfAKey(t *testing.T) {
	m := newMemory[int](memoryShards) // one value for each shard
	for n := range 100 {
		m.put("a", remembered[int]{value: n, stamps: []store.Stamp{}})
		if got, holds := m.get("a", time.Time{}); !holds || got != n {
			t.Fatalf("%d is remembered as %d, %v", n, got, holds)
		}
	}
	for n := range 100 {
		m.put(fmt.Sprint(n), remembered[int]{value: n})
	}
	for i := range m.shards {
		if n := len(m.shards[i].values); n != 1 {
			t.Errorf("shard %d holds %d values", i, n)
		}
	}
}
