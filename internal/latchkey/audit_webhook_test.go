package latchkey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAuditWebhookEnds(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	begun := AuditWebhook{Delivered: 100, Batch: 150, Lease: 7, DueAt: now.Add(time.Minute), Failures: 2, FailingSince: now.Add(-time.Hour), Error: "status 500"}
	with := func(change func(*AuditWebhook)) AuditWebhook {
		h := begun
		h.Lease = 0
		change(&h)
		return h
	}
	taken := func(last int64, due time.Time) AuditWebhook {
		return with(func(h *AuditWebhook) {
			*h = AuditWebhook{Delivered: last, DeliveredAt: now, DueAt: due}
		})
	}
	for name, c := range map[string]struct {
		from AuditWebhook
		r    DeliveryResult
		last int64
		want AuditWebhook
	}{
		"what is taken moves it on, and rests": {begun, DeliveryResult{}, 150, taken(150, now.Add(time.Second))},
		"a full message is followed at once":   {AuditWebhook{Delivered: 100, Batch: 200}, DeliveryResult{}, 200, taken(200, now)},
		"one that was cut is followed at once": {begun, DeliveryResult{}, 120, taken(120, now)},
		"a failure is tried again": {begun, DeliveryResult{Outcome: DeliveryUnreachable, Error: "dns.failed"}, 150, with(func(h *AuditWebhook) {
			h.Failures, h.Error, h.DueAt = 3, "dns.failed", now.Add(72*time.Second)
		})},
		"the receiver says when": {begun, DeliveryResult{Outcome: DeliveryUnreachable, Error: "status 429", Wait: time.Hour}, 150, with(func(h *AuditWebhook) {
			h.Failures, h.Error, h.DueAt = 3, "status 429", now.Add(time.Hour)
		})},
		"the first failure is when it began": {AuditWebhook{Batch: 1}, DeliveryResult{Outcome: DeliveryUnreachable, Error: "x"}, 1,
			AuditWebhook{Batch: 1, Failures: 1, FailingSince: now, Error: "x", DueAt: now.Add(8 * time.Second)}},
		"after three days it is stopped": {with(func(h *AuditWebhook) { h.Failures, h.FailingSince = 20, now.Add(-70*time.Hour) }),
			DeliveryResult{Outcome: DeliveryUnreachable, Error: "status 500"}, 150, with(func(h *AuditWebhook) {
				h.Failures, h.FailingSince, h.DueAt, h.StoppedAt = 21, now.Add(-70*time.Hour), now.Add(6*time.Hour*4/5), now
			})},
		"who is gone is stopped": {begun, DeliveryResult{Outcome: DeliveryRefused, Error: "status 410"}, 150, with(func(h *AuditWebhook) {
			h.Error, h.StoppedAt = "status 410", now
		})},
		"our own fault is not theirs":       {begun, DeliveryResult{Outcome: DeliveryPutOff, Error: "internal", Wait: time.Second}, 150, with(func(h *AuditWebhook) { h.DueAt = now.Add(time.Second) })},
		"what was not tried is tried again": {begun, DeliveryResult{Outcome: DeliveryInterrupted}, 150, with(func(h *AuditWebhook) { h.DueAt = now })},
	} {
		h := c.from
		h.End(c.r, c.last, now, 0)
		if diff := cmp.Diff(c.want, h); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAuditWebhookBegins(t *testing.T) {
	for _, c := range []struct{ delivered, batch, head, want int64 }{
		{0, 0, 1, 1}, {0, 0, 99, 99}, {0, 0, 100, 100}, {0, 0, 101, 100}, {50, 0, 500, 150},
		{50, 60, 500, 60}, // begun before
		{50, 50, 500, 150}, {50, 10, 500, 150},
	} {
		h := AuditWebhook{Delivered: c.delivered, Batch: c.batch}
		if h.Begin(c.head); h.Batch != c.want {
			t.Errorf("%+v: up to %d", c, h.Batch)
		}
	}
}

func TestAuditMessage(t *testing.T) {
	record := func(seq int64, details int) AuditRecord {
		r := AuditRecord{AuditEvent: AuditEvent{Seq: seq}, Stored: []byte(strings.Repeat("x", details))}
		r.Hash[0] = byte(seq)
		return r
	}
	hash := func(seq int64) string {
		if seq < 0 {
			return ""
		}
		return fmt.Sprintf("%02x", seq) + strings.Repeat("00", 31)
	}
	const large = MaxAuditBytes / 4
	for name, c := range map[string]struct {
		delivered, upTo int64
		records         []AuditRecord
		previous        int64 // whose hash; -1: none
		last, tail      int64
		events          int
	}{
		"the first of a log":           {0, 2, []AuditRecord{record(1, 2), record(2, 2)}, 0, 2, 2, 2},
		"goes on after another":        {3, 4, []AuditRecord{record(3, 2), record(4, 2)}, 3, 4, 4, 1},
		"the one before is missing":    {3, 4, []AuditRecord{record(4, 2)}, -1, 4, 4, 1},
		"the last is missing":          {3, 5, []AuditRecord{record(3, 2), record(4, 2)}, 3, 5, -1, 1},
		"all are missing":              {3, 5, nil, -1, 5, -1, 0},
		"large ones are cut":           {3, 9, []AuditRecord{record(3, 2), record(4, large), record(5, large), record(6, 2)}, 3, 4, 4, 1},
		"one too large goes alone":     {3, 9, []AuditRecord{record(3, 2), record(4, 2*MaxAuditBytes), record(5, 2)}, 3, 4, 4, 1},
		"one in front is not counted":  {3, 5, []AuditRecord{record(3, 2*MaxAuditBytes), record(4, 2), record(5, 2)}, 3, 5, 5, 2},
		"a hole shows in the numbers":  {3, 6, []AuditRecord{record(3, 2), record(4, 2), record(6, 2)}, 3, 6, 6, 2},
		"the first may be missing too": {0, 2, []AuditRecord{record(2, 2)}, 0, 2, 2, 1},
	} {
		m := NewAuditMessage("app_1", c.delivered, c.upTo, c.records)
		if m.First != c.delivered+1 || m.Last != c.last || m.Previous != hash(c.previous) || m.Hash != hash(c.tail) || len(m.Events) != c.events {
			t.Errorf("%s: %d to %d, %d events, after %q, %q", name, m.First, m.Last, len(m.Events), m.Previous, m.Hash)
		}
	}
	m := NewAuditMessage("app_1", 3, 4, []AuditRecord{record(3, 2), record(4, 2)})
	if want := "aud_app_1_4_4_0400000000000000"; m.ID() != want {
		t.Errorf("id %s, want %s", m.ID(), want)
	}
}
