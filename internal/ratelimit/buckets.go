package ratelimit

import (
	"hash/maphash"
	"math/bits"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Entries is how many keys a table remembers: with two limits, under 3 MiB.
const Entries = 100_000

// Buckets holds a bucket, or two of different windows, for each of up to
// [Entries] keys. It is safe for concurrent use. A nil *Buckets limits nothing.
//
// Keys are kept as hashes under a seed of the process. When a new key finds no
// room, the one that would be full again first is forgotten: a flood of new
// keys displaces its own and not those who have spent most.
type Buckets struct {
	now    func() time.Time
	limits []Limit // one or two
	seed   maphash.Seed
	sets   []atomic.Pointer[set] // made when first used
}

const ways = 16

// set is where the keys of one share of all hashes live.
type set struct {
	mu    sync.Mutex
	slots [ways]slot
}

type slot struct {
	key    uint64   // 0: free
	fullAt [2]int64 // of each limit
}

// New returns an empty table for a limit, or for two that hold at once.
func New(now func() time.Time, limit Limit, more ...Limit) *Buckets {
	return &Buckets{now: now, limits: append([]Limit{limit}, more...)[:1+min(len(more), 1)], seed: maphash.MakeSeed(),
		sets: make([]atomic.Pointer[set], Entries/ways)}
}

// Limit is the first limit of the table.
func (b *Buckets) Limit() Limit { return b.limits[0] }

// Key names who is counted: a network, a text, or both. IPv6 addresses count
// by their /64, which is what one machine gets; the zero Addr is no address.
type Key struct {
	Addr netip.Addr
	Text string
}

// Take spends one token of each limit if all have one.
func (b *Buckets) Take(k Key) Decision { return b.visit(k, takeToken) }

// Look says what Take would, and spends nothing. Remaining does not count the
// token that Take would spend.
func (b *Buckets) Look(k Key) Decision { return b.visit(k, noToken) }

// Spend takes one token even where there is none: what happened at once, and
// was too much, is waited for afterwards, for at most one window more.
func (b *Buckets) Spend(k Key) { b.visit(k, oweToken) }

// Fill takes everything that the bucket has.
func (b *Buckets) Fill(k Key) { b.visit(k, allTokens) }

// Forget makes the key's bucket full.
func (b *Buckets) Forget(k Key) {
	if b == nil {
		return
	}
	h := b.hash(k)
	s := b.sets[b.index(h)].Load()
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.find(h); found != nil {
		*found = slot{}
	}
}

// taking is what a visit to a bucket takes from it.
type taking int

const (
	noToken taking = iota
	takeToken
	oweToken
	allTokens
)

func (b *Buckets) visit(k Key, how taking) Decision {
	if b == nil {
		return Decision{Allowed: true}
	}
	now, h := b.now().UnixNano(), b.hash(k)
	s := b.set(h, how != noToken)
	if s == nil {
		return b.decide(&slot{}, now)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.find(h)
	if found == nil {
		if how == noToken {
			return b.decide(&slot{}, now)
		}
		found = s.room()
		*found = slot{key: h}
	}
	for i, l := range b.limits {
		if found.fullAt[i] > now+2*l.capacity() { // the clock was ahead: nobody knows how much is left
			found.fullAt[i] = now + l.capacity()
		}
	}
	d := b.decide(found, now)
	if how == noToken || how == takeToken && !d.Allowed {
		return d
	}
	for i, l := range b.limits {
		spent := l.spent(found.fullAt[i], now) + l.interval()
		if how == allTokens {
			spent = l.capacity()
		}
		found.fullAt[i] = now + min(spent, 2*l.capacity())
	}
	after := b.decide(found, now)
	d.Remaining, d.Full = after.Remaining, after.Full
	return d
}

// decide is the stricter of the limits' decisions.
func (b *Buckets) decide(s *slot, now int64) Decision {
	d := b.limits[0].decide(b.limits[0].spent(s.fullAt[0], now))
	if len(b.limits) > 1 {
		d = stricter(d, b.limits[1].decide(b.limits[1].spent(s.fullAt[1], now)))
	}
	return d
}

// hash is the key as the table knows it, never 0.
func (b *Buckets) hash(k Key) uint64 {
	var h maphash.Hash
	h.SetSeed(b.seed)
	addr := Network(k.Addr).As16() // of no address: zeros, which no client has
	_, _ = h.Write(addr[:])        // it never fails
	_, _ = h.WriteString(k.Text)
	return max(h.Sum64(), 1)
}

// Network is the part of an address that counts as one client.
func Network(a netip.Addr) netip.Addr {
	if a.Is6() && !a.Is4In6() {
		return netip.PrefixFrom(a.WithZone(""), 64).Masked().Addr()
	}
	return a
}

func (b *Buckets) index(h uint64) uint64 {
	i, _ := bits.Mul64(h, uint64(len(b.sets)))
	return i
}

// set is the one that a hash belongs to; nil if it is not there and need not be.
func (b *Buckets) set(h uint64, needed bool) *set {
	at := &b.sets[b.index(h)]
	if s := at.Load(); s != nil || !needed {
		return s
	}
	at.CompareAndSwap(nil, new(set))
	return at.Load()
}

func (s *set) find(h uint64) *slot {
	for i := range s.slots {
		if s.slots[i].key == h {
			return &s.slots[i]
		}
	}
	return nil
}

// room is a free slot, or the one whose key loses least by being forgotten.
func (s *set) room() *slot {
	least := &s.slots[0]
	for i := range s.slots {
		if s.slots[i].latest() < least.latest() {
			least = &s.slots[i]
		}
	}
	return least
}

func (s *slot) latest() int64 { return max(s.fullAt[0], s.fullAt[1]) }
