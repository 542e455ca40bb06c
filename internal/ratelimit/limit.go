// Package ratelimit counts how often something happens and says when it is too
// often: token buckets in memory, in tables of fixed size ([Buckets]), and on
// top of them the rule by which a server slows those who guess ([Guesses]).
//
// Counters live in this process alone: they are no part of any transaction, so
// that no rollback undoes them, they are gone after a restart, and each of
// several servers on one database counts for itself. The package knows no HTTP
// and takes its clock from outside.
package ratelimit

import "time"

// Limit is a token bucket: Quota times at once, and Quota times in each Window
// in the long run. Both are positive.
type Limit struct {
	Quota  int
	Window time.Duration
}

// PerMinute is a limit of n in a minute.
func PerMinute(n int) Limit { return Limit{Quota: n, Window: time.Minute} }

// PerHour is a limit of n in an hour.
func PerHour(n int) Limit { return Limit{Quota: n, Window: time.Hour} }

// interval is the time in which one token comes back, in nanoseconds.
func (l Limit) interval() int64 { return max(1, int64(l.Window)/int64(l.Quota)) }

// capacity is the time in which an empty bucket fills, in nanoseconds.
func (l Limit) capacity() int64 { return l.interval() * int64(l.Quota) }

// A bucket is kept as one number: the moment at which it will be full again,
// in Unix nanoseconds. What is spent is the time until then; a moment that has
// passed, also 0, is a full bucket.

// spent is how much of the bucket is missing at now, at most two capacities: a
// clock that was set back must not shut anybody out for long.
func (l Limit) spent(fullAt, now int64) int64 {
	return min(max(fullAt-now, 0), 2*l.capacity())
}

// Decision is what a bucket, or the emptier of two, says about a key.
type Decision struct {
	Allowed   bool
	Limit     Limit         // the one that decides
	Remaining int           // tokens left
	Wait      time.Duration // until the next token; 0 if allowed
	Full      time.Duration // until nothing is missing; 0 if nothing is
}

// decide judges one token more than is spent.
func (l Limit) decide(spent int64) Decision {
	free := l.capacity() - spent
	d := Decision{Limit: l, Full: time.Duration(spent)}
	if free >= l.interval() {
		d.Allowed, d.Remaining = true, int(free/l.interval())
		return d
	}
	d.Wait = time.Duration(l.interval() - free)
	return d
}

// stricter is the decision that counts when both limits apply.
func stricter(a, b Decision) Decision {
	full := max(a.Full, b.Full)
	if b.Wait > a.Wait || b.Allowed == a.Allowed && b.Remaining < a.Remaining {
		a = b
	}
	a.Full = full
	return a
}
