package service

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/latchkey-dev/latchkey/internal/store"
)

// What clients ask again and again (their app, whether their session still
// holds) is remembered together with the stamps of all that it was read from,
// and forgotten with the first change of any of it. Several servers on one
// PostgreSQL do not see each other's stamps, so there nothing is remembered
// for longer than a second.

const (
	memoryShards   = 16
	rememberedApps = 4096
	// One remembered session is about half a kilobyte.
	rememberedSessions = 32_768
	sharedLease        = time.Second
)

// memory maps keys to values that together weigh no more than its limit. It is
// safe for concurrent use.
type memory[V any] struct {
	seed   maphash.Seed
	limit  int         // per shard
	weight func(V) int // at least 1 for each value
	shards [memoryShards]struct {
		mu           sync.RWMutex
		values       map[string]remembered[V]
		weight       int // of all values
		hits, misses atomic.Uint64
	}
}

// remembered is a value with what it depends on.
type remembered[V any] struct {
	value  V
	stamps []store.Stamp
	until  time.Time // zero: for as long as the stamps hold
}

func (r *remembered[V]) holds(now time.Time) bool {
	for _, s := range r.stamps {
		if !s.Current() {
			return false
		}
	}
	return r.until.IsZero() || now.Before(r.until)
}

// newMemory returns a memory of a number of values.
func newMemory[V any](limit int) *memory[V] {
	return newWeighedMemory(limit, func(V) int { return 1 })
}

func newWeighedMemory[V any](limit int, weight func(V) int) *memory[V] {
	m := &memory[V]{seed: maphash.MakeSeed(), limit: max(1, limit/memoryShards), weight: weight}
	for i := range m.shards {
		m.shards[i].values = map[string]remembered[V]{}
	}
	return m
}

// get returns what is remembered, and whether it still holds.
func (m *memory[V]) get(key string, now time.Time) (value V, holds bool) {
	shard := &m.shards[maphash.String(m.seed, key)%memoryShards]
	shard.mu.RLock()
	r, ok := shard.values[key]
	shard.mu.RUnlock()
	if !ok || !r.holds(now) {
		shard.misses.Add(1)
		return r.value, false
	}
	shard.hits.Add(1)
	return r.value, true
}

func (m *memory[V]) put(key string, r remembered[V]) {
	shard := &m.shards[maphash.String(m.seed, key)%memoryShards]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	drop := func(other string, known remembered[V]) {
		delete(shard.values, other)
		shard.weight -= m.weight(known.value)
	}
	if known, ok := shard.values[key]; ok {
		drop(key, known)
	}
	shard.weight += m.weight(r.value)
	for other, known := range shard.values { // in any order, which that of a map is
		if shard.weight <= m.limit {
			break
		}
		drop(other, known)
	}
	shard.values[key] = r
}

// remember returns value with the stamps taken before it was read.
func remember[V any](s *Service, value V, now time.Time, stamps ...store.Stamp) remembered[V] {
	r := remembered[V]{value: value, stamps: stamps}
	if s.db.Engine() == "postgres" {
		r.until = now.Add(sharedLease)
	}
	return r
}

// within limits how long a value is remembered; zero: it does not.
func (r remembered[V]) within(until time.Time) remembered[V] {
	if r.until.IsZero() || !until.IsZero() && until.Before(r.until) {
		r.until = until
	}
	return r
}

// MemoryUse is how often a memory was asked.
type MemoryUse struct {
	Hits, Misses uint64 // answered; not known or no longer true
}

func (m *memory[V]) use() (u MemoryUse) {
	for i := range m.shards {
		u.Hits += m.shards[i].hits.Load()
		u.Misses += m.shards[i].misses.Load()
	}
	return u
}

// PasswordLoad is how many passwords are being hashed, how many wait for that,
// and how many may be hashed at once.
func (s *Service) PasswordLoad() (busy, waiting, slots int) { return s.passwords.Load() }

// Remembered returns the use of each memory since the start.
func (s *Service) Remembered() map[string]MemoryUse {
	return map[string]MemoryUse{"apps": s.apps.use(), "sessions": s.sessions.use(), "variables": s.variables.use()}
}
