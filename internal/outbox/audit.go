package outbox

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// AuditConfig is what the sending of audit logs stands on. All fields but
// Observe are needed.
type AuditConfig struct {
	Service *service.Service
	Client  *egress.Client
	Now     func() time.Time
	Log     *slog.Logger
	// Observe, if set, is told of each attempt.
	Observe func(latchkey.DeliveryOutcome)
}

// auditRest bounds how often the webhooks are looked through while logs grow.
const auditRest = time.Second

// auditor is what one RunAudit keeps.
type auditor struct{ AuditConfig }

// RunAudit sends audit logs to their webhooks until ctx ends, as [Run] does with
// deliveries. The logs themselves are what waits.
func RunAudit(ctx context.Context, c AuditConfig) {
	a := &auditor{c}
	crew := crew{what: "audit webhooks", now: c.Now, log: c.Log, woken: c.Service.AuditTold(), rest: auditRest, claim: a.claim}
	crew.run(ctx)
}

func (a *auditor) claim(ctx context.Context, free, failing int) (jobs []job, next time.Time, err error) {
	claims, next, err := a.Service.ClaimAuditDeliveries(ctx, free, failing)
	for _, claim := range claims {
		jobs = append(jobs, job{claim.Failing(), func(ctx, attempts context.Context) { a.deliver(ctx, attempts, claim) }})
	}
	return jobs, next, err
}

// deliver makes one attempt at one message.
func (a *auditor) deliver(ctx, attempts context.Context, claim *service.AuditClaim) {
	// Its own writes are finished also when the server stops.
	store := context.WithoutCancel(ctx)
	result, over := a.attempt(attempts, store, claim)
	if over {
		return
	}
	if a.Observe != nil {
		a.Observe(result.Outcome)
	}
	if result.Outcome == latchkey.DeliveryRefused || result.Outcome == latchkey.DeliveryUnreachable && !claim.Failing() {
		a.Log.WarnContext(store, "audit log not delivered", "app", claim.AppID, "error", latchkey.DeliveryError(result.Error))
	}
	if err := a.Service.EndAuditDelivery(store, claim, result); err != nil {
		a.Log.WarnContext(store, "audit delivery not stored", "app", claim.AppID, "error", err) // the lease ends by itself
	}
}

func (a *auditor) attempt(ctx, store context.Context, claim *service.AuditClaim) (result latchkey.DeliveryResult, over bool) {
	bounded, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			a.Log.ErrorContext(store, "audit delivery panicked", "app", claim.AppID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			result, over = latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "internal"}, false
		}
	}()
	if ctx.Err() != nil {
		return latchkey.DeliveryResult{Outcome: latchkey.DeliveryInterrupted}, false
	}
	post, over, err := a.Service.AuditPost(store, claim)
	if over {
		return result, true
	}
	var body []byte
	var header http.Header
	if err == nil {
		body, err = auditBody(&post.AuditMessage)
	}
	if err == nil {
		header, err = post.Header(body)
	}
	if err != nil {
		a.Log.WarnContext(store, "audit message not written", "app", claim.AppID, "error", err)
		return latchkey.DeliveryResult{Outcome: latchkey.DeliveryPutOff, Error: "internal"}, false
	}
	answer, err := a.Client.Do(bounded, egress.Request{Method: http.MethodPost, URL: post.URL.Reveal(), Header: header, Body: body})
	result = audited(answer, err, a.Now())
	if ctx.Err() != nil && result.Outcome != latchkey.DeliveryMade {
		result = latchkey.DeliveryResult{Outcome: latchkey.DeliveryInterrupted}
	}
	return result, false
}

// auditBody writes a message. Written again it is the same, byte for byte.
func auditBody(m *latchkey.AuditMessage) ([]byte, error) {
	out := api.AuditMessage{Type: latchkey.AuditMessageEvents, Data: api.AuditBatch{AppID: m.AppID, FirstSeq: m.First, LastSeq: m.Last,
		PreviousHash: m.Previous, LastHash: m.Hash, Events: []api.AuditRecord{}}}
	for i := range m.Events {
		e := &m.Events[i]
		record := api.AuditRecord{HashedDetails: string(e.Stored), AuditEvent: api.AuditEvent{AppID: e.Chain, Seq: e.Seq, At: api.At(e.At),
			ActorKind: e.ActorKind, ActorID: e.ActorID, Action: e.Action, TargetID: e.TargetID, RequestID: e.RequestID, IP: e.IP,
			Hash: hex.EncodeToString(e.Hash[:])}}
		if err := json.Unmarshal(e.Stored, &record.Details); err != nil { // it was altered; hashed_details has it
			record.Details = map[string]any{}
		}
		out.Timestamp = record.At
		out.Data.Events = append(out.Data.Events, record)
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("write audit message: %w", err)
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n")), nil
}

// audited is what the receiver's answer means. Only 410 says that nothing more
// is wanted: whatever else goes wrong may be mended, so it is tried again.
func audited(answer *egress.Answer, err error, now time.Time) latchkey.DeliveryResult {
	if answer == nil {
		return unposted(err)
	}
	// The status decides, also if the answer broke off behind it.
	if answer.Status/100 == 2 {
		return latchkey.DeliveryResult{}
	}
	result := latchkey.DeliveryResult{Outcome: latchkey.DeliveryUnreachable, Error: "status " + strconv.Itoa(answer.Status)}
	switch answer.Status {
	case http.StatusGone:
		result.Outcome = latchkey.DeliveryRefused
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		result.Wait = retryAfter(answer.Header.Get("Retry-After"), now)
	}
	return result
}

// retryAfter reads when a receiver asks to be tried again: a number of seconds
// or a moment; 0 if it is neither, or over.
func retryAfter(text string, now time.Time) time.Duration {
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return seconds(text)
}
