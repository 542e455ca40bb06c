package latchkey

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestRetryDelay(t *testing.T) {
	middle := uint32(1 << 31)
	for failures, want := range map[int64]time.Duration{
		0: 10 * time.Second, 1: 10 * time.Second, 2: 30 * time.Second, 3: 90 * time.Second, 7: 7290 * time.Second,
		8: 6 * time.Hour, 9: 6 * time.Hour, math.MaxInt64: 6 * time.Hour,
	} {
		if got := RetryDelay(failures, middle); got != want {
			t.Errorf("after %d failures: %s, want %s", failures, got, want)
		}
		low, high := RetryDelay(failures, 0), RetryDelay(failures, math.MaxUint32)
		if low != want*4/5 || high > want*6/5 || high < want*119/100 {
			t.Errorf("after %d failures: from %s to %s", failures, low, high)
		}
	}
}

func TestRetries_span_three_days(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	attempts := 0
	for at := now; at.Before(now.Add(DeliveryPatience)); at = at.Add(RetryDelay(int64(attempts), 1<<31)) {
		attempts++
	}
	if attempts < 15 || attempts > 25 {
		t.Errorf("%d attempts in three days", attempts)
	}
}

func TestAfter_heeds_what_the_receiver_asks_for(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for wait, want := range map[time.Duration]time.Duration{
		0: 8 * time.Second, time.Second: time.Second, time.Hour: time.Hour, 48 * time.Hour: 6 * time.Hour,
	} {
		if got := (DeliveryResult{Wait: wait}).After(now, 1, 0); !got.Equal(now.Add(want)) {
			t.Errorf("wait %s: in %s, want %s", wait, got.Sub(now), want)
		}
	}
}

func TestDeliveryError_is_one_short_line(t *testing.T) {
	for text, want := range map[string]string{
		"mail.refused 550": "mail.refused 550",
		"a\nb\x1b[1m":      "a b [1m",
		"\xff":             " ",
	} {
		if got := DeliveryError(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	long := DeliveryError(strings.Repeat("é", 300))
	if len(long) > MaxDeliveryError || !utf8.ValidString(long) {
		t.Errorf("%d bytes", len(long))
	}
}

func TestOutcomes_have_names_of_their_own(t *testing.T) {
	seen := map[string]bool{}
	for o := DeliveryMade; o <= DeliveryInterrupted; o++ {
		if seen[o.String()] {
			t.Errorf("%d shares its name %s", o, o)
		}
		seen[o.String()] = true
	}
}
