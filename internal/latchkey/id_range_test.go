package latchkey_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestIDBound(t *testing.T) {
	random := rand.NewChaCha8([32]byte{2})
	for _, ms := range []int64{1, 31, 1024, 1_700_000_000_000} {
		bound := latchkey.IDBound(latchkey.KindLicense, time.UnixMilli(ms))
		before := newID(t, latchkey.KindLicense, time.UnixMilli(ms-1), random)
		at := newID(t, latchkey.KindLicense, time.UnixMilli(ms), random)
		if before >= bound || at <= bound {
			t.Errorf("%q does not stand between %q and %q", bound, before, at)
		}
	}
	if latchkey.IDBound(latchkey.KindLicense, time.UnixMilli(-5)) != latchkey.IDBound(latchkey.KindLicense, time.UnixMilli(0)) {
		t.Error("a moment before 1970 is not taken as 1970")
	}
}

func TestIDRange(t *testing.T) {
	random := rand.NewChaCha8([32]byte{3})
	r, err := latchkey.NewIDRange(latchkey.KindLicense, now, random)
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for _, n := range []int64{0, 1, 31, 32, 1023, 1024, 1_000_000, 1<<40 - 1} {
		id := r.ID(n)
		if !latchkey.IsID(latchkey.KindLicense, id) || id <= last || latchkey.RangeOf(id) != r {
			t.Errorf("id %d is %q, after %q", n, id, last)
		}
		last = id
	}
	job := newID(t, latchkey.KindJob, now, random)
	of := latchkey.RangeFor(latchkey.KindToken, job)
	if !latchkey.IsID(latchkey.KindToken, of.ID(7)) || of != latchkey.RangeFor(latchkey.KindToken, job) || of == latchkey.RangeFor(latchkey.KindToken, newID(t, latchkey.KindJob, now, random)) {
		t.Errorf("of job %s: %q", job, of.ID(7))
	}
	if r.First() != r.ID(0) || r.Last() != last {
		t.Errorf("the ends are %q and %q", r.First(), r.Last())
	}
	for range 1000 {
		if id := newID(t, latchkey.KindLicense, now, random); id >= r.First() && id <= r.Last() {
			t.Errorf("%q fell into the range", id)
		}
	}
}
