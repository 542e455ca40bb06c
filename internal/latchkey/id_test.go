package latchkey_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestNewID(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	at := func(ms int64) time.Time { return time.UnixMilli(ms) }

	t.Run("ids of a kind sort by time", func(t *testing.T) {
		last := ""
		for _, ms := range []int64{0, 1, 31, 32, 1023, 1024, 1_700_000_000_000, 1_700_000_000_001, 4_102_444_800_000, 1<<48 - 1} {
			id := newID(t, latchkey.KindLicense, at(ms), random)
			if id <= last {
				t.Errorf("%s at %d ms sorts before %s", id, ms, last)
			}
			last = id
		}
	})
	t.Run("ids of one moment differ", func(t *testing.T) {
		seen := map[string]bool{}
		for range 10_000 {
			seen[newID(t, latchkey.KindUser, now, random)] = true
		}
		if len(seen) != 10_000 {
			t.Errorf("%d of 10,000 are distinct", len(seen))
		}
	})
	t.Run("every random bit shows", func(t *testing.T) {
		seen := map[string]bool{}
		for bit := range 80 {
			var source [10]byte
			source[bit/8] = 1 << (bit % 8)
			seen[newID(t, latchkey.KindUser, now, bytes.NewReader(source[:]))] = true
		}
		if len(seen) != 80 {
			t.Errorf("%d of 80 bits show", len(seen))
		}
	})
	t.Run("the form is the kind and 26 digits", func(t *testing.T) {
		for _, kind := range []latchkey.Kind{latchkey.KindAccount, latchkey.KindApp, latchkey.KindLicense, latchkey.KindRequest} {
			id := newID(t, kind, now, random)
			if !latchkey.IsID(kind, id) || len(id) != 30 {
				t.Errorf("%q", id)
			}
		}
	})
	t.Run("known values", func(t *testing.T) {
		all := bytes.Repeat([]byte{0xff}, 10)
		for want, got := range map[string]string{
			"lic_00000000000000000000000000": newID(t, latchkey.KindLicense, at(0), bytes.NewReader(make([]byte, 10))),
			"lic_7zzzzzzzzzzzzzzzzzzzzzzzzz": newID(t, latchkey.KindLicense, at(1<<48-1), bytes.NewReader(all)),
			"lic_0000000001zzzzzzzzzzzzzzzz": newID(t, latchkey.KindLicense, at(1), bytes.NewReader(all)),
		} {
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
	t.Run("a failing source fails the id", func(t *testing.T) {
		if id, err := latchkey.NewID(latchkey.KindUser, now, iotest.ErrReader(iotest.ErrTimeout)); err == nil || id != "" {
			t.Errorf("got %q, %v", id, err)
		}
	})
}

func TestIsID(t *testing.T) {
	const digits = "06fs4kkq8vxg7m1x2ndn0k3b1r"
	for _, tt := range []struct {
		rule, id string
		want     bool
	}{
		{"the kind and 26 digits", "lic_" + digits, true},
		{"another kind", "usr_" + digits, false},
		{"no kind", digits, false},
		{"nothing", "", false},
		{"the kind alone", "lic_", false},
		{"one digit too few", "lic_" + digits[1:], false},
		{"one digit too many", "lic_" + digits + "0", false},
		{"capitals", "lic_" + strings.ToUpper(digits), false},
		{"a letter that is no digit", "lic_" + digits[1:] + "u", false},
		{"white space", "lic_" + digits[1:] + " ", false},
		{"other scripts", "lic_" + digits[2:] + "\u00e9", false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := latchkey.IsID(latchkey.KindLicense, tt.id); got != tt.want {
				t.Errorf("%q: %v", tt.id, got)
			}
		})
	}
}

func newID(t *testing.T, kind latchkey.Kind, at time.Time, random interface{ Read([]byte) (int, error) }) string {
	t.Helper()
	id, err := latchkey.NewID(kind, at, random)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
