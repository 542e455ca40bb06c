package latchkey

import (
	"sync"
	"time"
)

// clockTolerance is how far clocks may differ without being worth a word.
const clockTolerance = 5 * time.Minute

// clock holds what signed answers say of the time against the computer's own
// clock, which its owner can set.
type clock struct {
	env environment

	mu      sync.Mutex
	highest int64 // the latest moment that a signed answer named
	last    int64 // the moment that the last one named
	wall    time.Time
	elapsed time.Duration
}

// note takes the time of a proven answer.
func (c *clock) note(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.highest = max(c.highest, ms)
	c.last, c.wall, c.elapsed = ms, c.env.wall(), c.env.elapsed()
}

// ClockReport compares the computer's clock with the server's.
type ClockReport struct {
	ServerTime time.Time // now, by the server's clock; zero before the first answer
	// Skew is how far the computer's clock was ahead when the last answer came.
	// More than five minutes either way is worth telling the customer.
	Skew time.Duration
	// RolledBack is whether the computer's clock has been set back by more than
	// five minutes since the last answer.
	RolledBack bool
}

// Clock reports on the computer's clock. Expiry is the server's to judge; a
// program uses this for what it shows and to notice tampering.
func (c *Client) Clock() ClockReport {
	k := &c.clock
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.highest == 0 {
		return ClockReport{}
	}
	passed := k.env.elapsed() - k.elapsed
	byWall := k.env.wall().Sub(k.wall)
	// The counter may stand still while the computer sleeps; the clock does not.
	now := max(k.last+max(passed, byWall).Milliseconds(), k.highest)
	return ClockReport{ServerTime: time.UnixMilli(now).UTC(), Skew: k.wall.Sub(time.UnixMilli(k.last)), RolledBack: byWall < passed-clockTolerance}
}
