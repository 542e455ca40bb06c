package bench

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestRanks(t *testing.T) {
	times := func(from, n int) (list []time.Duration) {
		for i := range n {
			list = append(list, time.Duration(from+i))
		}
		return list
	}
	for _, tt := range []struct {
		what   string
		a, b   []time.Duration
		effect float64
		told   bool
	}{
		{"the same times", times(0, 500), times(0, 500), 0, false},
		{"all of one before all of the other", times(0, 500), times(500, 500), -1, true},
		{"all of one behind all of the other", times(500, 500), times(0, 500), 1, true},
		{"a tenth of the range apart", times(0, 500), times(50, 500), -0.19, true},
		{"three of each, by hand", times(1, 3), times(2, 3), -5.0 / 9, false},
	} {
		effect, p := ranks(tt.a, tt.b)
		if math.Abs(effect-tt.effect) > 0.001 || (p <= sameChance) != tt.told {
			t.Errorf("%s: effect %.4f, p %.4f", tt.what, effect, p)
		}
	}
}

func TestNearMisses(t *testing.T) {
	const key = "lk_Az09-Zz9a"
	if got := nearly(key); got != "lk_Az09-Zz9b" || nearly(got) != "lk_Az09-Zz9c" {
		t.Error(got)
	}
	if got := scrambled(key); len(got) != len(key) || !strings.HasPrefix(got, "lk_B") || got[len(got)-1] == 'a' {
		t.Error(got)
	}
}
