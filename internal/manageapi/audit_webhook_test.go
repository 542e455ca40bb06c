package manageapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api"
)

func TestAnAuditWebhookShowsItsSecretOnce(t *testing.T) {
	w := newWorld(t)
	w.settle()
	if got := ask[api.AuditWebhook](w, "GET", "/apps/{app}/audit-webhook", "", 200); got != (api.AuditWebhook{}) {
		t.Errorf("none: %+v", got)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "DELETE", "/apps/{app}/audit-webhook", "")), "none"); p.Code != "audit_webhook.not_set" {
		t.Errorf("none to delete: %s", p.Code)
	}
	const body = `{"url":"https://receiver.example.com/canary-7f3a","from":"start"}`
	set := w.send(w.as(w.key, "PUT", "/apps/{app}/audit-webhook", body))
	rotated := w.send(w.as(w.key, "POST", "/apps/{app}/audit-webhook/rotate-secret", ""))
	for what, a := range map[string]answer{"set": set, "rotated": rotated} {
		if a.status != http.StatusOK || strings.Contains(string(a.body), canary) || !strings.Contains(string(a.body), `"secret":"whsec_`) {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	for what, a := range map[string]answer{
		"read":    w.send(w.as(w.key, "GET", "/apps/{app}/audit-webhook", "")),
		"resumed": w.send(w.as(w.key, "POST", "/apps/{app}/audit-webhook/resume", "")),
	} {
		if a.status != http.StatusOK || strings.Contains(string(a.body), canary) || strings.Contains(string(a.body), "secret") || !strings.Contains(string(a.body), `"host":"receiver.example.com"`) {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	got := ask[api.AuditWebhook](w, "GET", "/apps/{app}/audit-webhook", "", 200)
	if got.DeliveredSeq != 0 || got.Behind != got.LastSeq || got.LastSeq < 3 {
		t.Errorf("%+v", got)
	}
	for what, c := range map[string]struct{ body, field string }{
		"an internal address": {`{"url":"https://10.1.2.3/canary-7f3a"}`, "url"},
		"another beginning":   {`{"url":"https://receiver.example.com/","from":"yesterday"}`, "from"},
	} {
		if p := w.checkProblem(w.send(w.as(w.key, "PUT", "/apps/{app}/audit-webhook", c.body)), what); p.Code != "request.invalid" || len(p.Errors) != 1 || p.Errors[0].Field != c.field {
			t.Errorf("%s: %+v", what, p)
		}
	}
	// Set again under one name it has one secret.
	q := w.as(w.key, "PUT", "/apps/{app}/audit-webhook", body)
	q.header.Set(repeatHeader, "once")
	if first, again := w.send(q), w.send(q); string(first.body) != string(again.body) || again.header.Get(replayedHeader) != "true" {
		t.Errorf("%s\nthen %s", first.body, again.body)
	}
	if a := w.send(w.as(w.key, "DELETE", "/apps/{app}/audit-webhook", "")); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if strings.Contains(w.log.String(), canary) || strings.Contains(w.log.String(), "whsec_") {
		t.Error("the log has the address or the secret")
	}
}
