package latchkey_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestUser_CheckDeviceReset(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		rule            string
		reset, declined time.Time
		cooldown        int64
		wait            time.Duration
	}{
		{"who never has may", time.Time{}, time.Time{}, 3600, 0},
		{"the app says how long to wait", now.Add(-time.Second), time.Time{}, 90, 89 * time.Second},
		{"another app says otherwise", now.Add(-time.Second), time.Time{}, 3600, 3599 * time.Second},
		{"at its end it is over", now.Add(-90 * time.Second), time.Time{}, 90, 0},
		{"none is none", now, time.Time{}, 0, 0},
		{"a request that was declined counts as well", time.Time{}, now.Add(-time.Second), 90, 89 * time.Second},
		{"the later one counts", now.Add(-80 * time.Second), now.Add(-time.Second), 90, 89 * time.Second},
		{"whichever it is", now.Add(-time.Second), now.Add(-80 * time.Second), 90, 89 * time.Second},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			u := latchkey.User{DevicesReset: tt.reset, ResetDeclined: tt.declined}
			err := u.CheckDeviceReset(&latchkey.Settings{HWIDResetCooldown: tt.cooldown}, now)
			if tt.wait == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantRefusal(t, err, tt.wait)
		})
	}
}

func TestUser_requests_for_a_reset(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var u latchkey.User
	wantCode(t, u.DeclineReset(now), latchkey.CodeResetNotRequested)
	u.RequestReset(now)
	if err := u.DeclineReset(now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(latchkey.User{ResetDeclined: now.Add(time.Minute)}, u); diff != "" {
		t.Errorf("declined (-want +got):\n%s", diff)
	}
	wantCode(t, u.DeclineReset(now), latchkey.CodeResetNotRequested)
	u.RequestReset(now.Add(time.Hour))
	u.OwnReset(now.Add(2 * time.Hour))
	if diff := cmp.Diff(latchkey.User{DevicesReset: now.Add(2 * time.Hour)}, u); diff != "" {
		t.Errorf("approved (-want +got):\n%s", diff)
	}
}

func wantRefusal(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	e, ok := errors.AsType[*latchkey.Error](err)
	if !ok || e.Code != latchkey.CodeDeviceResetSoon || e.RetryAfter != wait {
		t.Errorf("got %v, want a wait of %s", err, wait)
	}
}
