package latchkey_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func auditEvent() latchkey.AuditEvent {
	return latchkey.AuditEvent{Chain: "app_1", Seq: 7, At: now, ActorKind: "account", ActorID: "acc_1",
		Action: "license.ban", TargetID: "lic_1", RequestID: "req_1", IP: "192.0.2.1"}
}

func TestAuditEvent_ChainHash_covers_every_field(t *testing.T) {
	base := auditEvent()
	details := []byte(`{"a":1}`)
	seen := map[[sha256.Size]byte]string{base.ChainHash([32]byte{}, details): "the event itself"}
	add := func(what string, h [sha256.Size]byte) {
		if other, ok := seen[h]; ok {
			t.Errorf("%s has the hash of %s", what, other)
		}
		seen[h] = what
	}
	for what, change := range map[string]func(*latchkey.AuditEvent){
		"another chain":          func(e *latchkey.AuditEvent) { e.Chain = "app_2" },
		"another number":         func(e *latchkey.AuditEvent) { e.Seq = 8 },
		"a millisecond later":    func(e *latchkey.AuditEvent) { e.At = e.At.Add(time.Millisecond) },
		"another kind of actor":  func(e *latchkey.AuditEvent) { e.ActorKind = "api_key" },
		"another actor":          func(e *latchkey.AuditEvent) { e.ActorID = "acc_2" },
		"another action":         func(e *latchkey.AuditEvent) { e.Action = "license.unban" },
		"another target":         func(e *latchkey.AuditEvent) { e.TargetID = "lic_2" },
		"another request":        func(e *latchkey.AuditEvent) { e.RequestID = "req_2" },
		"another address":        func(e *latchkey.AuditEvent) { e.IP = "192.0.2.2" },
		"no actor":               func(e *latchkey.AuditEvent) { e.ActorID = "" },
		"no address":             func(e *latchkey.AuditEvent) { e.IP = "" },
		"a letter moved forward": func(e *latchkey.AuditEvent) { e.ActorKind, e.ActorID = "accounta", "cc_1" },
		"a letter moved back":    func(e *latchkey.AuditEvent) { e.ActorKind, e.ActorID = "accoun", "tacc_1" },
		"two fields exchanged":   func(e *latchkey.AuditEvent) { e.ActorID, e.TargetID = e.TargetID, e.ActorID },
		"a field with the next":  func(e *latchkey.AuditEvent) { e.Action, e.TargetID = "license.banlic_1", "" },
		"request and address":    func(e *latchkey.AuditEvent) { e.RequestID, e.IP = "req_1192.0.2.1", "" },
	} {
		e := base
		change(&e)
		add(what, e.ChainHash([32]byte{}, details))
	}
	add("another predecessor", base.ChainHash([32]byte{1}, details))
	add("other details", base.ChainHash([32]byte{}, []byte(`{"a":2}`)))
	add("no details", base.ChainHash([32]byte{}, nil))

	again := base
	again.Hash = [32]byte{9}
	again.Details = map[string]any{"ignored": true}
	if h := again.ChainHash([32]byte{}, details); seen[h] != "the event itself" {
		t.Error("the hash depends on more than the event and its stored details")
	}
}

// The stored chains of published versions must verify for ever.
func TestAuditEvent_ChainHash_is_stable(t *testing.T) {
	e := auditEvent()
	h := e.ChainHash(sha256.Sum256([]byte("previous")), []byte(`{"reason":"fraud"}`))
	const want = "776dfd4b548a9640fa8d605ce885dd322aa07ae5dda7d6c6fd86ef08e34fa3c7"
	if got := hex.EncodeToString(h[:]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAuditEvent_EncodeDetails(t *testing.T) {
	for _, tt := range []struct {
		rule    string
		details map[string]any
		want    string
	}{
		{"none is an empty object", nil, "{}"},
		{"empty is an empty object", map[string]any{}, "{}"},
		{"names are sorted", map[string]any{"b": 1, "a": []string{"x"}, "c": true}, `{"a":["x"],"b":1,"c":true}`},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			e := latchkey.AuditEvent{Details: tt.details}
			got, err := e.EncodeDetails()
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v; want %s", got, err, tt.want)
			}
		})
	}
	t.Run("what JSON cannot say is an error", func(t *testing.T) {
		e := latchkey.AuditEvent{Details: map[string]any{"n": math.Inf(1)}}
		if _, err := e.EncodeDetails(); err == nil {
			t.Error("accepted")
		}
	})
}
