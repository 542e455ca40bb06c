package latchkey_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestUser_CheckDeviceReset(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		rule     string
		reset    time.Time
		cooldown int64
		wait     time.Duration
	}{
		{"who never has may", time.Time{}, 3600, 0},
		{"the app says how long to wait", now.Add(-time.Second), 90, 89 * time.Second},
		{"another app says otherwise", now.Add(-time.Second), 3600, 3599 * time.Second},
		{"at its end it is over", now.Add(-90 * time.Second), 90, 0},
		{"none is none", now, 0, 0},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			u := latchkey.User{DevicesReset: tt.reset}
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

func wantRefusal(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	e, ok := errors.AsType[*latchkey.Error](err)
	if !ok || e.Code != latchkey.CodeDeviceResetSoon || e.RetryAfter != wait {
		t.Errorf("got %v, want a wait of %s", err, wait)
	}
}
