package latchkey

import (
	"encoding/hex"
	"fmt"
	"time"
)

// AuditWebhook is where an app's audit log is sent as well, and how far of it
// the receiver has. The log is the queue: events are not stored a second time.
type AuditWebhook struct {
	AppID  string
	URL    Secret // it may hold what lets somebody in
	Secret Secret // signs the messages
	// OldSecret signs beside it until OldUntil, so that a receiver can be given
	// the new one without missing anything; "": there is none.
	OldSecret    Secret
	OldUntil     time.Time
	Delivered    int64 // number of the last event that the receiver has
	Batch        int64 // the message that was begun reaches up to this event at most; 0: none was
	Lease        int64 // names whoever delivers now; 0: nobody
	DueAt        time.Time
	Failures     int64 // in a row
	FailingSince time.Time
	Error        string // of the last attempt: a code, with a number perhaps
	DeliveredAt  time.Time
	StoppedAt    time.Time // since then nothing is sent; zero: it is
	CreatedAt    time.Time
}

// What messages to a webhook are about, by their type.
const (
	AuditMessageEvents = "audit.events"
	AuditMessageTest   = "audit.test"
)

const (
	// MaxAuditBatch is how many events a message has at most.
	MaxAuditBatch = 100
	// MaxAuditBytes is about how large it may be; an event that is larger alone
	// goes alone.
	MaxAuditBytes = 512 << 10
	// WebhookOverlap is for how long a secret that was replaced goes on signing.
	WebhookOverlap = 24 * time.Hour
	// auditRest is the least time between two messages that are not full: events
	// that come quickly go together.
	auditRest = time.Second
)

// Begin says up to which event the next message reaches at most, of a log whose
// last event is head. A message that was begun stays as it is: it is known by
// its id when it is sent again.
func (h *AuditWebhook) Begin(head int64) {
	if h.Batch <= h.Delivered {
		h.Batch = min(head, h.Delivered+MaxAuditBatch)
	}
}

// End applies how an attempt ended at the message whose last event is last.
// What is not taken is tried for [DeliveryPatience]; a receiver that refuses
// wants no more at all.
func (h *AuditWebhook) End(r DeliveryResult, last int64, now time.Time, random uint32) {
	h.Lease = 0
	switch r.Outcome {
	case DeliveryMade:
		h.DueAt = now
		if last >= h.Batch && last-h.Delivered < MaxAuditBatch {
			h.DueAt = now.Add(auditRest)
		}
		h.Delivered, h.DeliveredAt, h.Batch = last, now, 0
		h.Failures, h.FailingSince, h.Error = 0, time.Time{}, ""
	case DeliveryRefused:
		h.Error, h.StoppedAt = DeliveryError(r.Error), now
	case DeliveryPutOff: // it is not the receiver's fault
		h.DueAt = r.After(now, 1, random)
	case DeliveryUnreachable:
		h.Failures++
		h.Error = DeliveryError(r.Error)
		if h.FailingSince.IsZero() {
			h.FailingSince = now
		}
		h.DueAt = r.After(now, h.Failures, random)
		if !h.DueAt.Before(h.FailingSince.Add(DeliveryPatience)) {
			h.StoppedAt = now
		}
	default:
		h.DueAt = now
	}
}

// Resume has deliveries go on at once from where they are.
func (h *AuditWebhook) Resume(now time.Time) {
	h.StoppedAt, h.FailingSince, h.Failures, h.Error = time.Time{}, time.Time{}, 0, ""
	if h.Lease == 0 {
		h.DueAt = now
	}
}

// Secrets are those that sign now.
func (h *AuditWebhook) Secrets(now time.Time) []string {
	list := []string{h.Secret.Reveal()}
	if h.OldSecret != "" && now.Before(h.OldUntil) {
		list = append(list, h.OldSecret.Reveal())
	}
	return list
}

// AuditRecord is an event with its details as they are stored and hashed.
type AuditRecord struct {
	AuditEvent
	Stored []byte
}

// AuditMessage is what one message to a webhook tells: the events from First to
// Last, and the hash that the first of them is tied to.
type AuditMessage struct {
	AppID    string
	First    int64
	Last     int64
	Previous string // hex; "" if the event before is not in the log
	Hash     string // hex, of the last event; "" if that is not in the log
	Events   []AuditRecord
}

// NewAuditMessage is the message of a webhook whose receiver has everything up
// to the event delivered. records are those of the log from that one on, up to
// upTo. What is missing among them is missing in the message: that the log is
// whole is for the receiver to see.
func NewAuditMessage(appID string, delivered, upTo int64, records []AuditRecord) AuditMessage {
	m := AuditMessage{AppID: appID, First: delivered + 1, Last: upTo}
	if delivered == 0 {
		m.Previous = hex.EncodeToString(make([]byte, len(AuditEvent{}.Hash)))
	}
	if len(records) > 0 && records[0].Seq == delivered {
		m.Previous = hex.EncodeToString(records[0].Hash[:])
		records = records[1:]
	}
	size := 0
	for i := range records {
		size += 2*len(records[i].Stored) + auditFraming // details are told twice
		if i > 0 && size > MaxAuditBytes {
			records = records[:i]
			m.Last = records[i-1].Seq
			break
		}
	}
	if n := len(records); n > 0 && records[n-1].Seq == m.Last {
		m.Hash = hex.EncodeToString(records[n-1].Hash[:])
	}
	m.Events = records
	return m
}

// auditFraming is about what an event takes beside its details.
const auditFraming = 512

// ID names the message: it is the same whenever the same is sent again, and
// another one for other events of the same numbers.
func (m *AuditMessage) ID() string {
	return fmt.Sprintf("aud_%s_%d_%d_%.16s", m.AppID, m.First, m.Last, m.Hash)
}
