package e2e_test

import (
	"testing"
	"time"
)

// eventually waits until something is so, and fails the test if it is not
// within the time given.
func eventually(t testing.TB, within time.Duration, what string, so func() bool) {
	t.Helper()
	late := time.NewTimer(within)
	defer late.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-late.C:
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}
