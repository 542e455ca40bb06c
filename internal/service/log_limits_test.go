package service

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// TestLogLimitOfAll has each line come from a session and an address of its own,
// so that what is left is the limit of all of an app.
func TestLogLimitOfAll(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := newLogLimits(func() time.Time { return now }, 3)
	line := 0
	for _, tt := range []struct {
		app      string
		signedIn bool
		want     int
	}{{"app_1", false, 30}, {"app_1", true, 300}, {"app_2", true, 300}} {
		taken := 0
		for range 400 {
			line++
			err := l.take(tt.app, fmt.Sprintf("ses_%d", line), fmt.Sprintf("198.51.%d.%d", line/250, line%250), tt.signedIn)
			switch latchkey.CodeOf(err) {
			case "":
				taken++
			case latchkey.CodeRateLimited:
			default:
				t.Fatal(err)
			}
		}
		if taken != tt.want {
			t.Errorf("%s, signed in %v: %d lines, want %d", tt.app, tt.signedIn, taken, tt.want)
		}
	}
}
