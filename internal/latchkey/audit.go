package latchkey

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// InstanceChain is the audit chain of what concerns no single application.
const InstanceChain = "instance"

// AuditEvent records one change: who did what to which thing, from where.
// Details never hold secrets, license keys, mail addresses or hardware ids.
type AuditEvent struct {
	Chain     string // an app's id, or InstanceChain
	Seq       int64  // 1, 2, … without a gap within a chain
	At        time.Time
	ActorKind string // "account", "api_key", "customer", "server"
	ActorID   string
	Action    string // such as "license.ban"
	TargetID  string
	Details   map[string]any // numbers, strings, booleans and lists of them
	RequestID string
	IP        string
	Hash      [sha256.Size]byte
}

// ChainHash returns the hash that ties the event to its predecessor's hash:
// SHA-256 over the context string, the previous hash and each field with its
// length before it, so that no two different events give the same bytes.
// details must be the stored JSON bytes.
func (e *AuditEvent) ChainHash(previous [sha256.Size]byte, details []byte) [sha256.Size]byte {
	h := sha256.New()
	field := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	number := func(v int64) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(v))
		field(n[:])
	}
	field([]byte("latchkey-audit-v1"))
	field(previous[:])
	field([]byte(e.Chain))
	number(e.Seq)
	number(e.At.UnixMilli())
	for _, s := range []string{e.ActorKind, e.ActorID, e.Action, e.TargetID} {
		field([]byte(s))
	}
	field(details)
	field([]byte(e.RequestID))
	field([]byte(e.IP))
	return [sha256.Size]byte(h.Sum(nil))
}

// EncodeDetails renders details as they are stored and hashed: JSON with sorted
// names, {} for none.
func (e *AuditEvent) EncodeDetails() ([]byte, error) {
	if len(e.Details) == 0 {
		return []byte("{}"), nil
	}
	b, err := json.Marshal(e.Details)
	if err != nil {
		return nil, fmt.Errorf("encode audit details: %w", err)
	}
	return b, nil
}
