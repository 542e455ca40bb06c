package ratelimit_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/ratelimit"
)

// clock is a clock that only tests move.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *clock) Advance(d time.Duration) { c.ns.Add(int64(d)) }

func text(s string) ratelimit.Key { return ratelimit.Key{Text: s} }

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// takeAll takes until it is refused and returns how many it got.
func takeAll(b *ratelimit.Buckets, k ratelimit.Key) (n int) {
	for b.Take(k).Allowed {
		n++
	}
	return n
}

func TestBuckets(t *testing.T) {
	c := newClock()
	b := ratelimit.New(c.Now, ratelimit.PerMinute(10))
	for i := range 10 {
		d := b.Take(text("ann"))
		if !d.Allowed || d.Remaining != 9-i || d.Full != time.Duration(i+1)*6*time.Second {
			t.Fatalf("take %d: %+v", i, d)
		}
	}
	if d := b.Take(text("ann")); d.Allowed || d.Remaining != 0 || d.Wait != 6*time.Second || d.Full != time.Minute {
		t.Errorf("the eleventh: %+v", d)
	}
	if !b.Take(text("bob")).Allowed {
		t.Error("another key pays for it")
	}
	c.Advance(6*time.Second - 1)
	if d := b.Look(text("ann")); d.Allowed || d.Wait != 1 {
		t.Errorf("a nanosecond early: %+v", d)
	}
	c.Advance(1)
	if n := takeAll(b, text("ann")); n != 1 {
		t.Errorf("after six seconds: %d", n)
	}
	c.Advance(time.Hour)
	if n := takeAll(b, text("ann")); n != 10 {
		t.Errorf("after an hour: %d, want a full bucket and no more", n)
	}
	b.Forget(text("ann"))
	if d := b.Look(text("ann")); d.Full != 0 || d.Remaining != 10 {
		t.Errorf("forgotten: %+v", d)
	}
}

func TestTwoLimitsHoldAtOnce(t *testing.T) {
	c := newClock()
	b := ratelimit.New(c.Now, ratelimit.PerMinute(10), ratelimit.PerHour(25))
	var got []int
	for range 4 {
		got = append(got, takeAll(b, text("ann")))
		c.Advance(time.Minute)
	}
	if want := fmt.Sprint([]int{10, 10, 5, 1}); fmt.Sprint(got) != want {
		t.Errorf("by minutes %v, want %s", got, want)
	}
	if d := b.Take(text("ann")); d.Allowed || d.Limit != ratelimit.PerHour(25) {
		t.Errorf("refused by %+v", d)
	}
}

func TestSpendingMoreThanThereIsIsWaitedForUpToAWindow(t *testing.T) {
	c := newClock()
	b := ratelimit.New(c.Now, ratelimit.PerMinute(10))
	for range 1000 {
		b.Spend(text("ann"))
	}
	if d := b.Look(text("ann")); d.Allowed || d.Wait != time.Minute+6*time.Second {
		t.Errorf("%+v", d)
	}
	c.Advance(2 * time.Minute)
	if d := b.Look(text("ann")); d.Full != 0 {
		t.Errorf("two windows later: %+v", d)
	}
}

func TestAClockThatIsSetBackShutsNobodyOut(t *testing.T) {
	c := newClock()
	b := ratelimit.New(c.Now, ratelimit.PerMinute(10))
	takeAll(b, text("ann"))
	c.Advance(-24 * time.Hour)
	if d := b.Look(text("ann")); d.Wait > time.Minute+6*time.Second {
		t.Errorf("%+v", d)
	}
}

func TestNetworksCountAsOne(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"one /64 of IPv6":         {"2001:db8::1", "2001:db8::ffff:ffff", true},
		"two /64":                 {"2001:db8::1", "2001:db8:0:1::1", false},
		"zones mean nothing":      {"fe80::1%eth0", "fe80::1", true},
		"IPv4 counts by itself":   {"192.0.2.1", "192.0.2.2", false},
		"IPv4 in IPv6 is IPv4":    {"::ffff:192.0.2.1", "192.0.2.1", true},
		"IPv4 in IPv6 is no /64":  {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		"the same address as was": {"192.0.2.1", "192.0.2.1", true},
	} {
		t.Run(name, func(t *testing.T) {
			b := ratelimit.New(newClock().Now, ratelimit.PerMinute(1))
			b.Take(ratelimit.Key{Addr: addr(c.a)})
			if same := !b.Take(ratelimit.Key{Addr: addr(c.b)}).Allowed; same != c.same {
				t.Errorf("%s and %s count as one: %t", c.a, c.b, same)
			}
		})
	}
}

func TestNoTableLimitsNothing(t *testing.T) {
	var b *ratelimit.Buckets
	b.Spend(text("ann"))
	b.Fill(text("ann"))
	b.Forget(text("ann"))
	if !b.Take(text("ann")).Allowed || !b.Look(text("ann")).Allowed {
		t.Error("it does")
	}
}

// A flood of new keys makes room among its own: whoever has spent all is
// remembered.
func TestAFloodDoesNotClearTheRecordOfWhoIsLimited(t *testing.T) {
	b := ratelimit.New(newClock().Now, ratelimit.PerMinute(10))
	for i := range 100 {
		takeAll(b, text(fmt.Sprint("guesser ", i)))
	}
	for i := range 3 * ratelimit.Entries {
		b.Take(text(fmt.Sprint("flood ", i)))
	}
	for i := range 100 {
		if b.Look(text(fmt.Sprint("guesser ", i))).Allowed {
			t.Errorf("guesser %d was forgotten", i)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	const bound = 64 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := newClock()
	addresses := ratelimit.New(c.Now, ratelimit.PerMinute(10), ratelimit.PerHour(100))
	g := ratelimit.NewGuesses(c.Now, addresses, ratelimit.PerMinute(10), ratelimit.PerHour(30))
	missed := miss() // made once, so that the garbage of a million is not measured
	for i := range 1_000_000 {
		var ip [16]byte
		ip[0] = 0x20
		binary.BigEndian.PutUint32(ip[4:], uint32(i))
		a := ratelimit.Attempt{Addr: netip.AddrFrom16(ip), Subject: string(ip[:8])}
		switch {
		case i > 4*ratelimit.Entries: // every table is full by now
			addresses.Spend(ratelimit.Key{Addr: a.Addr, Text: a.Subject})
		case i%2 == 0:
			_ = g.Try(a, hit)
		default:
			_ = g.Try(a, func() error { return missed })
		}
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.Sys) - int64(before.Sys); grown > bound {
		t.Errorf("a million addresses and names took %d MiB of the system", grown>>20)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > bound/4 {
		t.Errorf("they hold %d MiB", held>>20)
	}
	runtime.KeepAlive(g)
}

func TestConcurrentTakesShareOneBucket(t *testing.T) {
	b := ratelimit.New(newClock().Now, ratelimit.PerMinute(100))
	var got atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { got.Add(int64(takeAll(b, text("ann")))) })
	}
	wg.Wait()
	if got.Load() != 100 {
		t.Errorf("%d of 100", got.Load())
	}
}

// FuzzBuckets holds for every course of time and takes: in any span no more is
// allowed than a full bucket and what came back in the span, and whoever waits
// as long as they are told, and not less, is let in.
func FuzzBuckets(f *testing.F) {
	f.Add(uint8(10), uint16(60), []byte{0, 0, 0, 1, 5, 9, 200, 0, 0})
	f.Add(uint8(1), uint16(1), []byte{0, 255, 0, 255})
	f.Add(uint8(7), uint16(900), []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00\x20"))
	f.Fuzz(func(t *testing.T, quota uint8, seconds uint16, steps []byte) {
		limit := ratelimit.Limit{Quota: max(1, int(quota)), Window: time.Duration(max(1, int(seconds))) * time.Second}
		interval := limit.Window / time.Duration(limit.Quota)
		c := newClock()
		b := ratelimit.New(c.Now, limit)
		var taken []time.Time
		for _, step := range steps[:min(len(steps), 500)] {
			c.Advance(time.Duration(step) * interval / 16)
			look, d := b.Look(text("k")), b.Take(text("k"))
			if look.Allowed != d.Allowed || d.Allowed != (d.Wait == 0) || d.Allowed && d.Remaining != look.Remaining-1 {
				t.Fatalf("look %+v, take %+v", look, d)
			}
			if d.Allowed {
				taken = append(taken, c.Now())
				continue
			}
			c.Advance(d.Wait - 1)
			if b.Take(text("k")).Allowed {
				t.Fatalf("let in before %s had passed", d.Wait)
			}
			c.Advance(1)
			if !b.Take(text("k")).Allowed {
				t.Fatalf("not let in after %s", d.Wait)
			}
			taken = append(taken, c.Now())
		}
		for i := range taken {
			for j := i; j < len(taken); j++ {
				if most := limit.Quota + int(taken[j].Sub(taken[i])/interval); j-i+1 > most {
					t.Fatalf("%d allowed in %s, at most %d", j-i+1, taken[j].Sub(taken[i]), most)
				}
			}
		}
	})
}

func BenchmarkTake(b *testing.B) {
	buckets := ratelimit.New(newClock().Now, ratelimit.PerMinute(10), ratelimit.PerHour(100))
	keys := make([]ratelimit.Key, 1<<16)
	for i := range keys {
		keys[i] = ratelimit.Key{Addr: netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), Text: "some customer's name"}
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			buckets.Take(keys[i%len(keys)])
		}
	})
}

func TestAClockThatWasAheadShutsNobodyOutForLong(t *testing.T) {
	c := newClock()
	b := ratelimit.New(c.Now, ratelimit.PerMinute(10))
	c.Advance(24 * time.Hour)
	takeAll(b, text("ann"))
	c.Advance(-24 * time.Hour)
	if d := b.Take(text("ann")); d.Allowed || d.Wait != 6*time.Second {
		t.Fatalf("after the clock was set right: %+v", d)
	}
	c.Advance(time.Minute)
	if n := takeAll(b, text("ann")); n != 10 {
		t.Errorf("a minute later there are %d, want 10", n)
	}
}
