package latchkey

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// DeliveryKind says what is to be done with a delivery's payload.
type DeliveryKind string

// The kinds.
const (
	DeliveryMail  DeliveryKind = "mail"           // a mail to a customer
	DeliveryLog   DeliveryKind = "log_webhook"    // a log line to the seller's Discord channel
	DeliveryReset DeliveryKind = "password_reset" // somebody has asked for a new password: look whether they may
)

// DeliveryKinds returns every kind.
func DeliveryKinds() []DeliveryKind { return []DeliveryKind{DeliveryMail, DeliveryLog, DeliveryReset} }

// DeliveryState is what has become of a delivery. What has been delivered is
// not kept.
type DeliveryState string

// The states.
const (
	DeliveryWaiting DeliveryState = "waiting" // for its first attempt or the next
	DeliveryFailed  DeliveryState = "failed"  // given up; it can be tried again by hand
)

// Delivery is something to be sent to others, stored with its cause. It is sent
// at least once: whoever receives it twice tells so by its id.
type Delivery struct {
	ID       string
	AppID    string
	Queue    string // deliveries of one queue lead to one place and go one after the other
	Kind     DeliveryKind
	Payload  []byte
	State    DeliveryState
	Attempts int64 // begun so far
	DueAt    time.Time
	GiveUpAt time.Time // from then on no attempt is made
	Error    string    // of the last attempt: a code, with a number perhaps
	// CreatedAt is when its cause was stored, FailedAt when it was given up.
	CreatedAt time.Time
	FailedAt  time.Time
}

// How long a delivery is tried, and how long one that failed is kept.
const (
	DeliveryPatience = 72 * time.Hour
	DeliveryMemory   = 30 * 24 * time.Hour
)

// MaxDeliveryError bounds what is kept of a failure, in bytes.
const MaxDeliveryError = 200

const (
	firstRetry = 10 * time.Second
	lastRetry  = 6 * time.Hour
)

// RetryDelay is the pause after the n-th failed attempt in a row: ten seconds,
// three times as long after each further one, at most six hours, and by up to a
// fifth shorter or longer as random says, so that those who failed together do
// not come back together.
func RetryDelay(failures int64, random uint32) time.Duration {
	delay := firstRetry
	for ; failures > 1 && delay < lastRetry; failures-- {
		delay *= 3
	}
	delay = min(delay, lastRetry)
	return delay*4/5 + time.Duration(float64(delay)*2/5*float64(random)/(1<<32))
}

// DeliveryError is the text of a failure as it is kept: one line of printable
// characters.
func DeliveryError(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != utf8.RuneError {
			return r
		}
		return ' '
	}, text)
	for len(text) > MaxDeliveryError {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// DeliveryOutcome says how an attempt ended.
type DeliveryOutcome int

// The outcomes. Only after [DeliveryUnreachable] do the other deliveries of the
// queue wait as well.
const (
	DeliveryMade        DeliveryOutcome = iota // the receiver has it
	DeliveryRefused                            // it never will be taken
	DeliveryPutOff                             // it may be taken later; others may be taken now
	DeliveryUnreachable                        // the place takes nothing now
	DeliveryInterrupted                        // no attempt was made, or it was broken off by ourselves
)

// String names the outcome in metrics.
func (o DeliveryOutcome) String() string {
	switch o {
	case DeliveryMade:
		return "made"
	case DeliveryRefused:
		return "refused"
	case DeliveryPutOff:
		return "put_off"
	case DeliveryUnreachable:
		return "unreachable"
	}
	return "interrupted"
}

// DeliveryResult is what a handler says of an attempt.
type DeliveryResult struct {
	Outcome DeliveryOutcome
	Wait    time.Duration // until the next attempt, or after one that succeeded the next delivery, as the receiver asked for; 0: it did not
	Error   string        // why, for the seller and the operator; "" if it was made
}

// After returns when to try again after a failed attempt, the n-th in a row.
func (r DeliveryResult) After(now time.Time, failures int64, random uint32) time.Time {
	if r.Wait > 0 {
		return now.Add(min(r.Wait, lastRetry))
	}
	return now.Add(RetryDelay(failures, random))
}
