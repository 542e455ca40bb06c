package latchkey_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func holding(expires time.Time) latchkey.Holding {
	return latchkey.Holding{UserSubscription: latchkey.UserSubscription{ExpiresAt: expires}}
}

func paused(h latchkey.Holding, own, subscription, app time.Time) latchkey.Holding {
	h.PausedAt, h.SubscriptionPausedAt, h.AppPausedAt = own, subscription, app
	return h
}

func TestCheckActive(t *testing.T) {
	never := time.Time{}
	active, expired, lifetime := holding(now.Add(time.Second)), holding(now.Add(-time.Second)), holding(never)
	for _, tt := range []struct {
		rule     string
		holdings []latchkey.Holding
		want     latchkey.Code
	}{
		{"no holding is no subscription", nil, latchkey.CodeSubscriptionExpired},
		{"time left lets in", []latchkey.Holding{active}, ""},
		{"a lifetime lets in", []latchkey.Holding{lifetime}, ""},
		{"the last moment is over", []latchkey.Holding{holding(now)}, latchkey.CodeSubscriptionExpired},
		{"a millisecond before, it is not", []latchkey.Holding{holding(now.Add(time.Millisecond))}, ""},
		{"an expired one does not let in", []latchkey.Holding{expired}, latchkey.CodeSubscriptionExpired},
		{"one active among expired ones lets in", []latchkey.Holding{expired, active}, ""},
		{"one active beside a paused one lets in", []latchkey.Holding{paused(active, earlier, never, never), active}, ""},
		{"paused for this user", []latchkey.Holding{paused(active, earlier, never, never)}, latchkey.CodeSubscriptionPaused},
		{"paused with the subscription", []latchkey.Holding{paused(active, never, earlier, never)}, latchkey.CodeSubscriptionPaused},
		{"paused with the application", []latchkey.Holding{paused(active, never, never, earlier)}, latchkey.CodeSubscriptionPaused},
		{"a paused lifetime", []latchkey.Holding{paused(lifetime, earlier, never, never)}, latchkey.CodeSubscriptionPaused},
		{"paused before it expired: the rest is kept", []latchkey.Holding{paused(holding(earlier.Add(time.Second)), earlier, never, never)}, latchkey.CodeSubscriptionPaused},
		{"paused after it expired: it has expired", []latchkey.Holding{paused(holding(earlier), earlier, never, never)}, latchkey.CodeSubscriptionExpired},
		{"a paused and an expired one: paused is what helps to know", []latchkey.Holding{expired, paused(active, earlier, never, never)}, latchkey.CodeSubscriptionPaused},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := latchkey.CodeOf(latchkey.CheckActive(tt.holdings, now)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFrozen_is_the_earliest(t *testing.T) {
	later := now.Add(time.Hour)
	for _, tt := range []struct {
		rule   string
		pauses []time.Time
		want   time.Time
	}{
		{"without a pause it is now", nil, now},
		{"a pause that is not set does not count", []time.Time{{}, {}}, now},
		{"a pause stops it", []time.Time{{}, earlier}, earlier},
		{"the earliest of several counts", []time.Time{now.Add(-time.Hour), earlier}, earlier},
		{"a pause that is yet to come does not", []time.Time{later}, now},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := latchkey.Frozen(now, tt.pauses...); !got.Equal(tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestResumeShift(t *testing.T) {
	at := func(s int) time.Time { return created.Add(time.Duration(s) * time.Second) }
	for _, tt := range []struct {
		rule   string
		paused time.Time
		now    time.Time
		others []time.Time
		want   int // seconds
	}{
		{"a pause alone counts in full", at(10), at(30), nil, 20},
		{"no other pause is set", at(10), at(30), []time.Time{{}, {}}, 20},
		{"a longer one that stays froze it all anyway", at(20), at(30), []time.Time{at(10)}, 0},
		{"a later one that stays takes over from its start", at(10), at(30), []time.Time{at(20)}, 10},
		{"of two that stay, the earlier counts", at(10), at(40), []time.Time{at(30), at(20)}, 10},
		{"two of the same moment", at(10), at(30), []time.Time{at(10)}, 0},
		{"a pause of no length", at(30), at(30), nil, 0},
		{"a clock that stepped back shortens nothing", at(40), at(30), nil, 0},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := latchkey.ResumeShift(tt.paused, tt.now, tt.others...); got != time.Duration(tt.want)*time.Second {
				t.Errorf("got %s, want %d s", got, tt.want)
			}
		})
	}
}

// TestHolding_loses_no_time_while_paused plays random pauses of a user, a
// subscription and an application against a model that counts second by
// second: time runs only while none of the three is on.
func TestHolding_loses_no_time_while_paused(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		clock := created
		left := random.IntN(120) // the model: whole seconds
		h := holding(clock.Add(time.Duration(left) * time.Second))
		pauses := []*time.Time{&h.PausedAt, &h.SubscriptionPausedAt, &h.AppPausedAt}

		for second := range 400 {
			for i, p := range pauses {
				if random.IntN(25) > 0 {
					continue
				}
				if p.IsZero() {
					*p = clock
					continue
				}
				others := []time.Time{*pauses[(i+1)%3], *pauses[(i+2)%3]}
				h.ExpiresAt = h.ExpiresAt.Add(latchkey.ResumeShift(*p, clock, others...))
				*p = time.Time{}
			}
			if random.IntN(60) == 0 {
				more := 1 + random.IntN(60)
				h.ExpiresAt = latchkey.Extended(h.ExpiresAt, h.Clock(clock), latchkey.Duration{Amount: int64(more), Unit: latchkey.UnitSecond})
				left += more
			}
			if random.IntN(60) == 0 {
				less := 1 + random.IntN(30)
				shorter, err := latchkey.Shortened(h.ExpiresAt, h.Clock(clock), latchkey.Duration{Amount: int64(less), Unit: latchkey.UnitSecond})
				if err != nil {
					t.Fatal(err)
				}
				h.ExpiresAt = shorter
				left = max(0, left-less)
			}

			isPaused := !h.PausedAt.IsZero() || !h.SubscriptionPausedAt.IsZero() || !h.AppPausedAt.IsZero()
			if got := h.TimeLeft(clock); got != time.Duration(left)*time.Second {
				t.Fatalf("seed %d, second %d: %s left, the model has %d s", seed, second, got, left)
			}
			if h.Paused() != isPaused || h.Expired(clock) != (left == 0) || h.Active(clock) != (!isPaused && left > 0) {
				t.Fatalf("seed %d, second %d: paused %v, expired %v, active %v with %d s left", seed, second, h.Paused(), h.Expired(clock), h.Active(clock), left)
			}
			clock = clock.Add(time.Second)
			if !isPaused {
				left = max(0, left-1)
			}
		}
	}
}

func TestExtended(t *testing.T) {
	day := latchkey.Duration{Amount: 1, Unit: latchkey.UnitDay}
	for _, tt := range []struct {
		rule   string
		expiry time.Time
		d      latchkey.Duration
		want   time.Time
	}{
		{"counted from the expiry while it lies ahead", now.Add(time.Hour), day, now.Add(25 * time.Hour)},
		{"counted from now when it has expired", earlier, day, now.Add(24 * time.Hour)},
		{"the first grant counts from now", now, day, now.Add(24 * time.Hour)},
		{"a lifetime stays one", time.Time{}, day, time.Time{}},
		{"a lifetime more makes one", earlier, latchkey.Lifetime(), time.Time{}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := latchkey.Extended(tt.expiry, now, tt.d); !got.Equal(tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestShortened(t *testing.T) {
	day := latchkey.Duration{Amount: 1, Unit: latchkey.UnitDay}
	t.Run("the duration is taken away", func(t *testing.T) {
		got, err := latchkey.Shortened(now.Add(48*time.Hour), now, day)
		if err != nil || !got.Equal(now.Add(24*time.Hour)) {
			t.Errorf("got %s, %v", got, err)
		}
	})
	t.Run("never before now", func(t *testing.T) {
		got, err := latchkey.Shortened(now.Add(time.Hour), now, day)
		if err != nil || !got.Equal(now) {
			t.Errorf("got %s, %v", got, err)
		}
	})
	t.Run("what has expired keeps its expiry", func(t *testing.T) {
		got, err := latchkey.Shortened(earlier, now, day)
		if err != nil || !got.Equal(earlier) {
			t.Errorf("got %s, %v", got, err)
		}
	})
	t.Run("a lifetime has no time to take away", func(t *testing.T) {
		_, err := latchkey.Shortened(time.Time{}, now, day)
		wantInvalid(t, err, "duration")
	})
	t.Run("a lifetime cannot be taken away", func(t *testing.T) {
		_, err := latchkey.Shortened(now.Add(time.Hour), now, latchkey.Lifetime())
		wantInvalid(t, err, "duration")
	})
}

func TestCheckName(t *testing.T) {
	for rule, name := range map[string]string{
		"a letter":      "a",
		"spaces inside": "Pro plan",
		"70 characters": strings.Repeat("é", 70),
		"other scripts": "программа",
	} {
		if err := latchkey.CheckName("name", name); err != nil {
			t.Errorf("%s: %v", rule, err)
		}
	}
	for rule, name := range map[string]string{
		"nothing":             "",
		"71 characters":       strings.Repeat("a", 71),
		"white space before":  " a",
		"white space after":   "a\n",
		"a line end inside":   "a\nb",
		"a NUL":               "a\x00b",
		"broken UTF-8":        "a\xff",
		"a direction control": "a\u202eb",
	} {
		t.Run("refused: "+rule, func(t *testing.T) {
			wantInvalid(t, latchkey.CheckName("name", name), "name")
		})
	}
}
